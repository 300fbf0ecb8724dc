//! What is due to a cadre by the record: which benefits, by which rule. The amounts are standards with a period in force,
//! never code.
use crate::cadres::Cadre;
use crate::codes::{CadreStatus, EntitlementRule, RetireType, RevolutionPeriod, SelfCare, StandardKind};
use crate::{Code, NaiveDate, PartialDate};

/// A benefit and the standard it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Kind of the standard.
    pub benefit: StandardKind,
    /// Its scope; absent where the record does not tell it.
    pub scope: Option<&'static str>,
    /// Why it is due.
    pub rule: EntitlementRule,
    /// Whether the answer tells of the cadre's health.
    pub of_health: bool,
}

/// A value that is the same for the first and the last day that a date may mean.
pub fn certain<T: PartialEq>(date: PartialDate, of: impl Fn(NaiveDate) -> Option<T>) -> Option<T> {
    let first = of(date.first_day())?;
    (of(date.last_day()).as_ref() == Some(&first)).then_some(first)
}

/// What is due on a day, in the order of the rules: nothing to who is not retired yet, has died before, or is gone.
pub fn due(cadre: &Cadre, as_of: NaiveDate) -> Vec<Due> {
    let here = matches!(cadre.status, CadreStatus::InCare | CadreStatus::TransferPending | CadreStatus::Deceased);
    let retired = cadre.retire_date.is_some_and(|day| day.first_day() <= as_of);
    let living = cadre.died_on.is_none_or(|day| day.last_day() >= as_of);
    if !here || !retired || !living || cadre.retire_type != RetireType::Lixiu {
        return vec![];
    }
    let lixiu = Some(RetireType::Lixiu.as_str());
    let period = cadre.join_revolution_date.and_then(|joined| certain(joined, RevolutionPeriod::from_date));
    let subsidy = Due {
        benefit: StandardKind::SubsidyMonths,
        scope: period.map(Code::as_str),
        rule: EntitlementRule::SubsidyByPeriod,
        of_health: false,
    };
    let pool =
        Due { benefit: StandardKind::MedicalPool, scope: lixiu, rule: EntitlementRule::PoolOfLixiu, of_health: false };
    let nursing = Due { benefit: StandardKind::Nursing, rule: EntitlementRule::NursingByCare, of_health: true, ..pool };
    let nursing = match cadre.self_care {
        Some(SelfCare::Able) => None,
        Some(SelfCare::Partial | SelfCare::None) => Some(nursing),
        None => Some(Due { scope: None, ..nursing }),
    };
    [Some(subsidy), Some(pool), nursing].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resource;

    fn lixiu(change: impl FnOnce(&mut Cadre)) -> Vec<Due> {
        let date = |text| PartialDate::parse(text);
        let mut cadre = Cadre {
            retire_type: RetireType::Lixiu,
            join_revolution_date: date("1944-05"),
            retire_date: date("1985-06"),
            died_on: None,
            status: CadreStatus::InCare,
            self_care: Some(SelfCare::None),
            ..Cadre::example()
        };
        change(&mut cadre);
        due(&cadre, "2021-12-31".parse().unwrap())
    }

    #[test]
    fn each_benefit_has_its_rule() {
        let scopes = |found: Vec<Due>| found.into_iter().map(|d| (d.benefit.as_str(), d.scope)).collect::<Vec<_>>();
        let (subsidy, pool) = (("subsidy_months", Some("anti_japan_late")), ("medical_pool", Some("lixiu")));
        assert_eq!(scopes(lixiu(|_| {})), [subsidy, pool, ("nursing", Some("lixiu"))]);
        assert_eq!(scopes(lixiu(|c| c.self_care = Some(SelfCare::Able))), [subsidy, pool]);
        // What the record does not tell is not guessed: 1945 lies in two periods.
        assert_eq!(scopes(lixiu(|c| c.self_care = None))[2], ("nursing", None));
        let open = lixiu(|c| c.join_revolution_date = PartialDate::parse("1945"));
        assert_eq!(scopes(open)[0], ("subsidy_months", None));
        assert_eq!(lixiu(|c| c.retire_type = RetireType::Tuixiu), []);
        assert_eq!(lixiu(|c| c.retire_date = PartialDate::parse("2022-01")), []);
        let died = |day| lixiu(|c| (c.status, c.died_on) = (CadreStatus::Deceased, PartialDate::parse(day)));
        assert_eq!((died("2021-12-30").len(), died("2021-12-31").len()), (0, 3));
        assert_eq!(lixiu(|c| c.status = CadreStatus::TransferredOut), []);
    }
}
