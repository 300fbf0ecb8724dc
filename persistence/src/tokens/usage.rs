//! What tokens were used for: requests by day, resource and action.
use crate::conn::Conn;
use crate::error::Result;
use crate::rows::{Cells, FromRow};
use crate::statement::Sql;
use crate::tx::Tx;
use domain::{NaiveDate, Uuid};

/// Requests of a token on a day.
#[derive(Debug, Clone)]
pub struct Use {
    /// The day, in Asia/Shanghai.
    pub day: NaiveDate,
    /// The resource, as in scopes.
    pub resource: String,
    /// The action, as in scopes.
    pub action: String,
    /// How many.
    pub requests: i64,
}
impl FromRow for Use {
    fn take(cells: &mut impl Cells) -> diesel::deserialize::Result<Self> {
        Ok(Self { day: cells.next()?, resource: cells.next()?, action: cells.next()?, requests: cells.next()? })
    }
}

/// Adds requests of today. The caller gives them in one order always, so that no two servers wait for each other.
///
/// # Errors
/// What the database says.
pub fn add<'a>(tx: &mut Tx<'_>, uses: impl IntoIterator<Item = (Uuid, &'a str, &'a str, i64)>) -> Result<()> {
    tx.begin()?;
    let day = tx.stamp.today;
    for (token, resource, action, requests) in uses {
        // The token may be gone by now.
        let mut sql = Sql::new("INSERT INTO token_usage (token_id, day, resource, action, requests) SELECT id, ");
        sql.bind(day).say(", ").bind(resource).say(", ").bind(action).say(", ").bind(requests);
        sql.say(" FROM api_tokens WHERE id = ").bind(token);
        sql.say(" ON CONFLICT (token_id, day, resource, action) DO UPDATE SET ");
        sql.say("requests = token_usage.requests + excluded.requests").run(tx.conn)?;
    }
    Ok(())
}

/// The uses of a token since a day, the last first.
///
/// # Errors
/// What the database says.
pub fn of(conn: &mut Conn, token: Uuid, since: NaiveDate) -> Result<Vec<Use>> {
    let mut sql = Sql::new("SELECT day, resource, action, requests FROM token_usage WHERE token_id = ");
    sql.bind(token).say(" AND day >= ").bind(since);
    sql.say(" ORDER BY day DESC, resource, action LIMIT 5000").rows(conn)
}

/// Resources and actions a token was ever used for.
///
/// # Errors
/// What the database says.
pub fn ever(conn: &mut Conn, token: Uuid) -> Result<Vec<(String, String)>> {
    Sql::new("SELECT DISTINCT resource, action FROM token_usage WHERE token_id = ").bind(token).rows(conn)
}

/// Removes what is older than this day.
///
/// # Errors
/// What the database says.
pub fn expire(conn: &mut Conn, before: NaiveDate) -> Result<usize> {
    Sql::new("DELETE FROM token_usage WHERE day < ").bind(before).run(conn)
}
