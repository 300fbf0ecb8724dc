//! What happened to cadres: families, transfers, deaths, honorary retirements, each machine in every state.
use super::names;
use super::persons::Person;
use super::places::PLACES;
use super::random::{Random, days_after, id, months_after, year, ymd};
use super::units::DemoUnit;
use super::{Rows, draft};
use domain::cadres::*;
use domain::codes::*;
use domain::{DivisionCode, Money, NaiveDate, Resource};

/// All of it.
#[derive(Default)]
pub(super) struct Lives {
    pub families: Rows<CadreFamilyMember>,
    pub transfers: Rows<CadreTransfer>,
    pub deaths: Rows<Death>,
    pub retirements: Rows<HonoraryRetirement>,
}

/// The last day of the demo.
fn today() -> NaiveDate {
    ymd(2021, 12, 31)
}

/// What happened to these persons.
pub(super) fn lives(units: &[DemoUnit], persons: &[Person]) -> Lives {
    let mut maker = Maker { random: Random::new("lives"), all: Lives::default(), pending: 0, settled: 0, retired: 0 };
    for person in persons {
        match person.status {
            CadreStatus::Deceased => maker.death(person, DeathStatus::Confirmed),
            CadreStatus::TransferPending => maker.under_way(units, person),
            CadreStatus::TransferredOut => maker.transfer(units, person, TransferDirection::Out, TransferStatus::Done),
            CadreStatus::InCare => maker.living(units, person),
            _ => {}
        }
    }
    maker.all
}

struct Maker {
    random: Random,
    all: Lives,
    /// How many of each kind there were, to give each a state in turn.
    pending: usize,
    settled: usize,
    retired: usize,
}

impl Maker {
    fn death(&mut self, person: &Person, status: DeathStatus) {
        let died_on = person.died.unwrap_or_else(|| days_after(today(), 0));
        let rows = self.all.deaths.len();
        let closed = matches!(status, DeathStatus::Withdrawn | DeathStatus::Reversed);
        let grants = (status == DeathStatus::Confirmed).then(|| DeathGrant {
            kind: GrantKind::Funeral,
            amount: Money(if died_on < ymd(2019, 1, 1) { 300_000 } else { 500_000 }),
            formula: None,
            document_no: None,
            paid_on: Some(days_after(died_on, 20)).filter(|day| *day <= today()),
        });
        let data = Death {
            cadre_id: person.id,
            died_on,
            circumstance: DeathCircumstance::Illness,
            cause: Some("病故".into()),
            place: None,
            reported_by: "家属".into(),
            reported_on: Some(days_after(died_on, 1)).filter(|day| *day <= today()),
            grants: grants.into_iter().collect(),
            survivors: vec![],
            closing_reason: closed.then(|| "误报".into()),
            status,
        };
        self.all.deaths.push(draft(id(Death::PATH, rows), code(person), data));
    }

    fn under_way(&mut self, units: &[DemoUnit], person: &Person) {
        use TransferStatus as S;
        let states = [S::Submitted, S::FromApproved, S::ToAccepted];
        let status = states.get(self.pending % 3).copied().unwrap_or(S::Submitted);
        self.pending += 1;
        self.transfer(units, person, TransferDirection::Internal, status);
    }

    fn transfer(&mut self, units: &[DemoUnit], person: &Person, direction: TransferDirection, status: TransferStatus) {
        use TransferStatus as S;
        let Some(unit) = units.get(person.unit) else { return };
        let internal = direction == TransferDirection::Internal;
        // The next county, and the first unit there.
        let there = PLACES.get(person.place % (PLACES.len() - 1) + 1);
        let receiving = units.iter().find(|u| PLACES.get(u.place).map(|p| p.code) == there.map(|p| p.code));
        let applied_on = match status {
            S::Done => self.random.day(ymd(2021, 1, 10), ymd(2021, 9, 30)),
            _ => self.random.day(ymd(2021, 11, 1), ymd(2021, 12, 10)),
        };
        let accepted = matches!(status, S::ToAccepted | S::Done);
        let after = |days| Some(days_after(applied_on, days));
        let rows = self.all.transfers.len();
        let data = CadreTransfer {
            cadre_id: person.id,
            cadre_name: person.name.clone(),
            direction,
            reason: if internal { TransferReason::Resettle } else { TransferReason::Move },
            from_unit_id: Some(unit.id),
            to_division: there.filter(|_| internal).and_then(|p| DivisionCode::parse(p.code)),
            to_unit_id: receiving.filter(|_| internal && accepted).map(|u| u.id),
            outside_place: (!internal).then(|| "济南市".into()),
            paying_unit_after: None,
            letter_no: Some(format!("菏老干介〔2021〕{}号", rows + 1)),
            applied_on,
            approved_on: after(5).filter(|_| accepted || status == S::FromApproved),
            accepted_on: after(12).filter(|_| accepted),
            effective_date: after(20).filter(|_| status == S::Done),
            handover_ack: false,
            handover_note: None,
            closing_reason: matches!(status, S::Rejected | S::Cancelled).then(|| "材料不全".into()),
            status,
        };
        self.all.transfers.push(draft(id(CadreTransfer::PATH, rows), code(person), data));
    }

    /// Some of the living have a family, a retirement of late, or a matter that came to nothing.
    fn living(&mut self, units: &[DemoUnit], person: &Person) {
        if person.life.retire_type == RetireType::Lixiu || self.random.chance(40) {
            self.family(person);
        }
        if person.life.retired >= ymd(2021, 3, 1) {
            self.retirement(person);
        }
        if self.random.chance(6) {
            use TransferStatus::{Cancelled, Draft, Rejected};
            let turn = self.settled;
            self.settled += 1;
            match turn % 6 {
                0 => self.transfer(units, person, TransferDirection::Internal, Draft),
                1 => self.transfer(units, person, TransferDirection::Internal, Rejected),
                2 => self.transfer(units, person, TransferDirection::Out, Cancelled),
                3 => self.death(person, DeathStatus::Withdrawn),
                4 => self.death(person, DeathStatus::Reversed),
                _ => self.death(person, DeathStatus::Reported),
            }
        }
    }

    fn family(&mut self, person: &Person) {
        let spouse = if person.sex == Sex::Male { Sex::Female } else { Sex::Male };
        let born = self.random.day(days_after(person.life.birth, 0), months_after(person.life.birth, 60));
        let rows = self.all.families.len();
        let alive = self.random.chance(550);
        let died = self.random.day(ymd(2005, 1, 1), ymd(2020, 12, 31));
        let data = CadreFamilyMember {
            cadre_id: person.id,
            relation: FamilyRelation::Spouse,
            name: names::person(&mut self.random, spouse, person.ethnicity),
            sex: Some(spouse),
            born_on: Some(year(born)),
            politics: None,
            work_unit: None,
            phone: None,
            alive,
            died_on: (!alive).then(|| year(died)),
            dependent: alive && self.random.chance(300),
            health_note: None,
        };
        self.all.families.push(draft(id(CadreFamilyMember::PATH, rows), code(person), data));
    }

    fn retirement(&mut self, person: &Person) {
        use HonoraryRetirementStatus as S;
        let turn = self.retired % 8;
        self.retired += 1;
        let status = match turn {
            0 => S::Planned,
            1 | 2 => S::InProgress,
            3 => S::Cancelled,
            _ => S::Completed,
        };
        let day = person.life.retired;
        let complete = status == S::Completed;
        let done = |item: &str, days, done: bool| ChecklistItem {
            item: item.into(),
            done_on: Some(days_after(day, days)).filter(|on| done && *on <= today()),
        };
        // What would be done only next year is not complete this year.
        let status = if complete && days_after(day, 20) > today() { S::InProgress } else { status };
        let rows = self.all.retirements.len();
        let data = HonoraryRetirement {
            cadre_id: person.id,
            effective_date: day,
            checklist: vec![
                done("退休谈话", 0, status != S::Planned),
                done("颁发荣誉退休证书", 10, complete),
                done("转接党组织关系", 20, complete),
            ],
            certificate_no: (status == S::Completed).then(|| format!("荣退2021-{:04}", rows + 1)),
            branch_joined_on: None,
            ceremony_on: None,
            status,
        };
        self.all.retirements.push(draft(id(HonoraryRetirement::PATH, rows), code(person), data));
    }
}

fn code(person: &Person) -> &'static str {
    PLACES.get(person.place).map_or("", |p| p.code)
}
