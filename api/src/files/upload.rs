//! Upload: whole in one request, or in parts on bad lines. Both may be repeated at will, for the hash says what is meant.
use super::kind::{Found, Kind, sniff};
use super::staging::{Incoming, received};
use super::{FileView, Files, Sha256Hex, blocking, seen};
use crate::app::App;
use crate::error::{ApiError, Result};
use crate::extract::{Create, Permit, Prefer, Read, SignedIn};
use crate::limits::slow::Steady;
use crate::listing::pairs;
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use domain::{Problem, Rule, Violation};
use persistence::files::File;
use serde::Serialize;
use std::future::{Ready, ready};
use std::sync::Arc;
use utoipa::ToSchema;

/// A body that is taken as it is.
pub struct FileBody {
    body: Steady<Payload>,
    /// The type by which it is sent.
    declared: String,
    /// Bytes of a file.
    limit: u64,
}
impl FileBody {
    fn of(req: &HttpRequest, payload: &mut Payload) -> Result<Self> {
        let app = req.app_data::<web::Data<App>>().ok_or_else(|| ApiError::internal("no app data"))?;
        let limits = &app.config.limits;
        let length = req.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > limits.file_bytes) {
            return Err(ApiError::new(Problem::PayloadTooLarge));
        }
        let body = Steady::new(payload.take(), limits);
        Ok(Self { body, declared: req.content_type().to_owned(), limit: limits.file_bytes })
    }
}
impl FileBody {
    /// Lets it come without keeping it: a client that is sending hears of nothing before it has done so.
    async fn leave(&mut self) -> Result<()> {
        let mut left = self.limit;
        while let Some(chunk) = self.body.next().await? {
            left = left.checked_sub(chunk.len() as u64).ok_or_else(|| ApiError::new(Problem::PayloadTooLarge))?;
        }
        Ok(())
    }
}
impl FromRequest for FileBody {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;
    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Self::of(req, payload))
    }
}

/// `PUT /files/{sha256}`
pub async fn put(
    permit: Permit<Files, Create>,
    sha256: web::Path<Sha256Hex>,
    prefer: Prefer,
    mut body: FileBody,
) -> Result<HttpResponse> {
    let mut incoming = Incoming::whole(&permit.app.config.files.incoming).await?;
    incoming.add(&mut body.body, 0, body.limit).await?;
    let (file, new) = finish(&permit, &sha256, &incoming, &body.declared, prefer).await?;
    let mut answer = HttpResponse::build(if new { StatusCode::CREATED } else { StatusCode::OK });
    answer.insert_header((header::LOCATION, format!("{}/files/{}", crate::routes::BASE, sha256.as_str())));
    if prefer.dry_run {
        answer.insert_header(("preference-applied", "dry-run"));
    }
    Ok(answer.json(FileView::from(file)))
}

/// Verifies a content that is complete, puts it into its place, and notes who has brought it. Whether it is new.
async fn finish(
    caller: &SignedIn,
    sha256: &Sha256Hex,
    incoming: &Incoming,
    declared: &str,
    prefer: Prefer,
) -> Result<(File, bool)> {
    let found = incoming.hash().await?;
    if found != sha256.as_str() {
        let other = Violation::new("", Rule::FileHash).with("found", found);
        return Err(ApiError::of(Problem::HashMismatch, vec![other]));
    }
    let kind = verified(incoming, declared).await?;
    let (app, bytes) = (&caller.app, incoming.bytes);
    if !prefer.dry_run {
        let (blobs, name, path) = (Arc::clone(&app.blobs), sha256.clone(), incoming.path().to_owned());
        blocking(move || blobs.place_file(name.as_str(), &path)).await?;
    }
    let (name, length) = (sha256.clone(), i64::try_from(bytes).map_err(ApiError::internal)?);
    let keep = move |tx: &mut persistence::Tx<'_>| {
        let new = persistence::files::keep(tx, name.as_str(), length, kind.media_type)?;
        let (sha256, media_type) = (name.as_str().to_owned(), kind.media_type.to_owned());
        Ok((File { sha256, bytes: length, media_type, created_at: tx.stamp.now }, new))
    };
    let kept = app.db.write(caller.stamp(), prefer.dry_run, keep).await?;
    let (blobs, name) = (Arc::clone(&app.blobs), sha256.clone());
    // What lay there idle may have been cleared away before it was touched.
    if !prefer.dry_run && blocking(move || blobs.length(name.as_str())).await? != Some(bytes) {
        return Err(ApiError { cause: Some("cleared meanwhile".into()), ..ApiError::new(Problem::Unavailable) });
    }
    Ok(kept)
}

/// The kind of a content, if it is taken and is what it was declared to be.
async fn verified(incoming: &Incoming, declared: &str) -> Result<&'static Kind> {
    let path = incoming.path().to_owned();
    let refused = match blocking(move || sniff(&path)).await? {
        Found::Taken(kind) if kind.is(declared) => return Ok(kind),
        Found::Taken(kind) => {
            let declared: String = declared.chars().take(100).collect();
            Violation::new("", Rule::FileTypeDiffers).with("found", kind.media_type).with("declared", declared)
        }
        Found::Other(media_type) => Violation::new("", Rule::FileType).with("found", media_type),
        Found::Active => Violation::new("", Rule::FileActive),
    };
    Err(ApiError::of(Problem::UnsupportedMediaType, vec![refused]))
}

/// How far an upload has come.
#[derive(Serialize, ToSchema)]
#[schema(as = FileUpload)]
pub struct Progress {
    /// The byte at which the next part begins.
    #[schema(minimum = 0)]
    received: u64,
    /// Whether all of it is there, verified, and can be named in records.
    complete: bool,
    /// The file, when it is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<FileView>,
}
impl Progress {
    fn complete(file: File) -> Self {
        Self { received: file.bytes.unsigned_abs(), complete: true, file: Some(file.into()) }
    }
    fn at(received: u64) -> Self {
        Self { received, complete: false, file: None }
    }
}

/// `GET /files/{sha256}/parts`
pub async fn progress(permit: Permit<Files, Read>, sha256: web::Path<Sha256Hex>) -> Result<HttpResponse> {
    let folder = &permit.app.config.files.incoming;
    let progress = match received(folder, &sha256, permit.identity.user_id).await? {
        0 => seen(&permit, &sha256).await?.map_or(Progress::at(0), Progress::complete),
        received => Progress::at(received),
    };
    Ok(HttpResponse::Ok().json(progress))
}

/// What is said of a part.
struct Part {
    offset: u64,
    size: u64,
    media_type: String,
}
impl Part {
    fn read(req: &HttpRequest) -> Result<Self> {
        let (mut offset, mut size, mut media_type) = (None, None, String::new());
        for (name, value) in pairs(req)? {
            match name.as_str() {
                "offset" => offset = value.parse().ok(),
                "size" => size = value.parse().ok().filter(|size| *size > 0),
                "media_type" => media_type = value,
                _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
            }
        }
        let offset = offset.ok_or_else(|| ApiError::parameter("offset", Rule::Required))?;
        let size = size.ok_or_else(|| ApiError::parameter("size", Rule::Required))?;
        Ok(Self { offset, size, media_type })
    }
}

/// `POST /files/{sha256}/parts`
pub async fn add_part(
    permit: Permit<Files, Create>,
    sha256: web::Path<Sha256Hex>,
    req: HttpRequest,
    mut body: FileBody,
) -> Result<HttpResponse> {
    let part = Part::read(&req)?;
    if part.size > body.limit {
        return Err(ApiError::new(Problem::PayloadTooLarge));
    }
    let (folder, uploader) = (&permit.app.config.files.incoming, permit.identity.user_id);
    // The answer to the last part may have been lost.
    if received(folder, &sha256, uploader).await? == 0
        && let Some(file) = seen(&permit, &sha256).await?
    {
        body.leave().await?;
        return Ok(HttpResponse::Ok().json(Progress::complete(file)));
    }
    let mut incoming = match Incoming::parts(folder, &sha256, uploader).await {
        Ok(incoming) => incoming,
        Err(busy) => {
            body.leave().await?;
            return Err(busy);
        }
    };
    let Some(known) = incoming.bytes.checked_sub(part.offset) else {
        let expected = Violation::new("/offset", Rule::FileOffset).with("expected", incoming.bytes);
        if incoming.bytes == 0 {
            incoming.discard();
        }
        body.leave().await?;
        return Err(ApiError::of(Problem::UploadGap, vec![expected]));
    };
    incoming.add(&mut body.body, known, part.size).await?;
    if incoming.bytes < part.size {
        return Ok(HttpResponse::Ok().json(Progress::at(incoming.bytes)));
    }
    match finish(&permit, &sha256, &incoming, &part.media_type, Prefer::default()).await {
        Ok((file, _)) => Ok(HttpResponse::Ok().json(Progress::complete(file))),
        Err(e) => {
            // What is wrong stays wrong; what could not be stored is there for the next try.
            if e.problem != Problem::Unavailable {
                incoming.discard();
            }
            Err(e)
        }
    }
}
