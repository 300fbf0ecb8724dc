//! `GET /sync/clients`: who follows the feed, and how far behind.
use super::Sync;
use super::state::days_left;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Permit, Read};
use actix_web::HttpResponse;
use domain::administration::User;
use domain::resource::instant_text;
use domain::{DateTime, DivisionCode, Scope, Utc, Uuid};
use persistence::{Conn, Store, feed};
use serde::Serialize;
use utoipa::ToSchema;

/// The clients of the feed.
#[derive(Serialize, ToSchema)]
pub struct SyncClients {
    /// Those in the caller's scope.
    items: Vec<SyncClient>,
}

/// A client of the feed.
#[derive(Serialize, ToSchema)]
pub struct SyncClient {
    /// `user:` and the id of its account.
    #[schema(example = "user:0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c02")]
    client: String,
    /// What the account is called.
    #[schema(example = "county-371722")]
    name: String,
    /// What it may see, with all inside it.
    division_code: DivisionCode,
    /// Whether its positions are of the database as it is; otherwise it will have to begin anew.
    current_epoch: bool,
    /// What it calls itself, with its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "laogan/0.1.0", max_length = 100)]
    agent: Option<String>,
    /// The position it has fetched, noted about once a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "48213")]
    pulled_seq: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-09-29T08:20:00.000Z")]
    pulled_at: Option<String>,
    /// The position it has stored, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "48210")]
    acked_seq: Option<String>,
    /// When it said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-09-29T08:20:00.000Z")]
    acked_at: Option<String>,
    /// Lines of the journal that it has not stored, or not fetched where it never says.
    #[schema(example = "3")]
    lag: String,
    /// Seconds since the first of them was written; 0 where there is none.
    #[schema(example = 42)]
    lag_s: i64,
    /// Days until its position dies.
    #[schema(example = 400)]
    days_left: i64,
    /// When it pushed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-09-29T08:20:00.000Z")]
    pushed_at: Option<String>,
    /// The number that its next pushed operation must have.
    #[schema(example = 1045)]
    expected_op_seq: i64,
    /// The number up to which a backup holds its operations.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 980)]
    durable_op_seq: Option<i64>,
    /// Its conflicts that wait for a person.
    #[schema(example = 0)]
    open_conflicts: i64,
    /// Its operations in quarantine.
    #[schema(example = 0)]
    quarantined: i64,
    /// Seconds by which its clock was ahead of the server's when it pushed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = -3)]
    clock_ahead_s: Option<i64>,
}

/// The handler.
pub async fn clients(permit: Permit<Sync, Read>) -> Result<HttpResponse> {
    let items = followed(&permit.app, permit.scope()).await?;
    Ok(HttpResponse::Ok().json(SyncClients { items }))
}

/// The clients in a scope.
async fn followed(app: &App, scope: Scope) -> Result<Vec<SyncClient>> {
    let read = move |c: &mut Conn| {
        let state = feed::state(c)?;
        let mut named = vec![];
        for client in feed::clients(c, &scope)? {
            let name = name(c, &client.client)?;
            named.push((client, name));
        }
        Ok((state, named))
    };
    let (state, named) = app.db.read_current(read).await?;
    let now = Utc::now();
    Ok(named.into_iter().map(|(client, name)| view(state, now, client, name)).collect())
}

fn view(state: feed::State, now: DateTime<Utc>, client: feed::Client, name: String) -> SyncClient {
    let text = |at: DateTime<Utc>| String::from_utf8_lossy(&instant_text(&at)).into_owned();
    let reached = client.acked.or(client.pulled).map_or(0, |(seq, _)| seq);
    let since = client.behind_since.unwrap_or(now);
    SyncClient {
        name,
        division_code: client.division_code,
        current_epoch: client.epoch == state.epoch,
        agent: client.agent,
        pulled_seq: client.pulled.map(|(seq, _)| seq.to_string()),
        pulled_at: client.pulled.map(|(_, at)| text(at)),
        acked_seq: client.acked.map(|(seq, _)| seq.to_string()),
        acked_at: client.acked.map(|(_, at)| text(at)),
        lag: (state.head - reached).max(0).to_string(),
        lag_s: (now - since).num_seconds().max(0),
        days_left: days_left(since, now),
        pushed_at: client.pushed_at.map(text),
        expected_op_seq: client.next_op_seq,
        durable_op_seq: client.durable_op_seq,
        open_conflicts: client.open_conflicts,
        quarantined: client.quarantined,
        clock_ahead_s: client.clock_ahead,
        client: client.client,
    }
}

/// Puts the same into the metrics.
///
/// # Errors
/// What the database says.
pub async fn measure(app: &App) -> Result<()> {
    let all = followed(app, Scope::System).await?;
    app.metrics.sync_clients(all.iter().map(|c| {
        let number = |text: &str| text.parse().unwrap_or(0);
        let values =
            [number(&c.lag), c.lag_s, c.days_left, c.open_conflicts, c.quarantined, c.clock_ahead_s.unwrap_or(0)];
        (c.name.as_str(), c.division_code.as_str(), values)
    }));
    Ok(())
}

/// What the client's account is called.
fn name(conn: &mut Conn, client: &str) -> persistence::Result<String> {
    let id = client.strip_prefix("user:").and_then(|id| id.parse::<Uuid>().ok());
    let user = id.map(|id| User::get(conn, &Scope::System, id)).transpose()?.flatten();
    Ok(user.map_or_else(|| client.to_owned(), |u| u.data.username))
}
