//! An import at work: the file is read again from where the job stands, and goes into the store in chunks, each with
//! the word of how far it is.
use super::write::scratch;
use super::{Format, read};
use crate::app::App;
use crate::auth::{self, Identity};
use crate::jobs::stamp;
use domain::codes::{JobState, Role};
use domain::exchange::{Cell, Plan, Target};
use domain::policy::Action;
use domain::{DivisionCode, FieldClass, Module, Problem, Rule, Scope, Uuid, Violation};
use persistence::import::{Bounds, Known, Outcome, Row};
use persistence::jobs::{self, Job};
use persistence::ledger::Stored;
use persistence::registry::{self, Kind};
use persistence::{Database, Error, Stamp, Tx};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Rows in one transaction: as many as a batch of requests has.
const CHUNK: usize = 500;
/// How often a lease is renewed while nothing is written.
const BEAT: Duration = Duration::from_secs(3);

/// What an import was asked to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// The resource.
    pub resource: String,
    /// The form of the file.
    pub format: Format,
    /// Whether only to check.
    pub dry_run: bool,
    /// The other system whose ids the file has.
    pub system: Option<String>,
    /// Which column means which field, where the header does not say it.
    #[serde(default)]
    pub mapping: BTreeMap<String, String>,
}

/// What became of the rows.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// New records.
    pub created: i64,
    /// Changed ones.
    pub updated: i64,
    /// Those that were like that already.
    pub unchanged: i64,
    /// Rows of which nothing was done.
    pub failed: i64,
}

/// What is wrong with a row, as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct Said {
    /// What the row failed with.
    pub problem: String,
    /// The findings, each with the header of its column.
    pub found: Vec<(Stored, Option<String>)>,
}

/// Whose rights an import uses.
pub enum Caller {
    /// The operator's, at the command line.
    Operator,
    /// An account's, as it is at each chunk.
    Account(App),
}

/// Whether something may be done to the records of a resource.
type May = Arc<dyn Fn(&Kind, Action) -> bool + Send + Sync>;

/// The rights themselves.
struct Rights {
    scope: Scope,
    sight: FieldClass,
    role: Option<Role>,
    may: May,
}

impl Caller {
    async fn rights(&self, job: &Job) -> Result<Rights, Error> {
        let (Some(user), Caller::Account(app)) = (job.user_id, self) else {
            // A job that was begun at the command line stays the operator's, whoever goes on with it.
            let all = Rights {
                scope: Scope::System,
                sight: FieldClass::Sensitive,
                role: None,
                may: Arc::new(|_: &Kind, _: Action| true),
            };
            return if job.user_id.is_none() { Ok(all) } else { Err(refused(Problem::Forbidden)) };
        };
        let found = match job.token_id {
            Some(id) => {
                let token = app.db.read(move |c| persistence::tokens::get(c, &Scope::System, id)).await?;
                auth::as_token(app, token).await
            }
            None => auth::as_user(app, user).await,
        };
        let found = found.map_err(|e| match e.cause {
            Some(cause) if e.problem == Problem::Unavailable => Error::Unavailable(cause),
            cause => Error::internal(cause.unwrap_or_default()),
        })?;
        let identity: Arc<Identity> = found.map_err(|_| refused(Problem::Unauthenticated))?;
        let (scope, sight, role) = (identity.scope.clone(), identity.sight(), Some(identity.role));
        Ok(Rights {
            scope,
            sight,
            role,
            may: Arc::new(move |kind: &Kind, action: Action| identity.may(kind.path, kind.module, action)),
        })
    }
}

fn refused(problem: Problem) -> Error {
    Error::Refused(problem, vec![])
}

/// What comes out of the file.
enum Part {
    Planned(Plan),
    Rows(Vec<Row>),
    /// It ends here, because of this.
    Failed(Vec<Violation>),
}

/// Works on a job until it ends, or is taken away, or the store is. How it stands then is in its row.
///
/// # Errors
/// [`Error::Unavailable`] and defects: the job waits for the next who takes it.
pub async fn run(db: &Database, me: Uuid, job: Job, caller: &Caller, shown: &dyn Fn(u64, u64)) -> Result<(), Error> {
    let id = job.id;
    let beating = actix_web::rt::spawn(beat(db.clone(), id, me));
    let outcome = worked(db, me, job, caller, shown).await;
    beating.abort();
    let (state, failure) = match outcome {
        Ok(()) => (JobState::Done, None),
        // It was cancelled, or another one has it.
        Err(Error::Refused(Problem::JobEnded, _)) => return Ok(()),
        Err(e @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(e),
        Err(e) => {
            let (problem, found) = e.told();
            (JobState::Failed, Some(said(problem, &found, &Plan::default())?))
        }
    };
    db.write(stamp(), false, move |tx| jobs::finish(tx, id, me, state, failure)).await
}

async fn beat(db: Database, id: Uuid, me: Uuid) {
    loop {
        tokio::time::sleep(BEAT).await;
        if let Ok(false) = db.write(stamp(), false, move |tx| jobs::renew(tx, id, me)).await {
            return;
        }
    }
}

/// A finding as it is kept.
fn said(problem: Problem, found: &[Violation], plan: &Plan) -> Result<String, Error> {
    let found = found.iter().map(|v| (Stored::of(v), plan.header(&v.pointer).map(str::to_owned))).collect();
    serde_json::to_string(&Said { problem: problem.code().into(), found }).map_err(Error::internal)
}

async fn worked(db: &Database, me: Uuid, job: Job, caller: &Caller, shown: &dyn Fn(u64, u64)) -> Result<(), Error> {
    let id = job.id;
    let request: Request = serde_json::from_str(&job.request.0).map_err(Error::internal)?;
    let kind = registry::find(&request.resource).ok_or_else(|| refused(Problem::NotFound))?;
    let file = assembled(db, id).await?;
    let total = match job.total {
        Some(total) => total,
        None => {
            let (own, format) = (file.try_clone().map_err(Error::internal)?, request.format);
            let counted =
                tokio::task::spawn_blocking(move || read::count(&own, format)).await.map_err(Error::internal)?;
            let total = counted.map_err(|cause| Error::invalid(unreadable(&cause)))?;
            db.write(stamp(), false, move |tx| jobs::measure(tx, id, total)).await?;
            total
        }
    };
    let (sender, mut parts) = mpsc::channel(2);
    let (from, asked) = (job.done, request.clone());
    let reading = tokio::task::spawn_blocking(move || pour(&file, kind, &asked, from, &sender));
    let mut plan = Arc::new(Plan::default());
    let mut counts: Counts = serde_json::from_str(&job.counts.0).map_err(Error::internal)?;
    let (mut done, known) = (job.done, Known::default());
    while let Some(part) = parts.recv().await {
        let rows = match part {
            Part::Planned(made) => {
                plan = Arc::new(made);
                continue;
            }
            Part::Failed(errors) => return Err(Error::Invalid(domain::Findings { errors, warnings: vec![] })),
            Part::Rows(rows) => rows,
        };
        let rights = caller.rights(&job).await?;
        let to = done + i64::try_from(rows.len()).map_err(Error::internal)?;
        let chunk = Chunk {
            id,
            me,
            kind,
            span: (done, to),
            home: job.division_code.clone(),
            system: request.system.clone(),
            dry_run: request.dry_run,
            plan: Arc::clone(&plan),
            rows,
            known: Arc::clone(&known),
            counts,
            scope: rights.scope,
            sight: rights.sight,
            may: rights.may,
        };
        let stamp = Stamp::of(domain::Utc::now(), job.actor.clone(), Some(format!("job-{id}")), rights.role);
        let stamp = Stamp { client: job.client.clone(), ..stamp };
        counts = db.write(stamp, false, move |tx| chunk.store(tx)).await?;
        done = to;
        if let (Module::Administration, false, Caller::Account(app)) = (kind.module, request.dry_run, caller) {
            app.remembered.settle(db).await?;
        }
        shown(u64::try_from(done).unwrap_or_default(), u64::try_from(total).unwrap_or_default());
    }
    reading.await.map_err(Error::internal)
}

fn unreadable(cause: &read::Unreadable) -> Violation {
    let cause: String = cause.0.chars().filter(|c| !c.is_control()).take(200).collect();
    Violation::new("", Rule::UnreadableFile).with("cause", cause)
}

/// The file of a job, put together from its pieces.
///
/// # Errors
/// What the database says; a full disk.
pub async fn assembled(db: &Database, id: Uuid) -> Result<File, Error> {
    let mut file = scratch().map_err(|e| Error::Unavailable(e.to_string()))?;
    let mut n = 0;
    while let Some(piece) = db.read_current(move |c| jobs::piece(c, id, n)).await? {
        file.write_all(&piece).map_err(|e| Error::Unavailable(e.to_string()))?;
        n += 1;
    }
    Ok(file)
}

/// Reads the file and sends what is in it, as fast as it is taken; rows that are done are read for what they name only.
fn pour(file: &File, kind: &'static Kind, request: &Request, done: i64, to: &mpsc::Sender<Part>) {
    let mut plan: Option<Plan> = None;
    let (mut seen, mut batch) = (0_i64, Vec::with_capacity(CHUNK));
    let mut names: HashMap<String, u64> = HashMap::new();
    let mut stopped = false;
    let read = read::rows(file, request.format, &mut |number, cells| {
        let Some(plan) = &plan else {
            let headers = cells.iter().map(|c| c.text().trim().to_owned()).collect();
            let made = Plan::read(kind.path, (kind.spec)(), headers, &request.mapping);
            let (part, good) = match made {
                Ok(made) => {
                    plan = Some(made.clone());
                    (Part::Planned(made), true)
                }
                Err(found) => (Part::Failed(found), false),
            };
            stopped |= to.blocking_send(part).is_err() || !good;
            return !stopped;
        };
        let mut repeats = None;
        for name in named(kind, plan, &cells, request.system.as_deref()) {
            match names.get(&name) {
                Some(first) => repeats = repeats.or(Some(*first)),
                None => drop(names.insert(name, number)),
            }
        }
        seen += 1;
        if seen <= done {
            return true;
        }
        batch.push(Row { number, cells, repeats });
        if batch.len() == CHUNK {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(CHUNK));
            stopped |= to.blocking_send(Part::Rows(full)).is_err();
        }
        !stopped
    });
    if stopped {
        return;
    }
    let last = match read {
        // What came before the break is brought in by itself when the file is mended: nothing of this part is.
        Err(cause) => Part::Failed(vec![unreadable(&cause)]),
        Ok(()) if plan.is_none() => Part::Failed(vec![unreadable(&read::Unreadable("nothing in it".into()))]),
        Ok(()) if batch.is_empty() => return,
        Ok(()) => Part::Rows(batch),
    };
    drop(to.blocking_send(last));
}

/// By what a row names its record: each of these is one record's alone.
fn named(kind: &Kind, plan: &Plan, cells: &[Cell], system: Option<&str>) -> Vec<String> {
    let text = |wanted: &Target| {
        let place = plan.columns.iter().position(|c| c.as_ref().is_some_and(|c| c.target == *wanted))?;
        cells.get(place).filter(|c| !c.is_empty()).map(|c| c.text().trim().to_uppercase())
    };
    let mut all = vec![];
    all.extend(text(&Target::Id).map(|id| format!("id {id}")));
    if let Some(id) = text(&Target::External) {
        let system = text(&Target::System).or_else(|| system.map(str::to_owned)).unwrap_or_default();
        all.push(format!("external {system} {id}"));
    }
    for field in kind.keys {
        all.extend(text(&Target::Field((*field).to_owned())).map(|value| format!("{field} {value}")));
    }
    all
}

/// Some rows on their way into the store.
struct Chunk {
    id: Uuid,
    me: Uuid,
    kind: &'static Kind,
    span: (i64, i64),
    home: DivisionCode,
    system: Option<String>,
    dry_run: bool,
    plan: Arc<Plan>,
    rows: Vec<Row>,
    known: Known,
    counts: Counts,
    scope: Scope,
    sight: FieldClass,
    may: May,
}

impl Chunk {
    fn store(self, tx: &mut Tx<'_>) -> Result<Counts, Error> {
        jobs::advance(tx, self.id, self.me, self.span)?;
        let bounds = Bounds {
            scope: &self.scope,
            home: &self.home,
            sight: self.sight,
            system: self.system.as_deref(),
            may: &*self.may,
            known: Arc::clone(&self.known),
        };
        let outcomes = if self.dry_run {
            let mut outcomes = None;
            let undone = tx.attempt::<()>(|tx| {
                outcomes = Some((self.kind.import)(tx, &bounds, &self.plan, &self.rows)?);
                Err(Error::NotFound)
            });
            match (outcomes, undone) {
                (Some(outcomes), _) => outcomes,
                (None, Err(e)) => return Err(e),
                (None, Ok(())) => vec![],
            }
        } else {
            (self.kind.import)(tx, &bounds, &self.plan, &self.rows)?
        };
        let mut counts = self.counts;
        for (row, outcome) in self.rows.iter().zip(outcomes) {
            match outcome {
                Outcome::Created => counts.created += 1,
                Outcome::Updated => counts.updated += 1,
                Outcome::Unchanged => counts.unchanged += 1,
                Outcome::Failed(problem, found) => {
                    counts.failed += 1;
                    let number = i64::try_from(row.number).map_err(Error::internal)?;
                    jobs::note(tx, self.id, number, &said(problem, &found, &self.plan)?)?;
                }
            }
        }
        jobs::count(tx, self.id, serde_json::to_string(&counts).map_err(Error::internal)?)?;
        Ok(counts)
    }
}
