//! What makes the record of a cadre valid, as far as the record alone can tell.
use super::Cadre;
use crate::codes::{CadreStatus, RetireType, RevolutionPeriod, Sex};
use crate::id_number::IdNumber;
use crate::partial_date::age;
use crate::{Findings, PartialDate, Rule, Violation};

pub(super) fn check(cadre: &mut Cadre, found: &mut Findings) {
    id_number(cadre, found);
    joining(cadre, found);
    dates(cadre, found);
    let deceased = cadre.status == CadreStatus::Deceased;
    found.require(cadre.died_on.is_some() == deceased, "died_on", Rule::DeceasedDate);
    if cadre.status == CadreStatus::Void && cadre.void_reason.is_none() {
        found.error("void_reason", Rule::Required);
    }
}

/// The number must be right in itself; where it disagrees with the archive both are kept, with a warning.
fn id_number(cadre: &mut Cadre, found: &mut Findings) {
    let Some(text) = &cadre.id_number else { return };
    let id = match IdNumber::parse(text) {
        Ok(id) => id,
        Err(rule) => return found.error("id_number", rule),
    };
    if id.was_legacy() {
        found.warn("id_number", Rule::LegacyId);
    }
    if !(cadre.birth_date.first_day()..=cadre.birth_date.last_day()).contains(&id.birth_date()) {
        found.warn("birth_date", Rule::IdBirthMismatch);
    }
    match cadre.sex {
        Sex::Unknown => cadre.sex = id.sex(),
        Sex::Male | Sex::Female if cadre.sex != id.sex() => found.warn("sex", Rule::IdSexMismatch),
        _ => {}
    }
    cadre.id_number = Some(id.as_str().to_owned());
}

/// 离休 needs a date of joining before the founding (国发〔1982〕62号): necessary, not sufficient, so
/// 退休 with an early date is right as it stands.
fn joining(cadre: &Cadre, found: &mut Findings) {
    let last = PartialDate::day(RevolutionPeriod::LiberationWar.last_day());
    match cadre.join_revolution_date {
        None if cadre.retire_type == RetireType::Lixiu => found.error("join_revolution_date", Rule::Required),
        Some(joined) => {
            if cadre.retire_type == RetireType::Lixiu && joined.surely_after(last) {
                found.error("join_revolution_date", Rule::LixiuDate);
            }
            if age(cadre.birth_date.first_day(), joined.last_day()) < 10 {
                found.warn("join_revolution_date", Rule::JoinAge);
            }
        }
        None => {}
    }
}

/// Birth, work, retirement, death, in this order; a retirement age out of the common is only worth a look.
fn dates(cadre: &Cadre, found: &mut Findings) {
    let life = [
        ("birth_date", Some(cadre.birth_date)),
        ("join_work_date", cadre.join_work_date),
        ("retire_date", cadre.retire_date),
        ("died_on", cadre.died_on),
    ];
    let mut known = life.iter().filter_map(|(name, date)| date.map(|d| (*name, d)));
    let mut earlier = known.next();
    for (name, date) in known {
        if let Some((other, before)) = earlier
            && date.last_day() <= before.first_day()
        {
            found.push(Violation::new(name, Rule::DateOrder).with("other", other));
        }
        earlier = Some((name, date));
    }
    match cadre.retire_date {
        None if !matches!(cadre.status, CadreStatus::PreRegistered | CadreStatus::Void) => {
            found.error("retire_date", Rule::Required);
        }
        Some(retired) if matches!(cadre.retire_type, RetireType::Lixiu | RetireType::Tuixiu) => {
            let years = age(cadre.birth_date.first_day(), retired.first_day());
            if !(48..=75).contains(&years) {
                found.note(Violation::new("retire_date", Rule::RetireAge).with("age", years));
            }
        }
        _ => {}
    }
}
