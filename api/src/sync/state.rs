//! `GET /sync/state`: where the feed stands and where the caller does; `POST /sync/ack`: how far it has come.
use super::changes::POLL_AFTER;
use super::cursor::Cursor;
use super::{Puller, readable};
use crate::audit::chain::AuditHead;
use crate::error::{ApiError, Result};
use crate::extract::Body;
use actix_web::HttpResponse;
use domain::{DateTime, DivisionCode, Problem, Utc, Uuid};
use persistence::feed;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Days a position stays good.
pub const RETENTION_DAYS: i64 = 400;

/// Where the feed stands.
#[derive(Serialize, ToSchema)]
pub struct SyncState {
    /// Changes when the server is restored from a backup: all positions of before are dead then.
    epoch: Uuid,
    /// The last number given.
    #[schema(example = "48213")]
    head: String,
    /// Positions before this one are dead.
    #[schema(example = "0")]
    horizon: String,
    /// Days a position stays good.
    #[schema(example = 400)]
    retention_days: i64,
    /// Number of the form in which records travel.
    #[schema(example = 1)]
    schema: i64,
    /// The division the caller sees, with all inside it.
    division_code: DivisionCode,
    /// The resources the caller may read, in an order in which nothing refers to something later.
    #[schema(example = json!(["divisions", "units", "cadres"]))]
    entities: Vec<&'static str>,
    /// The position the caller has acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    acked: Option<Acked>,
    /// The number that the caller's next pushed operation must have.
    #[schema(example = 1045)]
    expected_op_seq: i64,
    /// The number up to which a backup of the server holds the caller's operations: it need not keep these any longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 980)]
    durable_op_seq: Option<i64>,
    /// Counts the changes of the policy for contested fields.
    #[schema(example = 1)]
    policy_version: i64,
    /// The server's clock.
    #[serde(serialize_with = "domain::resource::instant")]
    server_time: DateTime<Utc>,
    /// Seconds after which a reader that has everything should ask again.
    #[schema(example = 60)]
    poll_after_s: u64,
    /// The head of the audit's chain: kept by the caller, it shows later that nothing before it was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_head: Option<AuditHead>,
    /// What the caller should mind.
    warnings: Vec<SyncWarning>,
}

/// A position a client has acknowledged.
#[derive(Serialize, ToSchema)]
pub struct Acked {
    /// The position.
    #[schema(example = "48210")]
    seq: String,
    /// Lines of the journal behind it.
    #[schema(example = "3")]
    lag: String,
    /// When it was acknowledged.
    #[serde(serialize_with = "domain::resource::instant")]
    at: DateTime<Utc>,
}

/// Something to mind.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncWarning {
    /// The caller has not acknowledged anything for so long that its position is about to die.
    NearHorizon,
    /// The caller's API token ends within two weeks: it is time to rotate it.
    TokenEnding,
}

/// Days before its death at which a position is worth a warning.
const WARNING_DAYS: i64 = 30;
/// Days before its end at which a token is worth a warning.
const TOKEN_DAYS: i64 = 14;

/// Days until a position dies behind which the first line was written then.
pub fn days_left(behind_since: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    RETENTION_DAYS - (now - behind_since).num_days()
}

/// `GET /sync/state`
pub async fn state(permit: Puller) -> Result<HttpResponse> {
    let client = permit.identity.client();
    let (state, known) = permit.app.db.read(move |c| Ok((feed::state(c)?, feed::client(c, &client)?))).await?;
    let now = Utc::now();
    let (expected, durable) = known.as_ref().map_or((1, None), |k| (k.next_op_seq, k.durable_op_seq));
    let known = known.filter(|client| client.epoch == state.epoch);
    let since = known.as_ref().and_then(|client| client.behind_since);
    let old = since.is_some_and(|at| days_left(at, now) < WARNING_DAYS);
    let ending = permit.identity.token_ends().is_some_and(|end| (end - now).num_days() < TOKEN_DAYS);
    let warnings = [(old, SyncWarning::NearHorizon), (ending, SyncWarning::TokenEnding)];
    let acked = known.and_then(|client| client.acked);
    Ok(HttpResponse::Ok().json(SyncState {
        epoch: state.epoch,
        head: state.head.to_string(),
        horizon: state.horizon.to_string(),
        retention_days: RETENTION_DAYS,
        schema: feed::SCHEMA,
        division_code: permit.identity.division.clone(),
        entities: readable(&permit.identity).iter().map(|k| k.path).collect(),
        acked: acked.map(|(seq, at)| Acked { seq: seq.to_string(), lag: (state.head - seq).to_string(), at }),
        expected_op_seq: expected,
        durable_op_seq: durable,
        policy_version: domain::merge::POLICY_VERSION,
        server_time: now,
        poll_after_s: POLL_AFTER,
        audit_head: permit.app.chain.head(),
        warnings: warnings.into_iter().filter(|(holds, _)| *holds).map(|(_, warning)| warning).collect(),
    }))
}

/// A position that is durable on the client's side.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AckRequest {
    /// The `next_cursor` up to which everything is stored.
    #[schema(max_length = 2000, example = "mJ0c…")]
    cursor: String,
}

/// `POST /sync/ack`
pub async fn ack(permit: Puller, body: Body<AckRequest>) -> Result<HttpResponse> {
    let cursor = Cursor::open(&permit, &body.into_inner().cursor)?;
    let progress = super::progress(&permit, cursor.s);
    let work = move |tx: &mut persistence::Tx<'_>| {
        tx.begin()?;
        let state = feed::state(tx.conn)?;
        if !cursor.is_of(state) {
            return Ok(false);
        }
        feed::acknowledge(tx.conn, state, &progress, tx.stamp.now).map(|()| true)
    };
    match permit.app.db.write(permit.stamp(), false, work).await? {
        true => Ok(HttpResponse::NoContent().finish()),
        false => {
            Err(ApiError::of(Problem::CursorGone, vec![domain::Violation::new("/cursor", domain::Rule::EpochChanged)]))
        }
    }
}
