//! Programmes, activities, teams, exhibitions, contests, wishes.
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::query::division_range;
use crate::statement::Sql;
use crate::store::Store;
use domain::activities::{
    Activity, ActivitySignup, ContestResult, Exhibition, ExhibitionShowing, Programme, Team, TeamMember, Wish,
};
use domain::codes::{AudienceUnit, ProgrammeMetric};
use domain::{DivisionCode, NaiveDate, Record, Scope, Uuid};

crate::resource_store! {
    programmes: Programme { code, name, theme, starts_on, ends_on, targets, owner_unit_id, document_no }
    filter { code, theme, starts_on, ends_on, owner_unit_id }
    sort { name, starts_on }
    search { name }
}

crate::resource_store! {
    teams: Team { name, kind, founded_on, ended_on, unit_id }
    filter { kind, founded_on, ended_on, unit_id }
    sort { name }
    search { name }
}

crate::resource_store! {
    team_members: TeamMember { team_id, cadre_id, role, started_on, ended_on }
    filter { team_id, cadre_id, role, started_on, ended_on }
    sort { started_on }
    search {}
    rules { crate::rules::team_member }
}

crate::resource_store! {
    activities: Activity { programme_id, kind, title, theme, topic, campaign, by_five_elders, held_on, venue_kind, venue, school_code, host_unit_id, team_id, lecturer_id, lecturer_name, audience_count, audience_unit, minors_present, age_bands, participants, capacity, signup_from, signup_until, cancel_reason, note, status }
    filter { programme_id, kind, theme, topic, campaign, by_five_elders, held_on, venue_kind, school_code, host_unit_id, team_id, lecturer_id, audience_unit, minors_present, status }
    sort { held_on }
    search { title }
    effects { crate::effects::activity, when crate::effects::makes_room }
}

crate::resource_store! {
    activity_signups: ActivitySignup { activity_id, cadre_id, checked_in_on, cancel_reason, status }
    filter { activity_id, cadre_id, status }
    sort {}
    search {}
    fills { crate::fills::activity_signup }
    rules { crate::rules::activity_signup }
    effects { crate::effects::activity_signup, when crate::effects::frees_a_place }
}

crate::resource_store! {
    exhibitions: Exhibition { title, collection_size, selected_items, consent_id, cadre_id, description }
    filter { consent_id, cadre_id }
    sort { title }
    search { title }
    fills { crate::fills::exhibition }
    rules { crate::rules::exhibition }
}

crate::resource_store! {
    exhibition_showings: ExhibitionShowing { exhibition_id, shown_on, venue_kind, place, visitors }
    filter { exhibition_id, shown_on, venue_kind }
    sort { shown_on }
    search { place }
    rules { crate::rules::exhibition_showing }
}

crate::resource_store! {
    contest_results: ContestResult { event, discipline, year, decided_on, level, metric, rank, title, team_id }
    filter { year, level, metric, rank, team_id }
    sort { year, event }
    search { event }
}

crate::resource_store! {
    wishes: Wish { wish, cadre_id, campaign, collected_on, claimed_by, claimed_by_unit_id, claimed_on, due_on, fulfilled_on, outcome, status }
    filter { cadre_id, campaign, collected_on, claimed_by_unit_id, due_on, fulfilled_on, status }
    sort { collected_on }
    search {}
}

/// What the activities of a programme amount to on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Sessions held.
    pub sessions: i64,
    /// Their audience in persons.
    pub persons: i64,
    /// Their audience in attendances.
    pub person_times: i64,
    /// Different schools.
    pub schools: i64,
    /// Different lecturers.
    pub lecturers: i64,
}
impl Done {
    /// The number that a target of this metric and unit compares with.
    pub fn of(&self, metric: ProgrammeMetric, unit: AudienceUnit) -> i64 {
        match (metric, unit) {
            (ProgrammeMetric::Sessions, _) => self.sessions,
            (ProgrammeMetric::Audience, AudienceUnit::Person) => self.persons,
            (ProgrammeMetric::Audience, AudienceUnit::PersonTime) => self.person_times,
            (ProgrammeMetric::Schools, _) => self.schools,
            (ProgrammeMetric::Lecturers, _) => self.lecturers,
        }
    }
}

/// The counties in which something was held for a programme until the end of a day.
///
/// # Errors
/// What the database says.
pub fn counties(conn: &mut Conn, programme: Uuid, division: &DivisionCode, as_of: NaiveDate) -> Result<Vec<String>> {
    let (from, to) = division_range(division);
    let mut sql = Sql::new("SELECT DISTINCT substr(division_code, 1, 6) FROM activities WHERE deleted_at IS NULL ");
    sql.say("AND status = 'held' AND programme_id = ").bind(programme).say(" AND held_on <= ").bind(as_of);
    sql.say(" AND division_code >= ").bind(from).say(" AND division_code < ").bind(to);
    Ok(sql.rows::<(String,)>(conn)?.into_iter().map(|(county,)| county).collect())
}

/// A programme that the scope sees, and what was held for it within a division until the end of a day. Only what was
/// held counts.
///
/// # Errors
/// `NotFound`; what the database says.
pub fn progress(
    conn: &mut Conn,
    scope: &Scope,
    programme: Uuid,
    division: &DivisionCode,
    as_of: NaiveDate,
) -> Result<(Record<Programme>, Done)> {
    let record = Programme::get(conn, scope, programme)?.ok_or(Error::NotFound)?;
    let (from, to) = division_range(division);
    let mut sql = Sql::new(
        "SELECT count(*), coalesce(sum(audience_count) FILTER (WHERE audience_unit = 'person'), 0), \
         coalesce(sum(audience_count) FILTER (WHERE audience_unit = 'person_time'), 0), \
         count(DISTINCT school_code), count(DISTINCT lecturer_id) + \
         count(DISTINCT lecturer_name) FILTER (WHERE lecturer_id IS NULL) FROM activities \
         WHERE deleted_at IS NULL AND status = 'held' AND programme_id = ",
    );
    sql.bind(programme).say(" AND held_on <= ").bind(as_of);
    sql.say(" AND division_code >= ").bind(from).say(" AND division_code < ").bind(to);
    let done = sql.row::<(i64, i64, i64, i64, i64)>(conn)?.map_or(
        Done { sessions: 0, persons: 0, person_times: 0, schools: 0, lecturers: 0 },
        |(sessions, persons, person_times, schools, lecturers)| Done {
            sessions,
            persons,
            person_times,
            schools,
            lecturers,
        },
    );
    Ok((record, done))
}
