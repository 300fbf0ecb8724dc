//! Party organizations, how they are led, their members, and party age.
mod applications;
mod dues;
mod evaluations;
mod meetings;
mod memberships;
mod obligations;
mod organizations;
mod party_age;
mod posts;
mod terms;
mod transfers;
pub use applications::{ApplicationReview, MembershipApplication, Vote};
pub use dues::{DuesBracket, DuesPayment, LARGE_VOLUNTARY_FROM, NATIONAL_BRACKETS, dues, rate_of};
pub use evaluations::{Dimension, Evaluation, EvaluationScheme, Score, VetoItem};
pub use meetings::{MeetingItem, PartyMeeting, ThemeDayItem};
pub use memberships::PartyMembership;
pub use obligations::{Duties, Obligation};
pub use organizations::{BRANCH_MIN_MEMBERS, COMMITTEE_FROM_MEMBERS, PartyOrganization};
pub use party_age::{Admission, PartyAge, medal_year};
pub use posts::PartyPost;
pub use terms::{Candidate, PartyTerm};
pub use transfers::RelationTransfer;

use crate::{Findings, NaiveDate, Rule, Violation};
use chrono::Months;

/// A field's name and its day.
type Day = (&'static str, Option<NaiveDate>);

/// Each day is not before the one listed before it; those that are absent are skipped.
fn in_order(days: &[Day], found: &mut Findings) {
    let mut known = days.iter().filter_map(|(name, day)| Some((*name, (*day)?)));
    let Some(mut before) = known.next() else { return };
    for (name, day) in known {
        if day < before.1 {
            found.push(Violation::new(name, Rule::PeriodOrder).with("other", before.0));
        }
        before = (name, day);
    }
}

/// The fields that a state needs.
fn needed(fields: &[(&'static str, bool)], found: &mut Findings) {
    for (name, _) in fields.iter().filter(|(_, there)| !there) {
        found.error(*name, Rule::Required);
    }
}

/// A day that follows from others, where a date can still be written.
fn written(day: NaiveDate) -> Option<NaiveDate> {
    use chrono::Datelike;
    (day.year() <= 9999).then_some(day)
}

/// The day so many months later; the last of the month where it has no such day.
fn plus_months(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
}

/// A date of an example.
fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

/// The id of an example's reference.
fn some(n: u128) -> crate::Uuid {
    crate::Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + n)
}
