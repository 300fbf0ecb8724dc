//! What the generic code may ask of any resource's storage, and the one macro that provides it.
use crate::conn::{Conn, Engine};
use crate::error::{Error, Result};
use crate::journal::{self, Entry};
use crate::query::{Condition, Cursor, Op, Page, Query, containing, division_range, scope_division};
use crate::shown::{Object, Shown, Writer};
use crate::statement::{Cells, FromRow, Sql};
use crate::value::{Column, Value};
use crate::write::Tx;
use diesel::deserialize;
use domain::resource::ExternalRef;
use domain::{DateTime, Findings, Meta, Problem, Record, Resource, Rule, Scope, Utc, Uuid, Violation, Visibility};
use serde_json::Value as Json;

/// A filter of a list: field and comparisons.
pub type FilterSpec = (&'static str, &'static [Op]);

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
    /// Filters beside the common ones.
    const FILTERS: &'static [FilterSpec];
    /// Sort keys beside the common ones.
    const SORTS: &'static [&'static str];
    /// Columns that `q` searches.
    const SEARCHED: &'static [&'static str];
    /// Whether there are rules that need other rows.
    const RULED: bool;

    /// The fields' values in the order of [`FIELDS`](Self::FIELDS).
    ///
    /// # Errors
    /// As [`Column::value`].
    fn values(&self) -> Result<Vec<Value<'_>>>;
    /// The fields from a row's cells in the same order.
    ///
    /// # Errors
    /// When a cell does not hold what it should.
    fn take(cells: &mut impl Cells) -> deserialize::Result<Self>;
    /// The fields from a row's cells as members of a JSON object.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    fn show(cells: &mut impl Cells, object: &mut Object<'_>) -> deserialize::Result<()>;
    /// What a condition on one of [`FILTERS`](Self::FILTERS) asks of its column.
    ///
    /// # Errors
    /// `Refused` where the value is not one of the field.
    fn asked(condition: &Condition) -> Result<Vec<(Op, Value<'static>)>>;
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

    /// The live record with this id, if the scope may see it.
    fn get(conn: &mut Conn, scope: &Scope, id: Uuid) -> Result<Option<Record<Self>>> {
        let found: Option<Record<Self>> = by_id::<Self>(id).named::<Self>().row(conn)?;
        Ok(found.filter(|r| visible::<Self>(&r.meta, scope)))
    }
    /// The same as JSON, as the reader sees it. The flag says whether sensitive fields are shown.
    fn get_shown(conn: &mut Conn, scope: &Scope, id: Uuid, sensitive: bool) -> Result<Option<(Meta, Vec<u8>)>> {
        let mut writer = Writer::<Self>::new(scope, sensitive, b' ', 1);
        by_id::<Self>(id).named::<Self>().each(conn, &mut writer)?;
        let mut shown = writer.finish();
        Ok(shown.last.take().map(|meta| (meta, shown.into_text())))
    }
    /// One page.
    fn list(conn: &mut Conn, scope: &Scope, query: &Query) -> Result<Page<Vec<Record<Self>>>> {
        let mut items: Vec<Record<Self>> = page::<Self>(scope, query)?.rows(conn)?;
        let limit = usize::try_from(query.limit).map_err(Error::internal)?;
        let more = items.len() > limit;
        items.truncate(limit);
        let cursor =
            |r: &Record<Self>| Ok::<_, Error>(Cursor { value: sort_value(r, &query.sort.key)?, id: r.meta.id });
        let next = if more { items.last().map(cursor).transpose()? } else { None };
        Ok(Page { items, next })
    }
    /// The same as JSON, as the reader sees it, with `separator` behind each item.
    fn list_shown(
        conn: &mut Conn,
        scope: &Scope,
        query: &Query,
        sensitive: bool,
        separator: u8,
    ) -> Result<Page<Shown>> {
        let limit = usize::try_from(query.limit).map_err(Error::internal)?;
        let mut writer = Writer::<Self>::new(scope, sensitive, separator, limit + 1);
        page::<Self>(scope, query)?.each(conn, &mut writer)?;
        let mut items = writer.finish();
        let more = items.len() > limit;
        items.truncate(limit);
        // What can be sorted by is never hidden.
        let next = match more {
            true => Some(Cursor {
                value: if query.sort.key == "id" { Json::Null } else { items.of_last(&query.sort.key)? },
                id: serde_json::from_value(items.of_last("id")?).map_err(Error::internal)?,
            }),
            false => None,
        };
        Ok(Page { items, next })
    }
    /// How many records the query's conditions meet.
    fn count(conn: &mut Conn, scope: &Scope, query: &Query) -> Result<i64> {
        let mut sql = Sql::new("SELECT count(*) FROM ");
        sql.say(Self::TABLE);
        filtered::<Self>(&mut sql, scope, query)?;
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
        let mut found: Vec<Record<Self>> = sql.rows(conn)?;
        found.retain(|r| visible::<Self>(&r.meta, scope));
        Ok(found)
    }
    /// Writes a new record and its entry. Atomic on PostgreSQL; on SQLite the caller holds a transaction.
    fn insert(conn: &mut Conn, record: &Record<Self>, entry: &Entry) -> Result<()> {
        let mut sql = Sql::new("INSERT INTO ");
        sql.say(Self::TABLE).say(" (").say(Self::COLUMNS).say(") VALUES (").bind_all(cells(record)?).say(")");
        journal::together(conn, sql, entry, false)
    }
    /// Writes many new records and their entries. The caller holds a transaction.
    fn insert_many(conn: &mut Conn, records: &[Record<Self>], entries: &[Entry]) -> Result<()> {
        // Nothing crosses a network here, and a statement that stays prepared beats a long one.
        if conn.engine() == Engine::Sqlite {
            return records.iter().zip(entries).try_for_each(|(record, entry)| Self::insert(conn, record, entry));
        }
        let mut sql = Sql::new("INSERT INTO ");
        sql.say(Self::TABLE).say(" (").say(Self::COLUMNS).say(") VALUES ").once();
        for (i, record) in records.iter().enumerate() {
            sql.say(if i > 0 { ", (" } else { "(" }).bind_all(cells(record)?).say(")");
        }
        sql.run(conn)?;
        journal::record_many(conn, entries)
    }
    /// Writes every column and the entry where the stored version is still `expected`; `Stale` otherwise. As [`insert`](Self::insert).
    fn update(conn: &mut Conn, record: &Record<Self>, expected: i64, entry: &Entry) -> Result<()> {
        let mut sql = Sql::new("UPDATE ");
        sql.say(Self::TABLE).say(" SET ");
        for (i, (name, value)) in META.iter().chain(Self::FIELDS).zip(cells(record)?).enumerate() {
            sql.say(if i > 0 { ", " } else { "" }).say(name).say(" = ").bind(value);
        }
        sql.say(" WHERE id = ")
            .bind(Value::Uid(Some(record.meta.id)))
            .say(" AND version = ")
            .bind(Value::Long(Some(expected)));
        sql.say(" AND deleted_at IS NULL");
        journal::together(conn, sql, entry, true)
    }
}

/// The common columns.
const META: &[&str] =
    &["id", "division_code", "version", "created_at", "updated_at", "deleted_at", "external_system", "external_id"];

/// All values of a record's row.
fn cells<R: Store>(record: &Record<R>) -> Result<impl Iterator<Item = Value<'_>>> {
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
    Ok(common.into_iter().chain(record.data.values()?))
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
        Ok(Record { meta: take_meta(cells)?, data: R::take(cells)? })
    }
}

/// `SELECT … WHERE id = ?`
fn by_id<'a, R: Store>(id: Uuid) -> Sql<'a> {
    let mut sql = Sql::new("SELECT ");
    sql.say(R::COLUMNS).say(" FROM ").say(R::TABLE).say(" WHERE deleted_at IS NULL AND id = ").bind(id);
    sql
}

/// The statement of one page and one row more.
fn page<R: Store>(scope: &Scope, query: &Query) -> Result<Sql<'static>> {
    let mut sql = Sql::new("SELECT ");
    sql.say(R::COLUMNS).say(" FROM ").say(R::TABLE);
    filtered::<R>(&mut sql, scope, query)?;
    ordered::<R>(&mut sql, query)?;
    sql.say(" LIMIT ").bind(query.limit + 1);
    Ok(sql)
}

/// Calls `f` with the lines of page after page in id order until it says stop. Memory stays at one page.
pub fn each_page<R: Store>(
    conn: &mut Conn,
    scope: &Scope,
    mut query: Query,
    sensitive: bool,
    f: &mut dyn FnMut(Shown) -> bool,
) -> Result<()> {
    loop {
        let page = R::list_shown(conn, scope, &query, sensitive, b'\n')?;
        let more = f(page.items);
        match page.next {
            Some(next) if more => query.after = Some(next),
            _ => return Ok(()),
        }
    }
}

/// Whether a scope may see a record.
pub(crate) fn visible<R: Resource>(meta: &Meta, scope: &Scope) -> bool {
    let own = scope.covers(&meta.division_code);
    match (R::VISIBILITY, scope) {
        (Visibility::Everyone, _) => true,
        (Visibility::Inherited, Scope::Division(d)) => own || meta.division_code.contains(d),
        _ => own,
    }
}

/// The `WHERE` of a list: live, visible in the scope, and as the query asks.
fn filtered<R: Store>(sql: &mut Sql<'_>, scope: &Scope, query: &Query) -> Result<()> {
    sql.say(" WHERE deleted_at IS NULL");
    if let (Some(division), false) = (scope_division(scope), R::VISIBILITY == Visibility::Everyone) {
        sql.say(" AND (");
        inside(sql, division);
        if R::VISIBILITY == Visibility::Inherited {
            let chain = division.chain().into_iter().map(|code| Value::Text(Some(code.into())));
            sql.say(" OR division_code IN (").bind_all(chain).say(")");
        }
        sql.say(")");
    }
    let mut shapes = 0;
    for condition in &query.conditions {
        let field = condition.field.as_str();
        let text = || Ok(vec![(Op::Eq, Value::Text(Some(condition.value.clone().into())))]);
        let (column, asked) = match field {
            "division_code" => {
                sql.say(" AND ");
                inside(sql, &condition.value()?);
                continue;
            }
            "external_system" => ("external_system", text()),
            "external_id" => ("external_id", text()),
            "created_at" => ("created_at", DateTime::<Utc>::asked(condition)),
            "updated_at" => ("updated_at", DateTime::<Utc>::asked(condition)),
            _ => match R::FILTERS.iter().find(|(name, _)| *name == field) {
                Some((name, _)) => (*name, R::asked(condition)),
                None => {
                    let refused = condition.refused(Rule::UnknownFilter);
                    return Err(Error::Refused(Problem::InvalidParameter, vec![refused]));
                }
            },
        };
        for (op, value) in asked? {
            sql.say(" AND ").say(column).say(op.sql()).bind(value);
        }
        shapes += 1;
    }
    if let Some(text) = &query.q {
        let pattern = containing(text);
        sql.say(" AND (1 = 0");
        for column in R::SEARCHED {
            sql.say(" OR lower(").say(column).say(") LIKE ").bind(Value::Text(Some(pattern.clone().into())));
            sql.say(" ESCAPE '\\'");
        }
        sql.say(")");
        shapes += 1;
    }
    // The number of shapes that clients can make by combining must not become memory of every connection.
    if shapes > 1 {
        sql.once();
    }
    Ok(())
}

/// In a division or below it. On SQLite `+` keeps the column's index out: without statistics SQLite takes a
/// range for selective and then sorts thousands of rows for one page, where walking the order and testing
/// each row finds the page after a few hundred.
fn inside(sql: &mut Sql<'_>, division: &domain::DivisionCode) {
    let (from, to) = division_range(division);
    sql.say_to(Engine::Sqlite, "+").say("division_code >= ").bind(Value::Text(Some(from.into())));
    sql.say(" AND ").say_to(Engine::Sqlite, "+").say("division_code < ").bind(Value::Text(Some(to.into())));
}

/// The `ORDER BY` of a list, and where the page begins. The bound on the sort key alone lets an index seek.
fn ordered<R: Store>(sql: &mut Sql<'_>, query: &Query) -> Result<()> {
    let (key, descending) = (query.sort.key.as_str(), query.sort.descending);
    let (beyond, to, order) = if descending { (" < ", " <= ", " DESC") } else { (" > ", " >= ", "") };
    let known = COMMON_SORTS.iter().chain(R::SORTS).find(|k| **k == key);
    let unknown = || Error::Refused(Problem::InvalidParameter, vec![Violation::new("/sort", Rule::UnknownSort)]);
    let column: &'static str = known.copied().ok_or_else(unknown)?;
    if let Some(after) = &query.after {
        let id = || Value::Uid(Some(after.id));
        let value = match column {
            "id" => None,
            "created_at" | "updated_at" => Some(Value::At(Some(after.value()?))),
            own => Some(R::sorted_after(own, after)?),
        };
        match value {
            None => sql.say(" AND id").say(beyond).bind(id()),
            Some(value) => {
                sql.say(" AND ")
                    .say(column)
                    .say(to)
                    .bind(value.clone())
                    .say(" AND (")
                    .say(column)
                    .say(beyond)
                    .bind(value);
                sql.say(" OR id").say(beyond).bind(id()).say(")")
            }
        };
    }
    sql.say(" ORDER BY ");
    if column != "id" {
        sql.say(column).say(order).say(", ");
        if !query.conditions.is_empty() {
            sql.once();
        }
    }
    sql.say("id").say(order);
    Ok(())
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

/// Helpers of [`resource_store!`] that infer a field's type from how it is reached.
pub mod field {
    use super::{Cells, Column, Condition, Cursor, Object, Op, Result, Value, deserialize};
    use serde::{Serialize, de::DeserializeOwned};

    /// Writes the field as a member of a JSON object.
    ///
    /// # Errors
    /// As [`Object::field`].
    pub fn show<R, T: Column + Serialize>(
        _: fn(&R) -> &T,
        cells: &mut impl Cells,
        object: &mut Object<'_>,
        (field, name): (&'static str, &'static str),
    ) -> deserialize::Result<()> {
        object.field::<T>(cells, field, name)
    }

    /// Comparisons of the field's filter.
    pub const fn ops<R, T: Column>(_: fn(&R) -> &T) -> &'static [Op] {
        T::OPS
    }
    /// What a condition asks of the field.
    ///
    /// # Errors
    /// As [`Column::asked`].
    pub fn asked<R, T: Column>(_: fn(&R) -> &T, condition: &Condition) -> Result<Vec<(Op, Value<'static>)>> {
        T::asked(condition)
    }
    /// The field's value in a cursor.
    ///
    /// # Errors
    /// `Refused` where it is not one of the field.
    pub fn after<R, T: Column + DeserializeOwned>(_: fn(&R) -> &T, cursor: &Cursor) -> Result<Value<'static>> {
        let value: T = cursor.value()?;
        Ok(value.value()?.into_owned())
    }
}

/// Provides [`Store`] for a resource:
///
/// ```text
/// resource_store! {
///     honors: Honor { cadre_id, title, … }    // table, domain type, every field of the type
///     filter { cadre_id, awarded_on }         // filter[cadre_id]=…; an ordered field takes [gte] and the like too
///     sort { title }                          // sort=title; NOT NULL columns only
///     search { title }                        // q=…
///     rules { crate::rules::honor }           // optional: what needs other rows
/// }
/// ```
/// The column of a field has its name; its SQL type follows from the field's Rust type ([`Column`]).
#[macro_export]
macro_rules! resource_store {
    (
        $table:ident : $model:ident { $($col:ident),+ $(,)? }
        filter { $($filter:ident),* $(,)? }
        sort { $($sort:ident),* $(,)? }
        search { $($search:ident),* $(,)? }
        $(rules { $rules:path })?
    ) => {
        const _: () = {
            use $crate::error::{Error, Result};
            use $crate::query::{Condition, Cursor, Op};
            use $crate::statement::Cells;
            use $crate::store::{FilterSpec, Store, field};
            use $crate::value::{Column, Value};
            use $crate::write::Tx;
            use domain::{Findings, Problem, Record, Rule, Scope};

            impl Store for $model {
                const TABLE: &'static str = stringify!($table);
                const COLUMNS: &'static str = concat!(
                    "id, division_code, version, created_at, updated_at, deleted_at, external_system, external_id",
                    $(", ", stringify!($col)),+
                );
                const FIELDS: &'static [&'static str] = &[$(stringify!($col)),+];
                const FILTERS: &'static [FilterSpec] = &[$((stringify!($filter), field::ops(|r: &$model| &r.$filter))),*];
                const SORTS: &'static [&'static str] = &[$(stringify!($sort)),*];
                const SEARCHED: &'static [&'static str] = &[$(stringify!($search)),*];
                const RULED: bool = !<[&str]>::is_empty(&[$(stringify!($rules))?]);

                fn values(&self) -> Result<Vec<Value<'_>>> {
                    Ok(vec![$(self.$col.value()?),+])
                }
                fn take(cells: &mut impl Cells) -> diesel::deserialize::Result<Self> {
                    Ok(Self { $($col: cells.next()?),+ })
                }
                fn show(cells: &mut impl Cells, object: &mut $crate::shown::Object<'_>) -> diesel::deserialize::Result<()> {
                    $(field::show(|r: &$model| &r.$col, cells, object, (stringify!($col), concat!(",\"", stringify!($col), "\":")))?;)+
                    Ok(())
                }
                fn asked(condition: &Condition) -> Result<Vec<(Op, Value<'static>)>> {
                    match condition.field.as_str() {
                        $(stringify!($filter) => field::asked(|r: &$model| &r.$filter, condition),)*
                        _ => Err(Error::Refused(Problem::InvalidParameter, vec![condition.refused(Rule::UnknownFilter)])),
                    }
                }
                fn sort_value(&self, key: &str) -> Result<serde_json::Value> {
                    match key {
                        $(stringify!($sort) => serde_json::to_value(&self.$sort).map_err(Error::internal),)*
                        _ => Ok(serde_json::Value::Null),
                    }
                }
                fn sorted_after(key: &'static str, _cursor: &Cursor) -> Result<Value<'static>> {
                    match key {
                        $(stringify!($sort) => field::after(|r: &$model| &r.$sort, _cursor),)*
                        _ => Err(Error::Refused(Problem::PageTokenMismatch, vec![])),
                    }
                }
                fn rules(_tx: &mut Tx<'_>, _scope: &Scope, _old: Option<&Record<Self>>, _new: &Record<Self>, _found: &mut Findings) -> Result<()> {
                    $($rules(_tx, _scope, _old, _new, _found)?;)?
                    Ok(())
                }
            }
        };
    };
}
