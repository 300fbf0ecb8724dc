//! Sessions: one's own, and those of users one administers.
use super::password::in_hand;
use crate::error::{ApiError, Result};
use crate::extract::{InPerson, Permit, Read, SignedIn, Update};
use actix_web::{HttpResponse, web};
use domain::administration::User;
use domain::codes::{AuditKind, AuditOutcome};
use domain::{DateTime, Problem, Utc, Uuid};
use persistence::identity::sessions::{self, Session};
use persistence::{Store, Tx, audit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A session that lives.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// Its id.
    id: Uuid,
    /// When it began.
    #[serde(serialize_with = "domain::resource::instant")]
    created_at: DateTime<Utc>,
    /// When it was last prolonged.
    #[serde(serialize_with = "domain::resource::instant")]
    used_at: DateTime<Utc>,
    /// When it ends unless it is prolonged.
    #[serde(serialize_with = "domain::resource::instant")]
    idle_until: DateTime<Utc>,
    /// When it ends in any case.
    #[serde(serialize_with = "domain::resource::instant")]
    expires_at: DateTime<Utc>,
    /// Address of the last sign-in or refresh.
    #[schema(max_length = 45, example = "10.17.22.5")]
    address: String,
    /// What the program of the last sign-in or refresh calls itself.
    #[schema(example = "LaoganApp/1.4 (Android 15)")]
    agent: String,
    /// Whether it is the caller's own.
    current: bool,
}

/// The sessions of a user.
#[derive(Serialize, ToSchema)]
pub struct SessionPage {
    /// The oldest first, 500 at most.
    #[schema(max_items = 500)]
    items: Vec<SessionView>,
}

async fn page(caller: &SignedIn, user: Uuid) -> Result<HttpResponse> {
    let found = caller.app.db.read(move |c| sessions::of(c, user, Utc::now())).await?;
    let view = |s: Session| SessionView {
        current: caller.identity.session == Some(s.id),
        id: s.id,
        created_at: s.created_at,
        used_at: s.used_at,
        idle_until: s.idle_until,
        expires_at: s.expires_at,
        address: s.address,
        agent: s.agent,
    };
    Ok(HttpResponse::Ok().json(SessionPage { items: found.into_iter().map(view).collect() }))
}

/// Which sessions to end: one of a user's, or all but one.
enum Which {
    One(Uuid),
    AllBut(Option<Uuid>),
}

async fn end(caller: &SignedIn, user: Uuid, which: Which, reason: &'static str) -> Result<HttpResponse> {
    let event = caller.event(AuditKind::Session, AuditOutcome::Success).about("users", Some(user)).detail(reason);
    let work = move |tx: &mut Tx<'_>| {
        tx.begin()?;
        match which {
            Which::One(id) => sessions::end_of(tx, user, id, reason)?,
            Which::AllBut(but) => drop(sessions::end_all(tx, user, but, reason)?),
        }
        audit::note(tx, &event)
    };
    caller.app.db.write(caller.stamp(), false, work).await?;
    caller.app.remembered.settle(&caller.app.db).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /sessions`
pub async fn list(caller: InPerson) -> Result<HttpResponse> {
    page(&caller, caller.identity.user_id).await
}

/// `DELETE /sessions`: all of the caller's but the one it uses.
pub async fn end_others(caller: InPerson) -> Result<HttpResponse> {
    end(&caller, caller.identity.user_id, Which::AllBut(Some(caller.session)), "ended_by_user").await
}

/// `DELETE /sessions/{id}`
pub async fn end_own(caller: InPerson, id: web::Path<Uuid>) -> Result<HttpResponse> {
    end(&caller, caller.identity.user_id, Which::One(*id), "ended_by_user").await
}

/// `GET /users/{id}/sessions`
pub async fn list_of(permit: Permit<User, Read>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let (scope, id) = (permit.scope(), *id);
    let user = permit.app.db.read(move |c| User::get(c, &scope, id)).await?;
    page(&permit, user.ok_or_else(|| ApiError::new(Problem::NotFound))?.meta.id).await
}

/// `DELETE /users/{id}/sessions`
pub async fn end_all_of(permit: Permit<User, Update>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let user = in_hand(&permit, *id).await?.meta.id;
    end(&permit, user, Which::AllBut(None), "ended_by_administrator").await
}

/// User and session in a path.
#[derive(Deserialize)]
pub struct SessionPath {
    id: Uuid,
    session_id: Uuid,
}

/// `DELETE /users/{id}/sessions/{session_id}`
pub async fn end_of(permit: Permit<User, Update>, path: web::Path<SessionPath>) -> Result<HttpResponse> {
    let user = in_hand(&permit, path.id).await?.meta.id;
    end(&permit, user, Which::One(path.session_id), "ended_by_administrator").await
}
