//! What the generic code may ask of any resource's storage, and the one macro that provides it.
use crate::belonging::belonging;
use crate::conn::{Conn, Engine};
use crate::error::{Error, Result};
use crate::journal::{self, Entry};
use crate::query::{Condition, Cursor, Op, Page, Query};
use crate::registry;
use crate::rows::{Cells, FromRow};
use crate::sealed::{Keyring, Sealing};
use crate::select::{by_id, filtered, page, visible};
use crate::shown::{Framing, Item, Object, Shown, Writer};
use crate::statement::{self, Sql};
use crate::tx::Tx;
use crate::value::{Column, Value};
use diesel::deserialize;
use domain::resource::ExternalRef;
use domain::{FieldClass, Findings, Mask, Meta, Record, Resource, Scope, Uuid, Visibility};
use serde_json::Value as Json;

/// A filter of a list: field and comparisons.
pub type FilterSpec = (&'static str, &'static [Op]);

/// [`Store::list_shown`] of some resource.
pub type ListShown = fn(&mut Conn, &Scope, &Query, FieldClass, Framing) -> Result<Page<Shown>>;

/// Filters every list takes. A division includes all inside it.
pub const COMMON_FILTERS: &[FilterSpec] = &[
    ("division_code", Op::EQ),
    ("created_at", Op::RANGE),
    ("updated_at", Op::RANGE),
    ("external_system", Op::EQ),
    ("external_id", Op::EQ),
];
/// Sort keys every list takes.
pub const COMMON_SORTS: &[&str] = &["id", "created_at", "updated_at"];

/// Storage of one resource, as [`resource_store!`](crate::resource_store) provides it: names of columns, and how the
/// record's fields go there and come back. The provided functions are made of that. Every function that reads takes a scope.
pub trait Store: Resource {
    /// Table name.
    const TABLE: &'static str;
    /// The columns in their order, the common ones first, with commas.
    const COLUMNS: &'static str;
    /// The columns of the resource's own fields.
    const FIELDS: &'static [&'static str];
    /// The columns as a statement names them to SQLite where a row is only passed on.
    const PASSED: &'static str;
    /// The class of each that is hidden from somebody, and how.
    const MASKS: &'static [Option<(FieldClass, Mask)>];
    /// Which of them are stored sealed.
    const SEALED: &'static [bool];
    /// The columns of their blind indexes.
    const INDEXES: &'static [Option<&'static str>];
    /// Filters beside the common ones.
    const FILTERS: &'static [FilterSpec];
    /// Sort keys beside the common ones.
    const SORTS: &'static [&'static str];
    /// Fields that `q` searches: texts, never sensitive ones.
    const SEARCHED: &'static [&'static str];
    /// Whether there are rules that need other rows.
    const RULED: bool;

    /// The fields' values in the order of [`FIELDS`](Self::FIELDS), sealed where they must be.
    ///
    /// # Errors
    /// As [`Column::value`].
    fn values(&self, sealing: &mut Sealing<'_>) -> Result<Vec<Value<'_>>>;
    /// The fields of the record `id` from a row's cells in the same order.
    ///
    /// # Errors
    /// When a cell does not hold what it should.
    fn take(cells: &mut impl Cells, id: Uuid) -> deserialize::Result<Self>;
    /// The fields from a row's cells as members of a JSON object.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    fn show(cells: &mut impl Cells, object: &mut Object<'_>) -> deserialize::Result<()>;
    /// The fields of [`SEARCHED`](Self::SEARCHED) with their values.
    ///
    /// # Errors
    /// As [`Column::value`].
    fn searched(&self) -> Result<Vec<(&'static str, Value<'_>)>>;
    /// What a condition on one of [`FILTERS`](Self::FILTERS) asks of its column.
    ///
    /// # Errors
    /// `Refused` where the value is not one of the field.
    fn asked(condition: &Condition, keys: &Keyring) -> Result<Vec<(Op, Value<'static>)>>;
    /// A sort key's value as JSON, for a cursor.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which would be a defect of its type.
    fn sort_value(&self, key: &str) -> Result<Json>;
    /// The value of one of [`SORTS`](Self::SORTS) in a cursor.
    ///
    /// # Errors
    /// `Refused` where it is not one of the field.
    fn sorted_after(key: &'static str, cursor: &Cursor) -> Result<Value<'static>>;
    /// Works out what follows from other rows, before the rules judge the record.
    ///
    /// # Errors
    /// What the database says.
    fn fill(tx: &mut Tx<'_>, record: &mut Record<Self>, found: &mut Findings) -> Result<()>;
    /// Rules that need other rows. `old` is `None` for a new record.
    ///
    /// # Errors
    /// What the database says.
    fn rules(
        tx: &mut Tx<'_>,
        scope: &Scope,
        old: Option<&Record<Self>>,
        new: &Record<Self>,
        found: &mut Findings,
    ) -> Result<()>;
    /// Whether a change changes other records, so that all of it must be in one transaction.
    fn effective(old: Option<&Record<Self>>, new: &Record<Self>) -> bool;
    /// What a change makes of other records, in the same transaction, when the record itself is written.
    ///
    /// # Errors
    /// What the database says.
    fn effects(tx: &mut Tx<'_>, old: Option<&Record<Self>>, new: &Record<Self>) -> Result<()>;

    /// The live record with this id, if the scope may see it.
    fn get(conn: &mut Conn, scope: &Scope, id: Uuid) -> Result<Option<Record<Self>>> {
        let sql = by_id::<Self>(columns::<Self>(), scope, id);
        let found: Option<Record<Self>> =
            if scope.part().is_none() { sql.named::<Self>().row(conn) } else { sql.row(conn) }?;
        Ok(found.filter(|r| visible(r, scope)))
    }
    /// Its version, and the same as JSON, for a reader who sees fields up to a class.
    fn get_shown(conn: &mut Conn, scope: &Scope, id: Uuid, sight: FieldClass) -> Result<Option<(i64, Vec<u8>)>> {
        // Who sees a shared record stands in one of its fields, which the writer passes on unread.
        if matches!(Self::VISIBILITY, Visibility::Shared(_)) && Self::get(conn, scope, id)?.is_none() {
            return Ok(None);
        }
        let mut writer = Writer::<Self>::new(scope, sight, Framing::NONE, 1);
        struct Passed<R>(std::marker::PhantomData<R>);
        let sql = by_id::<Self>(passed::<Self>(), scope, id);
        if scope.part().is_none() {
            sql.named::<Passed<Self>>().each(conn, &mut writer)
        } else {
            sql.each(conn, &mut writer)
        }?;
        let shown = writer.finish();
        let version = shown.last().map(|meta| meta.version);
        Ok(version.map(|version| (version, shown.into_text())))
    }
    /// One page.
    fn list(conn: &mut Conn, scope: &Scope, query: &Query) -> Result<Page<Vec<Record<Self>>>> {
        let mut items: Vec<Record<Self>> =
            page(columns::<Self>(), registry::of::<Self>(), scope, query, conn.keys())?.rows(conn)?;
        let limit = usize::try_from(query.limit).map_err(Error::internal)?;
        let more = items.len() > limit;
        items.truncate(limit);
        let cursor =
            |r: &Record<Self>| Ok::<_, Error>(Cursor { value: sort_value(r, &query.sort.key)?, id: r.meta.id });
        let next = if more { items.last().map(cursor).transpose()? } else { None };
        Ok(Page { items, next })
    }
    /// The same as JSON, as the reader sees it.
    fn list_shown(
        conn: &mut Conn,
        scope: &Scope,
        query: &Query,
        sight: FieldClass,
        framing: Framing,
    ) -> Result<Page<Shown>> {
        let limit = usize::try_from(query.limit).map_err(Error::internal)?;
        let mut writer = Writer::<Self>::new(scope, sight, framing, limit + 1);
        page(passed::<Self>(), registry::of::<Self>(), scope, query, conn.keys())?.each(conn, &mut writer)?;
        let mut items = writer.finish();
        let more = items.len() > limit;
        items.truncate(limit);
        // What can be sorted by is never hidden.
        let next = match items.last().filter(|_| more) {
            Some(meta) => Some(Cursor {
                value: if query.sort.key == "id" { Json::Null } else { items.of_last(&query.sort.key)? },
                id: meta.id,
            }),
            None => None,
        };
        Ok(Page { items, next })
    }
    /// How many records the query's conditions meet.
    fn count(conn: &mut Conn, scope: &Scope, query: &Query) -> Result<i64> {
        let mut sql = Sql::new("SELECT count(*) FROM ");
        sql.say(Self::TABLE);
        filtered(&mut sql, registry::of::<Self>(), scope, query, conn.keys())?;
        Ok(sql.row::<(i64,)>(conn)?.map_or(0, |(n,)| n))
    }
    /// The live records with these ids that the scope may see.
    fn by_ids(conn: &mut Conn, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Record<Self>>> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let mut sql = Sql::new("SELECT ");
        sql.say(Self::COLUMNS).say(" FROM ").say(Self::TABLE).say(" WHERE deleted_at IS NULL AND id IN (");
        sql.bind_all(ids.iter().map(|id| Value::Uid(Some(*id)))).say(")").once();
        belonging(&mut sql, scope, Self::PATH);
        let mut found: Vec<Record<Self>> = sql.rows(conn)?;
        found.retain(|r| visible(r, scope));
        Ok(found)
    }
    /// The next records as JSON in id order, as the reader sees them.
    fn shown_after(
        conn: &mut Conn,
        scope: &Scope,
        after: Option<Uuid>,
        limit: i64,
        sight: FieldClass,
    ) -> Result<Vec<Item>> {
        let after = after.map(|id| Cursor { value: Json::Null, id });
        let query = Query { after, ..Query::all(limit) };
        Ok(Self::list_shown(conn, scope, &query, sight, Framing::NONE)?.items.into_items())
    }
    /// The records with these ids as JSON, of whatever division, the deleted ones included.
    fn shown_by_ids(conn: &mut Conn, ids: &[Uuid], sight: FieldClass) -> Result<Vec<Item>> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let mut writer = Writer::<Self>::new(&Scope::System, sight, Framing::NONE, ids.len());
        let mut sql = passed::<Self>();
        sql.say(" FROM ").say(Self::TABLE).say(" WHERE id ");
        // One value for all of them, so that the statement is the same for any number and stays prepared.
        let texts: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
        let (sqlite, postgres) = (Engine::Sqlite, Engine::Postgres);
        let list = match conn.engine() {
            Engine::Sqlite => format!("[\"{}\"]", texts.join("\",\"")),
            Engine::Postgres => format!("{{{}}}", texts.join(",")),
        };
        sql.say_to(sqlite, "IN (SELECT unhex(value) FROM json_each(").say_to(postgres, "= ANY((");
        sql.bind(list.as_str()).say_to(sqlite, "))").say_to(postgres, ")::uuid[])").each(conn, &mut writer)?;
        Ok(writer.finish().into_items())
    }
    /// Writes a new record and its entry. Atomic on PostgreSQL; on SQLite the caller holds a transaction.
    fn insert(conn: &mut Conn, record: &Record<Self>, entry: &Entry) -> Result<()> {
        let mut sql = Sql::new("INSERT INTO ");
        for text in into::<Self>() {
            sql.say(text);
        }
        sql.say(" VALUES (").bind_all(cells(record, conn.keys())?).say(")");
        journal::together(conn, sql, entry, false)
    }
    /// Writes many new records and their entries. The caller holds a transaction.
    fn insert_many(conn: &mut Conn, records: &[Record<Self>], entries: &[Entry]) -> Result<()> {
        struct Rows<R>(std::marker::PhantomData<R>);
        let keys = conn.keys().clone();
        statement::insert::<Rows<Self>, _>(conn, &into::<Self>(), records.iter().map(|r| cells(r, &keys)))?;
        journal::record_many(conn, entries)
    }
    /// Writes every column and the entry where the stored version is still `expected`; `Stale` otherwise. As [`insert`](Self::insert).
    fn update(conn: &mut Conn, record: &Record<Self>, expected: i64, entry: &Entry) -> Result<()> {
        let mut sql = setting(record, conn.keys())?;
        sql.say(" AND version = ").bind(Value::Long(Some(expected)));
        sql.say(" AND deleted_at IS NULL");
        journal::together(conn, sql, entry, true)
    }
    /// Writes every column and the entry, whatever is stored, be it deleted. As [`insert`](Self::insert).
    fn overwrite(conn: &mut Conn, record: &Record<Self>, entry: &Entry) -> Result<()> {
        let sql = setting(record, conn.keys())?;
        journal::together(conn, sql, entry, true)
    }
}

/// `SELECT every column`, as the record is read.
fn columns<'a, R: Store>() -> Sql<'a> {
    let mut sql = Sql::new("SELECT ");
    sql.say(R::COLUMNS);
    sql
}

/// The same, as the record is passed on.
fn passed<'a, R: Store>() -> Sql<'a> {
    let mut sql = Sql::new("SELECT ");
    sql.say_to(Engine::Postgres, R::COLUMNS).say_to(Engine::Sqlite, R::PASSED);
    sql
}

/// The common columns.
const META: &[&str] =
    &["id", "division_code", "version", "created_at", "updated_at", "deleted_at", "external_system", "external_id"];

/// The columns of the blind indexes that the table has.
fn indexes<R: Store>() -> impl Iterator<Item = &'static str> {
    R::INDEXES.iter().copied().flatten()
}

/// `table (every column)`
fn into<R: Store>() -> Vec<&'static str> {
    let mut texts = vec![R::TABLE, " (", R::COLUMNS];
    texts.extend(indexes::<R>().flat_map(|column| [", ", column]));
    texts.push(")");
    texts
}

/// `UPDATE … SET every column WHERE id = …`
fn setting<'r, R: Store>(record: &'r Record<R>, keys: &Keyring) -> Result<Sql<'r>> {
    let mut sql = Sql::new("UPDATE ");
    sql.say(R::TABLE).say(" SET ");
    let names = META.iter().chain(R::FIELDS).copied().chain(indexes::<R>());
    for (i, (name, value)) in names.zip(cells(record, keys)?).enumerate() {
        sql.say(if i > 0 { ", " } else { "" }).say(name).say(" = ").bind(value);
    }
    sql.say(" WHERE id = ").bind(Value::Uid(Some(record.meta.id)));
    Ok(sql)
}

/// All values of a record's row.
fn cells<'r, R: Store>(record: &'r Record<R>, keys: &Keyring) -> Result<impl Iterator<Item = Value<'r>> + use<'r, R>> {
    let meta = &record.meta;
    let external = meta.external_ref.as_ref();
    let common = [
        Value::Uid(Some(meta.id)),
        meta.division_code.as_str().into(),
        Value::Long(Some(meta.version)),
        Value::At(Some(meta.created_at)),
        Value::At(Some(meta.updated_at)),
        Value::At(meta.deleted_at),
        external.map_or(String::NULL, |e| e.system.as_str().into()),
        external.map_or(String::NULL, |e| e.id.as_str().into()),
    ];
    let mut sealing = Sealing { keys, of: R::PATH, id: meta.id, indexes: vec![] };
    let values = record.data.values(&mut sealing)?;
    Ok(common.into_iter().chain(values).chain(sealing.indexes))
}

/// The common columns of a row.
pub(crate) fn take_meta(cells: &mut impl Cells) -> deserialize::Result<Meta> {
    let (id, division_code, version) = (cells.next()?, cells.next()?, cells.next()?);
    let (created_at, updated_at, deleted_at) = (cells.next()?, cells.next()?, cells.next()?);
    let (system, external): (Option<String>, Option<String>) = (cells.next()?, cells.next()?);
    let external_ref = system.zip(external).map(|(system, id)| ExternalRef { system, id });
    Ok(Meta { id, division_code, version, created_at, updated_at, deleted_at, external_ref })
}
impl<R: Store> FromRow for Record<R> {
    fn take(cells: &mut impl Cells) -> deserialize::Result<Self> {
        let meta = take_meta(cells)?;
        Ok(Record { data: R::take(cells, meta.id)?, meta })
    }
}

fn sort_value<R: Store>(record: &Record<R>, key: &str) -> Result<Json> {
    let value = match key {
        "id" => return Ok(Json::Null),
        "created_at" => serde_json::to_value(record.meta.created_at),
        "updated_at" => serde_json::to_value(record.meta.updated_at),
        own => return record.data.sort_value(own),
    };
    value.map_err(Error::internal)
}
