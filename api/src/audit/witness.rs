//! `GET /audit/head` and `POST /audit/witness`: the head of the chain goes out to those who synchronise and comes
//! back, so that it is known elsewhere and is compared.
use super::chain::{self, AuditHead};
use crate::error::{ApiError, Result};
use crate::extract::{Body, SignedIn};
use crate::sync::Puller;
use actix_web::HttpResponse;
use domain::codes::{AuditFinding, AuditKind, AuditOutcome, WitnessState};
use domain::{Problem, Rule, Utc, Violation};
use persistence::audit::witness;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Heads in one request at most.
const HEADS: usize = 100;

/// The head of the chain, and the key that it is signed with.
#[derive(Serialize, ToSchema)]
pub struct AuditHeadAnswer {
    /// The head; absent before the first link is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<AuditHead>,
    /// Names the key.
    #[schema(example = "9f86d081884c7d65")]
    key_id: String,
    /// The public key: 32 bytes in base64url.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", max_length = 64)]
    public_key: String,
}

/// `GET /audit/head`
pub async fn head(caller: SignedIn) -> Result<HttpResponse> {
    chain::step(&caller.app).await?;
    let chain = &caller.app.chain;
    Ok(HttpResponse::Ok().json(AuditHeadAnswer {
        head: chain.head(),
        key_id: chain.key.id.clone(),
        public_key: chain.key.public.clone(),
    }))
}

/// Heads that the caller has seen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WitnessRequest {
    /// As they came from this server.
    #[schema(min_items = 1, max_items = 100)]
    heads: Vec<AuditHead>,
}

/// How they stand to the chain there is.
#[derive(Serialize, ToSchema)]
pub struct WitnessAnswer {
    /// One for each head, in the order given.
    #[schema(max_items = 100)]
    results: Vec<WitnessResult>,
}

/// How one head stands to the chain.
#[derive(Serialize, ToSchema)]
pub struct WitnessResult {
    /// The number of the link.
    #[schema(example = 1042)]
    link: i64,
    /// How it stands.
    state: WitnessState,
}

/// `POST /audit/witness`
pub async fn bring(permit: Puller, body: Body<WitnessRequest>) -> Result<HttpResponse> {
    let heads = body.into_inner().heads;
    let app = permit.app.clone();
    let mut found = domain::Findings::default();
    if heads.is_empty() {
        found.push(Violation::new("heads", Rule::TooFew).with("min", 1));
    }
    if heads.len() > HEADS {
        found.push(Violation::new("heads", Rule::TooMany).with("max", HEADS));
    }
    // Only what this server has signed can accuse it.
    for (i, head) in heads.iter().enumerate().take(HEADS) {
        found.require(
            app.chain.key.genuine(&head.message(), &head.signature),
            format!("heads/{i}/signature"),
            Rule::SignatureInvalid,
        );
    }
    if !found.errors.is_empty() {
        return Err(ApiError::of(Problem::ValidationFailed, found.errors));
    }
    let now = Utc::now();
    let seen: Vec<_> = heads.iter().map(|h| h.seen(permit.identity.client(), now)).collect();
    let work = move |tx: &mut persistence::Tx<'_>| {
        tx.begin()?;
        let states = seen.iter().map(|s| witness::judge(tx.conn, s)).collect::<persistence::Result<Vec<_>>>()?;
        for (seen, state) in seen.iter().zip(&states).filter(|(_, state)| **state != WitnessState::Ended) {
            witness::keep(tx.conn, seen, *state == WitnessState::Agrees)?;
        }
        Ok(states)
    };
    let states = app.db.write(permit.stamp(), false, work).await?;
    let results: Vec<_> =
        heads.iter().zip(states).map(|(head, state)| WitnessResult { link: head.link, state }).collect();
    for result in &results {
        let code = match result.state {
            WitnessState::Agrees | WitnessState::Ended => continue,
            WitnessState::Unknown => AuditFinding::TailCut,
            WitnessState::Differs => AuditFinding::Replaced,
        };
        chain::alarm(&app, code, result.link);
        app.audit.note(permit.event(AuditKind::Witness, AuditOutcome::Failure).about("audit", None));
    }
    Ok(HttpResponse::Ok().json(WitnessAnswer { results }))
}
