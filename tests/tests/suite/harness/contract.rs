//! The contract against answers that break it.

use serde_json::{Value, json};

use super::{fails, fake};
use crate::support::{
    Case, Ctx, cases,
    client::{Client, Remote},
    contract::Contract,
};

pub fn tests() -> Vec<Case> {
    cases![
        once:
        accepts_what_is_documented,
        refuses_an_undocumented_field_at_any_depth,
        refuses_a_missing_field_a_null_and_a_bad_format,
        refuses_an_undocumented_status,
        refuses_an_undocumented_content_type,
        refuses_a_body_too_many_or_too_few,
        refuses_an_unknown_path_unless_it_is_not_found,
        leaves_paths_outside_the_api_alone,
        checks_every_line_of_ndjson,
        refuses_an_unknown_problem_code,
        refuses_an_internal_error,
        prefers_a_literal_path_to_a_parameter,
    ]
}

fn accepts_what_is_documented(_: &Ctx) {
    let cadre = json!({"id": "0192f0c1-0000-7000-8000-000000000000", "name": "王", "unit": {"code": "1"}});
    assert!(passes("GET", "/cadres/1", 200, "application/json; charset=utf-8", &cadre.to_string()));
    assert!(passes("GET", "/cadres/1?fields=id", 200, "application/json", &cadre.to_string()));
    assert!(passes("DELETE", "/cadres/1", 204, "", ""));
    assert!(passes("GET", "/cadres/1", 404, "application/problem+json", &problem("not_found", 404)));
}

fn refuses_an_undocumented_field_at_any_depth(_: &Ctx) {
    let id = "0192f0c1-0000-7000-8000-000000000000";
    for extra in [
        json!({"id": id, "name": "王", "x": 1}),
        json!({"id": id, "name": "王", "unit": {"code": "1", "x": 1}}),
        json!({"id": id, "name": "王", "posts": [{"title": "a", "x": 1}]}),
    ] {
        assert!(!passes("GET", "/cadres/1", 200, "application/json", &extra.to_string()), "{extra}");
    }
}

fn refuses_a_missing_field_a_null_and_a_bad_format(_: &Ctx) {
    let id = "0192f0c1-0000-7000-8000-000000000000";
    for bad in [json!({"id": id}), json!({"id": id, "name": null}), json!({"id": "17", "name": "王"})] {
        assert!(!passes("GET", "/cadres/1", 200, "application/json", &bad.to_string()), "{bad}");
    }
    assert!(!passes("GET", "/cadres/1", 200, "application/json", "{"));
}

fn refuses_an_undocumented_status(_: &Ctx) {
    assert!(!passes("DELETE", "/cadres/1", 409, "application/problem+json", &problem("not_found", 409)));
}

fn refuses_an_undocumented_content_type(_: &Ctx) {
    assert!(!passes("GET", "/cadres/1", 404, "text/html", "<h1>not found</h1>"));
    assert!(!passes("GET", "/cadres/1", 404, "application/json", &problem("not_found", 404)));
}

fn refuses_a_body_too_many_or_too_few(_: &Ctx) {
    assert!(!passes("GET", "/cadres/1", 200, "application/json", ""));
    assert!(!passes("POST", "/cadres/1/wake", 202, "application/json", "{}"));
    assert!(passes("POST", "/cadres/1/wake", 202, "", ""));
}

fn refuses_an_unknown_path_unless_it_is_not_found(_: &Ctx) {
    assert!(!passes("GET", "/secret", 200, "application/json", "{}"));
    assert!(passes("GET", "/secret", 404, "application/problem+json", &problem("not_found", 404)));
    assert!(!passes("GET", "/secret", 404, "text/plain", "not found"));
    assert!(passes("PUT", "/cadres/1", 405, "application/problem+json", &problem("not_found", 405)));
    assert!(!passes("PUT", "/cadres/1", 200, "application/json", "{}"));
}

fn leaves_paths_outside_the_api_alone(_: &Ctx) {
    assert!(passes("GET", "/docs/", 200, "text/html", "<h1>"));
}

fn checks_every_line_of_ndjson(_: &Ctx) {
    let kind = "application/x-ndjson";
    assert!(passes("GET", "/feed", 200, kind, "{\"title\":\"a\"}\n{\"title\":\"b\"}\n"));
    assert!(!passes("GET", "/feed", 200, kind, "{\"title\":\"a\"}\n{\"title\":2}\n"));
}

fn refuses_an_unknown_problem_code(_: &Ctx) {
    assert!(!passes("GET", "/cadres/1", 404, "application/problem+json", &problem("gone_fishing", 404)));
}

fn refuses_an_internal_error(_: &Ctx) {
    assert!(!passes("POST", "/cadres/1/wake", 500, "application/problem+json", &problem("not_found", 500)));
}

fn prefers_a_literal_path_to_a_parameter(_: &Ctx) {
    let contract = Contract::new(document());
    let id = |path: &str| contract.operation("GET", path).map(|operation| operation.id.clone());
    assert_eq!(id("/api/v1/cadres/oldest").as_deref(), Some("get_oldest"));
    assert_eq!(id("/api/v1/cadres/7").as_deref(), Some("get_cadre"));
    assert_eq!(id("/api/v1/cadres/"), None);
}

/// Whether a client lets this answer through.
fn passes(method: &str, path: &str, status: u16, kind: &'static str, body: &str) -> bool {
    let body = body.to_owned();
    let base = fake::serve(move |_| (status, kind, body.clone()));
    let client = Client::anonymous(&Remote::other(&base, Some(Contract::new(document()))));
    !fails(|| client.request(method, path).send())
}

fn problem(code: &str, status: u16) -> String {
    json!({"type": "about:blank", "title": "?", "status": status, "code": code, "request_id": "r1"}).to_string()
}

/// A contract with one of each: reference, nesting, list, empty answer, shared response, NDJSON, base path.
fn document() -> Value {
    let schema = |schema: Value| json!({"schema": schema});
    let cadre = json!({"$ref": "#/components/schemas/Cadre"});
    let fault = json!({"$ref": "#/components/responses/Fault"});
    let one = json!({"description": "one", "content": {"application/json": schema(cadre)}});
    let post = json!({"$ref": "#/components/schemas/Post"});
    let lines = json!({"description": "all", "content": {"application/x-ndjson": schema(post.clone())}});
    let nothing = json!({"description": "nothing"});
    json!({
        "openapi": "3.1.0",
        "info": {"title": "fake", "version": "1"},
        "servers": [{"url": "/api/v1"}],
        "paths": {
            "/cadres/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": true}],
                "get": {"operationId": "get_cadre", "responses": {"200": one, "404": fault}},
                "delete": {"operationId": "delete_cadre", "responses": {"204": nothing, "404": fault}},
            },
            "/cadres/{id}/wake": {"post": {"operationId": "wake_cadre", "responses": {"202": nothing, "500": fault}}},
            "/cadres/oldest": {"get": {"operationId": "get_oldest", "responses": {"200": one}}},
            "/feed": {"get": {"operationId": "get_feed", "responses": {"200": lines}}},
        },
        "components": {
            "responses": {"Fault": {
                "description": "fault",
                "content": {"application/problem+json": schema(json!({"$ref": "#/components/schemas/Problem"}))},
            }},
            "schemas": {
                "Cadre": {
                    "type": "object",
                    "required": ["id", "name"],
                    "properties": {
                        "id": {"type": "string", "format": "uuid"},
                        "name": {"type": "string"},
                        "unit": {"type": "object", "properties": {"code": {"type": "string"}}},
                        "posts": {"type": "array", "items": post},
                    },
                    "example": {"properties": {"not": "a schema"}},
                },
                "Post": {"type": "object", "properties": {"title": {"type": "string"}}},
                "Problem": {
                    "type": "object",
                    "required": ["status", "code"],
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "code": {"type": "string", "x-extensible-enum": ["not_found", "validation_failed"]},
                        "request_id": {"type": "string"},
                        "errors": {"type": "array", "items": {"type": "object"}},
                    },
                },
            },
        },
    })
}
