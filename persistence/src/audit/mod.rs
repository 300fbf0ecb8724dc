//! The audit: what happened beside the writes that the journal tells of, and one chain over both.
//!
//! * [`note`] adds an event, within the unit of work it belongs to.
//! * [`chain`] makes later changes of journal and events show; [`verify()`] looks for them; [`lines`] says what bytes
//!   are hashed. [`witness`]: heads of the chain that others keep. [`prune()`]: events that have become old.
//! * [`search`]: journal and events as one sequence, for auditors.
pub mod chain;
pub mod lines;
pub mod prune;
pub mod search;
pub mod verify;
pub mod witness;

pub use prune::prune;
pub use verify::verify;

use crate::conn::Conn;
use crate::error::Result;
use crate::statement;
use crate::tx::Tx;
use crate::value::{Column, Value};
use domain::codes::{AuditKind, AuditOutcome};
use domain::{DateTime, DivisionCode, Utc, Uuid};
use std::borrow::Cow;

/// Something that happened and that an auditor may ask about. Nothing in it is personal data of a cadre: names of
/// fields, never values. Texts longer than their bound are cut.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: AuditKind,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// Who: `user:…`, `token:…`, `system:…`, or `anonymous`.
    pub actor: String,
    /// The account behind the actor.
    pub client: Option<String>,
    /// The API token that was used.
    pub token_id: Option<Uuid>,
    /// Where the request came from.
    pub address: Option<String>,
    /// What the caller's program calls itself.
    pub user_agent: Option<String>,
    /// The request.
    pub request_id: Option<String>,
    /// The resource or the route it was about, such as `cadres` or `GET /api/v1/cadres/{id}`.
    pub entity: Option<String>,
    /// The record it was about.
    pub entity_id: Option<Uuid>,
    /// Names of the fields it was about.
    pub fields: Vec<String>,
    /// Why, as the caller says.
    pub purpose: Option<String>,
    /// Whose matter it is: who audits this division sees it.
    pub division: DivisionCode,
    /// More, as a stable code such as `rotated` or `forbidden`.
    pub detail: Option<String>,
    /// How often, where the same is told together.
    pub times: i64,
}

/// Characters of a text in an event at most.
const LONGEST: usize = 200;

impl Event {
    /// An event about nothing in particular yet.
    pub fn new(
        kind: AuditKind,
        outcome: AuditOutcome,
        at: DateTime<Utc>,
        actor: impl Into<String>,
        division: DivisionCode,
    ) -> Self {
        Self {
            at,
            kind,
            outcome,
            actor: actor.into(),
            client: None,
            token_id: None,
            address: None,
            user_agent: None,
            request_id: None,
            entity: None,
            entity_id: None,
            fields: vec![],
            purpose: None,
            division,
            detail: None,
            times: 1,
        }
    }
    /// About this resource, and this record of it.
    pub fn about(mut self, entity: impl Into<String>, id: Option<Uuid>) -> Self {
        self.entity = Some(entity.into());
        self.entity_id = id;
        self
    }
    /// About these fields.
    pub fn fields(mut self, fields: Vec<String>) -> Self {
        self.fields = fields;
        self
    }
    /// For this purpose, in the caller's words.
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.purpose = Some(purpose.into());
        self
    }
    /// With a stable code that tells more.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    fn row(&self) -> Result<[Value<'static>; 16]> {
        let text = |t: &Option<String>| Value::Text(t.as_deref().map(|t| Cow::Owned(cut(t))));
        Ok([
            self.at.into(),
            self.kind.value()?.into_owned(),
            self.outcome.value()?.into_owned(),
            cut(&self.actor).into(),
            text(&self.client),
            self.token_id.into(),
            text(&self.address),
            text(&self.user_agent),
            text(&self.request_id),
            text(&self.entity),
            self.entity_id.into(),
            self.fields.value()?.into_owned(),
            text(&self.purpose),
            self.division.value()?.into_owned(),
            text(&self.detail),
            self.times.into(),
        ])
    }
}

/// The text within its bound and without what a database or a terminal stumbles over.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

const COLUMNS: &str = "audit_events (at, kind, outcome, actor, client, token_id, address, user_agent, request_id, \
     entity, entity_id, fields, purpose, division_code, detail, times)";

/// Notes an event in the unit of work it belongs to: both are stored or neither is.
///
/// # Errors
/// What the database says.
pub fn note(tx: &mut Tx<'_>, event: &Event) -> Result<()> {
    note_many(tx.conn, std::slice::from_ref(event))
}

/// Notes several events in the order given.
///
/// # Errors
/// What the database says.
pub fn note_many(conn: &mut Conn, events: &[Event]) -> Result<()> {
    struct Events;
    statement::insert::<Events, _>(conn, &[COLUMNS], events.iter().map(Event::row))
}
