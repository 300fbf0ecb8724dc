//! Carries out a write of one record and tells what it has made: the same for every resource, and compiled once.
use super::replay::{Earlier, replay};
use super::{applied, etag};
use crate::error::{ApiError, Finding, Result};
use crate::extract::{Prefer, SignedIn};
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use domain::{FieldClass, Meta, Module, Record, Resource, View, Violation, Written};
use persistence::ledger::Key;
use persistence::{Error, Store, Tx};

/// A record whose type no longer matters.
pub trait AnyRecord: Send {
    /// What the server keeps about it.
    fn meta(&self) -> &Meta;
    /// How it is shown to who sees fields up to a class.
    ///
    /// # Errors
    /// As [`Record::view`].
    fn view(&self, sight: FieldClass) -> serde_json::Result<View>;
}
impl<R: Resource> AnyRecord for Record<R> {
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn view(&self, sight: FieldClass) -> serde_json::Result<View> {
        Record::view(self, sight)
    }
}

/// What a write has made.
pub struct Made {
    pub(super) status: StatusCode,
    pub(super) record: Box<dyn AnyRecord>,
    pub(super) warnings: Vec<Violation>,
}
impl Made {
    /// With the status that tells of it.
    pub fn new<R: Resource>(status: StatusCode, made: Written<R>) -> Self {
        Self { status, record: Box::new(made.record), warnings: made.warnings }
    }
}

/// Whose records are written.
#[derive(Clone, Copy)]
pub struct Of {
    pub(super) path: &'static str,
    module: Module,
    pub(super) earlier: Earlier,
}
impl Of {
    /// Those of `R`.
    pub fn resource<R: Store>() -> Self {
        Self { path: R::PATH, module: R::MODULE, earlier: super::replay::earlier::<R> }
    }
}

/// A unit of work that answers with a `T`.
pub type Work<T> = Box<dyn FnOnce(&mut Tx<'_>) -> persistence::Result<T> + Send>;

/// Carries out a write of one record. The inner error is told, though what was written stays.
pub async fn write(
    caller: &SignedIn,
    of: Of,
    prefer: Prefer,
    key: Option<Key>,
    work: Work<std::result::Result<Made, Error>>,
) -> Result<HttpResponse> {
    match caller.app.db.write(caller.stamp(), prefer.dry_run, work).await {
        Ok(made) => {
            // Whatever is not new may have taken a right away.
            let taken = !made.as_ref().is_ok_and(|made| made.status == StatusCode::CREATED);
            settle(caller, of, prefer, taken).await?;
            answer(caller, of, prefer, made?)
        }
        Err(e) => replay(caller, of, prefer, key, e.into()).await,
    }
}

/// What servers remember of callers is out of date after a write of users. `taken`: a right may have been taken away.
pub(super) async fn settle(caller: &SignedIn, of: Of, prefer: Prefer, taken: bool) -> Result<()> {
    if of.module != Module::Administration || prefer.dry_run {
        return Ok(());
    }
    let remembered = &caller.app.remembered;
    match taken {
        true => remembered.settle(&caller.app.db).await?,
        false => drop(remembered.refresh(&caller.app.db).await?),
    }
    Ok(())
}

/// The record with what the write has to say about it.
pub(super) fn answer(caller: &SignedIn, of: Of, prefer: Prefer, made: Made) -> Result<HttpResponse> {
    let meta = made.record.meta();
    let mut answer = HttpResponse::build(if prefer.minimal { StatusCode::NO_CONTENT } else { made.status });
    answer.insert_header(etag(meta.version));
    if made.status == StatusCode::CREATED {
        answer.insert_header((header::LOCATION, format!("/api/v1/{}/{}", of.path, meta.id)));
    }
    applied(&mut answer, prefer);
    if prefer.minimal {
        return Ok(answer.finish());
    }
    let mut view = made.record.view(caller.identity.sight()).map_err(ApiError::internal)?;
    if !made.warnings.is_empty() {
        let warnings: Vec<Finding> = made.warnings.iter().map(|v| Finding::of(v, caller.language)).collect();
        view = view.with("warnings", serde_json::to_value(warnings).map_err(ApiError::internal)?);
    }
    Ok(answer.json(view))
}
