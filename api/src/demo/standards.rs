//! Standards of benefits. The amounts are made up; what has a document of the state has its figures from it.
use super::random::{id, ymd};
use super::{Rows, draft};
use domain::benefits::BenefitStandard;
use domain::codes::{RevolutionPeriod, StandardKind};
use domain::reference::heze::CITY;
use domain::{Code, Money, NaiveDate, Rate, Resource};

/// Standards of the whole country are kept with the province: the city came into being later than some of them.
const PROVINCE: &str = "370000";

/// All standards.
pub(super) fn standards() -> Rows<BenefitStandard> {
    use StandardKind::{DuesRate, Funeral, MedicalPool, Nursing, SubsidyMonths};
    let mut all = vec![];
    let mut add = |division, kind, scope: &str, value: Value, from: NaiveDate, to, document: &str| {
        let (amount, rate) = match value {
            Value::Yuan(yuan) => (Some(Money(yuan * 100)), None),
            Value::Rate(millionths) => (None, Some(Rate(millionths))),
        };
        let document_no = Some(document.to_owned()).filter(|d| !d.is_empty());
        let data =
            BenefitStandard { kind, scope: scope.into(), amount, rate, valid_from: from, valid_to: to, document_no };
        all.push(draft(id(BenefitStandard::PATH, all.len()), division, data));
    };
    // The pooled medical fund rises from year to year.
    for (year, yuan, document) in
        [(2019, 20_000, "菏老干〔2019〕2号"), (2020, 23_000, "菏老干〔2020〕3号"), (2021, 26_000, "菏老干〔2021〕3号")]
    {
        add(CITY, MedicalPool, "lixiu", Value::Yuan(yuan), ymd(year, 1, 1), Some(ymd(year, 12, 31)), document);
    }
    // Months of salary a year, by the period of joining.
    let months = [2_000_000, 2_000_000, 1_500_000, 1_000_000, 0];
    for (period, months) in RevolutionPeriod::ALL.iter().zip(months) {
        add(PROVINCE, SubsidyMonths, period.as_str(), Value::Rate(months), ymd(1982, 4, 10), None, "国发〔1982〕62号");
    }
    add(CITY, Nursing, "lixiu", Value::Yuan(1_200), ymd(2017, 1, 1), Some(ymd(2019, 12, 31)), "菏老干〔2017〕5号");
    add(CITY, Nursing, "lixiu", Value::Yuan(1_500), ymd(2020, 1, 1), None, "菏老干〔2020〕4号");
    // Of the whole base, not of what is above the limit.
    add(PROVINCE, DuesRate, "base_up_to_5000", Value::Rate(5_000), ymd(2008, 4, 1), None, "中组发〔2008〕3号");
    add(PROVINCE, DuesRate, "base_over_5000", Value::Rate(10_000), ymd(2008, 4, 1), None, "中组发〔2008〕3号");
    add(CITY, Funeral, "all", Value::Yuan(3_000), ymd(2012, 1, 1), Some(ymd(2018, 12, 31)), "");
    add(CITY, Funeral, "all", Value::Yuan(5_000), ymd(2019, 1, 1), None, "");
    all
}

enum Value {
    Yuan(i64),
    Rate(i64),
}
