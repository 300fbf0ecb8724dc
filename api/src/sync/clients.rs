//! `GET /sync/clients`: who follows the feed, and how far behind.
use super::Sync;
use super::state::days_left;
use crate::error::Result;
use crate::extract::{Permit, Read};
use actix_web::HttpResponse;
use domain::administration::User;
use domain::{DateTime, DivisionCode, Scope, Utc, Uuid};
use persistence::{Conn, Store, feed, tokens};
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
    /// `user:` or `token:` and an id.
    #[schema(example = "token:0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c02")]
    client: String,
    /// What the user or the token is called.
    #[schema(example = "county-371722")]
    name: String,
    /// What it may see, with all inside it.
    division_code: DivisionCode,
    /// Whether its positions are of the database as it is; otherwise it will have to begin anew.
    current_epoch: bool,
    /// The position it has fetched, noted about once a minute.
    #[schema(example = "48213")]
    pulled_seq: String,
    /// When.
    #[serde(serialize_with = "domain::resource::instant")]
    pulled_at: DateTime<Utc>,
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
}

/// The handler.
pub async fn clients(permit: Permit<Sync, Read>) -> Result<HttpResponse> {
    let scope = permit.scope();
    let read = move |c: &mut Conn| {
        let state = feed::state(c)?;
        let mut named = vec![];
        for client in feed::clients(c, &scope)? {
            let name = name(c, &client.client)?;
            named.push((client, name));
        }
        Ok((state, named))
    };
    let (state, named) = permit.app.db.read_current(read).await?;
    let now = Utc::now();
    let view = |(client, name): (feed::Client, String)| {
        let reached = client.acked.map_or(client.pulled.0, |(seq, _)| seq);
        let since = client.behind_since.unwrap_or(now);
        SyncClient {
            name,
            division_code: client.division_code,
            current_epoch: client.epoch == state.epoch,
            pulled_seq: client.pulled.0.to_string(),
            pulled_at: client.pulled.1,
            acked_seq: client.acked.map(|(seq, _)| seq.to_string()),
            acked_at: client
                .acked
                .map(|(_, at)| String::from_utf8_lossy(&domain::resource::instant_text(&at)).into_owned()),
            lag: (state.head - reached).max(0).to_string(),
            lag_s: (now - since).num_seconds().max(0),
            days_left: days_left(since, now),
            client: client.client,
        }
    };
    Ok(HttpResponse::Ok().json(SyncClients { items: named.into_iter().map(view).collect() }))
}

fn name(conn: &mut Conn, client: &str) -> persistence::Result<String> {
    let found = match client.split_once(':').map(|(kind, id)| (kind, id.parse::<Uuid>())) {
        Some(("token", Ok(id))) => match tokens::get(conn, &Scope::System, id) {
            Ok(token) => Some(token.name),
            Err(persistence::Error::NotFound) => None,
            Err(e) => return Err(e),
        },
        Some(("user", Ok(id))) => User::get(conn, &Scope::System, id)?.map(|u| u.data.username),
        _ => None,
    };
    Ok(found.unwrap_or_else(|| client.to_owned()))
}
