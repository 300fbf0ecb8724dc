//! The routes of sign-in and of API tokens, mounted and documented.
#![expect(clippy::indexing_slicing, reason = "JSON objects: a key that is missing is made, or read as null")]
use super::handlers;
use crate::contract::{Operation, schemas};
use crate::routes::Routes;
use crate::tokens::{self, Tokens};
use domain::Problem;
use domain::policy::Action;
use serde_json::json;

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    sign_in(r);
    api_tokens(r);
}

fn sign_in(r: &mut Routes) {
    let login = schemas::register::<handlers::LoginRequest>(&mut r.contract.schemas);
    let answer = schemas::register::<handlers::LoginAnswer>(&mut r.contract.schemas);
    let me = schemas::register::<handlers::Me>(&mut r.contract.schemas);
    let change = schemas::register::<handlers::PasswordChange>(&mut r.contract.schemas);
    let reset = schemas::register::<handlers::NewPassword>(&mut r.contract.schemas);
    let who = json!({"user_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "username": "admin", "role": "city_admin", "division_code": "371700"});
    let token = json!({"access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9…", "token_type": "Bearer", "expires_in": 3600, "user": who});
    r.add(
        "POST",
        "/api/v1/auth/login",
        handlers::login,
        Operation::new("login", "auth", "登录 · Sign in")
            .open()
            .body(&login, json!({"username": "admin", "password": "correct horse battery staple"}))
            .answers(200, "A fresh access token", &answer, token)
            .fails(&[Problem::LoginFailed]),
    );
    r.add(
        "POST",
        "/api/v1/auth/password",
        handlers::change_password,
        Operation::new("change_password", "auth", "修改本人密码 · Change one's own password")
            .body(&change, json!({"current_password": "correct horse battery staple", "new_password": "another horse, another battery"}))
            .silent(204, "Changed", &[])
            .fails(&[Problem::LoginFailed]),
    );
    r.add(
        "GET",
        "/api/v1/me",
        handlers::me,
        Operation::new("get_me", "auth", "当前用户 · The caller").answers(200, "The caller", &me, who),
    );
    r.add(
        "POST",
        "/api/v1/users/{id}/password",
        handlers::reset_password,
        Operation::new("reset_password", "administration", "重置用户密码 · Set a user's password")
            .permit("users", Action::Update)
            .id_in_path()
            .body(&reset, json!({"password": "correct horse battery staple"}))
            .silent(204, "Set", &[]),
    );
}

fn api_tokens(r: &mut Routes) {
    let request = schemas::register::<tokens::TokenRequest>(&mut r.contract.schemas);
    let view = schemas::register::<tokens::TokenView>(&mut r.contract.schemas);
    r.contract.schemas.insert("ApiTokenPage".into(), schemas::page("A page of tokens", schemas::reference(&view)));
    let name = <Tokens as crate::extract::Guarded>::NAME;
    let ask = json!({"name": "单县业务系统", "purpose": "每日数据交换", "scopes": ["cadres:read"], "division_code": "371722", "expires_at": "2027-01-31T00:00:00Z"});
    let mut one = ask.clone();
    for (field, value) in [
        ("token_id", "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01"),
        ("user_id", "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c02"),
        ("state", "active"),
        ("created_at", "2026-09-29T08:20:00.000Z"),
        ("expires_at", "2027-01-31T00:00:00.000Z"),
    ] {
        one[field] = value.into();
    }
    let mut made = one.clone();
    made["token"] = "lg_pat_0000000000000000000000000000000000000000".into();
    let tag = "administration";
    r.add(
        "POST",
        "/api/v1/tokens",
        tokens::create,
        Operation::new("create_token", tag, "新建令牌 · Make a token")
            .says("The token is in this answer only; the server keeps a keyed hash. It can do what its owner can at the moment of use, within its scopes and division.")
            .permit(name, Action::Create)
            .body(&request, ask)
            .responds(201, "Made", Some(json!({"application/json": {"schema": schemas::reference(&view), "example": made}})), &["Location"]),
    );
    r.add(
        "GET",
        "/api/v1/tokens",
        tokens::list,
        Operation::new("list_tokens", tag, "列出令牌 · List tokens")
            .permit(name, Action::Read)
            .parameter(
                "query",
                "limit",
                false,
                "Items in the page at most",
                json!({"type": "integer", "minimum": 1, "maximum": 500, "default": 50}),
            )
            .parameter(
                "query",
                "page_token",
                false,
                "`next_page_token` of the page before",
                json!({"type": "string", "maxLength": 2000}),
            )
            .answers(200, "A page", "ApiTokenPage", json!({"items": [one]})),
    );
    r.add(
        "GET",
        "/api/v1/tokens/{id}",
        tokens::get,
        Operation::new("get_token", tag, "读取令牌 · Get a token").permit(name, Action::Read).id_in_path().answers(
            200,
            "The token",
            &view,
            one,
        ),
    );
    r.add(
        "DELETE",
        "/api/v1/tokens/{id}",
        tokens::revoke,
        Operation::new("revoke_token", tag, "吊销令牌 · Revoke a token")
            .permit(name, Action::Delete)
            .id_in_path()
            .silent(204, "Revoked", &[]),
    );
}
