//! What a person may ask of us: who has used their data, and that it is removed.
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Body, Erase, Permit, Preconditions, Prefer, Read};
use crate::listing::pairs;
use crate::routes::Routes;
use crate::sealed;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::cadres::Cadre;
use domain::codes::{AuditKind, AuditOutcome, ErasureReason};
use domain::policy::Action;
use domain::{Code, DateTime, DivisionCode, Problem, Rule, Utc, Uuid};
use persistence::audit;
use persistence::privacy::{erasure, report};
use persistence::write::Expect;
use persistence::{Error, Store, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Entries of a page.
const PAGE: i64 = 200;
/// What page tokens of the report are sealed for.
const TOKEN: &str = "access-report";
const TAG: &str = "cadres";

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    let access = schemas::register::<AccessEntry>(&mut r.contract.schemas);
    let request = schemas::register::<ErasureRequest>(&mut r.contract.schemas);
    let erased = schemas::register::<ErasedPerson>(&mut r.contract.schemas);
    let state = schemas::register::<ErasureState>(&mut r.contract.schemas);
    r.contract.schemas.insert(
        "AccessReportPage".into(),
        schemas::page("Who did what with a person's data, the newest first", schemas::reference(&access)),
    );
    let id = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01";
    r.add(
        "GET",
        "/api/v1/cadres/{id}/access-report",
        access_report,
        Operation::new("get_access_report", TAG, "个人信息查阅记录 · Who has used a person's data")
            .says("Changes of the record and of the records about the person, what was revealed of them, and for which purpose (PIPL 44, 45). The look itself is written down.")
            .permit("cadres", Action::Read)
            .id_in_path()
            .parameter("query", "page_token", false, "`next_page_token` of the page before", json!({"type": "string", "maxLength": 500}))
            .answers(200, "A page", "AccessReportPage", json!({"items": [{"at": "2026-09-29T08:20:00.000Z", "entity": "cadres", "entity_id": id, "what": "reveal", "fields": ["id_number"], "actor": format!("user:{id}"), "name": "shanxian-office", "purpose": "identity: 办理转接"}]}))
            .fails(&[Problem::PageTokenMismatch]),
    );
    r.add(
        "POST",
        "/api/v1/cadres/{id}/erase",
        erase,
        Operation::new("erase_person", TAG, "删除个人信息 · Remove a person's data for good")
            .says("Removes the record, deleted or not, and every record about the person, with their history, conflicts and quarantine (PIPL 47). What stays is that there was a record, who removed it and why. Systems that synchronise are told to do the same; `GET /cadres/{id}/erasure` says which have. Records of others that mention the person come first: 409 `in_use` names them.")
            .permit("cadres", Action::Erase)
            .id_in_path()
            .header("If-Match", false, "The `ETag` of the record as the caller knows it", "\"r17\"")
            .header("Prefer", false, "`dry-run`: tell what would be removed", "dry-run")
            .body(&request, json!({"reason": "subject_request", "note": "本人书面申请，2026年第3号"}))
            .answers(200, "What was removed", &erased, json!({"erased": [{"entity": "cadres", "id": id}]}))
            .fails(&[Problem::InUse, Problem::PreconditionFailed]),
    );
    r.add(
        "GET",
        "/api/v1/cadres/{id}/erasure",
        erasure_state,
        Operation::new("get_erasure", TAG, "删除个人信息的进展 · What became of an erasure")
            .permit("cadres", Action::Erase)
            .id_in_path()
            .answers(200, "Who has done the same", &state, json!({"at": "2026-09-29T08:20:00.000Z", "actor": format!("user:{id}"), "seq": "48211", "complete": false, "clients": [{"client": format!("user:{id}"), "division_code": "371722", "acknowledged": false}]})),
    );
}

/// One thing that was done with data about a person.
#[derive(Serialize, ToSchema)]
pub struct AccessEntry {
    /// When.
    #[serde(serialize_with = "domain::resource::instant")]
    at: DateTime<Utc>,
    /// The resource.
    #[schema(example = "cadres", max_length = 200)]
    entity: String,
    /// The record.
    entity_id: Uuid,
    /// What: `create`, `update`, `delete`, or a kind of event of the audit such as `reveal`.
    #[schema(example = "reveal", max_length = 50)]
    what: String,
    /// Names of the fields.
    #[schema(max_items = 200)]
    fields: Vec<String>,
    /// Who: `user:` or `token:` and an id, or `system:` and a job.
    #[schema(example = "user:0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", max_length = 200)]
    actor: String,
    /// The name that the actor signs in with, if it is still known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 50)]
    name: Option<String>,
    /// For what.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    purpose: Option<String>,
    /// The request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    request_id: Option<String>,
}

/// Where a report goes on: behind so many entries up to an instant. What happens later is in the next report.
#[derive(Clone, Serialize, Deserialize)]
struct Position {
    person: Uuid,
    user: Uuid,
    until: DateTime<Utc>,
    skip: i64,
}

#[derive(Serialize)]
struct Page {
    items: Vec<AccessEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// `GET /cadres/{id}/access-report`
async fn access_report(permit: Permit<Cadre, Read>, id: web::Path<Uuid>, req: HttpRequest) -> Result<HttpResponse> {
    let (scope, id, user) = (permit.scope(), *id, permit.identity.user_id);
    let mut at = Position { person: id, user, until: Utc::now(), skip: 0 };
    for (name, value) in pairs(&req)? {
        if name != "page_token" {
            return Err(ApiError::parameter(&name, Rule::UnknownParameter));
        }
        let opened: Option<Position> = sealed::open(&permit.app, TOKEN, &value);
        let own = opened.filter(|p| p.person == id && p.user == user);
        at = own.ok_or_else(|| ApiError::new(Problem::PageTokenMismatch))?;
    }
    let event = permit.event(AuditKind::DataSubject, AuditOutcome::Success).detail("access_report");
    let event = event.about("cadres", Some(id));
    let from = at.clone();
    let work = move |tx: &mut Tx<'_>| {
        tx.begin()?;
        let person = Cadre::get(tx.conn, &scope, id)?.ok_or(Error::NotFound)?;
        let found = report::accesses(tx.conn, id, from.until, from.skip, PAGE + 1)?;
        let mut actors: Vec<String> = found.iter().map(|a| a.actor.clone()).collect();
        actors.sort();
        actors.dedup();
        let names = report::names(tx.conn, &actors)?;
        audit::note(tx, &audit::Event { division: person.meta.division_code, ..event })?;
        Ok((found, names))
    };
    let (mut found, names) = permit.app.db.write(permit.stamp(), false, work).await?;
    let more = found.len() as i64 > PAGE;
    found.truncate(PAGE as usize);
    let next = Position { skip: at.skip + PAGE, ..at };
    let next_page_token = more.then(|| sealed::seal(&permit.app, TOKEN, &next));
    let items = found.into_iter().map(|a| AccessEntry {
        name: names.get(&a.actor).cloned(),
        at: a.at,
        entity: a.entity,
        entity_id: a.entity_id,
        what: a.what,
        fields: a.fields,
        actor: a.actor,
        purpose: a.purpose,
        request_id: a.request_id,
    });
    Ok(HttpResponse::Ok().json(Page { items: items.collect(), next_page_token }))
}

/// Why a person's data is removed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasureRequest {
    /// The reason.
    reason: ErasureReason,
    /// The application or decision it rests on.
    #[schema(min_length = 2, max_length = 150)]
    note: String,
}

/// A record that was removed.
#[derive(Serialize, ToSchema)]
pub struct ErasedRecord {
    /// The resource.
    #[schema(example = "cadres", max_length = 100)]
    entity: &'static str,
    /// Its id.
    id: Uuid,
}

/// What was removed.
#[derive(Serialize, ToSchema)]
pub struct ErasedPerson {
    /// The records.
    #[schema(max_items = 10_000)]
    erased: Vec<ErasedRecord>,
}

/// `POST /cadres/{id}/erase`
async fn erase(
    permit: Permit<Cadre, Erase>,
    id: web::Path<Uuid>,
    prefer: Prefer,
    expect: Preconditions,
    body: Body<ErasureRequest>,
) -> Result<HttpResponse> {
    let ErasureRequest { reason, note } = body.into_inner();
    let expected = match expect.0 {
        Expect::Version(version) => Some(version),
        Expect::Unsaid => None,
        Expect::Absent => return Err(ApiError::parameter("If-None-Match", Rule::Pattern)),
    };
    let event = permit.event(AuditKind::Erasure, AuditOutcome::Success).detail(reason.as_str());
    let (scope, id) = (permit.scope(), *id);
    let event = event.about("cadres", Some(id)).purpose(format!("{}: {}", reason.as_str(), note.trim()));
    let work = move |tx: &mut Tx<'_>| {
        let (division, erased) = erasure::erase_person(tx, &scope, id, expected)?;
        audit::note(tx, &audit::Event { division, ..event })?;
        Ok(erased)
    };
    let erased = permit.app.db.write(permit.stamp(), prefer.dry_run, work).await?;
    let erased = erased.into_iter().map(|(entity, id)| ErasedRecord { entity, id }).collect();
    let mut answer = HttpResponse::Ok();
    if prefer.dry_run {
        answer.insert_header(("preference-applied", "dry-run"));
    }
    Ok(answer.json(ErasedPerson { erased }))
}

/// What became of an erasure.
#[derive(Serialize, ToSchema)]
pub struct ErasureState {
    /// When the data was removed here.
    #[serde(serialize_with = "domain::resource::instant")]
    at: DateTime<Utc>,
    /// Who did it.
    #[schema(max_length = 200)]
    actor: String,
    /// Position in the feed; absent for a moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 20)]
    seq: Option<String>,
    /// Whether every system that may have had the data says that it has removed it.
    complete: bool,
    /// Those systems.
    #[schema(max_items = 1000)]
    clients: Vec<ErasureClient>,
}

/// A system that may have had the data.
#[derive(Serialize, ToSchema)]
pub struct ErasureClient {
    /// Its account.
    #[schema(max_length = 200)]
    client: String,
    /// Its division.
    #[schema(value_type = String, max_length = 12)]
    division_code: DivisionCode,
    /// Whether it says that it has stored the feed beyond the erasure.
    acknowledged: bool,
}

/// `GET /cadres/{id}/erasure`
async fn erasure_state(permit: Permit<Cadre, Erase>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let (scope, id) = (permit.scope(), *id);
    let erased = permit.app.db.read(move |c| erasure::erasure(c, &scope, id)).await?;
    let beyond = |acked: Option<i64>| erased.seq.is_some_and(|seq| acked.is_some_and(|acked| acked >= seq));
    let clients = erased.clients.iter().map(|(client, division, acked)| ErasureClient {
        client: client.clone(),
        division_code: division.clone(),
        acknowledged: beyond(*acked),
    });
    let clients: Vec<ErasureClient> = clients.collect();
    Ok(HttpResponse::Ok().json(ErasureState {
        at: erased.at,
        actor: erased.actor,
        seq: erased.seq.map(|seq| seq.to_string()),
        complete: clients.iter().all(|c| c.acknowledged),
        clients,
    }))
}
