//! Whether what a record refers to exists and may be seen: its division and the records it names.
//! One statement for all of them, whatever their tables.
use crate::belonging::belonging;
use crate::conn::Conn;
use crate::error::Result;
use crate::query::Query;
use crate::registry;
use crate::select::within;
use crate::statement::Sql;
use crate::store::Store;
use crate::value::Value;
use domain::{DivisionCode, Findings, NaiveDate, PartialDate, Record, Reference, Rule, Scope, Uuid, Violation};
use std::collections::{HashMap, HashSet};

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
        there.records.insert((R::PATH, record.meta.id));
    }
    Ok(all)
}

/// What one record refers to.
struct Wanted {
    /// By its code: a division that was added through the API has an id like any other record.
    division: Option<String>,
    /// Pointer, path of the other resource, id.
    records: Vec<(String, &'static str, Uuid)>,
}

/// Period and successor of a division that is there.
type Period = (Option<NaiveDate>, Option<NaiveDate>, Option<DivisionCode>);

/// What is there of all that is wanted.
#[derive(Default)]
struct There {
    /// Path and id.
    records: HashSet<(&'static str, Uuid)>,
    divisions: HashMap<String, Period>,
}

impl Wanted {
    fn of<R: Store>(old: Option<&Record<R>>, new: &Record<R>) -> Self {
        let mut records = vec![];
        // What the server fills in follows from a reference that is checked itself; a finding about it would tell of
        // a record that the caller does not see.
        for reference in R::REFERENCES.iter().filter(|r| !R::DERIVED.contains(&r.field)) {
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
        let division = (old.is_none() && !is_division).then(|| new.meta.division_code.to_string());
        Self { division, records }
    }
    fn is_empty(&self) -> bool {
        self.division.is_none() && self.records.is_empty()
    }
    fn report<R: Store>(&self, there: &There, today: NaiveDate, new: &Record<R>, found: &mut Findings) {
        for (pointer, to, id) in &self.records {
            if !there.records.contains(&(*to, *id)) {
                found.error(pointer.as_str(), Rule::UnknownReference);
            }
        }
        let Some(code) = &self.division else { return };
        let on = new.data.effective_on().unwrap_or(PartialDate::day(today));
        match there.divisions.get(code) {
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
    let mut codes: Vec<&String> = wanted.iter().filter_map(|w| w.division.as_ref()).collect();
    codes.sort();
    codes.dedup();
    let mut add = |path: &'static str, id: Uuid| match ids.iter_mut().find(|(p, _)| *p == path) {
        Some((_, list)) => {
            if !list.contains(&id) {
                list.push(id);
            }
        }
        None => ids.push((path, vec![id])),
    };
    for w in wanted {
        w.records.iter().for_each(|(_, path, id)| add(path, *id));
    }
    let mut there = There::default();
    if ids.is_empty() && codes.is_empty() {
        return Ok(there);
    }
    let sql = asking(scope, ids, codes);
    type Row = (String, Uuid, Option<NaiveDate>, Option<NaiveDate>, Option<DivisionCode>);
    let rows: Vec<Row> = sql.rows(conn)?;
    for (name, id, from, to, successor) in rows {
        // A path is made of letters, a code of digits.
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            there.divisions.insert(name, (from, to, successor));
        } else if let Some(kind) = registry::find(&name) {
            there.records.insert((kind.path, id));
        }
    }
    Ok(there)
}

/// `SELECT … FROM units WHERE … UNION ALL SELECT … FROM divisions WHERE code IN (…)`
fn asking<'a>(scope: &Scope, ids: Vec<(&'static str, Vec<Uuid>)>, codes: Vec<&'a String>) -> Sql<'a> {
    let mut sql = Sql::new("");
    // More than one record's would take too many forms.
    if codes.len() + ids.iter().map(|(_, ids)| ids.len()).sum::<usize>() > 6 {
        sql.once();
    }
    let known = ids.into_iter().filter_map(|(path, ids)| registry::find(path).map(|kind| (kind, ids)));
    let mut union = "";
    for (kind, ids) in known {
        sql.say(union).say("SELECT '").say(kind.path);
        sql.say("', id, CAST(NULL AS date), CAST(NULL AS date), CAST(NULL AS text) FROM ").say(kind.table);
        sql.say(" WHERE deleted_at IS NULL AND id IN (").bind_all(ids.into_iter().map(Value::from)).say(")");
        within(&mut sql, scope, kind.visibility);
        belonging(&mut sql, scope, kind.path);
        union = " UNION ALL ";
    }
    if !codes.is_empty() {
        sql.say(union).say("SELECT code, id, valid_from, valid_to, successor_code FROM divisions");
        sql.say(" WHERE deleted_at IS NULL AND code IN (");
        sql.bind_all(codes.into_iter().map(|code| Value::from(code.as_str()))).say(")");
    }
    sql
}

/// Records of one resource that refer to one record at most.
const MOST: i64 = 10_000;

/// The live records that hold an id in a field, or in a list of ids.
pub(crate) fn holding<R: Store>(conn: &mut Conn, reference: &Reference<R>, id: Uuid) -> Result<Vec<Record<R>>> {
    if !reference.expand.is_empty() {
        return Ok(R::list(conn, &Scope::System, &Query::by(reference.field, id, MOST))?.items);
    }
    let mut sql = Sql::new("SELECT id FROM ");
    sql.say(R::TABLE).say(" WHERE deleted_at IS NULL AND CAST(").say(reference.field).say(" AS text) LIKE ");
    let ids: Vec<(Uuid,)> = sql.bind(format!("%\"{id}\"%")).say(" ORDER BY id").rows(conn)?;
    let ids: Vec<Uuid> = ids.into_iter().map(|(id,)| id).collect();
    R::by_ids(conn, &Scope::System, &ids)
}

/// The fields, as `(path, field)`, through which live records refer to this one.
pub fn referring(conn: &mut Conn, path: &str, id: Uuid) -> Result<Vec<(&'static str, &'static str)>> {
    let mut fields = vec![];
    for kind in registry::all() {
        for (field, expand, to) in &kind.references {
            if *to == path {
                let holds = if expand.is_empty() { Holds::Ids } else { Holds::Id };
                fields.push((kind.path, kind.table, *field, holds));
            }
        }
        if path == "divisions" {
            let own: &[&'static str] =
                if kind.path == path { &["parent_code", "successor_code"] } else { &["division_code"] };
            fields.extend(own.iter().map(|field| (kind.path, kind.table, *field, Holds::Code)));
        }
    }
    let mut users = vec![];
    if fields.is_empty() {
        return Ok(users);
    }
    let mut sql = Sql::new("");
    for (i, (path, table, field, holds)) in fields.iter().enumerate() {
        sql.say(if i > 0 { " UNION ALL SELECT '" } else { "SELECT '" }).say(path).say("', '").say(field);
        sql.say("' WHERE EXISTS (SELECT 1 FROM ").say(table).say(" WHERE deleted_at IS NULL AND ");
        match holds {
            Holds::Id => sql.say(field).say(" = ").bind(id),
            Holds::Ids => sql.say("CAST(").say(field).say(" AS text) LIKE ").bind(format!("%\"{id}\"%")),
            Holds::Code => sql.say(field).say(" = (SELECT code FROM divisions WHERE id = ").bind(id).say(")"),
        };
        sql.say(")");
    }
    let rows: Vec<(String, String)> = sql.rows(conn)?;
    for (path, _, field, _) in fields {
        if rows.iter().any(|(p, f)| p == path && f == field) {
            users.push((path, field));
        }
    }
    Ok(users)
}

/// What a field holds of the record it refers to.
#[derive(Clone, Copy)]
enum Holds {
    /// Its id.
    Id,
    /// Its id among others, in a JSON list.
    Ids,
    /// A division's code.
    Code,
}
