//! The server's own endpoints: health, metrics, contract, docs page, keys, code sets, catalogue, checks without storing.
use crate::app::App;
use crate::contract::{self, Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Body, SignedIn};
use crate::routes::Routes;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::code::CodeSet;
use domain::codes::Sex;
use domain::id_number::IdNumber;
use domain::{NaiveDate, Problem, Rule, Violation, codes, uscc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::{Arc, LazyLock};
use utoipa::ToSchema;

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    server(r);
    catalogues(r);
    checks(r);
}

fn server(r: &mut Routes) {
    let health = schemas::register::<Health>(&mut r.contract.schemas);
    r.contract.schemas.insert(
        "OpenApiDocument".into(),
        json!({"type": "object", "description": "An OpenAPI document", "additionalProperties": true}),
    );
    let op = |id: &str, summary: &str| Operation::new(id, "system", summary).open();
    let ok = json!({"status": "ok"});
    r.add(
        "GET",
        "/health/live",
        live,
        op("get_liveness", "存活检查 · Is the process alive").answers(200, "It is", &health, ok.clone()),
    );
    r.add(
        "GET",
        "/health/ready",
        ready,
        op("get_readiness", "就绪检查 · Does it answer, with its database").answers(200, "It does", &health, ok),
    );
    let text = json!({"text/plain": {"schema": {"type": "string"}, "example": "laogan_http_in_flight 1\n"}});
    r.add(
        "GET",
        "/metrics",
        metrics,
        op("get_metrics", "指标 · Metrics for Prometheus").responds(200, "Text format", Some(text), &[]),
    );
    let document = |summary: &str, id: &str| {
        op(id, summary).answers(200, "The document", "OpenApiDocument", json!({"openapi": "3.1.0"}))
    };
    r.add("GET", "/openapi.json", openapi, document("接口契约 · The contract, OpenAPI 3.1", "get_contract"));
    r.add(
        "GET",
        "/openapi-3.0.json",
        openapi_3_0,
        document("接口契约(3.0) · The contract, OpenAPI 3.0", "get_contract_3_0"),
    );
}

fn catalogues(r: &mut Routes) {
    let set = schemas::register::<CodeSetView>(&mut r.contract.schemas);
    let problem = schemas::register::<ProblemView>(&mut r.contract.schemas);
    r.contract.schemas.insert("CodeSetPage".into(), schemas::page("All code sets", schemas::reference(&set)));
    r.contract.schemas.insert("ProblemPage".into(), schemas::page("The catalogue", schemas::reference(&problem)));
    let op = |id: &str, summary: &str| Operation::new(id, "codes", summary).open();
    let name = |o: Operation, text: &str, example: &str| {
        o.parameter("path", "name", true, text, json!({"type": "string", "maxLength": 100, "example": example}))
            .fails(&[Problem::NotFound])
    };
    let sex = json!({"set": "sex", "zh": "性别", "en": "Sex", "standard": "GB/T 2261.1", "codes": [{"code": "1", "zh": "男", "en": "Male"}]});
    let broken = json!({"code": "not_found", "kind": "problem", "status": 404, "retryable": false, "zh": "记录不存在", "en": "There is no such record"});
    r.add(
        "GET",
        "/api/v1/codes",
        code_sets,
        op("list_code_sets", "全部代码集 · All code sets").answers(
            200,
            "The sets",
            "CodeSetPage",
            json!({"items": [sex]}),
        ),
    );
    r.add(
        "GET",
        "/api/v1/codes/{name}",
        code_set,
        name(op("get_code_set", "代码集 · A code set"), "Name of the set", "sex").answers(200, "The set", &set, sex),
    );
    r.add(
        "GET",
        "/api/v1/problems",
        problems,
        op("list_problems", "问题目录 · The catalogue of problems and rules").answers(
            200,
            "The catalogue",
            "ProblemPage",
            json!({"items": [broken]}),
        ),
    );
    r.add(
        "GET",
        "/api/v1/problems/{name}",
        problem_by_code,
        name(op("get_problem", "问题 · One problem or rule"), "Its code", "not_found").answers(
            200,
            "The entry",
            &problem,
            broken,
        ),
    );
}

fn checks(r: &mut Routes) {
    let ask = schemas::register::<ValueToCheck>(&mut r.contract.schemas);
    let id = schemas::register::<IdNumberAnswer>(&mut r.contract.schemas);
    let uscc = schemas::register::<UsccAnswer>(&mut r.contract.schemas);
    let op = |id: &str, summary: &str| Operation::new(id, "codes", summary).says("Nothing is stored or logged.");
    let answer = json!({"normalized": "372901193005120015", "legacy": false, "sex": "1", "birth_date": "1930-05-12"});
    r.add(
        "POST",
        "/api/v1/validate/id-number",
        check_id,
        op("validate_id_number", "校验公民身份号码 · Check an ID number")
            .body(&ask, json!({"value": "372901193005120015"}))
            .answers(200, "It is valid", &id, answer),
    );
    r.add(
        "POST",
        "/api/v1/validate/uscc",
        check_uscc,
        op("validate_uscc", "校验统一社会信用代码 · Check a unified social credit code")
            .body(&ask, json!({"value": "1137170000TEAT018M"}))
            .answers(200, "It is valid", &uscc, json!({"normalized": "1137170000TEAT018M"})),
    );
}

/// The docs page; not part of the contract.
pub fn page(config: &mut web::ServiceConfig) {
    config.route("/docs", web::get().to(to_docs)).route("/docs/{file:.*}", web::get().to(docs));
}

#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok`.
    status: &'static str,
}
async fn live() -> HttpResponse {
    std::future::ready(HttpResponse::Ok().json(Health { status: "ok" })).await
}
async fn ready(app: web::Data<App>) -> Result<HttpResponse> {
    app.db.ready().await?;
    Ok(HttpResponse::Ok().json(Health { status: "ok" }))
}
async fn metrics(app: web::Data<App>) -> HttpResponse {
    // While the database cannot be asked, the rest is worth telling all the more.
    if let Err(e) = crate::sync::measure(&app).await {
        tracing::warn!(cause = ?e.cause, "clients that synchronise were not measured");
    }
    let text = app.metrics.text();
    std::future::ready(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)).await
}

/// An answer that is the same for everyone and may be cached.
fn public(mut answer: actix_web::HttpResponseBuilder, body: impl Serialize) -> HttpResponse {
    answer.insert_header((header::CACHE_CONTROL, "public, max-age=300")).json(body)
}

static DOCUMENT: LazyLock<String> = LazyLock::new(contract::latest);
static DOCUMENT_3_0: LazyLock<String> = LazyLock::new(contract::downleveled);
/// A document, which is made when it is first asked for. That takes so long that no worker may wait for it: meanwhile
/// its other connections would be given up.
async fn document(text: &'static LazyLock<String>) -> Result<HttpResponse> {
    let text: &'static str = tokio::task::spawn_blocking(|| text.as_str()).await.map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .content_type("application/json")
        .body(text))
}
async fn openapi() -> Result<HttpResponse> {
    document(&DOCUMENT).await
}
async fn openapi_3_0() -> Result<HttpResponse> {
    document(&DOCUMENT_3_0).await
}

async fn to_docs() -> HttpResponse {
    std::future::ready(HttpResponse::MovedPermanently().insert_header((header::LOCATION, "/docs/")).finish()).await
}
async fn docs(file: web::Path<String>) -> Result<HttpResponse> {
    static CONFIG: LazyLock<Arc<utoipa_swagger_ui::Config<'static>>> = LazyLock::new(|| {
        let shown = utoipa_swagger_ui::Config::from("/openapi.json");
        Arc::new(
            shown
                .try_it_out_enabled(true)
                .display_request_duration(true)
                .persist_authorization(false)
                // Hundreds of operations: first the list of what there is.
                .doc_expansion("none")
                .filter(true)
                .default_models_expand_depth(0),
        )
    });
    let found = utoipa_swagger_ui::serve(&file, Arc::clone(&CONFIG)).map_err(ApiError::internal)?;
    let found = found.ok_or_else(|| ApiError::new(Problem::NotFound))?;
    let answer = HttpResponse::Ok()
        .content_type(found.content_type)
        // The page loads nothing from elsewhere, and is framed nowhere.
        .insert_header((
            "content-security-policy",
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
        ))
        .insert_header(("referrer-policy", "no-referrer"))
        .body(found.bytes.into_owned());
    std::future::ready(Ok(answer)).await
}

/// A code set.
#[derive(Serialize, ToSchema)]
#[schema(as = CodeSet)]
pub struct CodeSetView {
    /// Name.
    set: &'static str,
    /// Name in Chinese.
    zh: &'static str,
    /// Name in English.
    en: &'static str,
    /// The standard it follows.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false)]
    standard: &'static str,
    /// The codes in order.
    #[schema(max_items = 1000)]
    codes: Vec<CodeView>,
}
/// One code.
#[derive(Serialize, ToSchema)]
#[schema(as = CodeLabel)]
pub struct CodeView {
    /// The code.
    code: &'static str,
    /// Label in Chinese.
    zh: &'static str,
    /// Label in English.
    en: &'static str,
}
/// A code set as answers show it.
pub fn view(set: &CodeSet) -> CodeSetView {
    let codes = (set.codes)().into_iter().map(|(code, zh, en)| CodeView { code, zh, en }).collect();
    CodeSetView { set: set.set, zh: set.zh, en: set.en, standard: set.standard, codes }
}
#[derive(Serialize)]
struct All<T> {
    items: Vec<T>,
}
async fn code_sets() -> HttpResponse {
    let items = codes::ALL.iter().map(view).collect();
    std::future::ready(public(HttpResponse::Ok(), All { items })).await
}
async fn code_set(name: web::Path<String>) -> Result<HttpResponse> {
    let found = codes::find(&name).map(|set| public(HttpResponse::Ok(), view(set)));
    std::future::ready(found.ok_or_else(|| ApiError::new(Problem::NotFound))).await
}

/// A problem or a rule of the catalogue.
#[derive(Serialize, ToSchema)]
#[schema(as = CatalogueEntry)]
struct ProblemView {
    /// Its code.
    code: &'static str,
    /// `problem`: what a request failed with; `rule`: what a field did wrong.
    #[schema(example = "problem")]
    kind: &'static str,
    /// Status of a problem's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// Whether the same request may succeed later unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    retryable: Option<bool>,
    /// Text in Chinese; `{name}` stands for a value.
    zh: &'static str,
    /// Text in English.
    en: &'static str,
}
fn catalogue() -> impl Iterator<Item = ProblemView> {
    let problems = Problem::ALL.iter().map(|p| ProblemView {
        code: p.code(),
        kind: "problem",
        status: Some(p.status()),
        retryable: Some(p.retryable()),
        zh: p.zh(),
        en: p.en(),
    });
    // What is a problem by itself and the reason of another one too is explained once.
    let rules = Rule::ALL.iter().filter(|r| Problem::parse(r.code()).is_none()).map(|r| ProblemView {
        code: r.code(),
        kind: "rule",
        status: None,
        retryable: None,
        zh: r.zh(),
        en: r.en(),
    });
    problems.chain(rules)
}
async fn problems() -> HttpResponse {
    std::future::ready(public(HttpResponse::Ok(), All { items: catalogue().collect() })).await
}
async fn problem_by_code(name: web::Path<String>) -> Result<HttpResponse> {
    let found = catalogue().find(|p| p.code == *name).map(|p| public(HttpResponse::Ok(), p));
    std::future::ready(found.ok_or_else(|| ApiError::new(Problem::NotFound))).await
}

/// A value to check.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ValueToCheck {
    /// The value.
    #[schema(max_length = 100, example = "372901193005120015")]
    value: String,
}
/// What a valid ID number says.
#[derive(Serialize, ToSchema)]
struct IdNumberAnswer {
    /// In its one right form.
    normalized: String,
    /// Whether it was an old number of 15 digits.
    legacy: bool,
    /// Sex.
    sex: Sex,
    /// Birth date.
    birth_date: NaiveDate,
}
async fn check_id(_: SignedIn, body: Body<ValueToCheck>) -> Result<HttpResponse> {
    let checked = IdNumber::parse(&body.into_inner().value).map(|id| {
        let answer = IdNumberAnswer {
            normalized: id.as_str().to_owned(),
            legacy: id.was_legacy(),
            sex: id.sex(),
            birth_date: id.birth_date(),
        };
        HttpResponse::Ok().json(answer)
    });
    std::future::ready(checked.map_err(invalid)).await
}
/// A valid unified social credit code.
#[derive(Serialize, ToSchema)]
struct UsccAnswer {
    /// In its one right form.
    normalized: String,
}
async fn check_uscc(_: SignedIn, body: Body<ValueToCheck>) -> Result<HttpResponse> {
    let checked =
        uscc::parse(&body.into_inner().value).map(|normalized| HttpResponse::Ok().json(UsccAnswer { normalized }));
    std::future::ready(checked.map_err(invalid)).await
}
fn invalid(rule: Rule) -> ApiError {
    ApiError::of(Problem::ValidationFailed, vec![Violation::new("value", rule)])
}

/// For addresses that are nowhere in the list.
pub async fn nowhere(_: HttpRequest) -> Result<HttpResponse> {
    std::future::ready(Err(ApiError::new(Problem::NotFound))).await
}
