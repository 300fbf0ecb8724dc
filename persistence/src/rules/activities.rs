//! Sign-ups, teams, exhibitions.
use super::equal;
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::party::is_secretary;
use crate::query::Query;
use crate::store::Store;
use crate::tx::Tx;
use domain::activities::{Activity, ActivitySignup, Exhibition, ExhibitionShowing, Team, TeamMember};
use domain::cadres::Cadre;
use domain::codes::{ActivityStatus, CadreStatus, ConsentPurpose, SignupStatus, TeamKind};
use domain::publicity::Consent;
use domain::{Findings, NaiveDate, Problem, Record, Rule, Scope, Uuid, Violation};

/// Whoever counts or changes the places of an activity is alone with them.
pub(crate) fn alone_with_places(tx: &mut Tx<'_>, activity: Uuid) -> Result<()> {
    tx.serialize(&format!("signups:{activity}"))
}

/// How many places of an activity are taken by others than this sign-up.
pub(crate) fn taken(conn: &mut Conn, activity: Uuid, but: Uuid) -> Result<i64> {
    let mut sql = crate::statement::Sql::new("SELECT count(*) FROM activity_signups WHERE deleted_at IS NULL AND ");
    sql.say("status IN ('signed_up', 'checked_in') AND activity_id = ").bind(activity).say(" AND id <> ").bind(but);
    Ok(sql.row::<(i64,)>(conn)?.map_or(0, |(n,)| n))
}

/// Somebody who is in care signs up within the days given for an activity that is planned, and no more have a place
/// than there are places. Of what has been, any record may be brought in.
pub fn activity_signup(
    tx: &mut Tx<'_>,
    scope: &Scope,
    old: Option<&Record<ActivitySignup>>,
    new: &Record<ActivitySignup>,
    found: &mut Findings,
) -> Result<()> {
    let signup = &new.data;
    let moved = old.is_some_and(|o| o.data.activity_id != signup.activity_id);
    let same = old.is_some_and(|o| o.data.status == signup.status);
    if same && !moved {
        return Ok(());
    }
    // Always in one order, so that two who change places do not wait for each other.
    let mut activities: Vec<Uuid> = old.iter().map(|o| o.data.activity_id).chain([signup.activity_id]).collect();
    activities.sort();
    activities.dedup();
    activities.into_iter().try_for_each(|activity| alone_with_places(tx, activity))?;
    // A missing one is reported by the reference check.
    let Some(activity) = Activity::get(tx.conn, scope, signup.activity_id)? else { return Ok(()) };
    let begins = old.is_none() || moved;
    if begins && matches!(signup.status, SignupStatus::SignedUp | SignupStatus::Waiting) {
        if activity.data.status != ActivityStatus::Planned {
            found.push(Violation::new("activity_id", Rule::ActivityState).with("state", activity.data.status));
        } else if !activity.data.signs_up_on(tx.stamp.today) && has_window(&activity.data) {
            let day = |day: Option<NaiveDate>| day.map_or_else(|| "…".to_owned(), |d| d.to_string());
            let window = Violation::new("activity_id", Rule::SignupWindow).with("from", day(activity.data.signup_from));
            found.push(window.with("until", day(activity.data.signup_until)));
        }
        if let Some(cadre) = Cadre::get(tx.conn, scope, signup.cadre_id)?
            && !matches!(cadre.data.status, CadreStatus::InCare | CadreStatus::TransferPending)
        {
            found.push(Violation::new("cadre_id", Rule::CadreState).with("state", cadre.data.status));
        }
    }
    let takes = signup.takes_place() && (moved || old.is_none_or(|o| !o.data.takes_place()));
    if let Some(capacity) = activity.data.capacity.filter(|_| takes)
        && taken(tx.conn, signup.activity_id, new.meta.id)? >= i64::from(capacity)
    {
        let full = Violation::new("activity_id", Rule::TooMany).with("max", capacity);
        return Err(Error::Refused(Problem::Capacity, vec![full]));
    }
    Ok(())
}

/// Whether the days of signing up are said. Without them an office enters who came to it, whenever it does.
fn has_window(activity: &Activity) -> bool {
    activity.signup_from.is_some() || activity.signup_until.is_some()
}

/// A lecture corps is made of secretaries: who joins is one on that day.
pub fn team_member(
    tx: &mut Tx<'_>,
    scope: &Scope,
    old: Option<&Record<TeamMember>>,
    new: &Record<TeamMember>,
    found: &mut Findings,
) -> Result<()> {
    let joins = |m: &TeamMember| (m.team_id, m.cadre_id, m.started_on);
    if old.is_some_and(|o| joins(&o.data) == joins(&new.data)) {
        return Ok(());
    }
    let (team, cadre, day) = joins(&new.data);
    let corps = Team::get(tx.conn, scope, team)?.is_some_and(|t| t.data.kind == TeamKind::LectureCorps);
    if corps && !is_secretary(tx.conn, cadre, day)? {
        found.error("cadre_id", Rule::SecretaryRequired);
    }
    Ok(())
}

/// Nobody is named in an exhibition who has not consented to publicity.
pub fn exhibition(
    tx: &mut Tx<'_>,
    scope: &Scope,
    old: Option<&Record<Exhibition>>,
    new: &Record<Exhibition>,
    _: &mut Findings,
) -> Result<()> {
    let consent = new.data.consent_id.filter(|id| old.is_none_or(|o| o.data.consent_id != Some(*id)));
    consent.map_or(Ok(()), |id| consented(tx, scope, id, tx.stamp.today, "consent_id"))
}

/// It is shown under a consent that is in force on the day, if it is somebody's.
pub fn exhibition_showing(
    tx: &mut Tx<'_>,
    scope: &Scope,
    old: Option<&Record<ExhibitionShowing>>,
    new: &Record<ExhibitionShowing>,
    _: &mut Findings,
) -> Result<()> {
    let shown = |s: &ExhibitionShowing| (s.exhibition_id, s.shown_on);
    if old.is_some_and(|o| shown(&o.data) == shown(&new.data)) {
        return Ok(());
    }
    let (exhibition, day) = shown(&new.data);
    let consent = Exhibition::get(tx.conn, scope, exhibition)?.and_then(|e| e.data.consent_id);
    consent.map_or(Ok(()), |id| consented(tx, scope, id, day, "shown_on"))
}

/// Fails unless a consent is one to publicity and in force on a day. A missing one is reported by the reference check.
fn consented(tx: &mut Tx<'_>, scope: &Scope, id: Uuid, day: NaiveDate, field: &'static str) -> Result<()> {
    let Some(consent) = Consent::get(tx.conn, scope, id)? else { return Ok(()) };
    if consent.data.purpose == ConsentPurpose::Publicity && consent.data.covers(day) {
        return Ok(());
    }
    let why = Violation::new(field, Rule::ConsentNotInForce).with("day", day);
    Err(Error::Refused(Problem::ConsentRequired, vec![why]))
}

/// Sign-ups of an activity in a state, those first who have waited longest.
pub(crate) fn signups(
    conn: &mut Conn,
    activity: Uuid,
    status: SignupStatus,
    limit: i64,
) -> Result<Vec<Record<ActivitySignup>>> {
    let mut query = Query::by("activity_id", activity, limit);
    query.conditions.push(equal("status", status));
    query.sort.key = "created_at".into();
    Ok(ActivitySignup::list(conn, &Scope::System, &query)?.items)
}
