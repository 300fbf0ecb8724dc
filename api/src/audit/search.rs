//! `GET /audit` and `GET /audit/export`: what happened, newest first. Reading it is told there too.
use super::{Auditor, chain};
use crate::error::{ApiError, Result};
use crate::listing::{DEFAULT_LIMIT, MAX_LIMIT, pairs};
use crate::sealed;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use domain::codes::{AuditKind, AuditOutcome};
use domain::{Code, DateTime, DivisionCode, Problem, Rule, Utc, Uuid, Violation};
use persistence::audit::search::{Entry, Filter, Position, page};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::mpsc;
use utoipa::ToSchema;

/// Entries read and sent at a time.
const PAGE: usize = 500;
/// Pages that wait for a slow reader.
const WAITING: usize = 2;

/// The conditions there are: parameter and what it takes.
pub const CONDITIONS: [(&str, &str); 9] = [
    ("filter[kind]", "Only this kind: a code of `audit_kind`"),
    ("filter[outcome]", "Only what ended so: a code of `audit_outcome`"),
    ("filter[actor]", "Only by this actor or account, such as `user:` and an id"),
    ("filter[entity]", "Only about this resource, or for refusals this route"),
    ("filter[entity_id]", "Only about this record"),
    ("filter[request_id]", "Only of this request"),
    ("filter[division_code]", "Only of this division and all inside it"),
    ("filter[at][gte]", "Only from this instant on"),
    ("filter[at][lt]", "Only before this instant"),
];

/// A page of the audit.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditPage)]
pub struct AuditPage {
    items: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// A question, read from the query string.
struct Question {
    filter: Filter,
    limit: usize,
    position: Position,
    /// Hash of question and caller, which a page token is bound to.
    binding: String,
    /// Names of the conditions, for the audit.
    asked: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Token {
    j: i64,
    e: i64,
    b: String,
}

impl Question {
    fn read(permit: &Auditor, req: &HttpRequest, paged: bool) -> Result<Self> {
        let pairs = pairs(req)?;
        let mut filter = Filter {
            scope: permit.scope(),
            kind: None,
            outcome: None,
            actor: None,
            entity: None,
            entity_id: None,
            request_id: None,
            from: None,
            to: None,
            division: None,
        };
        let (mut limit, mut token, mut found) = (DEFAULT_LIMIT, None, vec![]);
        for (name, value) in &pairs {
            let mut bad = |rule| found.push(Violation::new(format!("/{name}"), rule));
            let text = || Some(value.clone()).filter(|v| v.chars().count() <= 200 && !v.chars().any(char::is_control));
            let unknown = |set: &str| Violation::new(format!("/{name}"), Rule::UnknownCode).with("set", set);
            match name.as_str() {
                "limit" if paged => match value.parse() {
                    Ok(n) if (1..=MAX_LIMIT).contains(&n) => limit = n,
                    Ok(n) if n > MAX_LIMIT => {
                        found.push(Violation::new("/limit", Rule::TooLarge).with("max", MAX_LIMIT));
                    }
                    _ => found.push(Violation::new("/limit", Rule::TooSmall).with("min", 1)),
                },
                "page_token" if paged => token = Some(value.clone()),
                "filter[kind]" => match AuditKind::parse(value) {
                    Some(kind) => filter.kind = Some(kind),
                    None => found.push(unknown("audit_kind")),
                },
                "filter[outcome]" => match AuditOutcome::parse(value) {
                    Some(outcome) => filter.outcome = Some(outcome),
                    None => found.push(unknown("audit_outcome")),
                },
                "filter[actor]" => set(&mut filter.actor, text(), || bad(Rule::Pattern)),
                "filter[entity]" => set(&mut filter.entity, text(), || bad(Rule::Pattern)),
                "filter[request_id]" => set(&mut filter.request_id, text(), || bad(Rule::Pattern)),
                "filter[entity_id]" => {
                    set(&mut filter.entity_id, Uuid::parse_str(value).ok(), || bad(Rule::InvalidUuid));
                }
                "filter[division_code]" => {
                    set(&mut filter.division, DivisionCode::parse(value), || bad(Rule::DivisionFormat));
                }
                "filter[at][gte]" => set(&mut filter.from, instant(value), || bad(Rule::InstantFormat)),
                "filter[at][lt]" => set(&mut filter.to, instant(value), || bad(Rule::InstantFormat)),
                filter if filter.starts_with("filter[") => bad(Rule::UnknownFilter),
                _ => bad(Rule::UnknownParameter),
            }
        }
        if !found.is_empty() {
            return Err(ApiError::of(Problem::InvalidParameter, found));
        }
        let mut conditions: Vec<_> = pairs.iter().filter(|(n, _)| n.starts_with("filter[")).collect();
        conditions.sort();
        let who = &permit.identity;
        let binding = sealed::binding(&json!(["audit", who.user_id, who.division, conditions]));
        let position = match token {
            None => Position::TOP,
            Some(token) => {
                let token: Option<Token> = sealed::open(&permit.app, "audit-page", &token);
                let token = token.filter(|t| t.b == binding);
                let token = token.ok_or_else(|| ApiError::new(Problem::PageTokenMismatch))?;
                Position { journal: token.j, events: token.e }
            }
        };
        let asked = conditions.into_iter().map(|(name, _)| name.clone()).collect();
        let limit = usize::try_from(limit).unwrap_or_default();
        Ok(Self { filter, limit, position, binding, asked })
    }
}

fn set<T>(slot: &mut Option<T>, value: Option<T>, bad: impl FnOnce()) {
    if value.is_none() {
        bad();
    }
    *slot = value;
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    // In a query string an unescaped plus sign has become a space.
    DateTime::parse_from_rfc3339(&text.replace(' ', "+")).ok().map(|at| at.to_utc())
}

/// `GET /audit`
pub async fn list(permit: Auditor, req: HttpRequest) -> Result<HttpResponse> {
    let question = Question::read(&permit, &req, true)?;
    let first = question.position == Position::TOP;
    if first {
        // What has just happened is there to be found.
        chain::step(&permit.app).await?;
    }
    let (filter, position, limit) = (question.filter, question.position, question.limit);
    let (items, next) = permit.app.db.read_current(move |c| page(c, &filter, position, limit)).await?;
    if first {
        let read = permit.event(AuditKind::AuditRead, AuditOutcome::Success);
        permit.app.audit.note(read.about("audit", None).fields(question.asked).detail("search"));
    }
    let token = |p: Position| {
        sealed::seal(&permit.app, "audit-page", &Token { j: p.journal, e: p.events, b: question.binding.clone() })
    };
    Ok(HttpResponse::Ok().json(AuditPage { items, next_page_token: next.map(token) }))
}

/// `GET /audit/export`
pub async fn export(permit: Auditor, req: HttpRequest) -> Result<HttpResponse> {
    let question = Question::read(&permit, &req, false)?;
    chain::step(&permit.app).await?;
    let read = permit.event(AuditKind::AuditRead, AuditOutcome::Success);
    let read = read.about("audit", None).fields(question.asked).detail("export");
    permit.app.audit.record(&permit.app.db, read).await?;
    let (sender, receiver) = mpsc::channel::<std::result::Result<Bytes, std::io::Error>>(WAITING);
    let (app, filter, mut position) = (permit.app.clone(), question.filter, Position::TOP);
    // Between two pages nothing is held but the page that waits.
    actix_web::rt::spawn(async move {
        loop {
            let asked = filter.clone();
            let (sent, next) = match app.db.read_current(move |c| page(c, &asked, position, PAGE)).await {
                Ok((items, next)) => (sender.send(lines(&items)).await, next),
                Err(e) => {
                    // The status is sent; a cut connection is how the reader learns that lines are missing.
                    tracing::error!(cause = %e, "an export of the audit was cut short");
                    (sender.send(Err(std::io::Error::other("export failed"))).await, None)
                }
            };
            match next {
                Some(next) if sent.is_ok() => position = next,
                _ => return,
            }
        }
    });
    let body = futures_util::stream::unfold(receiver, |mut r| async { r.recv().await.map(|chunk| (chunk, r)) });
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").streaming(body))
}

fn lines(items: &[Entry]) -> std::result::Result<Bytes, std::io::Error> {
    let mut text = vec![];
    for item in items {
        serde_json::to_writer(&mut text, item).map_err(std::io::Error::other)?;
        text.push(b'\n');
    }
    Ok(text.into())
}
