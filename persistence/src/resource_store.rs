//! `resource_store!`: the storage of a resource, from its columns.

/// Provides [`Store`](crate::store::Store) for a resource:
///
/// ```text
/// resource_store! {
///     honors: Honor { cadre_id, title, … }    // table, domain type, every field of the type
///     filter { cadre_id, awarded_on }         // filter[cadre_id]=…; an ordered field takes [gte] and the like too
///     sort { title }                          // sort=title; NOT NULL columns only
///     search { title }                        // q=…
///     fills { crate::fills::honor }           // optional: what follows from other rows
///     rules { crate::rules::honor }           // optional: what needs other rows
///     effects { crate::effects::honor, when crate::effects::is_awarded } // optional: what a change makes of
///                                             // other records, and of which changes that can be said
/// }
/// ```
/// The column of a field has its name; its SQL type follows from the field's Rust type ([`Column`](crate::value::Column)).
#[macro_export]
macro_rules! resource_store {
    (
        $table:ident : $model:ident { $($col:ident),+ $(,)? }
        filter { $($filter:ident),* $(,)? }
        sort { $($sort:ident),* $(,)? }
        search { $($search:ident),* $(,)? }
        $(fills { $fills:path })?
        $(rules { $rules:path })?
        $(effects { $effects:path $(, when $when:path)? })?
    ) => {
        const _: () = {
            use $crate::error::{Error, Result};
            use $crate::query::{Condition, Cursor, Op};
            use $crate::rows::Cells;
            use $crate::field;
            use $crate::store::{FilterSpec, Store};
            use $crate::sealed::{Keyring, Sealing};
            use $crate::tx::Tx;
            use $crate::value::Value;
            use domain::{Findings, Problem, Record, Rule, Scope};

            const CLASSES: &[domain::Classified] = <$model as domain::Resource>::CLASSES;
            const PATH: &str = <$model as domain::Resource>::PATH;

            impl Store for $model {
                const TABLE: &'static str = stringify!($table);
                const COLUMNS: &'static str = concat!(
                    "id, division_code, version, created_at, updated_at, deleted_at, external_system, external_id",
                    $(", ", stringify!($col)),+
                );
                const FIELDS: &'static [&'static str] = &[$(stringify!($col)),+];
                const PASSED: &'static str = {
                    const COLUMNS: &[&str] = &[
                        "id, division_code, version, created_at, updated_at, deleted_at, external_system, external_id",
                        $(field::passed(
                            |r: &$model| &r.$col,
                            (concat!(", ", stringify!($col)), concat!(", CAST(", stringify!($col), " AS BLOB)")),
                            field::is_sealed(CLASSES, stringify!($col)),
                        )),+
                    ];
                    const LENGTH: usize = field::length(COLUMNS);
                    field::text(&field::joined::<LENGTH>(COLUMNS))
                };
                const MASKS: &'static [Option<(domain::FieldClass, domain::Mask)>] =
                    &[$(field::hidden(CLASSES, stringify!($col))),+];
                const SEALED: &'static [bool] = &[$(field::is_sealed(CLASSES, stringify!($col))),+];
                const INDEXES: &'static [Option<&'static str>] = &[$(field::index(CLASSES, stringify!($col))),+];
                const FILTERS: &'static [FilterSpec] = &[$((
                    stringify!($filter),
                    field::ops(|r: &$model| &r.$filter, field::is_sealed(CLASSES, stringify!($filter))),
                )),*];
                const SORTS: &'static [&'static str] = &[$(stringify!($sort)),*];
                const SEARCHED: &'static [&'static str] = &[$(stringify!($search)),*];
                const RULED: bool = !<[&str]>::is_empty(&[$(stringify!($rules))?]);

                fn values(&self, sealing: &mut Sealing<'_>) -> Result<Vec<Value<'_>>> {
                    Ok(vec![$(field::value(
                        &self.$col,
                        const {
                            let index = field::index(CLASSES, stringify!($col));
                            (stringify!($col), field::is_sealed(CLASSES, stringify!($col)), index.is_some())
                        },
                        sealing,
                    )?),+])
                }
                fn take(cells: &mut impl Cells, id: domain::Uuid) -> diesel::deserialize::Result<Self> {
                    Ok(Self { $($col: field::take(
                        cells,
                        const { (PATH, stringify!($col), field::is_sealed(CLASSES, stringify!($col))) },
                        id,
                    )?),+ })
                }
                fn show(cells: &mut impl Cells, object: &mut $crate::shown::Object<'_>) -> diesel::deserialize::Result<()> {
                    $(field::show(|r: &$model| &r.$col, cells, object, const {
                        (stringify!($col), concat!(",\"", stringify!($col), "\":"), field::is_sealed(CLASSES, stringify!($col)))
                    })?;)+
                    Ok(())
                }
                fn searched(&self) -> Result<Vec<(&'static str, Value<'_>)>> {
                    Ok(vec![$((stringify!($search), field::plain(&self.$search)?)),*])
                }
                fn asked(condition: &Condition, _keys: &Keyring) -> Result<Vec<(Op, Value<'static>)>> {
                    match condition.field.as_str() {
                        $(stringify!($filter) => field::asked(
                            |r: &$model| &r.$filter,
                            condition,
                            const { (PATH, stringify!($filter), field::is_sealed(CLASSES, stringify!($filter))) },
                            _keys,
                        ),)*
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
                fn fill(_tx: &mut Tx<'_>, _record: &mut Record<Self>, _found: &mut Findings) -> Result<()> {
                    $($fills(_tx, _record, _found)?;)?
                    Ok(())
                }
                fn rules(_tx: &mut Tx<'_>, _scope: &Scope, _old: Option<&Record<Self>>, _new: &Record<Self>, _found: &mut Findings) -> Result<()> {
                    $($rules(_tx, _scope, _old, _new, _found)?;)?
                    Ok(())
                }
                fn effective(_old: Option<&Record<Self>>, _new: &Record<Self>) -> bool {
                    !<[&str]>::is_empty(&[$(stringify!($effects))?]) $($(&& $when(_old, _new))?)?
                }
                fn effects(_tx: &mut Tx<'_>, _old: Option<&Record<Self>>, _new: &Record<Self>) -> Result<()> {
                    $($effects(_tx, _old, _new)?;)?
                    Ok(())
                }
            }
        };
    };
}
