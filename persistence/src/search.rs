//! By what records are found ([`domain::search`]): a document of tokens beside each, kept with its writes, in the
//! full-text index that the engine has: FTS5 or a GIN index of a `tsvector`. `q` asks it.
//!
//! A token says of which resource it is, the class of the field it comes from, and a term. What somebody may not see
//! is not asked for. Both kinds of index take new tokens in where the last ones are and sort them in later; in a plain
//! index each of them would lie on a page of its own, and writing these took longer than all else of a write.
use crate::conn::{Conn, Engine};
use crate::error::{Error, Result};
use crate::query::{Cursor, Query};
use crate::registry::{self, Kind};
use crate::sql::JsonText;
use crate::statement::Sql;
use crate::store::Store;
use crate::tx::lock_key;
use crate::value::Value;
use domain::resource::class_of;
use domain::search;
use domain::{Classified, DivisionCode, FieldClass, Record, Scope, Uuid, Visibility};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Counts up when documents come to be written otherwise, so that stored ones are made anew.
const FORM: u32 = 1;
/// Records whose documents are made anew in one step.
const STEP: i64 = 1_000;
/// Digits of the code of a county: asked for with the terms, they spare what others have. All that lies in a city
/// would be too much to gather for it.
const COUNTY: usize = 6;
/// Stands in a token between the resource and what follows.
const END: char = '\u{e000}';
/// Begins what a token says of the record's division, instead of a class.
const DIVISION: char = 'd';

/// By what a record is found: tokens with blanks between them, or nothing.
#[derive(Clone)]
pub(crate) struct Document {
    entity: &'static str,
    id: Uuid,
    tokens: Option<String>,
}

/// The texts by which a record is found, each with its field; none of one that is deleted.
fn texts<R: Store>(record: &Record<R>) -> Result<Vec<(&'static str, Cow<'_, str>)>> {
    if record.meta.deleted_at.is_some() {
        return Ok(vec![]);
    }
    let texts = record.data.searched()?.into_iter().filter_map(|(field, value)| match value {
        Value::Text(text) => text.map(|text| (field, text)),
        _ => None,
    });
    Ok(texts.collect())
}

/// The tokens of a resource's record in a division that has these texts.
fn tokens(
    entity: &str,
    classes: &[Classified],
    division: &DivisionCode,
    texts: &[(&'static str, Cow<'_, str>)],
) -> Option<String> {
    // A term of two fields is as open as the more open one.
    let mut all: BTreeMap<String, u8> = BTreeMap::new();
    for (field, text) in texts {
        let class = class_of(classes, field) as u8;
        let mut terms = BTreeSet::new();
        search::terms(field, text, &mut terms);
        for term in terms {
            let known = all.entry(term).or_insert(class);
            *known = class.min(*known);
        }
    }
    if all.is_empty() {
        return None;
    }
    let mut text = String::with_capacity(all.len() * 32);
    add(&mut text, entity, DIVISION, division.as_str());
    for (term, class) in all {
        text.push(' ');
        add(&mut text, entity, sign(class), &term);
    }
    Some(text)
}

/// How a token says a class.
fn sign(class: u8) -> char {
    char::from(b'0' + class)
}

/// Adds a token. Neither engine takes anything in it for more than a letter.
fn add(text: &mut String, entity: &str, kind: char, term: &str) {
    let letter = |c: char| match c {
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => char::from_u32(u32::from(END) + u32::from(c)).unwrap_or(END),
        c => c,
    };
    text.extend(entity.chars().map(letter));
    text.extend([END, kind]);
    text.extend(term.chars().map(letter));
}

impl Document {
    /// What a write makes of a record's document, if anything.
    pub(crate) fn of<R: Store>(old: Option<&Record<R>>, new: &Record<R>) -> Result<Option<Self>> {
        let now = texts(new)?;
        let same = match old {
            Some(old) => old.meta.division_code == new.meta.division_code && texts(old)? == now,
            None => false,
        };
        let tokens = if same { None } else { tokens(R::PATH, R::CLASSES, &new.meta.division_code, &now) };
        // Of a new record that is not found by anything there is nothing to take away.
        let changed = !same && (old.is_some() || tokens.is_some());
        Ok(changed.then_some(Self { entity: R::PATH, id: new.meta.id, tokens }))
    }
}

/// The statements that store documents; at most two. On PostgreSQL they may run as one with the writes themselves; on
/// SQLite triggers keep the index.
pub(crate) fn statements<'d>(documents: impl IntoIterator<Item = &'d Document>) -> Result<Vec<Sql<'static>>> {
    // Of one record the last counts.
    let last: BTreeMap<(&str, Uuid), &Document> = documents.into_iter().map(|d| ((d.entity, d.id), d)).collect();
    let (new, gone): (Vec<_>, Vec<_>) = last.into_values().partition(|document| document.tokens.is_some());
    let row = |d: &&Document| (d.entity, d.id.simple().to_string(), d.tokens.clone());
    let mut all = vec![];
    if !gone.is_empty() {
        let mut sql = Sql::new("DELETE FROM search_documents WHERE (entity, entity_id) IN (SELECT j.value ->> 0, ");
        listed(id(&mut sql).say(" FROM "), gone.iter().map(row))?;
        sql.say(")");
        all.push(sql);
    }
    if !new.is_empty() {
        let mut sql = Sql::new("INSERT INTO search_documents (entity, entity_id, tokens) SELECT j.value ->> 0, ");
        id(&mut sql).say_to(Engine::Sqlite, ", j.value ->> 2 FROM ");
        sql.say_to(Engine::Postgres, ", array_to_tsvector(string_to_array(j.value ->> 2, ' ')) FROM ");
        listed(&mut sql, new.iter().map(row))?;
        sql.say(" WHERE 1 = 1 ON CONFLICT (entity, entity_id) DO UPDATE SET tokens = excluded.tokens");
        all.push(sql);
    }
    Ok(all)
}

fn id<'s, 'a>(sql: &'s mut Sql<'a>) -> &'s mut Sql<'a> {
    sql.say_to(Engine::Sqlite, "unhex(j.value ->> 1)").say_to(Engine::Postgres, "(j.value ->> 1)::uuid")
}

/// One value for all rows, so that a statement is the same for any number of them and stays prepared.
fn listed(sql: &mut Sql<'_>, rows: impl Iterator<Item = (&'static str, String, Option<String>)>) -> Result<()> {
    let text = serde_json::to_string(&rows.collect::<Vec<_>>()).map_err(Error::internal)?;
    sql.say_to(Engine::Sqlite, "json_each(").say_to(Engine::Postgres, "jsonb_array_elements(");
    sql.bind(JsonText(text)).say(") AS j").say_to(Engine::Postgres, " (value)");
    Ok(())
}

/// The condition that a record is found by a text, for a reader who sees fields up to a class.
pub(crate) fn found(sql: &mut Sql<'_>, kind: &Kind, scope: &Scope, sight: FieldClass, text: &str) {
    let seen: BTreeSet<u8> = kind.searched.iter().map(|field| class_of(kind.classes, field) as u8).collect();
    let seen: Vec<char> = seen.into_iter().filter(|class| *class <= sight as u8).map(sign).collect();
    let groups = search::asked(text);
    if groups.is_empty() {
        return;
    }
    if seen.is_empty() {
        sql.say(" AND 1 = 0");
        return;
    }
    let mut all: Vec<Vec<(char, String)>> = vec![];
    for group in groups {
        all.push(group.into_iter().flat_map(|from| seen.iter().map(move |class| (*class, from.clone()))).collect());
    }
    let county = scope.division().map(|d| d.prefix()).filter(|code| code.len() >= COUNTY);
    if let (Visibility::Scoped, Some(code)) = (kind.visibility, county) {
        all.push(vec![(DIVISION, code.to_owned())]);
    }
    sql.say(" AND id IN (SELECT entity_id FROM search_documents WHERE ");
    sql.say_to(Engine::Sqlite, "n IN (SELECT rowid FROM search_index WHERE search_index MATCH ");
    sql.say_to(Engine::Postgres, "tokens @@ CAST(");
    sql.bind_to(Engine::Sqlite, expression(kind.path, &all, "\"", "\" *", " OR ", " AND "));
    sql.bind_to(Engine::Postgres, expression(kind.path, &all, "'", "':*", " | ", " & "));
    sql.say_to(Engine::Postgres, " AS tsquery)").say_to(Engine::Sqlite, ")").say(")");
}

/// Of each group one, as an engine is asked for beginnings of tokens.
fn expression(entity: &str, groups: &[Vec<(char, String)>], before: &str, behind: &str, or: &str, and: &str) -> String {
    let one = |(kind, from): &(char, String)| {
        let mut text = before.to_owned();
        add(&mut text, entity, *kind, from);
        text + behind
    };
    let group = |group: &Vec<_>| format!("({})", group.iter().map(one).collect::<Vec<_>>().join(or));
    groups.iter().map(group).collect::<Vec<_>>().join(and)
}

/// Makes the documents of those resources anew that are found by other fields than when theirs were made, or in another
/// form.
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
            Sql::new("DELETE FROM search_documents WHERE entity = ").bind(kind.path).run(conn)?;
            (kind.index)(conn)?;
            let mut sql = Sql::new("INSERT INTO search_state (entity, form) VALUES (");
            sql.bind(kind.path).say(", ").bind(form);
            sql.say(") ON CONFLICT (entity) DO UPDATE SET form = excluded.form").run(conn)?;
        }
        Ok(())
    })
}

fn outdated(conn: &mut Conn) -> Result<Vec<(&'static Kind, String)>> {
    let known: Vec<(String, String)> = Sql::new("SELECT entity, form FROM search_state").rows(conn)?;
    let known: BTreeMap<String, String> = known.into_iter().collect();
    let wanted = registry::all().iter().filter(|kind| !kind.searched.is_empty());
    let wanted = wanted.map(|kind| (kind, format!("{FORM} {} {}", search::FORM, kind.searched.join(" "))));
    Ok(wanted.filter(|(kind, form)| known.get(kind.path) != Some(form)).collect())
}

/// Makes the documents of all records of a resource that has none.
pub(crate) fn index<R: Store>(conn: &mut Conn) -> Result<()> {
    let mut query = Query::all(STEP);
    loop {
        let page = R::list(conn, &Scope::System, &query)?.items;
        let documents = page.iter().map(|record| Document::of(None, record)).collect::<Result<Vec<_>>>()?;
        for sql in statements(documents.iter().flatten())? {
            sql.run(conn)?;
        }
        match page.last() {
            Some(last) => query.after = Some(Cursor { value: serde_json::Value::Null, id: last.meta.id }),
            None => return Ok(()),
        }
    }
}

/// Forgets by what a record is found, whatever its state.
pub(crate) fn forget(conn: &mut Conn, entity: &'static str, id: Uuid) -> Result<()> {
    conn.found_by([Document { entity, id, tokens: None }].iter())
}
