//! The terms by which records are found ([`domain::search`]), kept beside them with each write, and asked by `q`.
use crate::conn::{Conn, Engine};
use crate::error::{Error, Result};
use crate::query::{Cursor, Query};
use crate::registry;
use crate::select::within;
use crate::sql::JsonText;
use crate::statement::Sql;
use crate::store::Store;
use crate::tx::lock_key;
use crate::value::Value;
use domain::resource::class_of;
use domain::search;
use domain::{FieldClass, Record, Scope, Uuid, Visibility};
use std::collections::{BTreeMap, BTreeSet};

/// Records whose terms are made anew in one step.
const STEP: i64 = 1_000;

/// What a write changes of a record's terms, as rows `[term, class, division, id]`.
#[derive(Default)]
pub(crate) struct Terms {
    gone: Vec<Row>,
    new: Vec<Row>,
}
type Row = (String, u8, String, String);

fn rows<R: Store>(record: &Record<R>) -> Result<BTreeSet<Row>> {
    // A term of two fields is as open as the more open one.
    let mut all: BTreeMap<String, u8> = BTreeMap::new();
    if record.meta.deleted_at.is_some() || R::SEARCHED.is_empty() {
        return Ok(BTreeSet::new());
    }
    for (field, value) in record.data.searched()? {
        let Value::Text(Some(text)) = value else { continue };
        let class = class_of(R::CLASSES, field) as u8;
        let mut terms = BTreeSet::new();
        search::terms(field, &text, &mut terms);
        for term in terms {
            let known = all.entry(term).or_insert(class);
            *known = class.min(*known);
        }
    }
    let (division, id) = (record.meta.division_code.to_string(), record.meta.id.simple().to_string());
    Ok(all.into_iter().map(|(term, class)| (term, class, division.clone(), id.clone())).collect())
}

impl Terms {
    /// The difference between two states of a record.
    pub(crate) fn of<R: Store>(old: Option<&Record<R>>, new: &Record<R>) -> Result<Self> {
        let before = old.map(rows).transpose()?.unwrap_or_default();
        let after = rows(new)?;
        Ok(Self {
            gone: before.difference(&after).cloned().collect(),
            new: after.difference(&before).cloned().collect(),
        })
    }
    /// Those of many writes.
    pub(crate) fn all<'t>(of: impl Iterator<Item = &'t Terms>) -> Self {
        of.fold(Self::default(), |mut all, terms| {
            all.gone.extend(terms.gone.iter().cloned());
            all.new.extend(terms.new.iter().cloned());
            all
        })
    }
    /// The statements that make it so; at most two. They may run as one with the write itself.
    pub(crate) fn statements(&self, entity: &'static str) -> Result<Vec<Sql<'static>>> {
        let mut all = vec![];
        if !self.gone.is_empty() {
            let mut sql = Sql::new("DELETE FROM search_terms WHERE entity = ");
            sql.bind(entity).say(" AND (term, class, division_code, entity_id) IN (SELECT ");
            unfolded(&mut sql).say(" FROM ");
            listed(&mut sql, &self.gone)?;
            sql.say(")");
            all.push(sql);
        }
        if !self.new.is_empty() {
            let mut sql = Sql::new("INSERT INTO search_terms (entity, term, class, division_code, entity_id) SELECT ");
            sql.bind(entity).say(", ");
            unfolded(&mut sql).say(" FROM ");
            listed(&mut sql, &self.new)?;
            // A record that somebody has changed beneath us may have some of them.
            sql.say(" WHERE 1 = 1 ON CONFLICT DO NOTHING");
            all.push(sql);
        }
        Ok(all)
    }
}

/// One value for all rows, so that a statement is the same for any number of them and stays prepared.
fn listed(sql: &mut Sql<'_>, rows: &[Row]) -> Result<()> {
    let text = serde_json::to_string(rows).map_err(Error::internal)?;
    sql.say_to(Engine::Sqlite, "json_each(").say_to(Engine::Postgres, "jsonb_array_elements(");
    sql.bind(JsonText(text)).say(") AS j").say_to(Engine::Postgres, " (value)");
    Ok(())
}

fn unfolded<'s, 'a>(sql: &'s mut Sql<'a>) -> &'s mut Sql<'a> {
    sql.say("j.value ->> 0, (j.value ->> 1)").say_to(Engine::Postgres, "::integer").say(", j.value ->> 2, ");
    sql.say_to(Engine::Sqlite, "unhex(j.value ->> 3)").say_to(Engine::Postgres, "(j.value ->> 3)::uuid")
}

/// The condition that a record is found by a text, for a reader who sees fields up to a class.
pub(crate) fn found<R: Store>(sql: &mut Sql<'_>, scope: &Scope, sight: FieldClass, text: &str) {
    for group in search::asked(text) {
        sql.say(" AND id IN (");
        for (i, (from, to)) in group.into_iter().enumerate() {
            sql.say(if i > 0 { " UNION ALL " } else { "" });
            sql.say("SELECT entity_id FROM search_terms WHERE entity = ").bind(R::PATH);
            sql.say(" AND term >= ").bind(from).say(" AND term < ").bind(to);
            sql.say(" AND class <= ").bind(i32::from(sight as u8));
            // Here too, so that what others have is not gone through.
            if R::VISIBILITY == Visibility::Scoped {
                within(sql, scope, R::VISIBILITY);
            }
        }
        sql.say(")");
    }
}

/// Makes the terms of those resources anew that are found by other fields than when theirs were made, or in another form.
///
/// # Errors
/// What the database says.
pub fn settle(conn: &mut Conn) -> Result<()> {
    if outdated(conn)?.is_empty() {
        return Ok(());
    }
    let key = lock_key("search");
    conn.transaction(|conn| {
        if conn.engine() == Engine::Postgres {
            conn.batch(&format!("SET LOCAL lock_timeout = '10min'; SELECT pg_advisory_xact_lock({key})"))?;
        }
        for (kind, form) in outdated(conn)? {
            Sql::new("DELETE FROM search_terms WHERE entity = ").bind(kind.path).run(conn)?;
            (kind.index)(conn)?;
            let mut sql = Sql::new("INSERT INTO search_state (entity, form) VALUES (");
            sql.bind(kind.path).say(", ").bind(form);
            sql.say(") ON CONFLICT (entity) DO UPDATE SET form = excluded.form").run(conn)?;
        }
        Ok(())
    })
}

fn outdated(conn: &mut Conn) -> Result<Vec<(&'static registry::Kind, String)>> {
    let known: Vec<(String, String)> = Sql::new("SELECT entity, form FROM search_state").rows(conn)?;
    let known: BTreeMap<String, String> = known.into_iter().collect();
    let wanted = registry::all().iter().filter(|kind| !kind.searched().is_empty());
    let wanted = wanted.map(|kind| (kind, format!("{} {}", search::FORM, kind.searched().join(" "))));
    Ok(wanted.filter(|(kind, form)| known.get(kind.path) != Some(form)).collect())
}

/// Makes the terms of all records of a resource that has none.
pub(crate) fn index<R: Store>(conn: &mut Conn) -> Result<()> {
    let mut query = Query::all(STEP);
    loop {
        let page = R::list(conn, &Scope::System, &query)?.items;
        let terms = page.iter().map(|record| Terms::of(None, record)).collect::<Result<Vec<_>>>()?;
        for sql in Terms::all(terms.iter()).statements(R::PATH)? {
            sql.run(conn)?;
        }
        match page.last() {
            Some(last) => query.after = Some(Cursor { value: serde_json::Value::Null, id: last.meta.id }),
            None => return Ok(()),
        }
    }
}

/// Forgets by what a record is found, whatever its state.
pub(crate) fn forget<R: Store>(conn: &mut Conn, id: Uuid) -> Result<()> {
    let mut sql = Sql::new("SELECT ");
    sql.say(R::COLUMNS).say(" FROM ").say(R::TABLE).say(" WHERE id = ").bind(id);
    let Some(old): Option<Record<R>> = sql.row(conn)? else { return Ok(()) };
    let mut gone = old.clone();
    gone.meta.deleted_at = Some(gone.meta.updated_at);
    Terms::of(Some(&old), &gone)?.statements(R::PATH)?.iter().try_for_each(|sql| sql.run(conn).map(drop))
}
