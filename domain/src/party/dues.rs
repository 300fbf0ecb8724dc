//! Party dues of retired members (党费).
use super::{day, in_order, needed, some};
use crate::codes::{DuesKind, DuesStatus};
use crate::resource::{Classified, Module, Reference, Resource};
use crate::{Findings, Machine, Money, NaiveDate, PartialDate, Rate, Rule, Terms, Uuid, Violation};
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// From this amount on a single voluntary payment goes to the centre, this amount included (rules on dues 2008).
pub const LARGE_VOLUNTARY_FROM: Money = Money(100_000);
/// Months that dues may be late or in advance.
const MONTHS_MAX: i32 = 6;

/// A bracket of the rates: the rate of the *whole* base, where the base is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuesBracket {
    /// The base is more than this.
    pub over: Option<Money>,
    /// The base is at most this.
    pub up_to: Option<Money>,
    /// The rate.
    pub rate: Rate,
}

/// The rates of retired members where no standard is on record (中组发〔2008〕3号; the base since 2017 is the basic
/// pension without allowances, 组电明字〔2017〕5号).
pub const NATIONAL_BRACKETS: [DuesBracket; 2] = [
    DuesBracket { over: None, up_to: Some(Money(500_000)), rate: Rate(5_000) },
    DuesBracket { over: Some(Money(500_000)), up_to: None, rate: Rate(10_000) },
];

impl DuesBracket {
    /// A bracket from a standard's scope, such as `base_up_to_5000` or `base_over_5000`, in yuan.
    pub fn of_standard(scope: &str, rate: Rate) -> Option<Self> {
        let yuan = |text: &str| Money::parse(text);
        if let Some(up_to) = scope.strip_prefix("base_up_to_") {
            return Some(Self { over: None, up_to: Some(yuan(up_to)?), rate });
        }
        let over = scope.strip_prefix("base_over_")?;
        Some(Self { over: Some(yuan(over)?), up_to: None, rate })
    }
    fn holds(&self, base: Money) -> bool {
        self.over.is_none_or(|over| base > over) && self.up_to.is_none_or(|up_to| base <= up_to)
    }
}

/// The rate of a base: that of the narrowest bracket it lies in.
pub fn rate_of(base: Money, brackets: &[DuesBracket]) -> Option<Rate> {
    let within = || brackets.iter().filter(|b| b.holds(base));
    let upper = within().filter_map(|b| Some((b.up_to?, b.rate))).min_by_key(|(up_to, _)| *up_to);
    let lower = || within().filter_map(|b| Some((b.over?, b.rate))).max_by_key(|(over, _)| *over);
    upper.or_else(lower).map(|(_, rate)| rate)
}

/// The dues of one month: base times rate, rounded to the fen, half a fen up. Months are rounded one by one, so
/// that a payment of several months is the sum of the single ones.
pub fn dues(base: Money, rate: Rate) -> Option<Money> {
    let product = i128::from(base.0).checked_mul(i128::from(rate.0))?;
    let rounded = (product + 500_000).div_euclid(1_000_000);
    i64::try_from(rounded).ok().map(Money)
}

/// A payment of dues. What a member gives freely is never asked for, so there is no bill for it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuesPayment {
    /// The member.
    pub cadre_id: Uuid,
    /// The organization that received it.
    pub party_organization_id: Uuid,
    /// Day of payment.
    pub paid_on: NaiveDate,
    /// Kind. Of a voluntary payment the amount decides it.
    pub kind: DuesKind,
    /// First month paid for, as `YYYY-MM`; monthly dues only.
    pub period_from: Option<PartialDate>,
    /// Last month paid for, as `YYYY-MM`.
    pub period_to: Option<PartialDate>,
    /// Monthly base: the basic pension without allowances.
    pub base: Option<Money>,
    /// Rate of the base by the standard in force in the first month.
    pub rate: Option<Rate>,
    /// Amount. Monthly dues are worked out where it is left out.
    pub amount: Option<Money>,
    /// Why the branch reduced or waived the dues of somebody in hardship.
    #[schema(max_length = 200)]
    pub reduction_reason: Option<String>,
    /// Number of the branch's receipt.
    #[schema(max_length = 50)]
    pub receipt_no: Option<String>,
    /// A few words on the member, which go with a large voluntary payment.
    #[schema(max_length = 500)]
    pub donor_summary: Option<String>,
    /// When it was forwarded to the province.
    pub forwarded_on: Option<NaiveDate>,
    /// When it was remitted to the centre.
    pub remitted_on: Option<NaiveDate>,
    /// Date of the centre's receipt.
    pub central_receipt_on: Option<NaiveDate>,
    /// When the member received it.
    pub delivered_on: Option<NaiveDate>,
    /// How far it has come; only a large voluntary payment goes on.
    #[serde(default = "received")]
    pub status: DuesStatus,
}

fn received() -> DuesStatus {
    DuesStatus::Received
}

impl Resource for DuesPayment {
    const NAME: &'static str = "dues_payment";
    const PATH: &'static str = "dues-payments";
    const TITLE: (&'static str, &'static str) = ("党费交纳", "payment of dues");
    const MODULE: Module = Module::Party;
    const CLASSES: &'static [Classified] = &[
        Classified::personal("base"),
        Classified::personal("amount"),
        Classified::personal("reduction_reason"),
        Classified::personal("donor_summary"),
    ];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |d| std::slice::from_ref(&d.cadre_id) },
        Reference {
            field: "party_organization_id",
            expand: "party_organization",
            to: "party-organizations",
            ids: |d| std::slice::from_ref(&d.party_organization_id),
        },
    ];
    const DERIVED: &'static [&'static str] = &["rate"];
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: DuesStatus {
        "forward" "上报省委组织部" "Forward to the province": [Received] => ForwardedProvincial, Terms::none()
            .sets(&["forwarded_on", "donor_summary"]).needs(&["forwarded_on", "donor_summary"])
            .also(&[Rule::LargeVoluntaryOnly]);
        "remit" "上缴中央组织部" "Remit to the centre": [ForwardedProvincial] => RemittedCentral,
            Terms::none().sets(&["remitted_on"]).needs(&["remitted_on"]);
        "receipt" "中央组织部开具收据" "Record the centre's receipt": [RemittedCentral] => ReceiptIssued,
            Terms::none().sets(&["central_receipt_on"]).needs(&["central_receipt_on"]);
        "deliver" "收据送达" "Deliver the receipt": [ReceiptIssued] => Delivered,
            Terms::none().sets(&["delivered_on"]).needs(&["delivered_on"]);
    }));

    fn example() -> Self {
        Self {
            cadre_id: some(2),
            party_organization_id: some(3),
            paid_on: day("2020-09-15"),
            kind: DuesKind::LargeVoluntary,
            period_from: None,
            period_to: None,
            base: None,
            rate: None,
            amount: Some(Money(1_000_000)),
            reduction_reason: None,
            receipt_no: Some("2020-0915".into()),
            donor_summary: Some("1946年参加革命工作的离休干部".into()),
            forwarded_on: Some(day("2020-10-15")),
            remitted_on: Some(day("2020-11-15")),
            central_receipt_on: Some(day("2020-12-15")),
            delivered_on: None,
            status: DuesStatus::ReceiptIssued,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        for (field, value) in [("base", self.base), ("amount", self.amount)] {
            if value.is_some_and(|v| v.0 < 0) {
                found.push(Violation::new(field, Rule::TooSmall).with("min", 0));
            }
        }
        match self.kind {
            DuesKind::Monthly => self.check_months(found),
            DuesKind::Supplement | DuesKind::LargeVoluntary => self.check_voluntary(found),
        }
        self.check_forwarding(found);
    }
}

impl DuesPayment {
    /// How many months it pays for.
    pub fn months(&self) -> i64 {
        let number = |d: PartialDate| i64::from(d.year()) * 12 + i64::from(d.first_day().month0());
        match (self.period_from, self.period_to) {
            (Some(from), Some(to)) => number(to) - number(from) + 1,
            _ => 0,
        }
    }

    /// What the member owes for these months, once the rate is known.
    pub fn owed(&self) -> Option<Money> {
        let month = dues(self.base?, self.rate?)?;
        month.0.checked_mul(self.months()).map(Money)
    }

    /// Takes the rate of the standard, works out the amount where none was given, and compares it where one was.
    pub fn settle(&mut self, rate: Rate, found: &mut Findings) {
        self.rate = Some(rate);
        let Some(owed) = self.owed() else { return };
        let paid = *self.amount.get_or_insert(owed);
        let reduced = self.reduction_reason.is_some() && paid < owed;
        if paid != owed && !reduced {
            found.push(Violation::new("amount", Rule::DuesAmount).with("expected", owed));
        }
    }

    fn check_months(&self, found: &mut Findings) {
        let fields = [
            ("base", self.base.is_some()),
            ("period_from", self.period_from.is_some()),
            ("period_to", self.period_to.is_some()),
        ];
        needed(&fields, found);
        for (field, date) in [("period_from", self.period_from), ("period_to", self.period_to)] {
            if date.is_some_and(|d| d.precision() != crate::partial_date::Precision::Month) {
                found.error(field, Rule::MonthFormat);
            }
        }
        let (Some(from), Some(to)) = (self.period_from, self.period_to) else { return };
        if to.surely_before(from) {
            found.push(Violation::new("period_to", Rule::PeriodOrder).with("other", "period_from"));
        }
        let number = |d: NaiveDate| d.year() * 12 + d.month0().cast_signed();
        let paid = number(self.paid_on);
        found.require(paid - number(from.first_day()) <= MONTHS_MAX, "period_from", Rule::Period6M);
        found.require(number(to.first_day()) - paid <= MONTHS_MAX, "period_to", Rule::Period6M);
    }

    fn check_voluntary(&mut self, found: &mut Findings) {
        let Some(amount) = self.amount else {
            found.error("amount", Rule::Required);
            return;
        };
        for (field, there) in [
            ("base", self.base.is_some()),
            ("period_from", self.period_from.is_some()),
            ("period_to", self.period_to.is_some()),
            ("reduction_reason", self.reduction_reason.is_some()),
        ] {
            found.require(!there, field, Rule::MonthlyOnly);
        }
        self.rate = None;
        let large = amount >= LARGE_VOLUNTARY_FROM;
        let kind = if large { DuesKind::LargeVoluntary } else { DuesKind::Supplement };
        if self.kind != kind {
            self.kind = kind;
            found.warn("kind", Rule::VoluntaryKind);
        }
    }

    fn not_large(&self, field: &'static str) -> Violation {
        Violation::new(field, Rule::LargeVoluntaryOnly).with("kind", self.kind)
    }

    fn check_forwarding(&self, found: &mut Findings) {
        use DuesStatus::{Delivered, ForwardedProvincial, ReceiptIssued, Received, RemittedCentral};
        if self.kind != DuesKind::LargeVoluntary && self.status != Received {
            found.push(self.not_large("status"));
        }
        let steps = [Received, ForwardedProvincial, RemittedCentral, ReceiptIssued, Delivered];
        let come = steps.iter().position(|s| *s == self.status).unwrap_or_default();
        let days = [
            ("forwarded_on", self.forwarded_on),
            ("remitted_on", self.remitted_on),
            ("central_receipt_on", self.central_receipt_on),
            ("delivered_on", self.delivered_on),
        ];
        for (i, (field, day)) in days.iter().enumerate() {
            match day {
                None => found.require(i >= come, *field, Rule::Required),
                Some(_) if self.kind != DuesKind::LargeVoluntary => found.push(self.not_large(field)),
                Some(_) => {}
            }
        }
        if come > 0 {
            needed(&[("donor_summary", self.donor_summary.is_some())], found);
        }
        let [a, b, c, d] = days;
        in_order(&[("paid_on", Some(self.paid_on)), a, b, c, d], found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(yuan: &str) -> Money {
        let base = Money::parse(yuan).unwrap();
        dues(base, rate_of(base, &NATIONAL_BRACKETS).unwrap()).unwrap()
    }

    #[test]
    fn the_whole_base_pays_the_higher_rate() {
        assert_eq!(of("5000.00"), Money(2_500));
        assert_eq!(of("5000.01"), Money(5_000));
        assert_eq!(of("0"), Money(0));
        // Half a fen is rounded up.
        assert_eq!((of("1.00"), of("0.99"), of("3.00")), (Money(1), Money(0), Money(2)));
    }

    #[test]
    fn a_standard_is_a_bracket() {
        let bracket = DuesBracket::of_standard("base_up_to_5000", Rate(5_000)).unwrap();
        assert_eq!(bracket, NATIONAL_BRACKETS[0]);
        assert_eq!(DuesBracket::of_standard("base_over_5000", Rate(10_000)), Some(NATIONAL_BRACKETS[1]));
        assert_eq!(DuesBracket::of_standard("everybody", Rate(1)), None);
        let narrow = DuesBracket { over: None, up_to: Some(Money(100_000)), rate: Rate(0) };
        let brackets = [NATIONAL_BRACKETS[0], narrow, NATIONAL_BRACKETS[1]];
        assert_eq!(rate_of(Money(100_000), &brackets), Some(Rate(0)));
        assert_eq!(rate_of(Money(100_001), &brackets), Some(Rate(5_000)));
    }

    proptest! {
        #[test]
        fn dues_are_the_product_to_half_a_fen(base in 0i64..100_000_000_000, rate in 0i64..1_000_000) {
            let fen = i128::from(dues(Money(base), Rate(rate)).unwrap().0);
            let exact = i128::from(base) * i128::from(rate);
            prop_assert!((fen * 1_000_000 - exact).abs() * 2 <= 1_000_000);
        }

        #[test]
        fn more_base_never_pays_less(a in 0i64..2_000_000, b in 0i64..2_000_000) {
            let of = |base| dues(Money(base), rate_of(Money(base), &NATIONAL_BRACKETS).unwrap()).unwrap();
            prop_assert!(of(a.min(b)) <= of(a.max(b)));
        }

        #[test]
        fn months_together_are_the_sum_of_the_months(base in 0i64..2_000_000, months in 1u32..7) {
            let mut together = DuesPayment { base: Some(Money(base)), amount: None, ..DuesPayment::example() };
            together.kind = DuesKind::Monthly;
            together.period_from = PartialDate::parse("2021-10");
            let to = super::super::plus_months(day("2021-10-01"), months - 1).to_string();
            together.period_to = PartialDate::parse(&to[..7]);
            let rate = rate_of(Money(base), &NATIONAL_BRACKETS).unwrap();
            let mut found = Findings::default();
            together.settle(rate, &mut found);
            prop_assert_eq!(together.amount.unwrap().0, dues(Money(base), rate).unwrap().0 * i64::from(months));
            prop_assert!(found.errors.is_empty());
        }
    }
}
