//! Whether what a record refers to exists and may be seen: its division and the records it names.
//! One statement for all of them, whatever their tables.
use crate::conn::Conn;
use crate::error::Result;
use crate::query::{division_range, scope_division};
use crate::registry;
use crate::sql::{Division, Uid};
use crate::store::Store;
use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Date, HasSqlType, Nullable, Text};
use domain::{DivisionCode, Findings, NaiveDate, PartialDate, Record, Rule, Scope, Uuid, Violation, Visibility};
use std::collections::HashMap;

/// Checks the references of a record. For a changed one only what changed is asked.
pub fn check<R: Store>(
    conn: &mut Conn,
    scope: &Scope,
    today: NaiveDate,
    old: Option<&Record<R>>,
    new: &Record<R>,
    found: &mut Findings,
) -> Result<()> {
    let wanted = Wanted::of(old, new);
    if !wanted.is_empty() {
        let there = existing(conn, scope, std::slice::from_ref(&wanted))?;
        wanted.report(&there, today, new, found);
    }
    Ok(())
}

/// The same for many new records at once; one finding a record, in order.
pub fn check_many<R: Store>(
    conn: &mut Conn,
    scope: &Scope,
    today: NaiveDate,
    records: &[Record<R>],
) -> Result<Vec<Findings>> {
    let wanted: Vec<Wanted> = records.iter().map(|r| Wanted::of(None, r)).collect();
    let mut there = existing(conn, scope, &wanted)?;
    let mut all = Vec::with_capacity(records.len());
    for (w, record) in wanted.iter().zip(records) {
        let mut found = Findings::default();
        w.report(&there, today, record, &mut found);
        all.push(found);
        // Those behind it may refer to it.
        there.insert((R::PATH.to_owned(), record.meta.id), (None, None, None));
    }
    Ok(all)
}

/// What one record refers to.
struct Wanted {
    division: Option<Uuid>,
    /// Pointer, path of the other resource, id.
    records: Vec<(String, &'static str, Uuid)>,
}

/// Period and successor of a division that is there.
type Period = (Option<NaiveDate>, Option<NaiveDate>, Option<DivisionCode>);
type There = HashMap<(String, Uuid), Period>;

impl Wanted {
    fn of<R: Store>(old: Option<&Record<R>>, new: &Record<R>) -> Self {
        let mut records = vec![];
        for reference in R::REFERENCES {
            let ids = (reference.ids)(&new.data);
            let before = old.map(|o| (reference.ids)(&o.data)).unwrap_or_default();
            for (i, id) in ids.iter().enumerate().filter(|(_, id)| !before.contains(id)) {
                let pointer = if reference.expand.is_empty() {
                    format!("/{}/{i}", reference.field)
                } else {
                    format!("/{}", reference.field)
                };
                records.push((pointer, reference.to, *id));
            }
        }
        let is_division = R::PATH == "divisions";
        let division = (old.is_none() && !is_division)
            .then(|| domain::reference::Division::id_of(new.meta.division_code.as_str()));
        Self { division, records }
    }
    fn is_empty(&self) -> bool {
        self.division.is_none() && self.records.is_empty()
    }
    fn report<R: Store>(&self, there: &There, today: NaiveDate, new: &Record<R>, found: &mut Findings) {
        for (pointer, to, id) in &self.records {
            if !there.contains_key(&((*to).to_owned(), *id)) {
                found.error(pointer.as_str(), Rule::UnknownReference);
            }
        }
        let Some(id) = self.division else { return };
        let on = new.data.effective_on().unwrap_or(PartialDate::day(today));
        match there.get(&("divisions".to_owned(), id)) {
            None => found.error("division_code", Rule::UnknownDivision),
            Some((_, Some(to), successor)) if on.first_day() > *to => found.push(
                Violation::new("division_code", Rule::DivisionEnded)
                    .with("valid_to", to)
                    .with("successor_code", successor.as_ref().map_or("-", |c| c.as_str())),
            ),
            // What happened before the division was founded is on record under the division of today.
            Some((Some(from), ..)) if today < *from => {
                found.push(Violation::new("division_code", Rule::DivisionNotYet).with("valid_from", from));
            }
            Some(_) => {}
        }
    }
}

fn existing(conn: &mut Conn, scope: &Scope, wanted: &[Wanted]) -> Result<There> {
    let mut ids: Vec<(&'static str, Vec<Uuid>)> = vec![];
    let mut add = |path: &'static str, id: Uuid| match ids.iter_mut().find(|(p, _)| *p == path) {
        Some((_, list)) => {
            if !list.contains(&id) {
                list.push(id);
            }
        }
        None => ids.push((path, vec![id])),
    };
    for w in wanted {
        w.division.iter().for_each(|id| add("divisions", *id));
        w.records.iter().for_each(|(_, path, id)| add(path, *id));
    }
    let parts = ids.into_iter().filter_map(|(path, ids)| registry::find(path).map(|kind| Part::of(kind, scope, ids)));
    let query = Existing(parts.collect());
    if query.0.is_empty() {
        return Ok(There::new());
    }
    type Row = (String, Uuid, Option<NaiveDate>, Option<NaiveDate>, Option<DivisionCode>);
    let rows: Vec<Row> = on!(conn, c => query.load(c))?;
    Ok(rows.into_iter().map(|(path, id, from, to, successor)| ((path, id), (from, to, successor))).collect())
}

/// The live records among `ids` of one table that the scope may see.
struct Part {
    path: &'static str,
    table: &'static str,
    ids: Vec<Uuid>,
    /// Range of divisions, and the enclosing ones where they are inherited.
    inside: Option<(String, String, Vec<String>)>,
}
impl Part {
    fn of(kind: &'static registry::Kind, scope: &Scope, ids: Vec<Uuid>) -> Self {
        let inside = scope_division(scope).filter(|_| kind.visibility != Visibility::Everyone).map(|d| {
            let (from, to) = division_range(d);
            let chain = if kind.visibility == Visibility::Inherited { d.chain() } else { vec![] };
            (from, to, chain)
        });
        Self { path: kind.path, table: kind.table, ids, inside }
    }
}

/// `SELECT … FROM units WHERE … UNION ALL SELECT … FROM divisions WHERE …`
struct Existing(Vec<Part>);

impl QueryId for Existing {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl Query for Existing {
    type SqlType = (Text, Uid, Nullable<Date>, Nullable<Date>, Nullable<Division>);
}
impl<C> RunQueryDsl<C> for Existing {}
impl<DB> QueryFragment<DB> for Existing
where
    DB: Backend + HasSqlType<Uid> + HasSqlType<Division> + HasSqlType<Text>,
    Uuid: ToSql<Uid, DB>,
    String: ToSql<Division, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for (i, part) in self.0.iter().enumerate() {
            let period = if part.path == "divisions" {
                "valid_from, valid_to, successor_code"
            } else {
                "CAST(NULL AS date), CAST(NULL AS date), CAST(NULL AS text)"
            };
            out.push_sql(if i > 0 { " UNION ALL " } else { "" });
            // Table and path come from the registry, never from a request.
            out.push_sql(&format!(
                "SELECT '{}', id, {period} FROM {} WHERE deleted_at IS NULL AND id IN (",
                part.path, part.table
            ));
            for (n, id) in part.ids.iter().enumerate() {
                out.push_sql(if n > 0 { ", " } else { "" });
                out.push_bind_param::<Uid, Uuid>(id)?;
            }
            out.push_sql(")");
            if let Some((from, to, chain)) = &part.inside {
                out.push_sql(" AND ((division_code >= ");
                out.push_bind_param::<Division, String>(from)?;
                out.push_sql(" AND division_code < ");
                out.push_bind_param::<Division, String>(to)?;
                out.push_sql(")");
                for code in chain {
                    out.push_sql(" OR division_code = ");
                    out.push_bind_param::<Division, String>(code)?;
                }
                out.push_sql(")");
            }
        }
        Ok(())
    }
}

/// The fields, as `(path, field)`, through which live records refer to this one.
pub fn referring(conn: &mut Conn, path: &str, id: Uuid) -> Result<Vec<(&'static str, &'static str)>> {
    let mut fields = vec![];
    for kind in registry::all() {
        for (field, expand, to) in &kind.references {
            // A list of ids has no column of its own to look in; its members are checked when it is written.
            if *to == path && !expand.is_empty() {
                fields.push((kind.path, kind.table, *field));
            }
        }
    }
    let mut users = vec![];
    if fields.is_empty() {
        return Ok(users);
    }
    let query = Referring(fields.clone(), id);
    let rows: Vec<(String, String)> = on!(conn, c => query.load(c))?;
    for (path, _, field) in fields {
        if rows.iter().any(|(p, f)| p == path && f == field) {
            users.push((path, field));
        }
    }
    Ok(users)
}

/// `SELECT 'honors', 'cadre_id' WHERE EXISTS (…) UNION ALL …`
struct Referring(Vec<(&'static str, &'static str, &'static str)>, Uuid);
impl QueryId for Referring {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl Query for Referring {
    type SqlType = (Text, Text);
}
impl<C> RunQueryDsl<C> for Referring {}
impl<DB> QueryFragment<DB> for Referring
where
    DB: Backend + HasSqlType<Uid>,
    Uuid: ToSql<Uid, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for (i, (path, table, field)) in self.0.iter().enumerate() {
            out.push_sql(if i > 0 { " UNION ALL " } else { "" });
            out.push_sql(&format!(
                "SELECT '{path}', '{field}' WHERE EXISTS (SELECT 1 FROM {table} WHERE deleted_at IS NULL AND {field} = "
            ));
            out.push_bind_param::<Uid, Uuid>(&self.1)?;
            out.push_sql(")");
        }
        Ok(())
    }
}
