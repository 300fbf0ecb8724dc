//! Dues of some members, and what a few give beside.
use super::super::Rows;
use super::super::persons::Named;
use super::super::random::{Random, ymd};
use super::{Here, Member, add};
use domain::codes::{DuesKind, DuesStatus};
use domain::party::DuesPayment;
use domain::{Money, PartialDate};

/// All payments.
pub(super) fn dues(here: &Here<'_>) -> Rows<DuesPayment> {
    let mut random = Random::new("dues");
    let mut rows = vec![];
    let formal = || here.branches(3).flat_map(|o| o.full.iter().filter(|(_, _, m)| m.formal).map(move |m| (o, m)));
    for (n, (org, member)) in formal().step_by(17).enumerate() {
        let Some(base) = member.2.dues_base else { continue };
        let (from, to) = match n % 5 {
            0 => ("2021-07", "2021-12"),
            1 => ("2021-12", "2022-03"),
            _ => ("2021-10", "2021-12"),
        };
        let waived = n % 60 == 30;
        let data = DuesPayment {
            paid_on: ymd(2021, 12, 3 + (n % 20) as u32),
            kind: DuesKind::Monthly,
            period_from: PartialDate::parse(from),
            period_to: PartialDate::parse(to),
            base: Some(base),
            amount: waived.then_some(Money(0)),
            reduction_reason: waived.then(|| "因病生活困难,支部大会同意免交".into()),
            receipt_no: Some(format!("2021-{:05}", n + 1)),
            ..plain(member, org.id)
        };
        add(&mut rows, org.division, data);
    }
    for (n, (org, member)) in formal().step_by(613).enumerate() {
        let yuan = random.range(1, 9) * 100;
        let data = DuesPayment {
            kind: DuesKind::Supplement,
            amount: Some(Money(i64::from(yuan) * 100)),
            receipt_no: Some(format!("2021-9{n:04}")),
            ..plain(member, org.id)
        };
        add(&mut rows, org.division, data);
    }
    // The old comrade of 郓城 whose 10,000 yuan the report tells of, and one in each step on the way.
    let donor = formal().find(|(_, (person, ..))| person.named == Some(Named::DonorOf93));
    let others = formal().skip(40).step_by(331).filter(|(o, _)| o.division != "371725");
    let steps = [DuesStatus::Delivered].into_iter().chain(<DuesStatus as domain::Code>::ALL.iter().copied());
    for ((org, member), status) in donor.into_iter().chain(others).zip(steps) {
        let come = <DuesStatus as domain::Code>::ALL.iter().position(|s| *s == status).unwrap_or_default();
        let on = |step: usize, month: u32| (come >= step).then(|| ymd(2021, month, 12));
        let named = member.0.named.is_some();
        let data = DuesPayment {
            paid_on: ymd(2021, 7, 1),
            kind: DuesKind::LargeVoluntary,
            amount: Some(Money(if named { 1_000_000 } else { i64::from(random.range(10, 30)) * 10_000 })),
            receipt_no: Some(format!("2021-8{come:04}")),
            donor_summary: (come > 0).then(|| "离退休干部党员,一贯表现良好".into()),
            forwarded_on: on(1, 8),
            remitted_on: on(2, 9),
            central_receipt_on: on(3, 10),
            delivered_on: on(4, 11),
            status,
            ..plain(member, org.id)
        };
        add(&mut rows, org.division, data);
    }
    rows
}

/// A payment with nothing special about it.
fn plain((person, _, _): &Member<'_>, organization: domain::Uuid) -> DuesPayment {
    DuesPayment {
        cadre_id: person.id,
        party_organization_id: organization,
        paid_on: ymd(2021, 7, 1),
        kind: DuesKind::Supplement,
        period_from: None,
        period_to: None,
        base: None,
        rate: None,
        amount: None,
        reduction_reason: None,
        receipt_no: None,
        donor_summary: None,
        forwarded_on: None,
        remitted_on: None,
        central_receipt_on: None,
        delivered_on: None,
        status: DuesStatus::Received,
    }
}
