//! Whether somebody may do something, and by which rule: asked of what decides real requests.
use crate::auth::{self, Identity};
use crate::contract::operation::Guard;
use crate::error::{ApiError, Result};
use crate::extract::{Body, Guarded, SignedIn};
use crate::routes;
use actix_web::HttpResponse;
use actix_web::http::Method;
use domain::administration::User;
use domain::policy::Action;
use domain::{Code, DivisionCode, FieldClass, Module, Problem, Resource, Uuid, Violation, Visibility};
use persistence::{Store, registry};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What is asked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The user it is about; the caller if neither this nor the token is given.
    user_id: Option<Uuid>,
    /// The API token it is about.
    token_id: Option<Uuid>,
    /// HTTP method.
    #[schema(max_length = 10, example = "GET")]
    method: String,
    /// Path of the request, without its query.
    #[schema(max_length = 500, example = "/api/v1/cadres/0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01")]
    path: String,
    /// The division a new record would belong to; the subject's own if absent.
    division_code: Option<DivisionCode>,
}

/// A decision and what it is made of.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// Whether the request would be let through. What it says may still be refused.
    allowed: bool,
    /// The status with which it would be turned away; 200 where it would not.
    #[schema(example = 404)]
    status: u16,
    /// The operation it would be, by its id in the contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, example = "get_cadre")]
    operation: Option<String>,
    /// The rules in the order in which they are asked; the last one decides where it does not hold.
    #[schema(max_items = 20)]
    rules: Vec<RuleHeld>,
}

/// One rule and whether it holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleHeld {
    /// `operation`, `credential`, `method`, `second_factor`, `role`, `token_scopes`, `division`, `create`, `record`,
    /// `writable` or `step`.
    #[schema(max_length = 50, example = "role")]
    rule: &'static str,
    /// Whether it holds.
    holds: bool,
    /// The values it compared.
    #[schema(max_length = 500, example = "county_admin cadres:read")]
    text: String,
}

impl Explanation {
    /// Notes a rule; says whether to go on.
    fn rule(&mut self, rule: &'static str, holds: bool, status: u16, text: impl Into<String>) -> bool {
        self.rules.push(RuleHeld { rule, holds, text: text.into() });
        if !holds {
            (self.allowed, self.status) = (false, status);
        }
        holds
    }
}

/// `POST /authz/explain`
pub async fn explain(caller: SignedIn, body: Body<Question>) -> Result<HttpResponse> {
    let question = body.into_inner();
    let subject = subject(&caller, &question).await?;
    Ok(HttpResponse::Ok().json(decide(&caller, subject, &question).await?))
}

/// Whose rights are asked for. Those of others only who administers users may ask for, within its scope.
async fn subject(caller: &SignedIn, question: &Question) -> Result<std::result::Result<Arc<Identity>, &'static str>> {
    let (user, token) = (question.user_id, question.token_id);
    if user.is_some() && token.is_some() {
        let both = Violation::new("token_id", domain::Rule::OneSubject);
        return Err(ApiError::of(Problem::ValidationFailed, vec![both]));
    }
    if user.is_none() && token.is_none() {
        return Ok(Ok(Arc::clone(&caller.identity)));
    }
    if !caller.identity.may(User::PATH, Module::Administration, Action::Read) {
        return Err(ApiError::new(Problem::Forbidden));
    }
    let scope = caller.scope();
    match (user, token) {
        (Some(id), _) => {
            let seen = caller.app.db.read(move |c| User::get(c, &scope, id)).await?;
            seen.ok_or_else(|| ApiError::new(Problem::NotFound))?;
            auth::as_user(&caller.app, id).await
        }
        (_, Some(id)) => {
            let token = caller.app.db.read(move |c| persistence::tokens::get(c, &scope, id)).await?;
            auth::as_token(&caller.app, token).await
        }
        _ => Err(ApiError::internal("no subject")),
    }
}

async fn decide(
    caller: &SignedIn,
    subject: std::result::Result<Arc<Identity>, &'static str>,
    question: &Question,
) -> Result<Explanation> {
    let mut told = Explanation { allowed: true, status: 200, operation: None, rules: vec![] };
    let method = question.method.to_ascii_uppercase();
    let Some((operation, id)) = routes::find(&method, &question.path) else {
        told.rule("operation", false, 404, format!("{method} {}", question.path));
        return Ok(told);
    };
    told.operation = Some(operation.id.clone());
    told.rule("operation", true, 200, operation.id.as_str());
    if operation.guard == Guard::Open {
        return Ok(told);
    }
    let who = match subject {
        Ok(who) => who,
        Err(why) => {
            told.rule("credential", false, 401, why);
            return Ok(told);
        }
    };
    told.rule("credential", true, 200, who.actor());
    let parsed = Method::from_bytes(method.as_bytes()).unwrap_or_default();
    if !told.rule("method", who.bounds.takes(&parsed), 403, method.as_str()) {
        return Ok(told);
    }
    let Guard::Permit(name, action) = &operation.guard else { return Ok(told) };
    if who.incomplete {
        told.rule("second_factor", false, 403, who.role.as_str());
        return Ok(told);
    }
    let kind = registry::find(name);
    let area = kind.map_or_else(|| area(name), |k| k.module);
    if !told.rule("role", who.role_may(name, area, *action), 403, who.role.as_str())
        || !told.rule("token_scopes", who.token_may(name, *action), 403, format!("{name}:{}", action.as_str()))
    {
        return Ok(told);
    }
    let Some(kind) = kind else { return Ok(told) };
    let writes = |division: &DivisionCode| {
        who.scope.covers(division) && (who.scope.part().is_none() || kind.visibility.is_bounded())
    };
    let Some(id) = id else {
        if *action == Action::Create {
            let division = question.division_code.as_ref().unwrap_or(&who.division);
            told.rule("division", writes(division), 403, division.as_str());
        }
        return Ok(told);
    };
    let (scope, ids) = (who.scope.clone(), [id]);
    let seen = caller.app.db.read(move |c| (kind.by_ids)(c, &scope, &ids, FieldClass::Internal)).await?;
    let record = seen.into_iter().next().map(|(_, record)| record).unwrap_or_default();
    let division = record.get("division_code").and_then(|d| d.as_str());
    let Some(division) = division.and_then(DivisionCode::parse) else {
        // What is not there is created by who may create it.
        if method == "PUT" {
            let creates = who.may(name, area, Action::Create);
            told.rule("create", creates, 403, format!("{name}:{}", Action::Create.as_str()));
            if creates {
                let division = question.division_code.as_ref().unwrap_or(&who.division);
                told.rule("division", writes(division), 403, division.as_str());
            }
        } else {
            told.rule("record", false, 404, id.to_string());
        }
        return Ok(told);
    };
    told.rule("record", true, 200, division.as_str());
    if *action != Action::Read {
        // Each side of a shared record may change something of it, and only its own side deletes it.
        let with = match kind.visibility {
            Visibility::Shared(field) if *action == Action::Update => record.get(field).and_then(|d| d.as_str()),
            _ => None,
        };
        let shared = with.and_then(DivisionCode::parse).is_some_and(|d| writes(&d) && who.scope.part().is_none());
        told.rule("writable", writes(&division) || shared, 403, division.as_str());
    }
    let verb = question.path.rsplit('/').next().unwrap_or_default();
    if let Some(admits) = (kind.admits)(&record, verb, who.role).filter(|_| told.allowed && method == "POST") {
        told.rule("step", admits, 403, format!("{} {verb}", who.role));
    }
    Ok(told)
}

/// The module of what is no resource.
fn area(name: &str) -> Module {
    match name {
        crate::sync::Sync::NAME => crate::sync::Sync::AREA,
        crate::audit::Audit::NAME => crate::audit::Audit::AREA,
        crate::files::Files::NAME => crate::files::Files::AREA,
        crate::reports::Reports::NAME => crate::reports::Reports::AREA,
        _ => Module::Administration,
    }
}
