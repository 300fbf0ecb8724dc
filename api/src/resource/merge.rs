//! `POST /cadres/{id}/merge`: one record of two, and the way from the old id to the one that stays.
use super::made::{self, Made, Of};
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Body, Permit, Prefer, Read, Update};
use crate::routes::{BASE, Routes};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use domain::cadres::Cadre;
use domain::policy::Action;
use domain::{Problem, Uuid};
use persistence::{Store, Tx, effects::merges, registry};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Mounts and documents it.
pub fn routes(r: &mut Routes) {
    let body = schemas::register::<Merge>(&mut r.contract.schemas);
    let record = json!({"application/json": {"schema": schemas::reference(&schemas::names(registry::of::<Cadre>()).record), "example": schemas::example::<Cadre>()}});
    r.add(
        "POST",
        &format!("{BASE}/cadres/{{id}}/merge"),
        merge,
        Operation::new("merge_cadre", "cadres", "合并重复人员 · Merge a record into another of the same person")
            .says("What refers to this record refers to the other one afterwards, which takes over what it lacks. This one is deleted: the feed says `delete` with the reason `merged`, and its address answers 308 to the other one. Asked for again, it answers the same. Where a person can have only one of something and both have it, 409 says so.")
            .permit("cadres", Action::Update)
            .id_in_path()
            .header("Prefer", false, "`dry-run`: check everything, change nothing; `return=minimal`: answer without the record", "dry-run")
            .body(&body, json!({"into": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c02"}))
            .responds(200, "The record that stays", Some(record), &["ETag", "Preference-Applied"])
            .silent(204, "Merged, with `return=minimal`", &["ETag", "Preference-Applied"])
            .fails(&[Problem::AlreadyExists]),
    );
}

/// Into which record.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CadreMerge)]
pub struct Merge {
    /// The record that stays.
    into: Uuid,
}

async fn merge(
    permit: Permit<Cadre, Update>,
    id: web::Path<Uuid>,
    prefer: Prefer,
    body: Body<Merge>,
) -> Result<HttpResponse> {
    let (scope, id, into) = (permit.scope(), *id, body.into_inner().into);
    let work = move |tx: &mut Tx<'_>| {
        let made = merges::merge(tx, &scope, id, into).map_err(merges::clash)?;
        Ok(Ok(Made::new(StatusCode::OK, made)))
    };
    made::write(&permit, Of::resource::<Cadre>(), prefer, None, Box::new(work)).await
}

/// Where a record that is not there has gone, if the caller may see it.
pub(super) async fn elsewhere<R: Store>(permit: &Permit<R, Read>, id: Uuid) -> Result<HttpResponse> {
    let scope = permit.scope();
    let into = permit
        .app
        .db
        .read(move |c| match merges::alias(c, R::PATH, id)? {
            Some(into) => Ok(R::get(c, &scope, into)?.map(|record| record.meta.id)),
            None => Ok(None),
        })
        .await?;
    let into = into.ok_or_else(|| ApiError::new(Problem::NotFound))?;
    Ok(HttpResponse::PermanentRedirect()
        .insert_header((header::LOCATION, format!("{BASE}/{}/{into}", R::PATH)))
        .finish())
}
