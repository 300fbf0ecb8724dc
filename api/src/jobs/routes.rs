//! `/jobs`: to follow long work, and to cancel it.
use crate::app::App;
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::SignedIn;
use crate::listing::pairs;
use crate::routes::{BASE, Routes};
use actix_web::{HttpRequest, HttpResponse, web};
use domain::codes::{JobState, Role};
use domain::{Code, DateTime, DivisionCode, Problem, Rule, Utc, Uuid, Violation};
use persistence::jobs::{self, Job, Seen};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

const TAG: &str = "exchange";
/// Jobs in a page.
const PAGE: i64 = 50;

/// A job: long work that goes on when the request that began it has ended.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub struct JobView {
    /// Its id.
    pub id: Uuid,
    /// What it does: `import`.
    #[schema(max_length = 50)]
    pub kind: String,
    /// How far it is.
    pub state: JobState,
    /// The resource whose records it brings in.
    #[schema(max_length = 100)]
    pub resource: String,
    /// The division it works in.
    pub division_code: DivisionCode,
    /// Whether it only checks.
    pub dry_run: bool,
    /// Who asked for it: `user:…`, `token:…` or `system:…`.
    #[schema(max_length = 100)]
    pub actor: String,
    /// Rows worked on.
    pub done: i64,
    /// Rows there are, once that is known.
    pub total: Option<i64>,
    /// Rows that became new records.
    pub created: i64,
    /// Rows whose records were changed.
    pub updated: i64,
    /// Rows whose records were like that already.
    pub unchanged: i64,
    /// Rows of which nothing was done; the report says why.
    pub failed: i64,
    /// When it was asked for.
    #[serde(serialize_with = "domain::resource::instant")]
    pub created_at: DateTime<Utc>,
    /// When it was begun.
    #[serde(serialize_with = "some_instant")]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(serialize_with = "some_instant")]
    pub finished_at: Option<DateTime<Utc>>,
}

fn some_instant<S: serde::Serializer>(at: &Option<DateTime<Utc>>, s: S) -> std::result::Result<S::Ok, S::Error> {
    match at {
        Some(at) => domain::resource::instant(at, s),
        None => s.serialize_none(),
    }
}

impl JobView {
    /// The job as its reader sees it.
    ///
    /// # Errors
    /// A defect: what is stored of it cannot be read.
    pub fn of(job: &Job) -> Result<Self> {
        let request: crate::exchange::work::Request =
            serde_json::from_str(&job.request.0).map_err(ApiError::internal)?;
        let counts: crate::exchange::work::Counts = serde_json::from_str(&job.counts.0).map_err(ApiError::internal)?;
        Ok(Self {
            id: job.id,
            kind: job.kind.clone(),
            state: job.state,
            resource: request.resource,
            division_code: job.division_code.clone(),
            dry_run: request.dry_run,
            actor: job.actor.clone(),
            done: job.done,
            total: job.total,
            created: counts.created,
            updated: counts.updated,
            unchanged: counts.unchanged,
            failed: counts.failed,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
        })
    }
}

/// A page of jobs.
#[skip_serializing_none]
#[derive(Serialize, ToSchema)]
pub struct JobPage {
    /// The jobs, the newest first.
    items: Vec<JobView>,
    /// For the page after this one; absent on the last.
    #[schema(max_length = 2000)]
    next_page_token: Option<String>,
}

/// The jobs that a caller sees: who answers for a division those within it, anybody else its own.
pub fn seen(caller: &SignedIn) -> Seen {
    let answers = matches!(caller.identity.role, Role::CityAdmin | Role::CountyAdmin);
    Seen { scope: caller.scope(), client: (!answers).then(|| caller.identity.client()) }
}

#[derive(Serialize, Deserialize)]
struct Position {
    before: Uuid,
    client: String,
}

/// A token for what comes behind a job.
fn page_of(app: &App, caller: &SignedIn, before: Uuid) -> String {
    crate::sealed::seal(app, "jobs", &Position { before, client: caller.identity.client() })
}

async fn list(caller: SignedIn, req: HttpRequest) -> Result<HttpResponse> {
    caller.complete()?;
    let (mut state, mut before) = (None, None);
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "state" => match JobState::parse(&value) {
                Some(known) => state = Some(known),
                None => {
                    let unknown = Violation::new("/state", Rule::UnknownCode).with("set", JobState::SET);
                    return Err(ApiError::of(Problem::InvalidParameter, vec![unknown]));
                }
            },
            "page_token" => {
                let position: Option<Position> = crate::sealed::open(&caller.app, "jobs", &value);
                let position = position.filter(|p| p.client == caller.identity.client());
                before = Some(position.ok_or_else(|| ApiError::new(Problem::PageTokenMismatch))?.before);
            }
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let seen = seen(&caller);
    let mut found = caller.app.db.read(move |c| jobs::list(c, &seen, state, before, PAGE + 1)).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let next_page_token = found.last().filter(|_| more).map(|job| page_of(&caller.app, &caller, job.id));
    let items = found.iter().map(JobView::of).collect::<Result<_>>()?;
    Ok(HttpResponse::Ok().json(JobPage { items, next_page_token }))
}

async fn get(caller: SignedIn, id: web::Path<Uuid>) -> Result<HttpResponse> {
    caller.complete()?;
    let (seen, id) = (seen(&caller), *id);
    let job = caller.app.db.read(move |c| jobs::get(c, &seen, id)).await?;
    Ok(HttpResponse::Ok().json(JobView::of(&job)?))
}

async fn cancel(caller: SignedIn, id: web::Path<Uuid>, prefer: crate::extract::Prefer) -> Result<HttpResponse> {
    caller.complete()?;
    let (seen, id) = (seen(&caller), *id);
    let work = move |tx: &mut persistence::Tx<'_>| {
        tx.begin()?;
        jobs::get(tx.conn, &seen, id)?;
        jobs::cancel(tx, id)?;
        jobs::get(tx.conn, &seen, id)
    };
    let job = caller.app.db.write(caller.stamp(), prefer.dry_run, work).await?;
    Ok(HttpResponse::Ok().json(JobView::of(&job)?))
}

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    let job = schemas::register::<JobView>(&mut r.contract.schemas);
    let page = schemas::register::<JobPage>(&mut r.contract.schemas);
    let operation = |id: &str, summary: &str| Operation::new(id, TAG, summary).fails(&[Problem::Forbidden]);
    let states: Vec<&str> = JobState::ALL.iter().map(|s| s.as_str()).collect();
    r.add(
        "GET",
        &format!("{BASE}/jobs"),
        list,
        operation("list_jobs", "任务列表 · Long work that was asked for")
            .says("The newest first: those within the division for who answers for one, one's own for anybody else. A job that has ended is kept for 7 days.")
            .parameter("query", "state", false, "Only jobs in this state", json!({"type": "string", "x-extensible-enum": states}))
            .parameter("query", "page_token", false, "`next_page_token` of the page before", json!({"type": "string", "maxLength": 2000}))
            .answers(200, "A page", &page, json!({"items": [example()]})),
    );
    r.add(
        "GET",
        &format!("{BASE}/jobs/{{id}}"),
        get,
        operation("get_job", "任务进度 · How far a job is").id_in_path().answers(200, "The job", &job, example()),
    );
    r.add(
        "POST",
        &format!("{BASE}/jobs/{{id}}/cancel"),
        cancel,
        operation("cancel_job", "取消任务 · Cancel a job")
            .says("What was done of it stays.")
            .id_in_path()
            .fails(&[Problem::JobEnded])
            .answers(200, "It will not go on", &job, example()),
    );
}

/// A job as an answer shows it.
pub fn example() -> serde_json::Value {
    json!({"id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "kind": "import", "state": "running", "resource": "cadres",
        "division_code": "371722", "dry_run": false, "actor": "user:0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01",
        "done": 1200, "total": 3000, "created": 1180, "updated": 8, "unchanged": 4, "failed": 8,
        "created_at": "2026-09-29T08:20:00.000Z", "started_at": "2026-09-29T08:20:01.000Z"})
}
