//! Reports that are frozen, and what has changed since, and why.
use super::annual::compute;
use super::figures::number;
use super::{Reader, Reports};
use crate::computed::within;
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Body, Create, Permit};
use crate::listing::pairs;
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::policy::Action;
use domain::reports::{self, Figure, Moment, wording};
use domain::{DateTime, DivisionCode, NaiveDate, Problem, Rule, Utc, Uuid, Violation};
use persistence::Conn;
use persistence::figures::snapshots::{self, Snapshot};
use persistence::figures::{self, Asked};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use utoipa::ToSchema;

/// Frozen reports in a page at most.
const LIMIT: i64 = 100;
/// Records of each kind of change that an answer names for a figure.
const NAMED: i64 = 50;

pub(super) fn routes(r: &mut Routes) {
    let names = &mut r.contract.schemas;
    let request = schemas::register::<FreezeRequest>(names);
    let snapshot = schemas::register::<ReportSnapshot>(names);
    let changes = schemas::register::<SnapshotChanges>(names);
    let page = schemas::page("Frozen reports, the latest first", schemas::reference(&snapshot));
    names.insert("ReportSnapshotPage".into(), page);
    for register in [schemas::register::<FigureChange>, schemas::register::<RowChange>, schemas::register::<RowStep>] {
        register(names);
    }
    let id = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01";
    let example = json!({"id": id, "division_code": "371700", "year": 2021, "as_of": "2021-12-31", "frozen_by": format!("user:{id}"), "frozen_at": "2022-01-10T08:00:00.000Z"});
    let operation = |name: &str, text: &str, action| Operation::new(name, "reports", text).permit("reports", action);
    r.add(
        "POST",
        "/api/v1/report-snapshots",
        freeze,
        operation("freeze_report", "固化年度报告 · Freeze the report of a year", Action::Create)
            .says("Keeps the report as it is now, and which records each figure is made of. A frozen report never changes.")
            .body(&request, json!({"year": 2021, "division_code": "371700", "note": "上报稿"}))
            .fails(&[Problem::NotFound])
            .answers(201, "Frozen", &snapshot, example.clone()),
    );
    r.add(
        "GET",
        "/api/v1/report-snapshots",
        list,
        operation("list_report_snapshots", "已固化的年度报告 · Frozen reports", Action::Read)
            .parameter(
                "query",
                "limit",
                false,
                "Items in the page at most",
                json!({"type": "integer", "minimum": 1, "maximum": LIMIT, "default": LIMIT}),
            )
            .parameter(
                "query",
                "page_token",
                false,
                "`next_page_token` of the page before",
                json!({"type": "string", "maxLength": 100}),
            )
            .answers(200, "A page", "ReportSnapshotPage", json!({"items": [example]})),
    );
    r.add(
        "GET",
        "/api/v1/report-snapshots/{id}",
        get,
        operation("get_report_snapshot", "读取已固化的年度报告 · A frozen report", Action::Read).id_in_path().answers(
            200,
            "The report as it was",
            "AnnualReport",
            super::annual::example_report(),
        ),
    );
    r.add(
        "GET",
        "/api/v1/report-snapshots/{id}/changes",
        changed,
        operation("compare_report_snapshot", "固化后的变化及原因 · What has changed since a report was frozen, and why", Action::Read)
            .says("Computes the report anew and names each figure whose value differs, with the records that count now, count no longer, or were changed, and what the journal tells of each. At most 50 records of each kind.")
            .id_in_path()
            .answers(200, "What has changed", &changes, json!({"id": id, "figures": [{"figure_id": "F04", "text": "宣讲行动已开展场次", "was": 197, "is": 196, "was_said": "近200场", "is_said": "近200场", "rows": [{"change": "gone", "resource": "activities", "id": id, "steps": [{"op": "update", "changed_fields": ["status"], "actor": format!("user:{id}"), "at": "2022-01-12T08:00:00.000Z"}]}]}]})),
    );
}

/// What to freeze.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FreezeRequest {
    /// The year.
    #[schema(minimum = 1949, maximum = 2199)]
    year: i32,
    /// The division; the caller's own by default.
    division_code: Option<DivisionCode>,
    /// The day as of which; the last day of the year by default.
    as_of: Option<NaiveDate>,
    /// What to say about it.
    #[schema(max_length = 200)]
    note: Option<String>,
}

/// A frozen report.
#[derive(Serialize, ToSchema)]
struct ReportSnapshot {
    /// Its id.
    id: Uuid,
    /// The division.
    division_code: DivisionCode,
    /// The year.
    year: i32,
    /// The day as of which it was asked.
    as_of: NaiveDate,
    /// What was said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    note: Option<String>,
    /// Who froze it.
    #[schema(max_length = 100)]
    frozen_by: String,
    /// When.
    #[serde(serialize_with = "domain::resource::instant")]
    frozen_at: DateTime<Utc>,
}
impl From<Snapshot> for ReportSnapshot {
    fn from(s: Snapshot) -> Self {
        let Snapshot { id, division_code, year, as_of, note, frozen_by, frozen_at } = s;
        Self { id, division_code, year, as_of, note, frozen_by, frozen_at }
    }
}

/// What has changed since a report was frozen.
#[derive(Serialize, ToSchema)]
struct SnapshotChanges {
    /// The frozen report.
    id: Uuid,
    /// The figures whose value differs.
    #[schema(max_items = 100)]
    figures: Vec<FigureChange>,
}

/// A figure whose value differs.
#[derive(Serialize, ToSchema)]
struct FigureChange {
    /// Its number.
    #[schema(max_length = 10)]
    figure_id: &'static str,
    /// What it says.
    #[schema(max_length = 100)]
    text: &'static str,
    /// The value that was frozen.
    #[schema(value_type = f64)]
    was: Value,
    /// The value now.
    #[schema(value_type = f64)]
    is: Value,
    /// How it was said.
    #[schema(max_length = 100)]
    was_said: String,
    /// How it is said now.
    #[schema(max_length = 100)]
    is_said: String,
    /// The records that make the difference.
    #[schema(max_items = 150)]
    rows: Vec<RowChange>,
}

/// A record that makes a difference.
#[derive(Serialize, ToSchema)]
struct RowChange {
    /// `added`: counts now; `gone`: does no longer; `changed`: counts with other fields.
    #[schema(max_length = 20)]
    change: &'static str,
    /// Its resource.
    #[schema(max_length = 100)]
    resource: &'static str,
    /// Its id.
    id: Uuid,
    /// What happened to it since. Empty where another record decided, such as that of a membership.
    #[schema(max_items = 20)]
    steps: Vec<RowStep>,
}

/// A line of the journal.
#[derive(Serialize, ToSchema)]
struct RowStep {
    /// What happened.
    #[schema(max_length = 20)]
    op: String,
    /// Names of the fields that changed.
    #[schema(max_items = 100)]
    changed_fields: Vec<String>,
    /// Who did it.
    #[schema(max_length = 100)]
    actor: String,
    /// When.
    #[serde(serialize_with = "domain::resource::instant")]
    at: DateTime<Utc>,
}

/// `POST /report-snapshots`
async fn freeze(permit: Permit<Reports, Create>, body: Body<FreezeRequest>) -> Result<HttpResponse> {
    let request = body.into_inner();
    let wrong = |violation| ApiError::of(Problem::ValidationFailed, vec![violation]);
    let year = Some(request.year).filter(|y| (1949..=2199).contains(y));
    let moment = year
        .and_then(|year| Moment::of(year, request.as_of))
        .ok_or_else(|| wrong(Violation::new("year", Rule::WrongType).with("expected", "1949-2199")))?;
    if request.note.as_ref().is_some_and(|n| n.chars().count() > 200) {
        return Err(wrong(Violation::new("note", Rule::TooLong).with("max", 200)));
    }
    let division = request.division_code.unwrap_or_else(|| permit.identity.division.clone());
    let scope = permit.scope();
    if !scope.covers(&division) || scope.part().is_some() {
        return Err(ApiError::new(Problem::NotFound));
    }
    let stamp = permit.stamp();
    let snapshot = Snapshot {
        id: Uuid::now_v7(),
        division_code: division.clone(),
        year: moment.year,
        as_of: moment.as_of,
        note: request.note,
        frozen_by: stamp.actor.clone(),
        frozen_at: stamp.now,
    };
    let (asked, kept) = (Asked { scope, division, moment }, snapshot.clone());
    // In one transaction that writes, so that the text and the rows are of one moment.
    let work = move |tx: &mut persistence::Tx<'_>| {
        tx.begin()?;
        let (report, _) = compute(tx.conn, &asked)?;
        let text = serde_json::to_string(&report).map_err(persistence::Error::internal)?;
        snapshots::freeze(tx, &asked, &kept, &text)
    };
    permit.app.db.write(stamp, false, work).await?;
    Ok(HttpResponse::Created().json(ReportSnapshot::from(snapshot)))
}

#[derive(Serialize)]
struct Page {
    items: Vec<ReportSnapshot>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// `GET /report-snapshots`
async fn list(permit: Reader, req: HttpRequest) -> Result<HttpResponse> {
    let (mut limit, mut before) = (LIMIT, None);
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "limit" => limit = within("limit", &value, 1, LIMIT)?,
            "page_token" => {
                before = Some(value.parse::<Uuid>().map_err(|_| ApiError::new(Problem::PageTokenMismatch))?)
            }
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let scope = permit.scope();
    let mut found = permit.app.db.read(move |c| snapshots::list(c, &scope, before, limit + 1)).await?;
    let most = usize::try_from(limit).unwrap_or_default();
    let more = found.len() > most;
    found.truncate(most);
    let next_page_token = found.last().filter(|_| more).map(|s| s.id.to_string());
    Ok(HttpResponse::Ok().json(Page { items: found.into_iter().map(Into::into).collect(), next_page_token }))
}

/// `GET /report-snapshots/{id}`
async fn get(permit: Reader, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let (scope, id) = (permit.scope(), *id);
    let found = permit.app.db.read(move |c| snapshots::get(c, &scope, id)).await?;
    let (_, text) = found.ok_or_else(|| ApiError::new(Problem::NotFound))?;
    Ok(HttpResponse::Ok().content_type("application/json").body(text))
}

/// `GET /report-snapshots/{id}/changes`
async fn changed(permit: Reader, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let (scope, id) = (permit.scope(), *id);
    let read = move |c: &mut Conn| {
        c.at_one_moment(|c| {
            let Some((snapshot, text)) = snapshots::get(c, &scope, id)? else { return Ok(None) };
            let was = values(&text).map_err(persistence::Error::internal)?;
            let moment = Moment { year: snapshot.year, as_of: snapshot.as_of };
            let asked = Asked { scope, division: snapshot.division_code.clone(), moment };
            let mut figures = vec![];
            for figure in reports::all() {
                figures.extend(difference(c, &asked, &snapshot, figure, &was)?);
            }
            Ok(Some(SnapshotChanges { id, figures }))
        })
    };
    let changes = permit.app.db.read_long(read).await?.ok_or_else(|| ApiError::new(Problem::NotFound))?;
    Ok(HttpResponse::Ok().json(changes))
}

/// Value and words of each figure in the text of a report.
fn values(text: &str) -> serde_json::Result<HashMap<String, (Value, String)>> {
    let report: Value = serde_json::from_str(text)?;
    let lists = |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let figures = lists(&report, "sections").into_iter().flat_map(|s| lists(&s, "figures"));
    Ok(figures
        .filter_map(|f| {
            let said = f.get("display_text")?.as_str()?.to_owned();
            Some((f.get("figure_id")?.as_str()?.to_owned(), (f.get("value")?.clone(), said)))
        })
        .collect())
}

fn difference(
    c: &mut Conn,
    asked: &Asked,
    snapshot: &Snapshot,
    figure: &'static Figure,
    was: &HashMap<String, (Value, String)>,
) -> persistence::Result<Option<FigureChange>> {
    let now = figures::evaluate(c, asked, figure)?;
    let is = number(figure.unit, now.value.number);
    let is_said = wording::say(figure.display, figure.unit, now.value).0;
    let (was, was_said) = was.get(figure.id).cloned().unwrap_or((json!(0), String::new()));
    if was == is && was_said == is_said {
        return Ok(None);
    }
    let mut rows = vec![];
    if let Some(selection) = figure.measure.selection() {
        let since = snapshots::since(c, asked, snapshot.id, figure, NAMED)?;
        for (change, ids) in [("added", since.added), ("gone", since.gone), ("changed", since.changed)] {
            for id in ids {
                let told = snapshots::told(c, selection.of, id, snapshot.frozen_at)?;
                let step = |(op, changed_fields, actor, at)| RowStep { op, changed_fields, actor, at };
                rows.push(RowChange {
                    change,
                    resource: selection.of,
                    id,
                    steps: told.into_iter().map(step).collect(),
                });
            }
        }
    }
    Ok(Some(FigureChange { figure_id: figure.id, text: figure.text.0, was, is, was_said, is_said, rows }))
}
