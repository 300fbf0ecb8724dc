//! What the generic code may ask of any resource's storage, and the one macro that provides it.
use crate::conn::Conn;
use crate::error::Result;
use crate::journal::Entry;
use crate::query::{Op, Page, Query};
use crate::write::Tx;
use domain::resource::ExternalRef;
use domain::{DateTime, DivisionCode, Findings, Meta, Record, Resource, Scope, Utc, Uuid};

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

/// Storage of one resource. Every function that reads takes a scope.
pub trait Store: Resource {
    /// Table name.
    const TABLE: &'static str;
    /// Filters beside the common ones.
    const FILTERS: &'static [FilterSpec];
    /// Sort keys beside the common ones.
    const SORTS: &'static [&'static str];
    /// Whether there are rules that need other rows.
    const RULED: bool;
    /// Whether `q` searches something.
    const SEARCHED: bool;

    /// The live record with this id, if the scope may see it.
    fn get(conn: &mut Conn, scope: &Scope, id: Uuid) -> Result<Option<Record<Self>>>;
    /// One page.
    fn list(conn: &mut Conn, scope: &Scope, query: &Query) -> Result<Page<Record<Self>>>;
    /// How many records the query's conditions meet.
    fn count(conn: &mut Conn, scope: &Scope, query: &Query) -> Result<i64>;
    /// The live records with these ids that the scope may see.
    fn by_ids(conn: &mut Conn, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Record<Self>>>;
    /// Writes a new record and its entry. Atomic on PostgreSQL; on SQLite the caller holds a transaction.
    fn insert(conn: &mut Conn, record: &Record<Self>, entry: &Entry) -> Result<()>;
    /// Writes many new records and their entries. The caller holds a transaction.
    fn insert_many(conn: &mut Conn, records: &[Record<Self>], entries: &[Entry]) -> Result<()>;
    /// Rules that need other rows. `old` is `None` for a new record.
    fn rules(
        tx: &mut Tx<'_>,
        scope: &Scope,
        old: Option<&Record<Self>>,
        new: &Record<Self>,
        found: &mut Findings,
    ) -> Result<()>;
    /// Writes every column and the entry where the stored version is still `expected`; `Stale` otherwise. As [`insert`](Self::insert).
    fn update(conn: &mut Conn, record: &Record<Self>, expected: i64, entry: &Entry) -> Result<()>;
}

/// Calls `f` on page after page in id order until it says stop. Memory stays at one page.
pub fn each_page<R: Store>(
    conn: &mut Conn,
    scope: &Scope,
    mut query: Query,
    f: &mut dyn FnMut(Vec<Record<R>>) -> bool,
) -> Result<()> {
    loop {
        let page = R::list(conn, scope, &query)?;
        let more = f(page.items);
        match page.next {
            Some(next) if more => query.after = Some(next),
            _ => return Ok(()),
        }
    }
}

/// The common columns as diesel reads them.
pub(crate) type MetaRow =
    (Uuid, DivisionCode, i64, DateTime<Utc>, DateTime<Utc>, Option<DateTime<Utc>>, Option<String>, Option<String>);

pub(crate) fn meta(row: MetaRow) -> Meta {
    let (id, division_code, version, created_at, updated_at, deleted_at, system, external) = row;
    let external_ref = system.zip(external).map(|(system, id)| ExternalRef { system, id });
    Meta { id, division_code, version, created_at, updated_at, deleted_at, external_ref }
}

/// Provides [`Store`] for a resource:
///
/// ```text
/// resource_store! {
///     honors: Honor {                     // table and domain type
///         cadre_id: Nullable<Uid>, …      // every field of the type, with its SQL type
///     }
///     eq { cadre_id: Uid, Uuid; }         // filter[cadre_id]=…: SQL type (without Nullable), Rust type
///     range { year: Integer, i32; }       // filter[year][gte]=… and the like
///     fuzzy { awarded_on }                // the same for partial dates
///     sort { title: Text, String }        // sort=title; NOT NULL columns only
///     search { title }                    // q=…
///     rules { crate::rules::honor }       // optional: what needs other rows
/// }
/// ```
/// It expands to diesel's `table!` (8 common columns, then the fields) and to an `impl Store` of ordinary
/// concrete diesel, compiled once for each engine by `on!`.
#[macro_export]
macro_rules! resource_store {
    (
        $table:ident : $model:ident { $($col:ident : $ty:ty),+ $(,)? }
        eq { $($eq:ident : $eq_sql:ty, $eq_ty:ty;)* }
        range { $($range:ident : $range_sql:ty, $range_ty:ty;)* }
        fuzzy { $($fuzzy:ident),* $(,)? }
        sort { $($sort:ident : $sort_sql:ty, $sort_ty:ty;)* }
        search { $($search:ident),* $(,)? }
        $(rules { $rules:path })?
    ) => {
        diesel::table! {
            use diesel::sql_types::*;
            use $crate::sql::*;
            $table (id) {
                id -> Uid, division_code -> Division, version -> BigInt, created_at -> Instant, updated_at -> Instant,
                deleted_at -> Nullable<Instant>, external_system -> Nullable<Text>, external_id -> Nullable<Text>,
                $($col -> $ty,)+
            }
        }

        const _: () = {
            use diesel::prelude::*;
            use diesel::sql_types::*;
            use $crate::conn::Conn;
            use $crate::error::{Error, Result};
            use $crate::expr::{Unindexed, bind};
            use $crate::journal::{self, Entry};
            use $crate::query::{Cursor, Op, Page, Query, division_range, scope_division};
            use $crate::sql::*;
            use $crate::store::{FilterSpec, Store};
            use $crate::write::Tx;
            use domain::{DateTime, Findings, Problem, Record, Resource, Rule, Scope, Utc, Uuid, Violation, Visibility};

            macro_rules! columns {
                () => {(
                    ($table::id, $table::division_code, $table::version, $table::created_at, $table::updated_at,
                     $table::deleted_at, $table::external_system, $table::external_id),
                    ($($table::$col,)+)
                )};
            }
            macro_rules! values {
                ($r:expr) => {(
                    ($table::id.eq(bind::<Uid, _>($r.meta.id)), $table::division_code.eq(bind::<Division, _>(&$r.meta.division_code)),
                     $table::version.eq($r.meta.version),
                     $table::created_at.eq(bind::<Instant, _>($r.meta.created_at)), $table::updated_at.eq(bind::<Instant, _>($r.meta.updated_at)),
                     $table::deleted_at.eq(bind::<Nullable<Instant>, _>($r.meta.deleted_at)),
                     $table::external_system.eq($r.meta.external_ref.as_ref().map(|e| e.system.as_str())),
                     $table::external_id.eq($r.meta.external_ref.as_ref().map(|e| e.id.as_str()))),
                    ($($table::$col.eq(bind::<$ty, _>(&$r.data.$col)),)+)
                )};
            }
            macro_rules! record {
                ($t:expr) => {{ let (m, ($($col,)+)) = $t; Record { meta: $crate::store::meta(m), data: $model { $($col),+ } } }};
            }
            macro_rules! records {
                ($t:expr) => { $t.into_iter().map(|t| record!(t)).collect::<Vec<Record<$model>>>() };
            }
            // Live, and visible in the scope.
            macro_rules! scoped {
                ($s:ident, $scope:expr) => {
                    $s = $s.filter($table::deleted_at.is_null());
                    if let (Some(d), false) = (scope_division($scope), $model::VISIBILITY == Visibility::Everyone) {
                        let (from, to) = division_range(d);
                        let inside = Unindexed($table::division_code).ge(bind::<Division, _>(from))
                            .and(Unindexed($table::division_code).lt(bind::<Division, _>(to)));
                        $s = match $model::VISIBILITY {
                            Visibility::Inherited => $s.filter(inside.or($table::division_code.eq_any(d.chain().into_iter().map(bind::<Division, _>).collect::<Vec<_>>()))),
                            _ => $s.filter(inside),
                        };
                    }
                };
            }
            macro_rules! compare {
                ($s:ident, $column:expr, $op:expr, $value:expr) => {
                    $s = match $op {
                        Op::Eq => $s.filter($column.eq($value)),
                        Op::Gt => $s.filter($column.gt($value)),
                        Op::Gte => $s.filter($column.ge($value)),
                        Op::Lt => $s.filter($column.lt($value)),
                        Op::Lte => $s.filter($column.le($value)),
                    }
                };
            }
            macro_rules! filtered {
                ($s:ident, $scope:expr, $q:expr) => {
                    scoped!($s, $scope);
                    for condition in &$q.conditions {
                        match condition.field.as_str() {
                            "division_code" => {
                                let (from, to) = division_range(&condition.value::<domain::DivisionCode>()?);
                                $s = $s.filter(Unindexed($table::division_code).ge(bind::<Division, _>(from)))
                                    .filter(Unindexed($table::division_code).lt(bind::<Division, _>(to)));
                            }
                            "external_system" => { $s = $s.filter($table::external_system.eq(condition.value.clone())); }
                            "external_id" => { $s = $s.filter($table::external_id.eq(condition.value.clone())); }
                            "created_at" => { compare!($s, $table::created_at, condition.op, bind::<Instant, _>(condition.value::<DateTime<Utc>>()?)); }
                            "updated_at" => { compare!($s, $table::updated_at, condition.op, bind::<Instant, _>(condition.value::<DateTime<Utc>>()?)); }
                            $(stringify!($eq) => { $s = $s.filter($table::$eq.nullable().eq(bind::<Nullable<$eq_sql>, _>(Some(condition.value::<$eq_ty>()?)))); })*
                            $(stringify!($range) => { compare!($s, $table::$range.nullable(), condition.op, bind::<Nullable<$range_sql>, _>(Some(condition.value::<$range_ty>()?))); })*
                            $(stringify!($fuzzy) => {
                                let date = condition.fuzzy()?;
                                let column = $table::$fuzzy.nullable();
                                let text = |t: String| bind::<Nullable<FuzzyDate>, _>(Some(t));
                                $s = match condition.op {
                                    Op::Eq => $s.filter(column.ge(text(date.to_string())).and(column.le(text(date.upper_text())))),
                                    Op::Gt => $s.filter(column.gt(text(date.upper_text()))),
                                    Op::Gte => $s.filter(column.ge(text(date.lower_text()))),
                                    Op::Lt => $s.filter(column.lt(text(date.lower_text()))),
                                    Op::Lte => $s.filter(column.le(text(date.upper_text()))),
                                };
                            })*
                            _ => return Err(Error::Refused(Problem::InvalidParameter, vec![condition.refused(Rule::UnknownFilter)])),
                        }
                    }
                    if let Some(text) = &$q.q {
                        let pattern = $crate::query::containing(text);
                        let _ = &pattern;
                        $s = $s.filter($crate::store::search!(pattern; $($table::$search),*));
                    }
                };
            }
            // Rows after the cursor in the order of (column, id). The bound on the column alone lets an index seek.
            macro_rules! keyset {
                ($s:ident, $q:expr, $column:expr, $value:expr) => {
                    if let Some(after) = &$q.after {
                        let id = after.id;
                        let value = $value(after)?;
                        $s = if $q.sort.descending {
                            $s.filter($column.le(value.clone()))
                                .filter($column.lt(value).or($table::id.lt(bind::<Uid, _>(id))))
                        } else {
                            $s.filter($column.ge(value.clone()))
                                .filter($column.gt(value).or($table::id.gt(bind::<Uid, _>(id))))
                        };
                    }
                    $s = if $q.sort.descending { $s.order(($column.desc(), $table::id.desc())) } else { $s.order(($column.asc(), $table::id.asc())) };
                };
            }
            macro_rules! ordered {
                ($s:ident, $q:expr) => {
                    match $q.sort.key.as_str() {
                        "id" => {
                            if let Some(after) = &$q.after {
                                $s = if $q.sort.descending { $s.filter($table::id.lt(bind::<Uid, _>(after.id))) } else { $s.filter($table::id.gt(bind::<Uid, _>(after.id))) };
                            }
                            $s = if $q.sort.descending { $s.order($table::id.desc()) } else { $s.order($table::id.asc()) };
                        }
                        "created_at" => { keyset!($s, $q, $table::created_at, |a: &Cursor| Ok::<_, Error>(bind::<Instant, _>(a.value::<DateTime<Utc>>()?))); }
                        "updated_at" => { keyset!($s, $q, $table::updated_at, |a: &Cursor| Ok::<_, Error>(bind::<Instant, _>(a.value::<DateTime<Utc>>()?))); }
                        $(stringify!($sort) => { keyset!($s, $q, $table::$sort, |a: &Cursor| Ok::<_, Error>(bind::<$sort_sql, _>(a.value::<$sort_ty>()?))); })*
                        _ => return Err(Error::Refused(Problem::InvalidParameter, vec![Violation::new("/sort", Rule::UnknownSort)])),
                    }
                };
            }
            fn cursor(r: &Record<$model>, key: &str) -> Result<Cursor> {
                let value = match key {
                    "created_at" => serde_json::to_value(r.meta.created_at),
                    "updated_at" => serde_json::to_value(r.meta.updated_at),
                    $(stringify!($sort) => serde_json::to_value(&r.data.$sort),)*
                    _ => Ok(serde_json::Value::Null),
                };
                Ok(Cursor { value: value.map_err(Error::internal)?, id: r.meta.id })
            }

            impl Store for $model {
                const TABLE: &'static str = stringify!($table);
                const FILTERS: &'static [FilterSpec] = &[$((stringify!($eq), Op::EQ),)* $((stringify!($range), Op::RANGE),)* $((stringify!($fuzzy), Op::RANGE),)*];
                const SORTS: &'static [&'static str] = &[$(stringify!($sort)),*];
                const RULED: bool = !<[&str]>::is_empty(&[$(stringify!($rules))?]);
                const SEARCHED: bool = !<[&str]>::is_empty(&[$(stringify!($search)),*]);

                fn get(conn: &mut Conn, scope: &Scope, id: Uuid) -> Result<Option<Record<Self>>> {
                    // No LIMIT: SQLite would prepare a statement with a bound LIMIT anew each time.
                    let found: Option<Record<Self>> = on!(conn, c => $table::table
                        .filter($table::id.eq(bind::<Uid, _>(id))).filter($table::deleted_at.is_null())
                        .select(columns!()).get_result(c).optional()?.map(|t| record!(t)));
                    Ok(found.filter(|r| $crate::store::visible(r, scope)))
                }
                fn list(conn: &mut Conn, scope: &Scope, query: &Query) -> Result<Page<Record<Self>>> {
                    let mut items = on!(conn, c => {
                        let mut s = $table::table.select(columns!()).into_boxed();
                        filtered!(s, scope, query);
                        ordered!(s, query);
                        records!(s.limit(query.limit + 1).load(c)?)
                    });
                    let limit = usize::try_from(query.limit).map_err(Error::internal)?;
                    let more = items.len() > limit;
                    items.truncate(limit);
                    let next = if more { items.last().map(|r| cursor(r, &query.sort.key)).transpose()? } else { None };
                    Ok(Page { items, next })
                }
                fn count(conn: &mut Conn, scope: &Scope, query: &Query) -> Result<i64> {
                    Ok(on!(conn, c => {
                        let mut s = $table::table.select(diesel::dsl::count_star()).into_boxed();
                        filtered!(s, scope, query);
                        s.get_result(c)
                    })?)
                }
                fn by_ids(conn: &mut Conn, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Record<Self>>> {
                    let mut found = on!(conn, c => records!($table::table
                        .filter($table::id.eq_any(ids.iter().map(|i| bind::<Uid, _>(i)).collect::<Vec<_>>())).filter($table::deleted_at.is_null())
                        .select(columns!()).load(c)?));
                    found.retain(|r| $crate::store::visible(r, scope));
                    Ok(found)
                }
                fn insert(conn: &mut Conn, record: &Record<Self>, entry: &Entry) -> Result<()> {
                    match conn {
                        Conn::Pg(c) => journal::together(c, diesel::insert_into($table::table).values(values!(record)), entry, false),
                        Conn::Sqlite(c) => {
                            diesel::insert_into($table::table).values(values!(record)).execute(c)?;
                            journal::record(c, entry)
                        }
                    }
                }
                fn insert_many(conn: &mut Conn, records: &[Record<Self>], entries: &[Entry]) -> Result<()> {
                    match conn {
                        Conn::Pg(c) => {
                            diesel::insert_into($table::table).values(records.iter().map(|r| values!(r)).collect::<Vec<_>>()).execute(c)?;
                            journal::record_many(c, entries)
                        }
                        // Nothing crosses a network here, and a statement that stays prepared beats a long one.
                        Conn::Sqlite(c) => {
                            for (record, entry) in records.iter().zip(entries) {
                                diesel::insert_into($table::table).values(values!(record)).execute(c)?;
                                journal::record(c, entry)?;
                            }
                            Ok(())
                        }
                    }
                }
                fn rules(_tx: &mut Tx<'_>, _scope: &Scope, _old: Option<&Record<Self>>, _new: &Record<Self>, _found: &mut Findings) -> Result<()> {
                    $($rules(_tx, _scope, _old, _new, _found)?;)?
                    Ok(())
                }
                fn update(conn: &mut Conn, record: &Record<Self>, expected: i64, entry: &Entry) -> Result<()> {
                    macro_rules! change {
                        () => { diesel::update($table::table.filter($table::id.eq(bind::<Uid, _>(record.meta.id))).filter($table::version.eq(expected))
                            .filter($table::deleted_at.is_null())).set(values!(record)) };
                    }
                    match conn {
                        Conn::Pg(c) => journal::together(c, change!(), entry, true),
                        Conn::Sqlite(c) => match change!().execute(c)? {
                            0 => Err(Error::Stale { current: 0, fields: vec![] }),
                            _ => journal::record(c, entry),
                        },
                    }
                }
            }
        };
    };
}

/// Whether a scope may see a record.
pub fn visible<R: Resource>(record: &Record<R>, scope: &Scope) -> bool {
    use domain::Visibility;
    let own = scope.covers(&record.meta.division_code);
    match (R::VISIBILITY, scope) {
        (Visibility::Everyone, _) => true,
        (Visibility::Inherited, Scope::Division(d)) => own || record.meta.division_code.contains(d),
        _ => own,
    }
}

/// The condition of a search in any of the columns.
macro_rules! search {
    ($pattern:ident;) => { diesel::dsl::sql::<diesel::sql_types::Bool>("1 = 0") };
    ($pattern:ident; $column:expr) => {
        $crate::expr::lower($column).like($pattern).escape('\\')
    };
    ($pattern:ident; $column:expr, $($more:expr),+) => {
        $crate::expr::lower($column).like($pattern.clone()).escape('\\').or($crate::store::search!($pattern; $($more),+))
    };
}
pub(crate) use search;
