//! Elections, letters of introduction, applications at a gate, dues on their way, evaluations, members without contact.
use super::reminders::{days_after, months_before};
use super::{Asker, By, Worklist, absent, at_most, before, from, is};
use crate::party::{members, terms};
use domain::codes::{
    ApplicationStatus, DuesKind, DuesStatus, EvaluationStatus, MembershipStatus, PartyOrganizationStatus,
    RelationTransferStatus,
};
use domain::party::{
    DuesPayment, Evaluation, MembershipApplication, PartyMembership, PartyOrganization, PartyTerm, RelationTransfer,
};
use domain::{NaiveDate, Resource};
use persistence::Condition;

const TERMS: (&str, domain::Module) = (PartyTerm::PATH, PartyTerm::MODULE);
/// Months within which a superior committee approves (rules of admission 2014).
const APPROVAL_MONTHS: u32 = 3;

fn due(a: &Asker) -> terms::Asked {
    terms::Asked::Due(a.today, days_after(a.today, a.reminders.election_days))
}

/// Applications at a stage.
fn at(status: ApplicationStatus, condition: Condition) -> Vec<Condition> {
    vec![is("status", status), condition]
}
/// A meeting so long ago that the months for an approval have run out, or will soon.
fn awaits_approval(a: &Asker, meeting: &str) -> Condition {
    at_most(meeting, days_after(months_before(a.today, APPROVAL_MONTHS), a.reminders.approval_days))
}
/// The last day of a probation that is to be decided about.
fn ending(a: &Asker) -> NaiveDate {
    days_after(a.today, a.reminders.probation_days)
}
/// Large voluntary payments that have come so far.
fn gift(status: DuesStatus) -> Vec<Condition> {
    vec![is("kind", DuesKind::LargeVoluntary), is("status", status)]
}
/// Formal memberships in a state.
fn members_in(status: MembershipStatus, condition: Condition) -> Vec<Condition> {
    vec![is("formal", true), is("status", status), condition]
}

pub(super) const LISTS: &[Worklist] = &[
    Worklist {
        name: "overdue_elections",
        title: ("逾期换届的党组织", "Overdue elections"),
        about: TERMS,
        by: By::Own(
            |c, scope, a| terms::count(c, scope, terms::Asked::Overdue(a.today)),
            |a| format!("/party-terms/overdue?as_of={}", a.today),
        ),
    },
    Worklist {
        name: "elections_to_prepare",
        title: ("即将到期须换届的党组织", "Elections to prepare"),
        about: TERMS,
        by: By::Own(
            |c, scope, a| terms::count(c, scope, due(a)),
            |a| format!("/party-terms/due?as_of={}&days={}", a.today, a.reminders.election_days),
        ),
    },
    Worklist::of::<RelationTransfer>(
        "letters_expiring",
        ("即将失效的组织关系介绍信", "Letters about to expire"),
        |a| {
            let last = days_after(a.today, a.reminders.letter_days);
            vec![is("status", RelationTransferStatus::Issued), from("expires_on", a.today), at_most("expires_on", last)]
        },
    ),
    Worklist::of::<RelationTransfer>(
        "letters_lapsed",
        ("已过有效期未接收的介绍信", "Letters not accepted in time"),
        |a| vec![is("status", RelationTransferStatus::Issued), before("expires_on", a.today)],
    ),
    Worklist::of::<MembershipApplication>(
        "applicants_to_talk_to",
        ("一个月内须谈话的入党申请人", "Applicants to talk to within a month"),
        |_| at(ApplicationStatus::Applicant, absent("talk_on")),
    ),
    Worklist::of::<MembershipApplication>(
        "activists_of_a_year",
        ("培养考察满一年的积极分子", "Activists after a year"),
        |a| at(ApplicationStatus::Activist, at_most("activist_on", months_before(a.today, 12))),
    ),
    Worklist::of::<MembershipApplication>(
        "admissions_to_approve",
        ("审批期限将满的接收预备党员", "Admissions whose approval is due"),
        |a| at(ApplicationStatus::Target, awaits_approval(a, "meeting_on")),
    ),
    Worklist::of::<MembershipApplication>(
        "probations_ending",
        ("预备期将满的预备党员", "Probations about to end"),
        |a| at(ApplicationStatus::Probationary, at_most("probation_until", ending(a))),
    ),
    Worklist::of::<MembershipApplication>(
        "extended_probations_ending",
        ("延长的预备期将满", "Extended probations about to end"),
        |a| at(ApplicationStatus::Extended, at_most("probation_until", ending(a))),
    ),
    Worklist::of::<MembershipApplication>(
        "conversions_to_approve",
        ("审批期限将满的转正", "Conversions whose approval is due"),
        |a| at(ApplicationStatus::Probationary, awaits_approval(a, "conversion_meeting_on")),
    ),
    Worklist::of::<DuesPayment>(
        "large_dues_to_forward",
        ("待上报的大额党费", "Large payments to forward"),
        |_| gift(DuesStatus::Received),
    ),
    Worklist::of::<DuesPayment>(
        "large_dues_to_remit",
        ("待上缴中央的大额党费", "Large payments to remit"),
        |_| gift(DuesStatus::ForwardedProvincial),
    ),
    Worklist::of::<DuesPayment>(
        "large_dues_to_receipt",
        ("待中央开具收据的大额党费", "Large payments without a receipt"),
        |_| gift(DuesStatus::RemittedCentral),
    ),
    Worklist::of::<DuesPayment>(
        "large_dues_to_deliver",
        ("待送达收据的大额党费", "Receipts to deliver"),
        |_| gift(DuesStatus::ReceiptIssued),
    ),
    Worklist::of::<Evaluation>(
        "evaluations_to_assess",
        ("待自评的党建评价", "Evaluations to assess by oneself"),
        |_| vec![is("status", EvaluationStatus::Draft)],
    ),
    Worklist::of::<Evaluation>("evaluations_to_review", ("待评审的党建评价", "Evaluations to review"), |_| {
        vec![is("status", EvaluationStatus::SelfAssessed)]
    }),
    Worklist::of::<Evaluation>(
        "evaluations_to_publish",
        ("待公布的党建评价", "Evaluations to publish"),
        |_| vec![is("status", EvaluationStatus::Reviewed)],
    ),
    Worklist::of::<PartyMembership>(
        "members_without_contact",
        ("失联满六个月的党员", "Members without contact for six months"),
        |a| members_in(MembershipStatus::Full, at_most("lost_contact_on", months_before(a.today, 6))),
    ),
    Worklist::of::<PartyMembership>(
        "suspended_two_years",
        ("停止党籍满两年的党员", "Members suspended for two years"),
        |a| members_in(MembershipStatus::Suspended, at_most("suspended_on", months_before(a.today, 24))),
    ),
    Worklist {
        name: "incomplete_memberships",
        title: ("党龄信息不完整的党员", "Members whose party age is not certain"),
        about: (PartyMembership::PATH, PartyMembership::MODULE),
        by: By::Own(|c, scope, _| members::count_incomplete(c, scope), |_| "/party-memberships/incomplete".into()),
    },
    Worklist::of::<PartyOrganization>(
        "organizations_without_date",
        ("缺成立时间的党组织", "Organizations without the day they were established"),
        |_| vec![is("status", PartyOrganizationStatus::Active), absent("established_on")],
    ),
];
