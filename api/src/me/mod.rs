//! `GET /me`: the caller, and for a cadre what it is told about itself. [`parts`] lists what that is.
mod branches;
pub mod parts;

use crate::auth::handlers::Me;
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::SignedIn;
use crate::routes::Routes;
use actix_web::HttpResponse;
use domain::cadres::Cadre;
use domain::policy::Action;
use domain::{NaiveDate, Part, Resource, Scope, Uuid};
use persistence::{Conn, Store};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use utoipa::ToSchema as _;

/// What a part is read for.
pub struct Asked<'a> {
    /// The cadre.
    pub cadre: Uuid,
    /// What it sees.
    pub scope: &'a Scope,
    /// The highest class of fields it is shown.
    pub sight: domain::FieldClass,
    /// The day.
    pub today: NaiveDate,
}

/// `GET /me`
pub async fn me(caller: SignedIn) -> Result<HttpResponse> {
    let who = Arc::clone(&caller.identity);
    let mut answer = serde_json::to_value(Me::of(&who)).map_err(ApiError::internal)?;
    if let Some(Part::Person(cadre)) = who.scope.part().filter(|_| !who.incomplete) {
        let today = persistence::tx::business_day(domain::Utc::now());
        let read = move |conn: &mut Conn| {
            let asked = Asked { cadre, scope: &who.scope, sight: who.sight(), today };
            let mut told = Map::new();
            if who.may(Cadre::PATH, Cadre::MODULE, Action::Read)
                && let Some(record) = Cadre::get(conn, &who.scope, cadre)?
            {
                let view = record.view(asked.sight).map_err(persistence::Error::internal)?;
                told.insert("record".into(), view.into_value());
            }
            for part in parts::ALL.iter().filter(|part| who.may(part.about.0, part.about.1, Action::Read)) {
                told.insert(part.name.clone(), (part.read)(conn, &asked)?);
            }
            Ok(told)
        };
        let told = caller.app.db.read_long(read).await?;
        answer.as_object_mut().map(|answer| answer.insert("cadre".into(), Value::Object(told)));
    }
    Ok(HttpResponse::Ok().json(answer))
}

/// Mounts and documents it. The schemas of resources are there by name.
pub fn routes(r: &mut Routes) {
    let all = &mut r.contract.schemas;
    let me = schemas::register::<Me>(all);
    let mut properties = Map::new();
    properties.insert("record".into(), schemas::reference(&Cadre::name()));
    for part in parts::ALL.iter() {
        let schema = (part.schema)(all);
        properties.insert(part.name.clone(), schema);
    }
    let about = "A cadre about itself. Parts that the caller's token may not read are absent";
    all.insert("MyCadre".into(), json!({"type": "object", "description": about, "properties": properties}));
    schemas::member(all, &me, "cadre", "MyCadre");
    let who = json!({"user_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "username": "admin", "role": "city_admin",
        "division_code": "371700", "session_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c05"});
    r.add(
        "GET",
        "/api/v1/me",
        self::me,
        Operation::new("get_me", "auth", "当前用户 · The caller")
            .says("A cadre is told about itself in `cadre`: what its first page shows, in one answer.")
            .answers(200, "The caller", &me, who),
    );
}
