//! Posts in communities and villages, and volunteers.
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::query::division_range;
use crate::statement::Sql;
use crate::store::Store;
use domain::codes::{ServiceArea, ServiceBody};
use domain::service::{ServicePost, Volunteer, VolunteerService};
use domain::{Code, DivisionCode, NaiveDate, Rate, Scope, Uuid};

crate::resource_store! {
    service_posts: ServicePost { cadre_id, area, body_kind, body_name, role, started_on, ended_on }
    filter { cadre_id, area, body_kind, started_on, ended_on }
    sort { started_on }
    search { body_name }
}

crate::resource_store! {
    volunteers: Volunteer { cadre_id, five_elder_kind, registration_no, registered_on, topics, training, commendations, exited_on, status }
    filter { cadre_id, five_elder_kind, registration_no, registered_on, exited_on, status }
    sort { registered_on }
    search {}
}

crate::resource_store! {
    volunteer_services: VolunteerService { volunteer_id, cadre_id, activity_id, hours, evaluation, note }
    filter { volunteer_id, cadre_id, activity_id, hours, evaluation }
    sort {}
    search {}
    fills { crate::fills::volunteer_service }
}

/// Persons who hold posts of service, each counted once in every line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Serving {
    /// Persons with a post of whatever kind.
    pub persons: i64,
    /// By area, in the order of the code set. Who serves in both stands in both.
    pub by_area: Vec<(ServiceArea, i64)>,
    /// By kind of body, in the order of the code set.
    pub by_body: Vec<(ServiceBody, i64)>,
}

/// Who serves in a division and all inside it on a day: the post is held, and the person lives and is in the care of
/// some division then. With `members`, only members of the party.
///
/// # Errors
/// What the database says.
pub fn serving(conn: &mut Conn, division: &DivisionCode, as_of: NaiveDate, members: bool) -> Result<Serving> {
    let mut sql = Sql::new("SELECT count(DISTINCT p.cadre_id)");
    let persons = held(&mut sql, division, as_of, members).row::<(i64,)>(conn)?.map_or(0, |(n,)| n);
    let mut sql = Sql::new("SELECT p.area, count(DISTINCT p.cadre_id)");
    let areas: Vec<(ServiceArea, i64)> = held(&mut sql, division, as_of, members).say(" GROUP BY p.area").rows(conn)?;
    let mut sql = Sql::new("SELECT p.body_kind, count(DISTINCT p.cadre_id)");
    let bodies: Vec<(ServiceBody, i64)> =
        held(&mut sql, division, as_of, members).say(" GROUP BY p.body_kind").rows(conn)?;
    Ok(Serving { persons, by_area: all_of(&areas), by_body: all_of(&bodies) })
}

/// Every code with its number, those that are not there with none.
fn all_of<C: Code>(there: &[(C, i64)]) -> Vec<(C, i64)> {
    let count = |code: C| there.iter().find(|(c, _)| *c == code).map_or(0, |(_, n)| *n);
    C::ALL.iter().map(|code| (*code, count(*code))).collect()
}

/// `FROM … WHERE …` of the posts that count.
fn held<'s, 'a>(sql: &'s mut Sql<'a>, division: &DivisionCode, as_of: NaiveDate, members: bool) -> &'s mut Sql<'a> {
    let (from, to) = division_range(division);
    sql.say(" FROM service_posts AS p JOIN cadres AS c ON c.id = p.cadre_id WHERE p.deleted_at IS NULL");
    sql.say(" AND p.division_code >= ").bind(from).say(" AND p.division_code < ").bind(to);
    sql.say(" AND p.started_on <= ").bind(as_of).say(" AND (p.ended_on IS NULL OR p.ended_on >= ").bind(as_of);
    // Of a day of death that is not known, the first it may mean.
    sql.say(") AND c.deleted_at IS NULL AND c.status <> 'void' AND (c.died_on IS NULL OR c.died_on > ");
    sql.bind(as_of.to_string());
    sql.say(
        ") AND (c.status <> 'transferred_out' OR EXISTS (SELECT 1 FROM cadre_transfers AS t WHERE t.cadre_id = c.id \
         AND t.deleted_at IS NULL AND t.status = 'done' AND t.direction = 'out' AND t.effective_date > ",
    );
    sql.bind(as_of).say("))");
    if members {
        // Whoever was a member then and has left since had the membership until a day.
        sql.say(
            " AND EXISTS (SELECT 1 FROM party_memberships AS m WHERE m.cadre_id = p.cadre_id AND \
             m.deleted_at IS NULL AND m.formal AND m.joined_on <= ",
        );
        sql.bind(as_of.to_string());
        sql.say(
            " AND (m.status IN ('probationary', 'full', 'transferred', 'deceased') OR \
             (m.status IN ('suspended', 'removed') AND m.suspended_on > ",
        );
        sql.bind(as_of).say(")))");
    }
    sql
}

/// What a volunteer has served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// Hours.
    pub hours: Rate,
    /// Activities.
    pub activities: i64,
}

/// The hours of a volunteer that the scope sees, in activities that were held within the days given.
///
/// # Errors
/// `NotFound`; what the database says.
pub fn served(
    conn: &mut Conn,
    scope: &Scope,
    volunteer: Uuid,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> Result<Served> {
    Volunteer::get(conn, scope, volunteer)?.ok_or(Error::NotFound)?;
    let mut sql = Sql::new("SELECT CAST(coalesce(sum(s.hours), 0) AS bigint), count(*) FROM volunteer_services AS s ");
    sql.say("JOIN activities AS a ON a.id = s.activity_id WHERE s.deleted_at IS NULL AND a.deleted_at IS NULL ");
    sql.say("AND a.status = 'held' AND s.volunteer_id = ").bind(volunteer);
    if let Some(from) = from {
        sql.say(" AND a.held_on >= ").bind(from);
    }
    if let Some(to) = to {
        sql.say(" AND a.held_on <= ").bind(to);
    }
    let (hours, activities) = sql.row::<(i64, i64)>(conn)?.unwrap_or_default();
    Ok(Served { hours: Rate(hours), activities })
}
