//! Senior universities, classes and their students, partners, bases, facilities.
use crate::conn::Conn;
use crate::error::Result;
use crate::query::division_range;
use crate::select::within;
use crate::statement::Sql;
use crate::store::Store;
use domain::codes::ProjectStatus;
use domain::education::{
    Class, Enrollment, Facility, FacilityProject, PartnerAgreement, SeniorUniversity, TeachingBase,
};
use domain::{DivisionCode, Meta, NaiveDate, Record, Resource, Scope, Uuid};
use std::collections::HashMap;

crate::resource_store! {
    senior_universities: SeniorUniversity { name, kind, level, parent_id, unit_id, joint_with, joint_partner, opened_on, closed_on, address, area_m2, staff, students, companion_from_age, open }
    filter { name, kind, level, parent_id, unit_id, joint_with, opened_on, closed_on, open }
    sort { name }
    search { name }
    rules { crate::rules::senior_university }
}

crate::resource_store! {
    classes: Class { senior_university_id, course, topic, mode, semester, enrol_from, enrol_to, starts_on, ends_on, capacity, age_min, age_max, companion_from_age, tuition, is_featured, teacher_name, cancel_reason, status }
    filter { senior_university_id, topic, mode, semester, status, is_featured, starts_on, enrol_from, enrol_to }
    sort { course, starts_on }
    search { course }
    rules { crate::rules::class }
    effects { crate::effects::class, when crate::effects::changes_places }
}

crate::resource_store! {
    enrollments: Enrollment { class_id, cadre_id, student_name, student_birth_date, student_phone, companion_name, companion_phone, applied_on, queue_no, paid_on, receipt_no, completed_on, certificate_no, dropped_on, drop_reason, status }
    filter { class_id, cadre_id, status, applied_on }
    sort { applied_on }
    search { student_name }
    fills { crate::fills::enrollment }
    rules { crate::rules::enrollment }
    effects { crate::effects::enrollment, when crate::effects::moves_queue }
}

crate::resource_store! {
    partner_agreements: PartnerAgreement { senior_university_id, partner_unit, unit_id, branch_id, document, document_no, scope, signed_on, expires_on }
    filter { senior_university_id, unit_id, branch_id, signed_on, expires_on }
    sort { signed_on }
    search { partner_unit, document }
}

crate::resource_store! {
    teaching_bases: TeachingBase { kind, name, host, unit_id, senior_university_id, address, established_on, ended_on }
    filter { kind, unit_id, senior_university_id, established_on, ended_on }
    sort { name, established_on }
    search { name, host }
}

crate::resource_store! {
    facilities: Facility { kind, name, unit_id, senior_university_id, address, area_m2, daily_visits, opened_on, open }
    filter { kind, unit_id, senior_university_id, opened_on, open }
    sort { name }
    search { name }
}

crate::resource_store! {
    facility_projects: FacilityProject { facility_id, kind, name, planned_start, planned_end, started_on, completed_on, progress_percent, progress_note, investment, area_m2, stop_reason, status }
    filter { facility_id, kind, status, planned_start, planned_end, completed_on, progress_percent }
    sort { planned_end }
    search { name }
    rules { crate::rules::facility_project }
}

/// How many places of a class are taken, and how many wait for one; `except` is left out.
///
/// # Errors
/// What the database says.
pub fn places(conn: &mut Conn, class: Uuid, except: Option<Uuid>) -> Result<(i64, i64)> {
    let mut sql = Sql::new(
        "SELECT count(CASE WHEN status IN ('applied', 'paid', 'active', 'completed') THEN 1 END), \
         count(CASE WHEN status = 'waitlisted' THEN 1 END) FROM enrollments WHERE deleted_at IS NULL AND class_id = ",
    );
    sql.bind(class);
    if let Some(except) = except {
        sql.say(" AND id <> ").bind(except);
    }
    Ok(sql.row::<(i64, i64)>(conn)?.unwrap_or_default())
}

/// The number that the next one on the waiting list of a class gets. Those that were deleted keep theirs.
pub(crate) fn next_in_queue(conn: &mut Conn, class: Uuid) -> Result<i32> {
    let mut sql = Sql::new("SELECT coalesce(max(queue_no), 0) + 1 FROM enrollments WHERE class_id = ");
    Ok(sql.bind(class).row::<(i32,)>(conn)?.map_or(1, |(n,)| n))
}

/// Who waits for a place in a class, the first first.
pub(crate) fn waiting(conn: &mut Conn, class: Uuid) -> Result<Vec<Uuid>> {
    let mut sql =
        Sql::new("SELECT id FROM enrollments WHERE deleted_at IS NULL AND status = 'waitlisted' AND class_id = ");
    let rows: Vec<(Uuid,)> = sql.bind(class).say(" ORDER BY queue_no, id").rows(conn)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// What all who change the places of a class are one after the other by.
pub(crate) fn lock_of(class: Uuid) -> String {
    format!("class:{class}")
}

/// Schools in one answer at most.
pub const MOST_BELOW: usize = 2000;

/// Depth to which schools below schools are followed.
const DEPTH: i32 = 32;

/// A school below another one: how many steps below it is, and its classes that enrol or run.
pub type Below = (SeniorUniversity, Meta, i32, i64);

/// All schools below one, those the scope sees, level by level; [`MOST_BELOW`] at most.
///
/// # Errors
/// What the database says.
pub fn below(conn: &mut Conn, scope: &Scope, school: Uuid) -> Result<Vec<Below>> {
    let mut sql = Sql::new(
        "WITH RECURSIVE below (id, depth) AS (SELECT id, 1 FROM senior_universities WHERE deleted_at IS NULL AND \
         parent_id = ",
    );
    sql.bind(school).say(
        " UNION SELECT s.id, b.depth + 1 FROM senior_universities AS s JOIN below AS b ON s.parent_id = b.id \
         WHERE s.deleted_at IS NULL AND b.depth < ",
    );
    sql.bind(DEPTH).say(
        ") SELECT b.id, b.depth, (SELECT count(*) FROM classes AS c WHERE c.senior_university_id = b.id AND \
         c.deleted_at IS NULL AND c.status IN ('enrolling', 'running')) FROM below AS b ORDER BY b.depth, b.id LIMIT ",
    );
    let places: Vec<(Uuid, i32, i64)> = sql.bind(i64::try_from(MOST_BELOW).unwrap_or(i64::MAX)).rows(conn)?;
    let ids: Vec<Uuid> = places.iter().map(|(id, ..)| *id).collect();
    let mut schools: HashMap<Uuid, Record<SeniorUniversity>> =
        SeniorUniversity::by_ids(conn, scope, &ids)?.into_iter().map(|s| (s.meta.id, s)).collect();
    let seen = places.into_iter().filter_map(|(id, depth, classes)| Some((schools.remove(&id)?, depth, classes)));
    Ok(seen.map(|(school, depth, classes)| (school.data, school.meta, depth, classes)).collect())
}

/// `FROM … WHERE …` of the projects that are late on a day ([`FacilityProject::days_late`]).
fn late(sql: &mut Sql<'_>, scope: &Scope, division: Option<&DivisionCode>, as_of: NaiveDate) {
    sql.say(" FROM facility_projects WHERE deleted_at IS NULL AND ((status = ").bind(ProjectStatus::Planned.code());
    sql.say(" AND planned_start < ").bind(as_of).say(") OR (status IN (").bind(ProjectStatus::Building.code());
    sql.say(", ").bind(ProjectStatus::Suspended.code()).say(") AND planned_end < ").bind(as_of).say("))");
    within(sql, scope, FacilityProject::VISIBILITY);
    crate::belonging::belonging(sql, scope, FacilityProject::PATH);
    if let Some(division) = division {
        let (from, to) = division_range(division);
        sql.say(" AND division_code >= ").bind(from).say(" AND division_code < ").bind(to);
    }
}

/// How many projects are late on a day.
///
/// # Errors
/// What the database says.
pub fn count_late(conn: &mut Conn, scope: &Scope, as_of: NaiveDate) -> Result<i64> {
    let mut sql = Sql::new("SELECT count(*)");
    late(&mut sql, scope, None, as_of);
    Ok(sql.once().row::<(i64,)>(conn)?.map_or(0, |(n,)| n))
}

/// The projects that are late on a day in the order of their ids, those behind a position.
///
/// # Errors
/// What the database says.
pub fn late_projects(
    conn: &mut Conn,
    scope: &Scope,
    division: Option<&DivisionCode>,
    as_of: NaiveDate,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Uuid>> {
    let mut sql = Sql::new("SELECT id");
    late(&mut sql, scope, division, as_of);
    if let Some(after) = after {
        sql.say(" AND id > ").bind(after);
    }
    let rows: Vec<(Uuid,)> = sql.say(" ORDER BY id LIMIT ").bind(limit).once().rows(conn)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
