//! Statements as a sequence of fixed texts and bound values, one form for both engines. What they give is read in
//! [`rows`](crate::rows).
//!
//! A text can only be a literal of this program, so nothing from a request ever becomes SQL. diesel binds,
//! prepares, caches and reads; its typed builder is left out on purpose: it would be compiled anew for each
//! resource, engine and operation, which took most of the build.
use crate::conn::{Conn, Engine, Link};
use crate::error::Result;
use crate::rows::{FromRow, RowCells, Visit};
use crate::value::{Many, Value};
use diesel::backend::Backend;
use diesel::connection::{DefaultLoadingMode, LoadConnection};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::Error;
use diesel::sql_types::Untyped;
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl};
use std::marker::PhantomData;

/// A statement.
#[derive(Debug, Clone)]
pub struct Sql<'a> {
    parts: Vec<Part<'a>>,
    kept: bool,
}

#[derive(Debug, Clone)]
enum Part<'a> {
    Text(&'static str),
    /// Said to one engine only.
    Only(Engine, &'static str),
    Value(Value<'a>),
    /// Of one engine only.
    OnlyValue(Engine, Value<'a>),
    /// To PostgreSQL only.
    Many(Many<'a>),
}

/// Adds rows to a table; `into` says which, with the names of the columns. PostgreSQL takes all of them in one
/// statement with an array for each column, SQLite, where nothing crosses a network, row by row: a statement of several
/// rows would be a savepoint, for which it copies pages. `K` names both.
///
/// # Errors
/// What the database says. The caller holds a transaction.
pub(crate) fn insert<'a, K: 'static, V: IntoIterator<Item = Value<'a>>>(
    conn: &mut Conn,
    into: &[&'static str],
    rows: impl IntoIterator<Item = Result<V>>,
) -> Result<()> {
    let mut head = Sql::new("INSERT INTO ");
    for text in into {
        head.say(text);
    }
    if conn.engine() == Engine::Sqlite {
        for row in rows {
            let mut sql = head.clone();
            sql.say(" VALUES (").bind_all(row?).say(")");
            sql.named::<K>().run(conn)?;
        }
        return Ok(());
    }
    let mut columns: Vec<Many<'a>> = vec![];
    for row in rows {
        for (i, value) in row?.into_iter().enumerate() {
            match columns.get_mut(i) {
                Some(column) => column.push(value)?,
                None => columns.push(Many::of(value)),
            }
        }
    }
    if columns.is_empty() {
        return Ok(());
    }
    head.say(" SELECT * FROM unnest(");
    for (i, column) in columns.into_iter().enumerate() {
        head.say(if i > 0 { ", " } else { "" }).parts.push(Part::Many(column));
    }
    head.say(")");
    head.named::<K>().run(conn).map(drop)
}

impl<'a> Sql<'a> {
    /// A statement that begins so.
    pub fn new(text: &'static str) -> Self {
        Self { parts: vec![Part::Text(text)], kept: true }
    }
    /// A statement that ends with one row in parentheses.
    pub fn with_row(text: &'static str, values: impl IntoIterator<Item = Value<'a>>) -> Self {
        let mut sql = Self::new(text);
        sql.say("(").bind_all(values).say(")");
        sql
    }
    /// Says more.
    pub fn say(&mut self, text: &'static str) -> &mut Self {
        self.parts.push(Part::Text(text));
        self
    }
    /// Says more to one engine.
    pub fn say_to(&mut self, engine: Engine, text: &'static str) -> &mut Self {
        self.parts.push(Part::Only(engine, text));
        self
    }
    /// A bound value.
    pub fn bind(&mut self, value: impl Into<Value<'a>>) -> &mut Self {
        self.parts.push(Part::Value(value.into()));
        self
    }
    /// A value bound for one engine.
    pub fn bind_to(&mut self, engine: Engine, value: impl Into<Value<'a>>) -> &mut Self {
        self.parts.push(Part::OnlyValue(engine, value.into()));
        self
    }
    /// Bound values with commas between them.
    pub fn bind_all(&mut self, values: impl IntoIterator<Item = Value<'a>>) -> &mut Self {
        for (i, value) in values.into_iter().enumerate() {
            if i > 0 {
                self.say(", ");
            }
            self.bind(value);
        }
        self
    }
    /// Another statement's parts.
    pub fn add(&mut self, other: Sql<'a>) -> &mut Self {
        self.kept &= other.kept;
        self.parts.extend(other.parts);
        self
    }
    /// Not to be kept prepared: its text takes too many forms.
    pub fn once(&mut self) -> &mut Self {
        self.kept = false;
        self
    }

    /// Runs it; how many rows it met.
    ///
    /// # Errors
    /// What the database says.
    pub fn run(&self, conn: &mut Conn) -> Result<usize> {
        Ok(on!(conn, c => self.execute(c))?)
    }
    /// Shows each of its rows to a visitor.
    ///
    /// # Errors
    /// What the database says; a row that does not fit.
    pub fn each(&self, conn: &mut Conn, visit: &mut impl Visit) -> Result<()> {
        each(self, conn, visit)
    }
    /// All its rows.
    ///
    /// # Errors
    /// As [`each`](Self::each).
    pub fn rows<T: FromRow>(&self, conn: &mut Conn) -> Result<Vec<T>> {
        let mut rows = vec![];
        each(self, conn, &mut rows).map(|()| rows)
    }
    /// Its first row, if there is one.
    ///
    /// # Errors
    /// As [`each`](Self::each).
    pub fn row<T: FromRow>(&self, conn: &mut Conn) -> Result<Option<T>> {
        let mut row = None;
        each(self, conn, &mut row).map(|()| row)
    }
    /// The statement under a name: of all statements named `K` only the first one's text is looked at.
    pub fn named<K: 'static>(self) -> Named<'a, K> {
        Named(self, PhantomData)
    }
}

/// A statement whose text is always the same, found by its name among the prepared ones.
pub struct Named<'a, K>(Sql<'a>, PhantomData<K>);
impl<K: 'static> Named<'_, K> {
    /// As [`Sql::run`].
    ///
    /// # Errors
    /// As [`Sql::run`].
    pub fn run(&self, conn: &mut Conn) -> Result<usize> {
        Ok(on!(conn, c => self.execute(c))?)
    }
    /// As [`Sql::each`].
    ///
    /// # Errors
    /// As [`Sql::each`].
    pub fn each(&self, conn: &mut Conn, visit: &mut impl Visit) -> Result<()> {
        each(self, conn, visit)
    }
    /// As [`Sql::row`].
    ///
    /// # Errors
    /// As [`Sql::each`].
    pub fn row<T: FromRow>(&self, conn: &mut Conn) -> Result<Option<T>> {
        let mut row = None;
        each(self, conn, &mut row).map(|()| row)
    }
}

/// Loads row by row, without the detour over a type that diesel could build.
fn each<Q>(query: Q, conn: &mut Conn, visit: &mut impl Visit) -> Result<()>
where
    Q: Query<SqlType = Untyped> + QueryFragment<Pg> + QueryFragment<Sqlite> + QueryId,
{
    let unfit = Error::DeserializationError;
    let keys = conn.keys().clone();
    match &mut conn.link {
        Link::Pg(c) => {
            for row in LoadConnection::<DefaultLoadingMode>::load(c, query)? {
                visit.row(&mut RowCells::<_, Pg>::of(&row?, &keys)).map_err(unfit)?;
            }
        }
        Link::Sqlite(c) => {
            for row in LoadConnection::<DefaultLoadingMode>::load(c, query)? {
                visit.row(&mut RowCells::<_, Sqlite>::of(&row?, &keys)).map_err(unfit)?;
            }
        }
    }
    Ok(())
}

/// A backend as an [`Engine`].
trait Dialect: Backend {
    const ENGINE: Engine;
}
impl Dialect for Pg {
    const ENGINE: Engine = Engine::Postgres;
}
impl Dialect for Sqlite {
    const ENGINE: Engine = Engine::Sqlite;
}

impl<'a, DB: Dialect> QueryFragment<DB> for Sql<'a>
where
    Value<'a>: QueryFragment<DB>,
    Many<'a>: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if !self.kept {
            out.unsafe_to_cache_prepared();
        }
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_sql(text),
                Part::Only(engine, text) if *engine == DB::ENGINE => out.push_sql(text),
                Part::OnlyValue(engine, value) if *engine == DB::ENGINE => value.walk_ast(out.reborrow())?,
                Part::Only(..) | Part::OnlyValue(..) => {}
                Part::Value(value) => value.walk_ast(out.reborrow())?,
                Part::Many(values) => values.walk_ast(out.reborrow())?,
            }
        }
        Ok(())
    }
}
impl<'a, K, DB: Dialect> QueryFragment<DB> for Named<'a, K>
where
    Value<'a>: QueryFragment<DB>,
    Many<'a>: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}
impl QueryId for Sql<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<K: 'static> QueryId for Named<'_, K> {
    type QueryId = Named<'static, K>;
    const HAS_STATIC_QUERY_ID: bool = true;
}
impl Query for Sql<'_> {
    type SqlType = Untyped;
}
impl<K> Query for Named<'_, K> {
    type SqlType = Untyped;
}
impl<C> RunQueryDsl<C> for Sql<'_> {}
impl<K, C> RunQueryDsl<C> for Named<'_, K> {}
impl<C> RunQueryDsl<C> for &Sql<'_> {}
impl<K, C> RunQueryDsl<C> for &Named<'_, K> {}
