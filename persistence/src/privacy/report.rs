//! Who has read or changed what about a person, when, and for which purpose.
use super::{ABOUT, about_persons};
use crate::conn::Conn;
use crate::error::Result;
use crate::statement::Sql;
use crate::value::Value;
use domain::{DateTime, Utc, Uuid};
use std::collections::HashMap;

/// One thing that was done with data about a person.
#[derive(Debug, Clone)]
pub struct Access {
    /// When.
    pub at: DateTime<Utc>,
    /// The resource.
    pub entity: String,
    /// The record.
    pub entity_id: Uuid,
    /// What: a change of the journal (`create`, `update`, …) or a kind of event of the audit (`reveal`, …).
    pub what: String,
    /// Names of the fields.
    pub fields: Vec<String>,
    /// Who: `user:…`, `token:…`, `system:…`.
    pub actor: String,
    /// For what, in their words.
    pub purpose: Option<String>,
    /// The request.
    pub request_id: Option<String>,
}

/// The records about a person, the deleted ones included.
fn records(conn: &mut Conn, person: Uuid) -> Result<Vec<Uuid>> {
    let mut sql = Sql::new("SELECT id FROM cadres WHERE id = ");
    sql.bind(person);
    for kind in about_persons() {
        sql.say(" UNION ALL SELECT id FROM ").say(kind.table).say(" WHERE ").say(ABOUT).say(" = ").bind(person);
    }
    Ok(sql.rows::<(Uuid,)>(conn)?.into_iter().map(|(id,)| id).collect())
}

/// What was done with data about a person up to an instant, the newest first: so many behind the first `skip`.
///
/// # Errors
/// What the database says.
pub fn accesses(conn: &mut Conn, person: Uuid, until: DateTime<Utc>, skip: i64, limit: i64) -> Result<Vec<Access>> {
    let ids = records(conn, person)?;
    let about = || ids.iter().map(|id| Value::from(*id));
    let mut sql = Sql::new(
        "SELECT at, entity, entity_id, op AS what, changed_fields, actor, CAST(NULL AS text) AS purpose, request_id, \
         1 AS source, version AS place FROM journal WHERE entity_id IN (",
    );
    sql.bind_all(about()).say(") AND at <= ").bind(until);
    sql.say(
        " UNION ALL SELECT at, entity, entity_id, kind, fields, actor, purpose, request_id, 2, coalesce(seq, 0) \
         FROM audit_events WHERE entity_id IN (",
    );
    sql.bind_all(about()).say(") AND at <= ").bind(until);
    sql.say(" ORDER BY 1 DESC, 9 DESC, 10 DESC, 3 LIMIT ").bind(limit).say(" OFFSET ").bind(skip).once();
    struct Row(Access);
    impl crate::rows::FromRow for Row {
        fn take(cells: &mut impl crate::rows::Cells) -> diesel::deserialize::Result<Self> {
            Ok(Self(Access {
                at: cells.next()?,
                entity: cells.next::<Option<String>>()?.unwrap_or_default(),
                entity_id: cells.next()?,
                what: cells.next()?,
                fields: cells.next()?,
                actor: cells.next()?,
                purpose: cells.next()?,
                request_id: cells.next()?,
            }))
        }
    }
    Ok(sql.rows::<Row>(conn)?.into_iter().map(|row| row.0).collect())
}

/// The sign-in names behind actors, as far as they are still known.
///
/// # Errors
/// What the database says.
pub fn names(conn: &mut Conn, actors: &[String]) -> Result<HashMap<String, String>> {
    let ids = |prefix: &str| -> Vec<Uuid> {
        actors.iter().filter_map(|a| a.strip_prefix(prefix)?.strip_prefix(':')?.parse().ok()).collect()
    };
    let asked = [
        ("user", "SELECT id, username FROM users WHERE id IN ("),
        ("token", "SELECT t.id, u.username FROM api_tokens AS t JOIN users AS u ON u.id = t.user_id WHERE t.id IN ("),
    ];
    let mut names = HashMap::new();
    for (prefix, text) in asked {
        let ids = ids(prefix);
        if !ids.is_empty() {
            let mut sql = Sql::new(text);
            let found: Vec<(Uuid, String)> =
                sql.bind_all(ids.into_iter().map(Value::from)).say(")").once().rows(conn)?;
            names.extend(found.into_iter().map(|(id, name)| (format!("{prefix}:{id}"), name)));
        }
    }
    Ok(names)
}
