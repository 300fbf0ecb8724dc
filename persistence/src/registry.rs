//! Resources without their types: what expansion, reference checks and sync need at run time.
use crate::agent::Kept;
use crate::conn::Conn;
use crate::effects::{self, Life};
use crate::error::{Error, Result};
use crate::import;
use crate::push::{Drafted, apply};
use crate::query::{Condition, Cursor, Op, Query};
use crate::sealed::Keyring;
use crate::shown::Item;
use crate::store::{FilterSpec, Store};
use crate::tx::Tx;
use crate::value::Value as StoredValue;
use domain::codes::{MergePolicy, Role};
use domain::exchange::Plan;
use domain::push::PushOp;
use domain::spec::Spec;
use domain::{Classified, DivisionCode, FieldClass, Module, Own, Record, Resource, Scope, Uuid, Visibility};
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// One resource.
pub struct Kind {
    /// [`Resource::PATH`].
    pub path: &'static str,
    /// [`Resource::NAME`].
    pub name: &'static str,
    /// Table name.
    pub table: &'static str,
    /// Module.
    pub module: Module,
    /// Who sees records of enclosing divisions.
    pub visibility: Visibility,
    /// `(field, expand, to)` of each reference.
    pub references: Vec<(&'static str, &'static str, &'static str)>,
    /// The records with these ids, as the caller sees them.
    pub by_ids: Fetch<[Uuid]>,
    /// The first records the query meets, as the caller sees them.
    pub list: Fetch<Query>,
    /// The next records as JSON in id order, as the caller sees them.
    pub shown_after: Following,
    /// The records with these ids as JSON, of whatever division, the deleted ones included. The caller has
    /// decided who sees them.
    pub shown_by_ids: fn(&mut Conn, &[Uuid], FieldClass) -> Result<Vec<Item>>,
    /// The fields of a record at a version, and its division then.
    pub state_at: StateAt,
    /// The classes of its fields.
    pub classes: &'static [Classified],
    /// The names of its fields.
    pub fields: &'static [&'static str],
    /// What lists are filtered by, beside what all are filtered by.
    pub filters: &'static [FilterSpec],
    /// What lists are sorted by, beside what all are sorted by.
    pub sorts: &'static [&'static str],
    /// What its records are found by.
    pub searched: &'static [&'static str],
    /// [`Store::asked`]
    pub(crate) asked: Asking,
    /// [`Store::sorted_after`]
    pub(crate) sorted_after: fn(&'static str, &Cursor) -> Result<StoredValue<'static>>,
    /// The field of its state, if it moves through states.
    pub machine: Option<&'static str>,
    /// Whether a role may take the step that a verb means in a record's state; nothing where it means none.
    pub admits: fn(&Value, &str, Role) -> Option<bool>,
    /// What a cadre may do with its own.
    pub own: Own,
    /// Fields that hold files.
    pub files: &'static [&'static str],
    /// The columns that hold sealed values.
    pub sealed: Vec<&'static str>,
    /// Who wins contested fields: `(field, policy)`.
    pub merging: &'static [(&'static str, MergePolicy)],
    /// Carries out a pushed operation.
    pub push: fn(&mut Tx<'_>, &apply::Bounds<'_>, &Kind, &PushOp) -> Result<apply::Done>,
    /// The record of a pushed creation, if it can be read.
    pub draft: fn(&PushOp) -> Option<Drafted>,
    /// Carries out pushed creations that need nothing but themselves, all or none.
    pub push_creations: Creating,
    /// Fields that the server works out.
    pub derived: &'static [&'static str],
    /// Decides a conflict.
    pub decide: Deciding,
    /// The part it takes in the life of a cadre, if it takes one.
    pub(crate) life: Option<Life>,
    /// Makes what its records are found by anew.
    pub(crate) index: fn(&mut Conn) -> Result<()>,
    /// Forgets by what a record is found.
    pub(crate) forget: fn(&mut Conn, Uuid) -> Result<()>,
    /// Its fields.
    pub spec: fn() -> &'static Spec,
    /// Its names in Chinese and English.
    pub title: (&'static str, &'static str),
    /// Brings in rows of a file.
    pub import: Importing,
    /// The records that files mean by a value of one of [`Resource::KEYS`] or [`Resource::NAMES`].
    pub(crate) named: Naming,
    /// [`Resource::KEYS`]
    pub keys: &'static [&'static str],
    /// [`Resource::NAMES`]
    pub names: &'static [&'static str],
    /// Takes back what an effect did to one record.
    pub(crate) restore: Restoring,
    /// Lets its records that refer to one cadre refer to another.
    pub(crate) repoint: fn(&mut Tx<'_>, Uuid, Uuid) -> Result<()>,
    /// Makes a record what it is at another server, or gone; answers its version here.
    pub(crate) receive: Receiving,
}

/// Rows by their plan, in bounds.
type Importing = fn(&mut Tx<'_>, &import::Bounds<'_>, &Plan, &[import::Row]) -> Result<Vec<import::Outcome>>;

/// What a condition asks of a column.
type Asking = fn(&Condition, &Keyring) -> Result<Vec<(Op, StoredValue<'static>)>>;

/// A field, its value, and the division within which it is looked for.
type Naming = fn(&mut Conn, &Scope, &'static str, &str, Option<&DivisionCode>) -> Result<Vec<Uuid>>;

/// The fields of a record at a version, and its division then.
type StateAt = fn(&mut Conn, Uuid, i64) -> Result<Option<(Map<String, Value>, DivisionCode)>>;

/// The record, and each field with its value before and the value it was given.
type Restoring = fn(&mut Tx<'_>, Uuid, &[(String, Option<Value>, Option<Value>)]) -> Result<()>;

/// The fields of a record as another server shows them.
type Receiving = fn(&mut Tx<'_>, Uuid, Option<Map<String, Value>>) -> Result<(i64, Kept)>;

/// Creations in a scope, with the division of those that name none.
type Creating = fn(&mut Tx<'_>, &Scope, &DivisionCode, &[&PushOp], Vec<Drafted>) -> Result<Vec<apply::Done>>;

/// Changes or deletes a record at a version; answers its next one.
type Deciding = fn(&mut Tx<'_>, &Scope, Uuid, i64, Option<Map<String, Value>>) -> Result<i64>;

/// A read of `A` in a scope, for a reader who sees fields up to a class.
type Fetch<A> = fn(&mut Conn, &Scope, &A, FieldClass) -> Result<Vec<(Uuid, Value)>>;

/// A read of the records after an id, so many, for a reader who sees fields up to a class.
type Following = fn(&mut Conn, &Scope, Option<Uuid>, i64, FieldClass) -> Result<Vec<Item>>;

fn shown<R: Resource>(records: Vec<Record<R>>, sight: FieldClass) -> Result<Vec<(Uuid, Value)>> {
    let one = |r: Record<R>| Ok((r.meta.id, r.view(sight).map_err(Error::internal)?.into_value()));
    records.into_iter().map(one).collect()
}

fn kind<R: Store>() -> Kind {
    Kind {
        path: R::PATH,
        name: R::NAME,
        table: R::TABLE,
        module: R::MODULE,
        visibility: R::VISIBILITY,
        references: R::REFERENCES.iter().map(|r| (r.field, r.expand, r.to)).collect(),
        by_ids: |conn, scope, ids, sight| shown(R::by_ids(conn, scope, ids)?, sight),
        list: |conn, scope, query, sight| shown(R::list(conn, scope, query)?.items, sight),
        shown_after: R::shown_after,
        shown_by_ids: R::shown_by_ids,
        state_at: |conn, id, version| {
            let state = crate::journal::state_at::<R>(conn, id, version)?;
            Ok(state.map(|(data, division, _)| (domain::input::to_map(&data), division)))
        },
        classes: R::CLASSES,
        fields: R::FIELDS,
        filters: R::FILTERS,
        sorts: R::SORTS,
        searched: R::SEARCHED,
        asked: R::asked,
        sorted_after: R::sorted_after,
        machine: R::MACHINE.map(|m| m.field),
        admits: |record, verb, role| {
            let machine = R::MACHINE?;
            let step = machine.by_verb(verb, record.get(machine.field)?.as_str()?)?;
            Some(step.terms.admit(Some(role)) && (role != Role::CadreSelf || R::OWN.takes(verb)))
        },
        sealed: R::FIELDS.iter().zip(R::SEALED).filter(|(_, sealed)| **sealed).map(|(name, _)| *name).collect(),
        own: R::OWN,
        files: R::FILES,
        merging: R::MERGING,
        derived: R::DERIVED,
        push: apply::push::<R>,
        draft: apply::prepared::<R>,
        push_creations: apply::creations::<R>,
        decide: apply::decide::<R>,
        life: effects::of::<R>(),
        index: crate::search::index::<R>,
        forget: |conn, id| crate::search::forget(conn, R::PATH, id),
        spec: Spec::of::<R>,
        title: R::TITLE,
        import: import::rows::<R>,
        named: import::named::<R>,
        keys: R::KEYS,
        names: R::NAMES,
        restore: effects::restore::<R>,
        repoint: effects::merges::repoint::<R>,
        receive: crate::agent::of::<R>,
    }
}

impl Kind {
    /// Sealed fields that lists claim to be asked by, though a sealed value has no order and only its index equals.
    pub fn unfit(&self) -> Vec<&'static str> {
        let indexed = |name: &&str| self.classes.iter().any(|c| c.field == *name && c.index.is_some());
        let filters = self.filters.iter().map(|(name, _)| name).filter(|name| !indexed(name));
        let all = filters.chain(self.sorts).chain(self.searched);
        all.filter(|name| self.sealed.contains(name)).copied().collect()
    }
    /// Whether this is a field that is shown to a reader who sees fields up to a class. What nobody knows is not.
    pub fn shows(&self, field: &str, sight: FieldClass) -> bool {
        let known = self.fields.contains(&field) || domain::input::CREATE_FIELDS.contains(&field);
        known && !self.hides(field, sight)
    }
    /// Whether lists may be asked for a value of this field.
    pub fn filtered_by(&self, field: &str) -> bool {
        self.filters.iter().any(|(name, _)| *name == field)
    }
    /// Whether a field is hidden from a reader who sees fields up to a class.
    pub fn hides(&self, field: &str, sight: FieldClass) -> bool {
        domain::resource::class_of(self.classes, field) > sight
    }
}

macro_rules! kinds {
    ($($resource:ty),+ $(,)?) => { vec![$(kind::<$resource>()),+] };
}

static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| domain::for_each_resource!(kinds));

/// All resources in the registry's order.
pub fn all() -> &'static [Kind] {
    &KINDS
}
/// The resource `R`.
pub fn of<R: Resource>() -> &'static Kind {
    find(R::PATH).unwrap_or_else(|| unreachable!("every resource is registered"))
}
/// The resource with this path.
pub fn find(path: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|k| k.path == path)
}
