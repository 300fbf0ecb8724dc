//! `POST /imports`: a file comes, is kept sealed in pieces, and becomes a job.
use super::work::Request;
use super::{CSV, Format, XLSX};
use crate::error::{ApiError, Result};
use crate::extract::{IdempotencyKey, Prefer, SignedIn};
use crate::jobs::{JobView, seen, stamp};
use crate::limits::slow::Steady;
use crate::listing::pairs;
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use bytes::BytesMut;
use domain::codes::JobState;
use domain::policy::Action;
use domain::{DivisionCode, Problem, Rule, Utc, Uuid, Violation};
use persistence::jobs::{self, Job};
use persistence::ledger::{self, Key};
use persistence::registry::{self, Kind};
use persistence::sql::JsonText;
use persistence::{Database, Error, Tx};
use sha2::{Digest, Sha256};

/// Bytes in a piece.
pub const PIECE: usize = 256 * 1024;

/// What a request asks for, and in which division.
struct Asked {
    kind: &'static Kind,
    request: Request,
    division: DivisionCode,
}

fn asked(caller: &SignedIn, req: &HttpRequest, prefer: Prefer) -> Result<Asked> {
    let kind_of_body = req.content_type().to_ascii_lowercase();
    let mut format = match kind_of_body.as_str() {
        CSV => Some(Format::Csv),
        XLSX => Some(Format::Xlsx),
        _ => None,
    };
    let (mut kind, mut dry_run, mut division, mut system, mut mapping) =
        (None, prefer.dry_run, caller.identity.division.clone(), None, std::collections::BTreeMap::new());
    let mut found = vec![];
    for (name, value) in pairs(req)? {
        let at = |rule| Violation::new(format!("/{name}"), rule);
        match name.as_str() {
            "resource" => match registry::find(&value) {
                Some(known) => kind = Some(known),
                None => found.push(at(Rule::UnknownEntity)),
            },
            "format" => match Format::parse(&value) {
                Some(known) => format = Some(known),
                None => found.push(at(Rule::UnknownCode).with("set", "csv, xlsx")),
            },
            "dry_run" => match value.as_str() {
                "true" => dry_run = true,
                "false" => {}
                _ => found.push(at(Rule::WrongType).with("expected", "true, false")),
            },
            "division" => match DivisionCode::parse(&value) {
                Some(code) => division = code,
                None => found.push(at(Rule::DivisionFormat)),
            },
            "system" if (1..=100).contains(&value.chars().count()) && !value.chars().any(char::is_control) => {
                system = Some(value);
            }
            "system" => found.push(at(Rule::TooLong).with("max", 100)),
            "mapping" => match serde_json::from_str(&value) {
                Ok(read) => mapping = read,
                Err(_) => found.push(at(Rule::WrongType).with("expected", "\"header\": \"field\"")),
            },
            _ => found.push(at(Rule::UnknownParameter)),
        }
    }
    if kind.is_none() && found.is_empty() {
        found.push(Violation::new("/resource", Rule::Required));
    }
    if !found.is_empty() {
        return Err(ApiError::of(Problem::InvalidParameter, found));
    }
    let kind = kind.ok_or_else(|| ApiError::new(Problem::InvalidParameter))?;
    if !caller.identity.may(kind.path, kind.module, Action::Create) {
        return Err(ApiError::new(Problem::Forbidden));
    }
    if !caller.scope().covers(&division) {
        return Err(ApiError::of(Problem::Forbidden, vec![Violation::new("/division", Rule::OutsideScope)]));
    }
    let known = matches!(kind_of_body.as_str(), CSV | XLSX | "application/octet-stream" | "application/vnd.ms-excel");
    let format = format.filter(|_| known).ok_or_else(|| ApiError::new(Problem::UnsupportedMediaType))?;
    let request = Request { resource: kind.path.to_owned(), format, dry_run, system, mapping };
    Ok(Asked { kind, request, division })
}

/// The handler.
pub async fn upload(
    caller: SignedIn,
    req: HttpRequest,
    prefer: Prefer,
    key: IdempotencyKey,
    payload: web::Payload,
) -> Result<HttpResponse> {
    caller.complete()?;
    let Asked { kind, request, division } = asked(&caller, &req, prefer)?;
    if let Some((token, _)) = &caller.identity.token {
        caller.app.uses.count(*token, kind.path, Action::Create.as_str());
    }
    let who = &caller.identity;
    let job = Job {
        actor: who.actor(),
        client: who.client(),
        user_id: Some(who.user_id),
        token_id: who.token.as_ref().map(|(id, _)| *id),
        ..fresh(division, &request)?
    };
    let (id, db) = (job.id, caller.app.db.clone());
    let mut hash = Sha256::new();
    hash.update(req.query_string().as_bytes());
    let taken = take(&caller, &db, job, payload, &mut hash).await;
    if let Err(e) = taken {
        // What had come of it is of no use to anybody.
        db.write(stamp(), false, move |tx| jobs::discard(tx, id)).await?;
        return Err(e);
    }
    let key = key.bind(&caller, "POST", &hash.finalize()).map(|k| Key { status: 202, entity_id: Some(id), ..k });
    let remembered = key.clone();
    let kept = db
        .write(caller.stamp(), false, move |tx| {
            tx.begin()?;
            if let Some(key) = &remembered {
                ledger::remember(tx.conn, key)?;
            }
            jobs::arrived(tx, id, None)
        })
        .await;
    let id = match (kept, key) {
        (Ok(()), _) => id,
        (Err(Error::KeySeen), Some(key)) => {
            db.write(stamp(), false, move |tx| jobs::discard(tx, id)).await?;
            return replayed(&caller, key).await;
        }
        (Err(e), _) => return Err(e.into()),
    };
    caller.app.work.notify_one();
    let seen = seen(&caller);
    let job = db.read_current(move |c| jobs::get(c, &seen, id)).await?;
    answer(&job, false)
}

/// A job that is not begun.
pub fn fresh(division_code: DivisionCode, request: &Request) -> Result<Job> {
    let request = JsonText(serde_json::to_string(request).map_err(ApiError::internal)?);
    Ok(Job {
        id: Uuid::now_v7(),
        kind: "import".into(),
        division_code,
        state: JobState::Receiving,
        actor: String::new(),
        client: String::new(),
        user_id: None,
        token_id: None,
        request,
        done: 0,
        total: None,
        counts: JsonText("{}".into()),
        failure: None,
        created_at: Utc::now(),
        started_at: None,
        finished_at: None,
    })
}

async fn take(caller: &SignedIn, db: &Database, job: Job, payload: web::Payload, hash: &mut Sha256) -> Result<()> {
    let id = job.id;
    db.write(caller.stamp(), false, move |tx: &mut Tx<'_>| jobs::insert(tx, &job)).await?;
    let limit = caller.app.config.import_limit;
    let mut payload = Steady::new(payload, &caller.app.config.limits);
    let (mut buffer, mut taken, mut n) = (BytesMut::new(), 0, 0);
    loop {
        let chunk = payload.next().await?;
        let ended = chunk.is_none();
        if let Some(chunk) = chunk {
            hash.update(&chunk);
            taken += chunk.len();
            if taken > limit {
                return Err(ApiError::new(Problem::PayloadTooLarge));
            }
            buffer.extend_from_slice(&chunk);
        }
        while buffer.len() >= PIECE || (ended && !buffer.is_empty()) {
            let piece = buffer.split_to(buffer.len().min(PIECE)).freeze();
            db.write(stamp(), false, move |tx: &mut Tx<'_>| jobs::add_piece(tx, id, n, &piece)).await?;
            n += 1;
        }
        if ended {
            return Ok(());
        }
    }
}

async fn replayed(caller: &SignedIn, key: Key) -> Result<HttpResponse> {
    let asked = key.clone();
    let found = caller.app.db.read_current(move |c| ledger::seen(c, &asked)).await?;
    let found = found.ok_or_else(|| ApiError::new(Problem::IdempotencyInFlight))?;
    if found.fingerprint != key.fingerprint {
        return Err(ApiError::new(Problem::IdempotencyKeyReused));
    }
    let (seen, id) = (seen(caller), found.entity_id.unwrap_or_default());
    let job = caller.app.db.read_current(move |c| jobs::get(c, &seen, id)).await?;
    answer(&job, true)
}

fn answer(job: &Job, again: bool) -> Result<HttpResponse> {
    let mut answer = HttpResponse::Accepted();
    answer.insert_header((header::LOCATION, format!("{}/imports/{}", crate::routes::BASE, job.id)));
    if again {
        answer.insert_header(("Idempotency-Replayed", "true"));
    }
    Ok(answer.json(JobView::of(job)?))
}
