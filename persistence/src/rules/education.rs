//! Schools, classes, who may take part in them, and what is built.
use super::no_cycle;
use crate::education::{lock_of, places};
use crate::error::{Error, Result};
use crate::store::Store;
use crate::tx::Tx;
use domain::cadres::Cadre;
use domain::codes::{CadreStatus, EnrollmentStatus};
use domain::education::{Class, Enrollment, FacilityProject, SeniorUniversity};
use domain::{Findings, Problem, Record, Rule, Scope, Violation};

/// A school is not above itself.
pub fn senior_university(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<SeniorUniversity>>,
    new: &Record<SeniorUniversity>,
    found: &mut Findings,
) -> Result<()> {
    if old.is_none_or(|o| o.data.parent_id != new.data.parent_id) {
        no_cycle(tx, new.meta.id, new.data.parent_id, |s: &SeniorUniversity| s.parent_id, found)?;
    }
    Ok(())
}

/// A class does not have fewer places than are taken.
pub fn class(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<Class>>,
    new: &Record<Class>,
    found: &mut Findings,
) -> Result<()> {
    if old.is_none_or(|o| o.data.capacity <= new.data.capacity) {
        return Ok(());
    }
    tx.serialize(&lock_of(new.meta.id))?;
    let (taken, _) = places(tx.conn, new.meta.id, None)?;
    if i64::from(new.data.capacity) < taken {
        found.push(Violation::new("capacity", Rule::PlacesTaken).with("taken", taken));
    }
    Ok(())
}

/// A student is of the age that the class is for, applies when it takes applications, has a companion where one is
/// needed, pays where tuition is due, and takes a place that is free.
pub fn enrollment(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<Enrollment>>,
    new: &Record<Enrollment>,
    found: &mut Findings,
) -> Result<()> {
    let enrollment = &new.data;
    found.require(old.is_none_or(|o| o.data.class_id == enrollment.class_id), "class_id", Rule::Settled);
    // A missing class or cadre is reported by the reference check.
    let Some(class) = Class::get(tx.conn, &Scope::System, enrollment.class_id)? else { return Ok(()) };
    if old.is_none() {
        applies(enrollment, &class.data, found);
    }
    if enrollment.is_open() && old.is_none_or(|o| !o.data.same_student(enrollment)) {
        fits(tx, old, enrollment, &class.data, found)?;
    }
    let takes_part = matches!(enrollment.status, EnrollmentStatus::Active | EnrollmentStatus::Completed);
    let unchanged = old.is_some_and(|o| (o.data.status, o.data.paid_on) == (enrollment.status, enrollment.paid_on));
    if let Some(amount) = class.data.tuition.filter(|_| class.data.costs() && takes_part && !unchanged)
        && enrollment.paid_on.is_none()
    {
        found.push(Violation::new("paid_on", Rule::TuitionDue).with("amount", amount));
    }
    if !enrollment.takes_place() || old.is_some_and(|o| o.data.takes_place()) {
        return Ok(());
    }
    tx.serialize(&lock_of(enrollment.class_id))?;
    let (taken, _) = places(tx.conn, enrollment.class_id, Some(new.meta.id))?;
    if taken >= i64::from(class.data.capacity) {
        let full = Violation::new("class_id", Rule::ClassFull).with("capacity", class.data.capacity);
        return Err(Error::Refused(Problem::ClassFull, vec![full]));
    }
    Ok(())
}

/// One applies within the time for it, and for a place in a class that takes students.
fn applies(enrollment: &Enrollment, class: &Class, found: &mut Findings) {
    if enrollment.asks_for_place() && !class.takes_students() {
        found.push(Violation::new("class_id", Rule::ClassState).with("state", class.status));
    }
    if !class.enrols_on(enrollment.applied_on) {
        let text = |day: Option<domain::NaiveDate>| day.map_or_else(|| "-".to_owned(), |day| day.to_string());
        let window = Violation::new("applied_on", Rule::EnrolmentWindow)
            .with("from", text(class.enrol_from))
            .with("to", text(class.enrol_to));
        found.push(window);
    }
}

/// The rules about the student's age, and that a cadre lives.
fn fits(
    tx: &mut Tx<'_>,
    old: Option<&Record<Enrollment>>,
    enrollment: &Enrollment,
    class: &Class,
    found: &mut Findings,
) -> Result<()> {
    let cadre = match enrollment.cadre_id {
        Some(id) => Cadre::get(tx.conn, &Scope::System, id)?,
        None => None,
    };
    if let Some(cadre) = cadre.as_ref().filter(|_| old.is_none_or(|o| o.data.cadre_id != enrollment.cadre_id))
        && matches!(cadre.data.status, CadreStatus::Deceased | CadreStatus::Void)
    {
        found.push(Violation::new("cadre_id", Rule::CadreState).with("state", cadre.data.status));
    }
    let birth = cadre.map(|c| c.data.birth_date).or(enrollment.student_birth_date);
    let Some(birth) = birth else { return Ok(()) };
    let school = SeniorUniversity::get(tx.conn, &Scope::System, class.senior_university_id)?;
    let otherwise = school.and_then(|s| s.data.companion_from_age);
    class.check_age(birth, otherwise, enrollment.companion_name.is_some(), found);
    Ok(())
}

/// Progress does not fall without a word.
pub fn facility_project(
    _: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<FacilityProject>>,
    new: &Record<FacilityProject>,
    found: &mut Findings,
) -> Result<()> {
    if let Some(old) = old {
        new.data.check_progress(&old.data, found);
    }
    Ok(())
}
