//! `GET /audit/verify`: what holding the audit against its chain says.
use super::chain::{self, AuditHead};
use super::{Auditor, key::AuditKey};
use crate::error::{ApiError, Result};
use crate::listing::pairs;
use actix_web::{HttpRequest, HttpResponse};
use domain::codes::{AuditFinding, AuditKind, AuditOutcome};
use domain::{DateTime, Problem, Rule, Utc, Uuid, Violation};
use persistence::Conn;
use persistence::audit::verify::{self, Look, Report};
use persistence::audit::witness::Seen;
use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// Lines read for one answer where nothing is said, and at most.
pub const LINES: u64 = 200_000;
/// At most.
pub const MAX_LINES: u64 = 1_000_000;

/// What a verification has found.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditReport {
    /// Whether nothing is wrong.
    pub intact: bool,
    /// Whether the end of the chain was reached. Otherwise the next call goes on behind `next_after_link`; heads
    /// that others have seen are looked at with the last one.
    pub complete: bool,
    /// Links that were checked.
    #[schema(example = 1042)]
    pub links: u64,
    /// Lines of the journal that were read.
    #[schema(example = 48213)]
    pub journal_lines: u64,
    /// Events that were read.
    #[schema(example = 9120)]
    pub events: u64,
    /// The last link that was checked.
    pub head: Option<AuditHead>,
    /// Where to go on.
    #[schema(example = 1042)]
    pub next_after_link: Option<i64>,
    /// What is wrong: the first thousand.
    #[schema(max_items = 1000)]
    pub findings: Vec<AuditFindingView>,
    /// How much is wrong.
    #[schema(example = 0)]
    pub found: u64,
    /// Restores from a backup that the chain tells of. Who runs the server knows which of them were real.
    #[schema(max_items = 1000)]
    pub restores: Vec<AuditRestore>,
    /// The last event that was removed because of its age.
    #[schema(example = 120000)]
    pub events_removed_through: Option<i64>,
    /// Heads that were seen by others and are in the chain.
    #[schema(example = 310)]
    pub witnessed: u64,
    /// Heads that were seen by others and that a restore has ended.
    #[schema(example = 0)]
    pub ended: u64,
}

/// Something that is wrong.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditFindingEntry)]
pub struct AuditFindingView {
    /// What.
    pub code: AuditFinding,
    /// The link where it shows.
    #[schema(example = 17)]
    pub link: Option<i64>,
    /// `journal` or `events`.
    #[schema(example = "journal")]
    pub book: Option<&'static str>,
    /// The first number it is about: of lines, or of links.
    #[schema(example = 480)]
    pub from: Option<i64>,
    /// The last one.
    #[schema(example = 495)]
    pub through: Option<i64>,
    /// Who has seen the head that is not there.
    #[schema(example = "user:0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c02")]
    pub witness: Option<String>,
}

/// A restore.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditRestore {
    /// The first link behind it.
    #[schema(example = 900)]
    pub link: i64,
    /// When that was made.
    #[serde(serialize_with = "domain::resource::instant")]
    pub at: DateTime<Utc>,
    /// The epoch that it has ended.
    pub ended_epoch: Uuid,
}

impl AuditReport {
    fn of(report: Report) -> Self {
        let Report { links, journal_lines, events, head, complete, findings, found, .. } = report;
        let findings = findings.into_iter().map(|f| AuditFindingView {
            code: f.code,
            link: f.link,
            book: f.book.map(|b| b.as_str()),
            from: f.from,
            through: f.through,
            witness: f.witness,
        });
        let restores =
            report.restores.into_iter().map(|r| AuditRestore { link: r.link, at: r.at, ended_epoch: r.ended });
        Self {
            intact: found == 0,
            complete,
            links,
            journal_lines,
            events,
            next_after_link: head.as_ref().filter(|_| !complete).map(|l| l.id),
            head: head.as_ref().map(AuditHead::of),
            findings: findings.collect(),
            found,
            restores: restores.take(1000).collect(),
            events_removed_through: report.checkpoint.map(|c| c.events_through),
            witnessed: report.witnessed,
            ended: report.ended,
        }
    }
}

/// Verifies, and once more if events were removed meanwhile, which must not look like a deletion.
///
/// # Errors
/// What the database says.
pub fn verify(
    conn: &mut Conn,
    key: &AuditKey,
    after: i64,
    lines: u64,
    seen: Vec<Seen>,
    progress: &dyn Fn(u64, u64),
) -> persistence::Result<AuditReport> {
    let genuine = |message: &[u8], signature: &str| key.genuine(message, signature);
    let look = Look { after, lines, seen, genuine: &genuine, progress };
    let mut report = verify::verify(conn, &look)?;
    if report.found > 0 && persistence::audit::prune::checkpoint(conn)? != report.checkpoint {
        report = verify::verify(conn, &look)?;
    }
    Ok(AuditReport::of(report))
}

/// `GET /audit/verify`
pub async fn handler(permit: Auditor, req: HttpRequest) -> Result<HttpResponse> {
    let (mut after, mut lines, mut found) = (0, LINES, vec![]);
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "after_link" => match value.parse::<i64>() {
                Ok(n) if n >= 0 => after = n,
                _ => found.push(Violation::new("/after_link", Rule::TooSmall).with("min", 0)),
            },
            "lines" => match value.parse() {
                Ok(n) if (1..=MAX_LINES).contains(&n) => lines = n,
                Ok(0) | Err(_) => found.push(Violation::new("/lines", Rule::TooSmall).with("min", 1)),
                Ok(_) => found.push(Violation::new("/lines", Rule::TooLarge).with("max", MAX_LINES)),
            },
            _ => found.push(Violation::new(format!("/{name}"), Rule::UnknownParameter)),
        }
    }
    if !found.is_empty() {
        return Err(ApiError::of(Problem::InvalidParameter, found));
    }
    let app = permit.app.clone();
    let known = app.chain.head().map(|h| h.seen("system:server", Utc::now()));
    // Only where it begins: a link for each part, which tells of the part before, would never let it end.
    if after == 0 {
        chain::step(&app).await?;
    }
    let key = app.chain.key.clone();
    let seen = known.into_iter().collect();
    let report = app.db.read_current(move |c| verify(c, &key, after, lines, seen, &|_, _| {})).await?;
    if let Some(first) = report.findings.first() {
        chain::alarm(&app, first.code, first.link.unwrap_or_default());
    }
    let outcome = if report.intact { AuditOutcome::Success } else { AuditOutcome::Failure };
    app.audit.note(permit.event(AuditKind::AuditRead, outcome).about("audit", None).detail("verify"));
    Ok(HttpResponse::Ok().json(report))
}
