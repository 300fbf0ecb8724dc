//! Small diesel expressions of our own: bound values of an explicit type, a column no index should
//! serve, and several statements that PostgreSQL runs as one.
use diesel::backend::Backend;
use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping, is_aggregate,
};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{self as st, HasSqlType, SqlType};
use diesel::sqlite::Sqlite;
use std::marker::PhantomData;

/// A bound value of an explicit SQL type. `AsExpression` cannot be implemented for foreign types here
/// (coherence); an expression of our own can.
#[derive(Debug, Clone, Copy)]
pub struct Bind<ST, T>(T, PhantomData<ST>);

/// Binds `value` as `ST`: `honors::cadre_id.eq(bind::<Uid, _>(id))`.
pub fn bind<ST, T>(value: T) -> Bind<ST, T> {
    Bind(value, PhantomData)
}
impl<ST: SqlType + TypedExpressionType, T> Expression for Bind<ST, T> {
    type SqlType = ST;
}
impl<ST, T, DB: Backend + HasSqlType<ST>> QueryFragment<DB> for Bind<ST, T>
where
    T: ToSql<ST, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_bind_param::<ST, T>(&self.0)
    }
}
/// For lists of values, as in `eq_any`.
impl<ST: std::fmt::Debug, T, DB: Backend> ToSql<ST, DB> for Bind<ST, T>
where
    T: ToSql<ST, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}
impl<ST: 'static, T> QueryId for Bind<ST, T> {
    type QueryId = Bind<ST, ()>;
    const HAS_STATIC_QUERY_ID: bool = true;
}
impl<ST, T, QS> AppearsOnTable<QS> for Bind<ST, T> where Self: Expression {}
impl<ST, T, QS> SelectableExpression<QS> for Bind<ST, T> where Self: AppearsOnTable<QS> {}
impl<ST, T, GB> ValidGrouping<GB> for Bind<ST, T> {
    type IsAggregate = is_aggregate::Never;
}

/// A column that SQLite should test row by row instead of serving from an index.
///
/// Without statistics SQLite takes a range on a division for selective and then sorts thousands of rows
/// for one page; walking the sort order and testing each row finds the page after a few hundred.
/// PostgreSQL has statistics and is left alone.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct Unindexed<C>(pub C);
impl<C: Expression> Expression for Unindexed<C> {
    type SqlType = C::SqlType;
}
impl<C: QueryFragment<Pg>> QueryFragment<Pg> for Unindexed<C> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}
impl<C: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Unindexed<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("+");
        self.0.walk_ast(out)
    }
}
impl<C: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for Unindexed<C> {}
impl<C: SelectableExpression<QS>, QS> SelectableExpression<QS> for Unindexed<C> {}
impl<C: ValidGrouping<GB>, GB> ValidGrouping<GB> for Unindexed<C> {
    type IsAggregate = C::IsAggregate;
}

/// A write and what must commit with it, as one statement: `WITH w AS (…), … SELECT …`.
///
/// One round trip instead of one each, and atomic without an explicit transaction. With `expect_one` the
/// whole statement fails as `stale` unless the first write met exactly one row.
pub struct Together<A, B> {
    /// The write of the record itself.
    pub first: A,
    /// What commits with it.
    pub rest: B,
    /// Whether `first` must meet exactly one row.
    pub expect_one: bool,
}
impl<A: QueryFragment<Pg>, B: Members> QueryFragment<Pg> for Together<A, B> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH w AS (");
        self.first.walk_ast(out.reborrow())?;
        out.push_sql(" RETURNING 1)");
        self.rest.walk_members(out.reborrow())?;
        out.push_sql(if self.expect_one { " SELECT expect_one((SELECT count(*) FROM w))" } else { " SELECT 1" });
        Ok(())
    }
}
impl<A, B> QueryId for Together<A, B> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<A, B> diesel::RunQueryDsl<diesel::PgConnection> for Together<A, B> {}

/// A statement that is always the same, so that it stays prepared (unlike `sql_query`).
pub struct Fixed(pub &'static str);
impl<DB: Backend> QueryFragment<DB> for Fixed {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}
impl QueryId for Fixed {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<C> diesel::RunQueryDsl<C> for Fixed {}

/// The statements beside the first one of a [`Together`].
pub trait Members {
    /// Writes `, name AS (statement)` for each.
    fn walk_members<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}
impl<B: QueryFragment<Pg>, C: QueryFragment<Pg>, D: QueryFragment<Pg>> Members for (B, C, Option<D>) {
    fn walk_members<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(", b AS (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql("), c AS (");
        self.1.walk_ast(out.reborrow())?;
        if let Some(d) = &self.2 {
            out.push_sql("), d AS (");
            d.walk_ast(out.reborrow())?;
        }
        out.push_sql(")");
        Ok(())
    }
}

diesel::define_sql_function! {
    /// Lower case, for searches.
    fn lower(x: st::Text) -> st::Text;
}
