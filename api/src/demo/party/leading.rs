//! Terms of office, in time, overdue and put off, and the posts of those who lead.
use super::super::Rows;
use super::super::names;
use super::super::random::{Random, days_after, months_after, years_after, ymd};
use super::{Here, Org, add, leaders};
use domain::codes::{Ethnicity, PartyOrganizationKind as Kind, PartyPostRole, PartyTermStatus, Sex};
use domain::party::{Candidate, PartyPost, PartyTerm};
use domain::{NaiveDate, Resource, Uuid};

/// The day of the demo's clock.
const TODAY: (i32, u32, u32) = (2021, 12, 31);

/// All terms and posts.
pub(super) fn leading(here: &Here<'_>) -> (Rows<PartyTerm>, Rows<PartyPost>) {
    let mut random = Random::new("leading");
    let (mut terms, mut posts) = (vec![], vec![]);
    for (n, org) in here.organizations.iter().enumerate() {
        let (term, elected) = terms_of(&mut random, &mut terms, n, org);
        if org.data.kind.is_lowest() && !org.full.is_empty() {
            posts_of(&mut random, &mut posts, n, org, term, elected);
        }
    }
    (terms, posts)
}

/// The term an organization is in, and others before and after it.
fn terms_of(random: &mut Random, rows: &mut Rows<PartyTerm>, n: usize, org: &Org<'_>) -> (Uuid, NaiveDate) {
    let (y, m, d) = TODAY;
    let today = ymd(y, m, d);
    let years = org.data.term_years();
    // In time: elected less than a term ago. Every so often the day has passed.
    let status = match n {
        _ if n % 31 == 7 => PartyTermStatus::Extended,
        _ if n % 47 == 11 => PartyTermStatus::Expired,
        _ => PartyTermStatus::Serving,
    };
    let late = status != PartyTermStatus::Serving || n % 25 == 3;
    let due = match late {
        true => days_after(today, 0) - chrono::Duration::days(i64::from(random.range(10, 300))),
        false => random.day(days_after(today, 5), months_after(today, years.unsigned_abs() * 12 - 2)),
    };
    let elected = years_after(due, -years);
    let first = if n.is_multiple_of(3) {
        let before =
            PartyTerm { status: PartyTermStatus::Replaced, ..held(random, org, 1, years_after(elected, -years)) };
        add(rows, org.division, before);
        2
    } else {
        1
    };
    let extended = status == PartyTermStatus::Extended;
    let data = PartyTerm {
        status,
        extended_until: extended.then(|| months_after(due, 11)),
        approval_doc: extended.then(|| format!("菏组〔2021〕{}号", random.range(1, 90))),
        ..held(random, org, first, elected)
    };
    let term = add(rows, org.division, data);
    if n % 53 == 5 {
        let next = PartyTerm {
            elected_on: None,
            eligible: None,
            attendance: None,
            candidates: vec![],
            status: PartyTermStatus::Preparing,
            ..held(random, org, first + 1, elected)
        };
        add(rows, org.division, next);
    }
    (term, elected)
}

/// An election as it was held.
fn held(random: &mut Random, org: &Org<'_>, term_no: i32, elected: NaiveDate) -> PartyTerm {
    let branch = org.data.kind.is_lowest();
    let eligible = if branch { org.full.len().max(1) as i32 } else { random.range(40, 90) };
    let attendance = (eligible * random.range(82, 98) + 99) / 100;
    let seats = match (branch, has_committee(org)) {
        (true, true) => 3,
        (true, false) => 1,
        _ => 5,
    };
    let sex = random.weighted(&[(750, Sex::Male)], Sex::Female);
    let secretary = Candidate {
        name: names::person(random, sex, Ethnicity::Han),
        role: PartyPostRole::Secretary,
        votes: attendance.max(eligible / 2 + 1).min(attendance),
        elected: true,
    };
    PartyTerm {
        party_organization_id: org.id,
        term_no,
        elected_on: Some(elected),
        term_years: Some(org.data.term_years()),
        seats: Some(seats),
        eligible: Some(eligible),
        attendance: Some(attendance.min(eligible)),
        candidates: vec![secretary],
        excused: branch.then(|| random.range(0, 3)),
        due_on: None,
        ends_on: None,
        extended_until: None,
        approval_doc: None,
        outcome: None,
        ..PartyTerm::example()
    }
}

/// Whether the members suffice for a committee. One more than needed, so that a death leaves it one.
fn has_committee(org: &Org<'_>) -> bool {
    org.full.len() >= 8 || (org.data.kind == Kind::ResidentialBranch && org.full.len() == 7)
}

fn posts_of(random: &mut Random, rows: &mut Rows<PartyPost>, n: usize, org: &Org<'_>, term: Uuid, elected: NaiveDate) {
    use PartyPostRole::{DeputySecretary, Organization, Publicity, Secretary};
    let residential = org.data.kind == Kind::ResidentialBranch;
    let roles: &[PartyPostRole] = match () {
        () if has_committee(org) => &[Secretary, Organization, Publicity],
        () if n.is_multiple_of(4) && !residential && org.full.len() > 1 => &[Secretary, DeputySecretary],
        () => &[Secretary],
    };
    let post = |cadre_id, role, started_on, ended_on, party_term_id| PartyPost {
        party_organization_id: org.id,
        cadre_id,
        role,
        started_on,
        ended_on,
        party_term_id,
    };
    let led = leaders(random, &org.full, roles.len());
    for ((person, ..), role) in led.iter().zip(roles) {
        add(rows, org.division, post(person.id, *role, elected, None, Some(term)));
    }
    if n % 20 == 9
        && !residential
        && let Some((person, ..)) = org.full.last()
    {
        let until = elected - chrono::Duration::days(1);
        add(rows, org.division, post(person.id, Secretary, years_after(elected, -3), Some(until), None));
    }
}
