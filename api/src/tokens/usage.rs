//! What tokens are used for: counted in memory, stored once a minute.
use super::Tokens;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Permit, Read};
use crate::listing::pairs;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::policy::Grants;
use domain::{DateTime, NaiveDate, Rule, Utc, Uuid};
use persistence::{Stamp, tokens};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use utoipa::ToSchema;

/// Pause between two times of storing.
const PAUSE: Duration = Duration::from_secs(60);
/// Days for which uses are kept.
const KEPT_DAYS: u64 = 400;

/// Requests that are not stored yet.
#[derive(Default)]
pub struct Uses(Mutex<BTreeMap<(Uuid, &'static str, &'static str), i64>>);

impl Uses {
    /// Counts a request.
    pub fn count(&self, token: Uuid, resource: &'static str, action: &'static str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((token, resource, action)).or_insert(0) += 1;
    }
    /// Stores what was counted.
    ///
    /// # Errors
    /// What the store says; nothing is lost then.
    pub async fn flush(&self, app: &App) -> persistence::Result<()> {
        let taken = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if taken.is_empty() {
            return Ok(());
        }
        let rows = taken.clone();
        let stamp = Stamp::system("token-use", Utc::now());
        let work = move |tx: &mut persistence::Tx<'_>| {
            tokens::usage::add(tx, rows.iter().map(|((token, resource, action), n)| (*token, *resource, *action, *n)))?;
            let oldest = tx.stamp.today - chrono::Days::new(KEPT_DAYS);
            tokens::usage::expire(tx.conn, oldest).map(drop)
        };
        let outcome = app.db.write(stamp, false, work).await;
        if outcome.is_err() {
            let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            taken.into_iter().for_each(|(key, n)| *now.entry(key).or_insert(0) += n);
        }
        outcome
    }
}

/// Stores what was counted, again and again, for as long as it is polled.
pub async fn keep(app: App) {
    loop {
        tokio::time::sleep(PAUSE).await;
        if let Err(e) = app.uses.flush(&app).await {
            tracing::warn!(cause = %e, "the uses of tokens wait");
        }
    }
}

/// Requests of a token on a day.
#[derive(Serialize, ToSchema)]
pub struct TokenUse {
    /// The day.
    day: NaiveDate,
    /// The resource, as in scopes.
    #[schema(example = "cadres", max_length = 100)]
    resource: String,
    /// The action, as in scopes.
    #[schema(example = "read", max_length = 50)]
    action: String,
    /// How many.
    #[schema(example = 96)]
    requests: i64,
}

/// What a token was used for.
#[derive(Serialize, ToSchema)]
pub struct TokenUsage {
    /// Public id.
    token_id: Uuid,
    /// When it was last used, to the minute.
    #[serde(serialize_with = "super::view::optional_instant", skip_serializing_if = "Option::is_none")]
    last_used_at: Option<DateTime<Utc>>,
    /// From where.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_address: Option<String>,
    /// What the program called itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_agent: Option<String>,
    /// Requests by day, resource and action, the last day first. What other servers counted in the last minute is missing.
    #[schema(max_items = 5000)]
    requests: Vec<TokenUse>,
    /// Scopes of resources that it was never used for: it could do without them.
    #[schema(example = json!(["honors:update"]), max_items = 50)]
    unused_scopes: Vec<String>,
}

/// `GET /tokens/{token_id}/usage`
pub async fn usage(permit: Permit<Tokens, Read>, id: web::Path<Uuid>, req: HttpRequest) -> Result<HttpResponse> {
    use crate::error::ApiError;
    let mut days = 30;
    for (name, value) in pairs(&req)? {
        match (name.as_str(), value.parse::<u64>()) {
            ("days", Ok(n)) if (1..=KEPT_DAYS).contains(&n) => days = n,
            ("days", _) => return Err(ApiError::parameter("days", Rule::TooLarge)),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    permit.app.uses.flush(&permit.app).await?;
    let (scope, id, since) = (permit.scope(), *id, permit.stamp().today - chrono::Days::new(days - 1));
    let read = move |c: &mut persistence::Conn| {
        let token = tokens::get(c, &scope, id)?;
        Ok((token, tokens::usage::of(c, id, since)?, tokens::usage::ever(c, id)?))
    };
    let (token, uses, ever) = permit.app.db.read(read).await?;
    let used = |scope: &String| {
        let one = Grants::new(vec![scope.clone()]);
        let action = |name: &str| domain::policy::Action::ALL.into_iter().find(|a| a.as_str() == name);
        let by = |(resource, verb): &(String, String)| action(verb).is_some_and(|a| one.allow(resource, a));
        scope.starts_with("fields:") || scope == Grants::SELF_ROTATE || ever.iter().any(by)
    };
    let requests =
        uses.into_iter().map(|u| TokenUse { day: u.day, resource: u.resource, action: u.action, requests: u.requests });
    Ok(HttpResponse::Ok().json(TokenUsage {
        token_id: token.id,
        last_used_at: token.last_used_at,
        last_used_address: token.last_used_address,
        last_used_agent: token.last_used_agent,
        requests: requests.collect(),
        unused_scopes: token.scopes.into_iter().filter(|s| !used(s)).collect(),
    }))
}
