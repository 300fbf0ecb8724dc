//! Create, replace, patch and delete, the same for every resource: read what is needed, decide, and
//! apply one atomic write.
//!
//! On SQLite all of it runs inside the writer thread's transaction. On PostgreSQL a single write is one
//! statement and needs no explicit transaction; one is begun only when a rule must hold a lock across
//! statements ([`Tx::serialize`]), for several records, or for a dry run.
use crate::error::{Error, FieldDifference, Result};
use crate::journal::{self, Entry};
use crate::ledger::{Key, Stored};
use crate::statement::Sql;
use crate::tx::{Stamp, Tx};
use crate::{files, persons, references, steps, store::Store};
use domain::codes::Change;
use domain::input::{Draft, patched, to_map};
use domain::{DivisionCode, Findings, Meta, Part, Problem, Record, Rule, Scope, Uuid, Violation, Written};
use serde_json::Value;

/// Creates a record.
///
/// # Errors
/// `Refused(Forbidden)` outside the scope, `Invalid` with everything the checks found, `Refused` where something stored stands against it.
pub fn create<R: Store>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    home: &DivisionCode,
    draft: Draft<R>,
    key: Option<Key>,
) -> Result<Written<R>> {
    let mut found = Findings { warnings: draft.warnings.clone(), errors: vec![] };
    let home = home_of(tx, scope, home)?;
    let mut record = fresh(tx.stamp, scope, &home, draft)?;
    R::fill(tx, &mut record, &mut found)?;
    references::check(tx.conn, scope, tx.stamp.today, None, &record, &mut found)?;
    files::check(tx, scope, None, &record, &mut found)?;
    steps::judge_new(tx, &record.data, &mut found);
    R::rules(tx, scope, None, &record, &mut found)?;
    if !found.errors.is_empty() {
        return Err(Error::Invalid(found));
    }
    if R::effective(None, &record) || scope.part().is_some() {
        tx.begin()?;
    }
    let mut entry = Entry::of(Change::Create, None, &record, tx.stamp, tx.op_id)?;
    if let Some(k) = key {
        let answer = Stored::json(&found.warnings)?;
        entry.key = Some(Key { entity_id: Some(record.meta.id), version: Some(record.meta.version), answer, ..k });
    }
    match R::insert(tx.conn, &record, &entry) {
        Ok(()) => {
            R::effects(tx, None, &record)?;
            kept::<R>(tx, scope, record.meta.id)?;
            Ok(Written { record, warnings: found.warnings })
        }
        Err(e) => Err(persons::explained(tx, scope, &record, e)),
    }
}

/// Creates many records, all or none, each by the operation in the same place of `op_ids` if there is one. Findings
/// point below `/items/{n}`.
///
/// # Errors
/// As [`create`], for all records at once.
pub fn create_many<R: Store>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    home: &DivisionCode,
    drafts: Vec<Draft<R>>,
    op_ids: &[Uuid],
) -> Result<Vec<Written<R>>> {
    tx.begin()?;
    let home = home_of(tx, scope, home)?;
    let mut found = Findings::default();
    let mut written = Vec::with_capacity(drafts.len());
    let mut records = Vec::with_capacity(drafts.len());
    for (i, draft) in drafts.into_iter().enumerate() {
        let warnings = draft.warnings.clone();
        match fresh(tx.stamp, scope, &home, draft) {
            Ok(record) => records.push(record),
            Err(e) => return Err(e.below(&format!("/items/{i}"))),
        }
        written.push(warnings);
    }
    let ops = op_ids.iter().copied().map(Some).chain(std::iter::repeat(None));
    let each = references::check_many(tx.conn, scope, tx.stamp.today, &records)?;
    let mut entries = Vec::with_capacity(records.len());
    for (i, ((record, op), referred)) in records.iter_mut().zip(ops).zip(each).enumerate() {
        let below = format!("/items/{i}");
        // What counts rows must see those of this batch, so each is stored before the next is filled and judged.
        let mut findings = Findings::default();
        R::fill(tx, record, &mut findings).map_err(|e| e.below(&below))?;
        files::check(tx, scope, None, record, &mut findings)?;
        let entry = Entry::of(Change::Create, None, record, tx.stamp, op)?;
        findings.absorb(referred);
        steps::judge_new(tx, &record.data, &mut findings);
        if R::RULED {
            let judged = R::rules(tx, scope, None, record, &mut findings);
            judged.map_err(|e| e.below(&below))?;
            if found.errors.is_empty() && findings.errors.is_empty() {
                R::insert(tx.conn, record, &entry).map_err(|e| e.below(&below))?;
            }
        } else {
            entries.push(entry);
        }
        if let Some(w) = written.get_mut(i) {
            w.extend(findings.warnings.iter().cloned());
        }
        found.absorb(findings.below(&below));
    }
    if !found.errors.is_empty() {
        return Err(Error::Invalid(found));
    }
    if !R::RULED {
        R::insert_many(tx.conn, &records, &entries)?;
    }
    records.iter().try_for_each(|record| R::effects(tx, None, record))?;
    for (i, record) in records.iter().enumerate() {
        kept::<R>(tx, scope, record.meta.id).map_err(|e| e.below(&format!("/items/{i}")))?;
    }
    Ok(records.into_iter().zip(written).map(|(record, warnings)| Written { record, warnings }).collect())
}

/// What a replacement may expect of the record it replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// `If-Match`: this version.
    Version(i64),
    /// `If-None-Match: *`: no record.
    Absent,
    /// Nothing was said: fine for a create, not for a replacement.
    Unsaid,
}

/// Creates the record with this id, or replaces all its fields. The flag says whether it was created.
///
/// # Errors
/// `Refused(PreconditionRequired)` where it exists and nothing was expected; otherwise as [`create`] and [`patch`].
pub fn put<R: Store>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    home: &DivisionCode,
    id: Uuid,
    expect: Expect,
    draft: Draft<R>,
) -> Result<(Written<R>, bool)> {
    let Some(old) = R::get(tx.conn, scope, id)? else {
        if let Expect::Version(_) = expect {
            return Err(Error::Stale { current: 0, fields: vec![] });
        }
        return create(tx, scope, home, Draft { id: Some(id), ..draft }, None).map(|w| (w, true));
    };
    writable(scope, &old)?;
    let expected = match expect {
        Expect::Version(v) => v,
        Expect::Absent => return Err(Error::Stale { current: old.meta.version, fields: vec![] }),
        Expect::Unsaid => return Err(Error::Refused(Problem::PreconditionRequired, vec![])),
    };
    current(tx, &old, expected, &to_map(&draft.data))?;
    let mut found = Findings { warnings: draft.warnings, errors: vec![] };
    // Moving between divisions is a transfer, and an origin never changes.
    found.require(draft.division_code.is_none_or(|d| d == old.meta.division_code), "division_code", Rule::ReadOnly);
    found.require(draft.external_ref.is_none_or(|e| Some(e) == old.meta.external_ref), "external_ref", Rule::ReadOnly);
    update(tx, scope, old, draft.data, found).map(|w| (w, false))
}

/// Applies a merge patch to the record.
///
/// # Errors
/// `NotFound`, `Refused(Forbidden)` where it may be seen but not changed, `Stale` with the fields in which it differs, `Invalid`.
pub fn patch<R: Store>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: Uuid,
    expected: i64,
    patch: Value,
    mask: Option<&[String]>,
) -> Result<Written<R>> {
    let old = R::get(tx.conn, scope, id)?.ok_or(Error::NotFound)?;
    writable(scope, &old)?;
    let empty = serde_json::Map::new();
    current(tx, &old, expected, patch.as_object().unwrap_or(&empty))?;
    let (data, warnings) = patched(&old.data, patch, mask).map_err(Error::Invalid)?;
    update(tx, scope, old, data, Findings { warnings, errors: vec![] })
}

/// Deletes the record: it stays as a tombstone for the feed.
///
/// # Errors
/// As [`patch`], and `Refused(InUse)` while a live record refers to it.
pub fn delete<R: Store>(tx: &mut Tx<'_>, scope: &Scope, id: Uuid, expected: i64) -> Result<Record<R>> {
    let old = R::get(tx.conn, scope, id)?.ok_or(Error::NotFound)?;
    if !may_write::<R>(scope, &old.meta.division_code) {
        return Err(Error::Refused(Problem::Forbidden, vec![]));
    }
    kept_as_it_is::<R>()?;
    current(tx, &old, expected, &serde_json::Map::new())?;
    let users = references::referring(tx.conn, R::PATH, id)?;
    if !users.is_empty() {
        let named = users
            .iter()
            .map(|(path, field)| Violation::new("", Rule::StillReferred).with("resource", path).with("field", field));
        return Err(Error::Refused(Problem::InUse, named.collect()));
    }
    let mut gone = old.clone();
    gone.meta.version += 1;
    gone.meta.updated_at = tx.stamp.now;
    gone.meta.deleted_at = Some(tx.stamp.now);
    if R::MODULE == domain::Module::Administration {
        // Who could not have made this user may not delete it; and what was issued to it ends now.
        let mut found = Findings::default();
        R::rules(tx, scope, Some(&old), &gone, &mut found)?;
        if !found.errors.is_empty() {
            return Err(Error::Refused(Problem::Forbidden, found.errors));
        }
    }
    if R::effective(Some(&old), &gone) {
        tx.begin()?;
    }
    let entry = Entry::of(Change::Delete, Some(&old), &gone, tx.stamp, tx.op_id)?;
    match R::update(tx.conn, &gone, expected, &entry) {
        Err(Error::Stale { .. }) => Err(overtaken::<R>(tx, scope, id, expected, &serde_json::Map::new())),
        Err(e) => Err(e),
        Ok(()) => R::effects(tx, Some(&old), &gone).map(|()| gone),
    }
}

/// Stores a record's new fields after all checks.
pub(crate) fn update<R: Store>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    old: Record<R>,
    data: R,
    mut found: Findings,
) -> Result<Written<R>> {
    kept_as_it_is::<R>()?;
    let meta = Meta { version: old.meta.version + 1, updated_at: tx.stamp.now, ..old.meta.clone() };
    let mut record = Record { meta, data };
    R::fill(tx, &mut record, &mut found)?;
    steps::judge(tx, &old.data, &record.data, &mut found)?;
    references::check(tx.conn, scope, tx.stamp.today, Some(&old), &record, &mut found)?;
    files::check(tx, scope, Some(&old), &record, &mut found)?;
    R::rules(tx, scope, Some(&old), &record, &mut found)?;
    if !found.errors.is_empty() {
        return Err(Error::Invalid(found));
    }
    if R::effective(Some(&old), &record) || scope.part().is_some() {
        tx.begin()?;
    }
    let entry = Entry::of(Change::Update, Some(&old), &record, tx.stamp, tx.op_id)?;
    match R::update(tx.conn, &record, old.meta.version, &entry) {
        Err(Error::Stale { .. }) => {
            Err(overtaken::<R>(tx, scope, record.meta.id, old.meta.version, &to_map(&record.data)))
        }
        Ok(()) => {
            R::effects(tx, Some(&old), &record)?;
            kept::<R>(tx, scope, record.meta.id)?;
            Ok(Written { record, warnings: found.warnings })
        }
        Err(e) => Err(persons::explained(tx, scope, &record, e)),
    }
}

/// Fails where records are only ever added.
fn kept_as_it_is<R: Store>() -> Result<()> {
    if R::APPEND_ONLY { Err(Error::Refused(Problem::AppendOnly, vec![])) } else { Ok(()) }
}

/// Somebody was faster between our read and our write, of which nothing is stored: what to say about it.
fn overtaken<R: Store>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: Uuid,
    expected: i64,
    yours: &serde_json::Map<String, Value>,
) -> Error {
    // PostgreSQL answers nothing more in a transaction in which a statement has failed.
    let now = tx.abandon().and_then(|()| R::get(tx.conn, scope, id));
    match now {
        Ok(Some(now)) => match current(tx, &now, expected, yours) {
            Ok(()) => Error::internal("a stale write of a current record"),
            Err(e) => e,
        },
        Ok(None) => Error::NotFound,
        Err(e) => e,
    }
}

/// The division of records that name none: that of the caller, and what a cadre makes belongs where the cadre does.
fn home_of(tx: &mut Tx<'_>, scope: &Scope, home: &DivisionCode) -> Result<DivisionCode> {
    let Some(Part::Person(id)) = scope.part() else { return Ok(home.clone()) };
    let mut sql = Sql::new("SELECT division_code FROM cadres WHERE deleted_at IS NULL AND id = ");
    let found: Option<(DivisionCode,)> = sql.bind(id).row(tx.conn)?;
    Ok(found.map_or_else(|| home.clone(), |(division,)| division))
}

/// A record that sees the day for the first time.
fn fresh<R: Store>(stamp: &Stamp, scope: &Scope, home: &DivisionCode, draft: Draft<R>) -> Result<Record<R>> {
    let division_code = draft.division_code.unwrap_or_else(|| home.clone());
    if !may_write::<R>(scope, &division_code) {
        return Err(Error::Refused(Problem::Forbidden, vec![Violation::new("division_code", Rule::OutsideScope)]));
    }
    let meta = Meta {
        id: draft.id.unwrap_or_else(Uuid::now_v7),
        division_code,
        version: 1,
        created_at: stamp.now,
        updated_at: stamp.now,
        deleted_at: None,
        external_ref: draft.external_ref,
    };
    Ok(Record { meta, data: draft.data })
}

/// Fails where a caller of a narrow scope has written what it would not see: only the store knows to whom a record
/// belongs, so it is asked behind the write, which is undone then.
fn kept<R: Store>(tx: &mut Tx<'_>, scope: &Scope, id: Uuid) -> Result<()> {
    if scope.part().is_none() || R::get(tx.conn, scope, id)?.is_some() {
        return Ok(());
    }
    Err(Error::Refused(Problem::Forbidden, vec![Violation::new("", Rule::OutsideScope)]))
}

/// Fails where the record may be seen but not changed. Of a shared one, each side may change something: what, is a
/// rule of the resource.
pub(crate) fn writable<R: Store>(scope: &Scope, record: &Record<R>) -> Result<()> {
    let shared = matches!(R::VISIBILITY, domain::Visibility::Shared(_))
        && record.data.shared_with().is_some_and(|d| scope.covers(d));
    let mine = (shared && scope.part().is_none()) || may_write::<R>(scope, &record.meta.division_code);
    if mine { Ok(()) } else { Err(Error::Refused(Problem::Forbidden, vec![])) }
}

/// What is for all of a division is nobody's part of it.
fn may_write<R: Store>(scope: &Scope, division: &DivisionCode) -> bool {
    scope.covers(division) && (scope.part().is_none() || R::VISIBILITY.is_bounded())
}

/// Fails with the differing fields unless the record is at the version the caller knows.
pub(crate) fn current<R: Store>(
    tx: &mut Tx<'_>,
    now: &Record<R>,
    expected: i64,
    yours: &serde_json::Map<String, Value>,
) -> Result<()> {
    if now.meta.version == expected {
        return Ok(());
    }
    let base = journal::state_at::<R>(tx.conn, now.meta.id, expected)?.map(|(data, ..)| to_map(&data));
    let theirs = to_map(&now.data);
    let mut names: Vec<&String> = theirs.keys().collect();
    if let Some(base) = &base {
        names.extend(base.keys().filter(|k| !theirs.contains_key(*k)));
    }
    let differs = |name: &&&String| match &base {
        Some(base) => base.get(**name) != theirs.get(**name),
        None => yours.get(**name).is_some_and(|v| Some(v) != theirs.get(**name)),
    };
    let hidden = |name: &str| R::CLASSES.iter().any(|c| c.field == name && c.class == domain::FieldClass::Sensitive);
    let fields = names.iter().filter(differs).map(|name| {
        // A masked field is named; its values stay where they are.
        let show = |v: Option<&Value>| v.filter(|_| !hidden(name)).cloned();
        FieldDifference {
            field: (*name).clone(),
            base: show(base.as_ref().and_then(|b| b.get(*name))),
            yours: show(yours.get(*name)),
            theirs: show(theirs.get(*name)),
        }
    });
    Err(Error::Stale { current: now.meta.version, fields: fields.collect() })
}
