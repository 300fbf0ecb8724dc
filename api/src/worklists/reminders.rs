//! How long before a day somebody is reminded of it. No rule fixes these: an office decides.
use domain::NaiveDate;

crate::settings::settings! {
    /// The leads as they are in force.
    Reminders;
    /// The leads as somebody has given them: options, environment, or the table `reminders` of the file.
    GivenReminders;
    /// Days before the end of a term from which its election is on the list of those to prepare
    election_days: u16 = 183, "LAOGAN_REMIND_ELECTION_DAYS", "remind-election-days";
    /// Days before a letter of introduction becomes void
    letter_days: u16 = 10, "LAOGAN_REMIND_LETTER_DAYS", "remind-letter-days";
    /// Days before the end of a probation
    probation_days: u16 = 30, "LAOGAN_REMIND_PROBATION_DAYS", "remind-probation-days";
    /// Days before the months for an approval have run out
    approval_days: u16 = 30, "LAOGAN_REMIND_APPROVAL_DAYS", "remind-approval-days";
    /// Months within which a party lecture is due, as the regulation only says "regularly"; 0 for none
    lecture_months: u16 = 3, "LAOGAN_LECTURE_MONTHS", "lecture-months";
}

/// So many days later.
pub fn days_after(day: NaiveDate, days: u16) -> NaiveDate {
    day.checked_add_days(chrono::Days::new(days.into())).unwrap_or(day)
}
/// So many months earlier.
pub fn months_before(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_sub_months(chrono::Months::new(months)).unwrap_or(day)
}
