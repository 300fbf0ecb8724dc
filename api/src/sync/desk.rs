//! What pushed operations have left for people: conflicts to decide, and operations in quarantine. And the policy
//! by which contested fields are decided without them.
use super::push::PushProblem;
use super::{Pusher, Sync, readable};
use crate::error::{ApiError, Result};
use crate::extract::{Body, Permit, Preconditions, Push, Read};
use crate::listing::pairs;
use crate::sealed;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::codes::{MergePolicy, OpAction, OpStatus};
use domain::merge::{Contested, POLICY_VERSION};
use domain::policy::Action;
use domain::{DateTime, DivisionCode, FieldClass, Problem, Rule, Utc, Uuid, Violation};
use persistence::push::{conflicts, ledger};
use persistence::{feed, registry};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Who wins contested fields.
#[derive(Serialize, ToSchema)]
pub struct SyncPolicy {
    /// Counts the changes of the policy.
    #[schema(example = 1)]
    version: i64,
    /// What holds for a field that is not named below.
    default: MergePolicy,
    /// The resources that synchronise.
    entities: Vec<EntityPolicy>,
}
/// Who wins contested fields of one resource.
#[derive(Serialize, ToSchema)]
pub struct EntityPolicy {
    /// The resource.
    #[schema(example = "cadres")]
    entity: &'static str,
    /// Fields that are decided without a person.
    fields: Vec<FieldPolicy>,
}
/// Who wins one contested field.
#[derive(Serialize, ToSchema)]
pub struct FieldPolicy {
    /// The field.
    #[schema(example = "mobile")]
    field: &'static str,
    /// Who wins.
    policy: MergePolicy,
}

/// `GET /sync/policy`
pub async fn policy(_: Permit<Sync, Read>) -> Result<HttpResponse> {
    let fields =
        |k: &registry::Kind| k.merging.iter().map(|(field, policy)| FieldPolicy { field, policy: *policy }).collect();
    let entities = feed::kinds().map(|k| EntityPolicy { entity: k.path, fields: fields(k) }).collect();
    let answer = SyncPolicy { version: POLICY_VERSION, default: MergePolicy::Manual, entities };
    std::future::ready(Ok(HttpResponse::Ok().json(answer))).await
}

/// A page of conflicts.
#[derive(Serialize, ToSchema)]
pub struct SyncConflicts {
    /// The open ones, oldest first.
    items: Vec<SyncConflict>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// Fields that two have changed, or a deletion of what another has changed.
#[derive(Serialize, ToSchema)]
pub struct SyncConflict {
    /// Its id.
    id: Uuid,
    /// The client whose operation met another change.
    #[schema(example = "user:0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c02")]
    client: String,
    /// The operation.
    op_id: Uuid,
    /// The resource.
    #[schema(example = "cadres")]
    entity: String,
    /// The record.
    entity_id: Uuid,
    /// Its division.
    division_code: DivisionCode,
    /// What the operation wanted to do.
    action: OpAction,
    /// The version both sides began from.
    #[schema(example = 17)]
    base_version: i64,
    /// The record's version when they met.
    #[schema(example = 19)]
    current_version: i64,
    /// The contested fields. Values that the caller may not see are left out.
    fields: Vec<Contested>,
    /// When they met.
    #[serde(serialize_with = "domain::resource::instant")]
    at: DateTime<Utc>,
    /// Whether it is decided.
    resolved: bool,
}
impl SyncConflict {
    fn of(c: conflicts::Conflict, sight: FieldClass) -> Self {
        let fields = c.shown(sight);
        Self {
            id: c.id,
            client: c.client,
            op_id: c.op_id,
            entity: c.entity,
            entity_id: c.entity_id,
            division_code: c.division_code,
            action: c.action,
            base_version: c.base_version,
            current_version: c.current_version,
            fields,
            at: c.at,
            resolved: c.resolved_at.is_some(),
        }
    }
}

/// Items in a page at most.
const PAGE: i64 = 100;
const CONFLICTS: &str = "sync-conflicts";
const QUARANTINE: &str = "sync-quarantine";

/// The page token of a list that takes no other parameter.
fn page_token<T: serde::de::DeserializeOwned>(
    caller: &crate::extract::SignedIn,
    req: &HttpRequest,
    purpose: &str,
) -> Result<Option<T>> {
    let mut after = None;
    for (name, value) in pairs(req)? {
        match name.as_str() {
            "page_token" => {
                let opened: Option<(Uuid, T)> = sealed::open(&caller.app, purpose, &value);
                let mine = opened.filter(|(user, _)| *user == caller.identity.user_id);
                after = Some(mine.ok_or_else(|| ApiError::new(Problem::PageTokenMismatch))?.1);
            }
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    Ok(after)
}

/// `GET /sync/conflicts`
pub async fn list_conflicts(permit: Permit<Sync, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let after: Option<Uuid> = page_token(&permit, &req, CONFLICTS)?;
    let entities: Vec<&'static str> = readable(&permit.identity).iter().map(|k| k.path).collect();
    let scope = permit.scope();
    let mut found = permit.app.db.read(move |c| conflicts::list(c, &scope, &entities, after, PAGE + 1)).await?;
    let more = found.len() as i64 > PAGE;
    found.truncate(PAGE as usize);
    let last = found.last().filter(|_| more).map(|c| (permit.identity.user_id, c.id));
    let next_page_token = last.map(|at| sealed::seal(&permit.app, CONFLICTS, &at));
    let sight = permit.identity.sight();
    let items = found.into_iter().map(|c| SyncConflict::of(c, sight)).collect();
    Ok(HttpResponse::Ok().json(SyncConflicts { items, next_page_token }))
}

/// `GET /sync/conflicts/{id}`
pub async fn get_conflict(permit: Permit<Sync, Read>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let (scope, id) = (permit.scope(), *id);
    let found = permit.app.db.read(move |c| conflicts::get(c, &scope, id)).await?;
    if !readable(&permit.identity).iter().any(|k| k.path == found.entity) {
        return Err(ApiError::new(Problem::NotFound));
    }
    Ok(HttpResponse::Ok().json(SyncConflict::of(found, permit.identity.sight())))
}

/// How a conflict is decided.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// `yours`: what the operation wanted; `theirs`: what the server has; `values`: the values below.
    take: Take,
    /// For `values`: the contested fields as they are to be; `null` clears.
    #[serde(default)]
    #[schema(value_type = Object, additional_properties = true)]
    values: Map<String, Value>,
}
/// Whose values stand.
#[derive(Deserialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// What the operation wanted.
    Yours,
    /// What the server has.
    Theirs,
    /// Others.
    Values,
}

/// `POST /sync/conflicts/{id}/resolve`
pub async fn resolve(
    permit: Pusher,
    id: web::Path<Uuid>,
    expect: Preconditions,
    body: Body<Decision>,
) -> Result<HttpResponse> {
    let (expected, Decision { take, values }) = (expect.needed()?, body.into_inner());
    let (scope, id) = (permit.scope(), *id);
    let wanted_scope = scope.clone();
    let found = permit.app.db.read(move |c| conflicts::get(c, &wanted_scope, id)).await?;
    let kind = readable(&permit.identity).into_iter().find(|k| k.path == found.entity);
    let kind = kind.ok_or_else(|| ApiError::new(Problem::NotFound))?;
    let deletes = found.action == OpAction::Delete && take == Take::Yours;
    let action = if deletes { Action::Delete } else { Action::Update };
    if !permit.identity.may(kind.path, kind.module, action) {
        return Err(ApiError::new(Problem::Forbidden));
    }
    let wanted = match take {
        Take::Yours => found.yours(),
        Take::Theirs => Some(Map::new()),
        Take::Values => {
            let foreign = values.keys().filter(|f| !found.fields.iter().any(|c| c.field == **f));
            let foreign: Vec<Violation> = foreign
                .map(|f| Violation::new(format!("/values/{}", domain::input::escape(f)), Rule::UnknownField))
                .collect();
            if !foreign.is_empty() || values.is_empty() {
                let empty = Violation::new("/values", Rule::TooFew).with("min", 1);
                return Err(ApiError::of(
                    Problem::ValidationFailed,
                    if foreign.is_empty() { vec![empty] } else { foreign },
                ));
            }
            Some(values)
        }
    };
    let entity_id = found.entity_id;
    let work = move |tx: &mut persistence::Tx<'_>| {
        tx.begin()?;
        conflicts::close(tx, id)?;
        let version = (kind.decide)(tx, &scope, entity_id, expected, wanted)?;
        Ok((conflicts::get(tx.conn, &scope, id)?, version))
    };
    let (closed, version) = permit.app.db.write(permit.stamp(), false, work).await?;
    let answer = SyncConflict::of(closed, permit.identity.sight());
    Ok(HttpResponse::Ok().insert_header(("etag", format!("\"r{version}\""))).json(answer))
}

/// A page of operations in quarantine.
#[derive(Serialize, ToSchema)]
pub struct SyncQuarantine {
    /// By client and number.
    items: Vec<QuarantinedOp>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// An operation that was refused, or kept back by one that was.
#[derive(Serialize, ToSchema)]
pub struct QuarantinedOp {
    /// Who pushed it.
    #[schema(example = "user:0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c02")]
    client: String,
    /// Its number.
    #[schema(example = 1044)]
    op_seq: i64,
    /// Its id.
    op_id: Uuid,
    /// `rejected` or `blocked`.
    status: OpStatus,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<PushProblem>,
    /// The operation as it was sent; sensitive values are hidden from who may not see them.
    #[schema(value_type = Object, additional_properties = true)]
    op: Value,
    /// When it came.
    #[serde(serialize_with = "domain::resource::instant")]
    at: DateTime<Utc>,
}

/// `GET /sync/quarantine`
pub async fn quarantine(permit: Permit<Sync, Push>, req: HttpRequest) -> Result<HttpResponse> {
    let after: Option<(String, i64)> = page_token(&permit, &req, QUARANTINE)?;
    let scope = permit.scope();
    let work = move |c: &mut persistence::Conn| {
        let after = after.as_ref().map(|(client, seq)| (client.as_str(), *seq));
        ledger::quarantine(c, &scope, None, after, PAGE + 1)
    };
    let mut found = permit.app.db.read(work).await?;
    let more = found.len() as i64 > PAGE;
    found.truncate(PAGE as usize);
    let last = found.last().filter(|_| more).map(|q| (permit.identity.user_id, (q.client.clone(), q.name.op_seq)));
    let next_page_token = last.map(|at| sealed::seal(&permit.app, QUARANTINE, &at));
    let items = found.into_iter().map(|q| QuarantinedOp {
        problem: PushProblem::of(&permit, &q.said),
        client: q.client,
        op_seq: q.name.op_seq,
        op_id: q.name.op_id,
        status: q.status,
        op: hidden(q.body, permit.identity.sight()),
        at: q.at,
    });
    Ok(HttpResponse::Ok().json(SyncQuarantine { items: items.collect(), next_page_token }))
}

/// An operation without the values that a reader may not see. Of a resource that nobody knows, all are.
fn hidden(mut op: Value, sight: FieldClass) -> Value {
    let kind = op.get("entity").and_then(Value::as_str).and_then(registry::find);
    if sight < FieldClass::Sensitive
        && let Some(Value::Object(fields)) = op.get_mut("set")
    {
        fields.retain(|field, _| kind.is_some_and(|k| k.shows(field, sight)));
    }
    op
}

/// `DELETE /sync/quarantine/{op_id}`
pub async fn dismiss(permit: Permit<Sync, Push>, op_id: web::Path<Uuid>) -> Result<HttpResponse> {
    let (scope, op_id) = (permit.scope(), *op_id);
    permit.app.db.write(permit.stamp(), false, move |tx| ledger::dismiss(tx, &scope, None, op_id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
