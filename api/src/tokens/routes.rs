//! The routes of API tokens, mounted and documented.
#![expect(clippy::indexing_slicing, reason = "JSON objects: a key that is missing is made")]
use super::{Tokens, handlers, leaked, own, request, usage, view};
use crate::contract::{Operation, schemas};
use crate::extract::Guarded;
use crate::routes::Routes;
use domain::Problem;
use domain::policy::Action;
use persistence::tokens::State;
use serde_json::{Value, json};

const TAG: &str = "administration";
const ID: &str = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01";

fn operation(id: &str, action: Action, summary: &str) -> Operation {
    Operation::new(id, TAG, summary).permit(Tokens::NAME, action)
}

fn query(o: Operation, name: &str, text: &str, schema: Value) -> Operation {
    o.parameter("query", name, false, text, schema)
}

fn asked() -> Value {
    json!({"name": "单县业务系统", "purpose": "每日数据交换", "scopes": ["cadres:read"], "division_code": "371722", "expires_at": "2027-01-31T00:00:00Z", "cidrs": ["10.17.22.0/24"], "methods": ["GET"]})
}

fn one() -> Value {
    let user = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c02";
    let mut one = asked();
    for (field, value) in [
        ("token_id", json!(ID)),
        ("version", json!(1)),
        ("kind", json!("pat")),
        ("user_id", json!(user)),
        ("created_by", json!(format!("user:{user}"))),
        ("rate_class", json!("default")),
        ("family_id", json!(ID)),
        ("state", json!("active")),
        ("created_at", json!("2026-09-29T08:20:00.000Z")),
        ("expires_at", json!("2027-01-31T00:00:00.000Z")),
    ] {
        one[field] = value;
    }
    one
}

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    let view = schemas::register::<view::TokenView>(&mut r.contract.schemas);
    r.contract.schemas.insert("ApiTokenPage".into(), schemas::page("A page of tokens", schemas::reference(&view)));
    let mut made = one();
    made["token"] = "lg_pat_0000000000000000000000000000000000000000".into();
    let made = json!({"application/json": {"schema": schemas::reference(&view), "example": made}});
    let shown = json!({"application/json": {"schema": schemas::reference(&view), "example": one()}});
    listing(r, &made);
    single(r, &made, shown);
    many(r);
}

fn listing(r: &mut Routes, made: &Value) {
    let request = schemas::register::<request::TokenRequest>(&mut r.contract.schemas);
    r.add(
        "POST",
        "/api/v1/tokens",
        handlers::create,
        operation("create_token", Action::Create, "新建令牌 · Make a token")
            .says("The token is in this answer only; the server keeps a keyed hash. It can do what its owner can at the moment of use, within its scopes and division, from its networks and with its methods.")
            .body(&request, asked())
            .responds(201, "Made", Some(made.clone()), &["Location", "ETag"]),
    );
    let uuid = json!({"type": "string", "format": "uuid"});
    let days = json!({"type": "integer", "minimum": 0, "maximum": 3660});
    let states: Vec<&str> = State::ALL.iter().map(|s| s.as_str()).collect();
    let list = operation("list_tokens", Action::Read, "列出令牌 · List tokens");
    let list = query(
        list,
        "limit",
        "Items in the page at most",
        json!({"type": "integer", "minimum": 1, "maximum": 500, "default": 50}),
    );
    let list =
        query(list, "page_token", "`next_page_token` of the page before", json!({"type": "string", "maxLength": 2000}));
    let list = query(list, "filter[user_id]", "Those of this owner", uuid.clone());
    let list = query(list, "filter[family_id]", "Those of this family", uuid);
    let list = query(
        list,
        "filter[division_code]",
        "Those of this division and all inside it",
        json!({"type": "string", "maxLength": 12, "example": "371722"}),
    );
    let list =
        query(list, "filter[state]", "Those in this state", json!({"type": "string", "x-extensible-enum": states}));
    let list = query(list, "expiring_within_days", "Those that end within so many days, or have ended", days.clone());
    let list = query(list, "unused_for_days", "Those not used for so many days", days);
    r.add(
        "GET",
        "/api/v1/tokens",
        handlers::list,
        list.answers(200, "A page", "ApiTokenPage", json!({"items": [one()]})),
    );
    r.add(
        "GET",
        "/api/v1/tokens/self",
        own::get,
        Operation::new("get_own_token", TAG, "当前令牌 · The token that is used")
            .says("Any API token may look at itself, for instance to see when it ends.")
            .responds(
                200,
                "The token",
                Some(json!({"application/json": {"schema": schemas::reference("ApiToken"), "example": one()}})),
                &[],
            )
            .fails(&[Problem::NotFound]),
    );
}

fn single(r: &mut Routes, made: &Value, shown: Value) {
    let patch = schemas::register::<request::TokenPatch>(&mut r.contract.schemas);
    let rotation = schemas::register::<handlers::Rotation>(&mut r.contract.schemas);
    let used = schemas::register::<usage::TokenUsage>(&mut r.contract.schemas);
    r.add(
        "GET",
        "/api/v1/tokens/{id}",
        handlers::get,
        operation("get_token", Action::Read, "读取令牌 · Get a token").id_in_path().responds(
            200,
            "The token",
            Some(shown.clone()),
            &["ETag"],
        ),
    );
    r.add(
        "PATCH",
        "/api/v1/tokens/{id}",
        handlers::patch,
        operation("patch_token", Action::Update, "修改令牌 · Change what a token may do")
            .says("Bites on the next request with the token. What is absent stays.")
            .id_in_path()
            .header("If-Match", false, "The `ETag` of the token as the caller knows it; 428 without", "\"r1\"")
            .body_as("application/merge-patch+json", &patch, json!({"cidrs": ["10.17.22.0/24"]}))
            .responds(200, "Changed", Some(shown), &["ETag"])
            .fails(&[Problem::PreconditionFailed, Problem::PreconditionRequired, Problem::TokenNotActive]),
    );
    r.add(
        "DELETE",
        "/api/v1/tokens/{id}",
        handlers::revoke,
        operation("revoke_token", Action::Delete, "吊销令牌 · Revoke a token").id_in_path().silent(204, "Revoked", &[]),
    );
    let says = "The new token has what the old one has, and belongs to its family. The old one works on for the overlap; then its use is refused and raises an alarm.";
    r.add(
        "POST",
        "/api/v1/tokens/{id}/rotate",
        handlers::rotate,
        operation("rotate_token", Action::Update, "轮换令牌 · Put a new token in the place of one")
            .says(says)
            .id_in_path()
            .body(&rotation, json!({"overlap_hours": 24}))
            .responds(201, "The new token", Some(made.clone()), &["Location", "ETag"])
            .fails(&[Problem::TokenNotActive]),
    );
    r.add(
        "POST",
        "/api/v1/tokens/self/rotate",
        own::rotate,
        Operation::new("rotate_own_token", TAG, "轮换当前令牌 · The token that is used gives way to a new one")
            .says(format!("{says} Needs the scope `tokens:self_rotate`."))
            .body(&rotation, json!({"overlap_hours": 24}))
            .responds(201, "The new token", Some(made.clone()), &["Location", "ETag"])
            .fails(&[Problem::TokenNotActive, Problem::Forbidden, Problem::NotFound]),
    );
    let days = json!({"type": "integer", "minimum": 1, "maximum": 400, "default": 30});
    let o = operation("get_token_usage", Action::Read, "令牌使用情况 · What a token was used for").id_in_path();
    r.add(
        "GET",
        "/api/v1/tokens/{id}/usage",
        usage::usage,
        query(o, "days", "The last so many days", days).answers(
            200,
            "Its uses",
            &used,
            json!({"token_id": ID, "last_used_at": "2026-09-29T08:20:00.000Z", "last_used_address": "10.17.22.5", "last_used_agent": "county/2.1",
                "requests": [{"day": "2026-09-29", "resource": "cadres", "action": "read", "requests": 96}], "unused_scopes": ["honors:update"]}),
        ),
    );
}

fn many(r: &mut Routes) {
    let revocation = schemas::register::<handlers::Revocation>(&mut r.contract.schemas);
    let revoked = schemas::register::<handlers::Revoked>(&mut r.contract.schemas);
    let found = schemas::register::<leaked::Found>(&mut r.contract.schemas);
    let judged = schemas::register::<leaked::Judged>(&mut r.contract.schemas);
    r.add(
        "POST",
        "/api/v1/tokens/revoke",
        handlers::revoke_many,
        operation("revoke_tokens", Action::Delete, "批量吊销令牌 · Revoke many tokens")
            .says("What is said must all hold. With `Prefer: dry-run`: which ones it would be.")
            .header("Prefer", false, "`dry-run`: revoke nothing", "dry-run")
            .body(&revocation, json!({"user_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c02", "reason": "人员离岗"}))
            .responds(
                200,
                "Revoked",
                Some(json!({"application/json": {"schema": schemas::reference(&revoked), "example": {"token_ids": [ID]}}})),
                &["Preference-Applied"],
            ),
    );
    r.add(
        "POST",
        "/api/v1/tokens/check",
        leaked::check,
        operation("check_token", Action::Read, "核查令牌 · What a text that was found is")
            .says("For a text that looks like a token and was found where it does not belong. Looking does not use it.")
            .body(&found, json!({"token": "lg_pat_0000000000000000000000000000000000000000"}))
            .answers(200, "What it is", &judged, json!({"well_formed": true, "known": true, "details": one()})),
    );
}
