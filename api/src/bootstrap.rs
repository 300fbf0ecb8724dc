//! `GET /bootstrap`: what an app needs at its start, in one answer that is the same for everybody.
//!
//! It is built and compressed when it has changed, not when it is asked for. The code sets change with the program;
//! whether the divisions have changed is asked of the database only where the feed has moved on since the last time.
use crate::app::App;
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::files::kind::KINDS;
use crate::routes::Routes;
use crate::{listing, resource, system};
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use domain::codes::{DivisionKind, DivisionLevel};
use domain::policy::{Action, Role};
use domain::reference::Division;
use domain::{Code, DivisionCode, Module, NaiveDate, Own, Record, Scope, codes};
use flate2::{Compression, write::GzEncoder};
use persistence::{Query, Store, registry};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use utoipa::ToSchema;

/// Seconds for which an app, and whoever stands between, need not ask again.
const FRESH: &str = "public, max-age=3600";

/// What an app needs at its start.
#[derive(Serialize, ToSchema)]
#[schema(as = Bootstrap)]
struct Start {
    /// Version of the contract.
    #[schema(max_length = 20, example = "0.1.0")]
    contract_version: &'static str,
    /// Languages in which problems are told: `Accept-Language`.
    #[schema(example = json!(["zh-CN", "en"]))]
    languages: Vec<&'static str>,
    /// What one request may carry.
    limits: Limits,
    /// The roles, and what they do.
    roles: Vec<RoleView>,
    /// What a cadre may do with records of its own, beside reading them.
    own: Vec<OwnView>,
    /// All code sets, with labels in Chinese and English.
    #[schema(max_items = 1000)]
    codes: Vec<system::CodeSetView>,
    /// All divisions, those that have ended included.
    #[schema(max_items = 100_000)]
    divisions: Vec<DivisionView>,
}

/// What one request may carry.
#[derive(Serialize, ToSchema)]
struct Limits {
    /// Bytes of a JSON body.
    body_bytes: usize,
    /// Items of a page.
    page_items: i64,
    /// Records created at once.
    batch_items: usize,
    /// Bytes of a file.
    file_bytes: u64,
    /// Types of files that are taken.
    file_types: Vec<&'static str>,
}

/// A role.
#[derive(Serialize, ToSchema)]
struct RoleView {
    /// Its code.
    code: Role,
    /// What it is called in Chinese.
    zh: &'static str,
    /// What it is called in English.
    en: &'static str,
    /// The modules it reads, by their tags in the contract.
    reads: Vec<&'static str>,
    /// The modules in which it changes records.
    keeps: Vec<&'static str>,
}

/// What a cadre may do with its own records of a resource.
#[derive(Serialize, ToSchema)]
struct OwnView {
    /// The resource's path.
    resource: &'static str,
    /// Fields of a new record that it fills in; it makes none where there are none.
    gives: Vec<&'static str>,
    /// Fields that it may change.
    changes: Vec<&'static str>,
    /// Steps that it may take.
    steps: Vec<&'static str>,
}

/// A division.
#[derive(Serialize, ToSchema)]
struct DivisionView {
    /// Its code.
    code: DivisionCode,
    /// Its name.
    #[schema(max_length = 50)]
    name: String,
    /// Its level.
    level: DivisionLevel,
    /// Administrative, or for statistics only.
    kind: DivisionKind,
    /// The division around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_code: Option<DivisionCode>,
    /// Its last day, where it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<NaiveDate>,
    /// The code that took over.
    #[serde(skip_serializing_if = "Option::is_none")]
    successor_code: Option<DivisionCode>,
}

/// The answer as it was built last.
#[derive(Default)]
pub struct Bootstrap(Mutex<Option<Arc<Built>>>);

struct Built {
    /// Where the feed stood when the divisions were last looked at.
    head: AtomicI64,
    /// How many divisions there are and were, and how often they were changed.
    divisions: (i64, i64),
    tag: String,
    plain: Bytes,
    packed: Bytes,
}

/// `GET /bootstrap`
async fn bootstrap(app: web::Data<App>, req: HttpRequest) -> Result<HttpResponse> {
    let built = current(&app).await?;
    let asked = |name| req.headers().get(name).and_then(|v: &HeaderValue| v.to_str().ok()).unwrap_or_default();
    let gzip = |range: &str| {
        let mut parts = range.split(';').map(str::trim);
        parts.next().is_some_and(|coding| coding.eq_ignore_ascii_case("gzip"))
            && !parts.any(|p| p.replace(' ', "") == "q=0")
    };
    let packed = asked(header::ACCEPT_ENCODING).split(',').any(gzip);
    let tags = [format!("\"{}\"", built.tag), format!("\"{}.gz\"", built.tag)];
    let [plain_tag, packed_tag] = &tags;
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CACHE_CONTROL, FRESH))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::ETAG, if packed { packed_tag.as_str() } else { plain_tag.as_str() }));
    let known = |t: &str| tags.iter().any(|tag| t.trim().trim_start_matches("W/") == tag);
    if asked(header::IF_NONE_MATCH).split(',').any(known) {
        return Ok(answer.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    answer.content_type("application/json");
    if packed {
        answer.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    Ok(answer.body(if packed { built.packed.clone() } else { built.plain.clone() }))
}

async fn current(app: &App) -> Result<Arc<Built>> {
    let head = *app.db.heads().borrow();
    let last = app.bootstrap.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(built) = last.as_ref().filter(|b| b.head.load(Ordering::Relaxed) == head) {
        return Ok(Arc::clone(built));
    }
    let divisions = app.db.read(persistence::reference::changes_of_divisions).await?;
    if let Some(built) = last.filter(|b| b.divisions == divisions) {
        built.head.store(head, Ordering::Relaxed);
        return Ok(built);
    }
    let all = app.db.read_current(|c| Division::list(c, &Scope::System, &Query::all(100_000))).await?;
    let file_bytes = app.config.limits.file_bytes;
    let made = tokio::task::spawn_blocking(move || build(all.items, file_bytes, head, divisions)).await;
    let built = Arc::new(made.map_err(ApiError::internal)??);
    *app.bootstrap.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&built));
    Ok(built)
}

fn build(divisions: Vec<Record<Division>>, file_bytes: u64, head: i64, seen: (i64, i64)) -> Result<Built> {
    let plain = serde_json::to_vec(&start(divisions, file_bytes)).map_err(ApiError::internal)?;
    let mut packer = GzEncoder::new(vec![], Compression::best());
    packer.write_all(&plain).map_err(ApiError::internal)?;
    let packed = packer.finish().map_err(ApiError::internal)?;
    let tag = domain::hex(&Sha256::digest(&plain)).chars().take(32).collect();
    Ok(Built { head: AtomicI64::new(head), divisions: seen, tag, plain: plain.into(), packed: packed.into() })
}

fn start(divisions: Vec<Record<Division>>, file_bytes: u64) -> Start {
    let modules = |role: Role, action| {
        Module::ALL.iter().filter(move |m| role.allows(**m, action)).map(|m| m.tag().0).collect::<Vec<_>>()
    };
    let role = |role: &Role| RoleView {
        code: *role,
        zh: role.zh(),
        en: role.en(),
        reads: modules(*role, Action::Read),
        keeps: modules(*role, Action::Update),
    };
    let own = |kind: &registry::Kind| {
        let Own { gives, changes, steps } = kind.own;
        OwnView { resource: kind.path, gives: gives.to_vec(), changes: changes.to_vec(), steps: steps.to_vec() }
    };
    let division = |record: Record<Division>| {
        let Division { code, name, level, kind, parent_code, valid_to, successor_code, .. } = record.data;
        DivisionView { code, name, level, kind, parent_code, valid_to, successor_code }
    };
    Start {
        contract_version: env!("CARGO_PKG_VERSION"),
        languages: vec!["zh-CN", "en"],
        limits: Limits {
            body_bytes: crate::extract::BODY_LIMIT,
            page_items: listing::MAX_LIMIT,
            batch_items: resource::BATCH_LIMIT,
            file_bytes,
            file_types: KINDS.iter().map(|kind| kind.media_type).collect(),
        },
        roles: Role::ALL.iter().map(role).collect(),
        own: registry::all().iter().filter(|k| k.own != Own::NOTHING).map(own).collect(),
        codes: codes::ALL.iter().map(system::view).collect(),
        divisions: divisions.into_iter().map(division).collect(),
    }
}

/// Mounts and documents it.
pub fn routes(r: &mut Routes) {
    let schema = schemas::register::<Start>(&mut r.contract.schemas);
    let role = json!({"code": "cadre_self", "zh": "离退休干部本人", "en": "The cadre in person", "reads": ["cadres"], "keeps": ["files"]});
    let own = json!({"resource": "consents", "gives": ["cadre_id", "purpose", "granted_on"], "changes": ["revoked_on"], "steps": []});
    let sex = json!({"set": "sex", "zh": "性别", "en": "Sex", "standard": "GB/T 2261.1", "codes": [{"code": "1", "zh": "男", "en": "Male"}]});
    let shan =
        json!({"code": "371722", "name": "单县", "level": "county", "kind": "administrative", "parent_code": "371700"});
    let limits = json!({"body_bytes": 2_097_152, "page_items": 500, "batch_items": 500, "file_bytes": 52_428_800, "file_types": ["application/pdf"]});
    let example = json!({"contract_version": "0.1.0", "languages": ["zh-CN", "en"], "limits": limits, "roles": [role],
        "own": [own], "codes": [sex], "divisions": [shan]});
    let content = json!({"application/json": {"schema": schemas::reference(&schema), "example": example}});
    r.add(
        "GET",
        "/api/v1/bootstrap",
        bootstrap,
        Operation::new("get_bootstrap", "system", "应用启动数据 · What an app needs at its start")
            .says("Code sets, divisions, roles, limits: the same for everybody, to be kept by the app and asked for again with its `ETag`.")
            .open()
            .header("If-None-Match", false, "The `ETag` of what the app has; 304 where nothing has changed", "\"9f86d081884c7d659a2feaa0c55ad015\"")
            .responds(200, "All of it", Some(content), &["ETag"])
            .silent(304, "Nothing has changed", &["ETag"]),
    );
}
