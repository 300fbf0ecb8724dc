//! Applications in every stage, and letters of introduction.
use super::super::Rows;
use super::super::persons::Named;
use super::super::random::{Random, days_after, months_after, ymd};
use super::{Here, Org, add, settled, sound};
use domain::codes::{ApplicationStatus as Stage, CadreStatus, MembershipStatus, RelationTransferStatus};
use domain::party::{ApplicationReview, MembershipApplication, PartyMembership, RelationTransfer, Vote};
use domain::{NaiveDate, PartialDate, Uuid};

/// All applications.
pub(super) fn applications(here: &Here<'_>) -> Rows<MembershipApplication> {
    let mut random = Random::new("applications");
    let mut rows = vec![];
    let outside = |p: &&super::Person| p.standing.is_none() && p.status == CadreStatus::InCare && p.named.is_none();
    let mut outside = here.persons.iter().filter(outside);
    // Two old comrades of 巨野, whom the report tells of.
    let named = [Named::ApplicantOf91, Named::ApplicantOf93];
    let named = here.persons.iter().filter(|p| p.named.is_some_and(|n| named.contains(&n)));
    for (n, person) in named.enumerate() {
        let Some(org) = branch_of(here, person.place) else { continue };
        let applied = ymd(2021, 5 + n as u32, 20);
        add(&mut rows, org.division, application(Some(person), org, applied, Stage::Applicant));
    }
    let stages = [
        (Stage::Applicant, 14),
        (Stage::Activist, 16),
        (Stage::Target, 10),
        (Stage::Rejected, 4),
        (Stage::Withdrawn, 5),
    ];
    for (stage, count) in stages {
        for _ in 0..count {
            let Some(person) = outside.next() else { break };
            let Some(org) = branch_of(here, person.place) else { continue };
            let applied = random.day(ymd(2018, 1, 10), ymd(2019, 12, 20));
            let mut data = application(Some(person), org, applied, stage);
            // The branch has voted on some, and the committee above has not approved yet.
            if stage == Stage::Target && rows.len().is_multiple_of(4) {
                data.meeting_on = Some(ymd(2021, 10, 25));
                data = settled(data);
            }
            if sound(&data) {
                add(&mut rows, org.division, data);
            }
        }
    }
    let of = |status| here.members.iter().filter(move |(_, _, m)| m.formal && m.status == status);
    for (n, (person, _, membership)) in of(MembershipStatus::Probationary).enumerate() {
        let stage = if n % 9 == 4 { Stage::Extended } else { Stage::Probationary };
        admitted(here, &mut rows, person, membership, stage);
    }
    let recent =
        of(MembershipStatus::Full).filter(|(_, _, m)| m.joined_on.exact().is_some_and(|d| d > ymd(1995, 1, 1)));
    for (person, _, membership) in recent.take(40) {
        admitted(here, &mut rows, person, membership, Stage::Full);
    }
    for (person, _, membership) in of(MembershipStatus::Cancelled) {
        admitted(here, &mut rows, person, membership, Stage::Rejected);
    }
    rows
}

/// A branch of a place that has members enough to introduce somebody.
fn branch_of<'h, 'a>(here: &'h Here<'a>, place: usize) -> Option<&'h Org<'a>> {
    here.branches(9).find(|o| o.full.iter().all(|(person, ..)| person.place == place))
}

fn application(
    person: Option<&super::Person>,
    org: &Org<'_>,
    applied: NaiveDate,
    status: Stage,
) -> MembershipApplication {
    let reached = match status {
        Stage::Applicant | Stage::Withdrawn => 0,
        Stage::Activist | Stage::Rejected => 1,
        _ => 2,
    };
    let activist = months_after(applied, 8);
    let members = || org.full.iter().filter(|(p, ..)| person.is_none_or(|me| me.id != p.id)).map(|(_, id, _)| *id);
    let ended = matches!(status, Stage::Rejected | Stage::Withdrawn);
    let review = |months| ApplicationReview { on: months_after(activist, months), result: "表现较好".into() };
    settled(MembershipApplication {
        cadre_id: person.map(|p| p.id),
        name: person.map_or_else(String::new, |p| p.name.clone()),
        birth_date: person.map_or(PartialDate::day(applied), |p| PartialDate::day(p.life.birth)),
        party_organization_id: org.id,
        applied_on: applied,
        talk_on: (reached > 0).then(|| days_after(applied, 18)),
        activist_on: (reached > 0).then_some(activist),
        mentor_ids: if reached > 0 { members().take(2).collect() } else { vec![] },
        reviews: if reached > 0 { vec![review(6), review(12)] } else { vec![] },
        target_on: (reached > 1).then(|| months_after(activist, 14)),
        introducer_ids: vec![],
        political_review_on: None,
        training_hours: None,
        pre_review_on: None,
        meeting_on: None,
        admission: None,
        special_approval: false,
        approved_on: None,
        extension_months: None,
        probation_until: None,
        conversion_meeting_on: None,
        conversion: None,
        conversion_approved_on: None,
        converted_on: None,
        ended_on: ended.then(|| months_after(applied, 15)),
        end_reason: ended.then(|| "本人身体原因".into()),
        status,
    })
}

/// The application behind a membership, as far as its dates tell of one.
fn admitted(
    here: &Here<'_>,
    rows: &mut Rows<MembershipApplication>,
    person: &super::Person,
    membership: &PartyMembership,
    stage: Stage,
) {
    let Some(org) = here.organization(membership.party_organization_id) else { return };
    let Some(meeting) = membership.joined_on.exact() else { return };
    let applied = meeting.checked_sub_months(chrono::Months::new(34)).unwrap_or(meeting);
    let introducers: Vec<Uuid> =
        org.full.iter().filter(|(p, ..)| p.id != person.id).map(|(_, id, _)| *id).take(2).collect();
    let vote = Vote { eligible: 20, present: 17, in_favour: 16 };
    let mut data = MembershipApplication {
        introducer_ids: introducers,
        political_review_on: Some(days_after(meeting, 0) - chrono::Duration::days(60)),
        training_hours: Some(24),
        pre_review_on: Some(meeting - chrono::Duration::days(10)),
        meeting_on: Some(meeting),
        admission: Some(vote),
        approved_on: Some(membership.approved_on.and_then(PartialDate::exact).unwrap_or(days_after(meeting, 20))),
        status: stage,
        ..application(Some(person), org, applied, Stage::Target)
    };
    match stage {
        Stage::Extended => data.extension_months = Some(6),
        Stage::Full => {
            let Some(converted) = membership.converted_on.and_then(PartialDate::exact) else { return };
            let later = converted > months_after(meeting, 12);
            data.extension_months = later.then_some(6);
            data = settled(data);
            data.conversion_meeting_on = Some(data.probation_until.map_or(converted, |until| until.max(converted)));
            data.conversion = Some(vote);
            data.conversion_approved_on = data.conversion_meeting_on.map(|day| days_after(day, 30));
            data.converted_on = Some(converted);
        }
        Stage::Rejected => {
            data.ended_on = Some(months_after(meeting, 13));
            data.end_reason = Some("预备期表现不合格".into());
        }
        _ => {}
    }
    if sound(&data) {
        add(rows, org.division, data);
    }
}

/// All letters of introduction.
pub(super) fn letters(here: &Here<'_>) -> Rows<RelationTransfer> {
    let mut random = Random::new("letters");
    let mut rows = vec![];
    let mut number = 0;
    let mut letter = |membership, issued: NaiveDate, valid: i32| {
        number += 1;
        RelationTransfer {
            party_membership_id: membership,
            cadre_id: None,
            from_organization_id: None,
            letter_no: format!("菏组介字〔{}〕第{number:04}号", issued.format("%Y")),
            to_organization_id: None,
            to_outside: Some("中共济南市历下区某某社区委员会".into()),
            issued_on: issued,
            valid_days: valid,
            expires_on: None,
            dues_paid_to: PartialDate::parse(&issued.format("%Y-%m").to_string()),
            accepted_on: None,
            receipt_on: None,
            return_reason: None,
            reissue_of_id: None,
            status: RelationTransferStatus::Issued,
        }
    };
    // What has moved within a county.
    let moved = here.members.iter().filter(|(_, _, m)| m.status == MembershipStatus::Transferred);
    for (person, id, _) in moved {
        let (Some(to), Some(org)) = (here.formal.get(&person.id), here.organizations.first()) else { continue };
        let org = here.organization(*to).unwrap_or(org);
        let issued = random.day(ymd(2018, 4, 1), ymd(2018, 6, 20));
        let data = RelationTransfer {
            to_organization_id: Some(*to),
            to_outside: None,
            accepted_on: Some(days_after(issued, 6)),
            receipt_on: Some(days_after(issued, 9)),
            status: RelationTransferStatus::Accepted,
            ..letter(*id, issued, 10)
        };
        add(&mut rows, org.division, data);
    }
    let leaving = here.branches(12).filter_map(|o| Some((o, o.full.iter().rev().find(|(_, _, m)| m.formal)?)));
    for (n, (org, (_, id, _))) in leaving.step_by(9).take(24).enumerate() {
        let data = match n % 4 {
            0 => {
                let issued = ymd(2021, 6, 1 + n as u32);
                let void = RelationTransfer { status: RelationTransferStatus::Expired, ..letter(*id, issued, 30) };
                let void = add(&mut rows, org.division, void);
                RelationTransfer { reissue_of_id: Some(void), ..letter(*id, ymd(2021, 12, 12), 30) }
            }
            1 => RelationTransfer {
                status: RelationTransferStatus::Returned,
                return_reason: Some("未在该地居住满 6 个月".into()),
                ..letter(*id, ymd(2021, 9, 1 + n as u32), 30)
            },
            2 => letter(*id, ymd(2021, 12, 1 + n as u32), 90),
            _ => letter(*id, ymd(2021, 12, 1 + n as u32), 30),
        };
        add(&mut rows, org.division, data);
    }
    rows
}
