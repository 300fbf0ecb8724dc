//! Chance that always falls the same way, and the few tools every topic draws with.
use chrono::{Datelike, Days, Months};
use domain::{NaiveDate, PartialDate, Uuid};

/// Every topic mixes its own name into this, so that a change in one leaves the others as they are.
const SEED: u64 = 0x4c61_6f67_616e_2021;
/// 2021-11-27T08:00:00Z in milliseconds: the ids of the demo data date from the four weeks after it.
const IDS_FROM: u64 = 1_638_000_000_000;

/// A SplitMix64 generator.
pub(super) struct Random(u64);

impl Random {
    /// The generator of a topic.
    pub fn new(topic: &str) -> Self {
        Self(SEED ^ hash(topic))
    }
    /// 64 random bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }
    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
    /// A number from `from` to `to`, both included.
    pub fn range(&mut self, from: i32, to: i32) -> i32 {
        from + self.below((to - from).max(0) as usize + 1) as i32
    }
    /// True in `per_mille` of 1000 cases.
    pub fn chance(&mut self, per_mille: usize) -> bool {
        self.below(1000) < per_mille
    }
    /// One of the texts.
    pub fn text(&mut self, of: &[&'static str]) -> &'static str {
        of.get(self.below(of.len())).copied().unwrap_or_default()
    }
    /// One of the values, each with its weight in 1000, or `otherwise` for what is left of 1000.
    pub fn weighted<T: Copy>(&mut self, of: &[(usize, T)], otherwise: T) -> T {
        let mut at = self.below(1000);
        for (weight, value) in of {
            if at < *weight {
                return *value;
            }
            at -= weight;
        }
        otherwise
    }
    /// A day from `from` to `to`, both included; `from` when they are the wrong way round.
    pub fn day(&mut self, from: NaiveDate, to: NaiveDate) -> NaiveDate {
        let span = (to - from).num_days().max(0) as usize;
        days_after(from, self.below(span + 1) as u64)
    }
    /// The date as an old file has it: to the month or the year in that many of 1000 cases.
    pub fn known(&mut self, date: NaiveDate, month: usize, year: usize) -> PartialDate {
        match self.weighted(&[(month, 7), (year, 4)], 10) {
            10 => PartialDate::day(date),
            precision => cut(date, precision),
        }
    }
    /// Brings a list into another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }
}

/// An id shaped like a UUIDv7 whose time is fixed for the resource and grows with the running number.
pub(super) fn id(resource: &str, n: usize) -> Uuid {
    let at = IDS_FROM + hash(resource) % 40_000 * 60_000 + n as u64;
    let noise = mix(hash(resource) ^ mix(n as u64));
    let random = u128::from(mix(noise)) << 64 | u128::from(noise);
    let bits = (u128::from(at) << 80) | (random & 0x0fff_3fff_ffff_ffff_ffff);
    Uuid::from_u128(bits | (0x7 << 76) | (0x2 << 62))
}

/// FNV-1a.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A date of these tables.
pub(super) fn ymd(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}
/// The date known to the month.
pub(super) fn month(date: NaiveDate) -> PartialDate {
    cut(date, 7)
}
/// The date known to the year.
pub(super) fn year(date: NaiveDate) -> PartialDate {
    cut(date, 4)
}
fn cut(date: NaiveDate, length: usize) -> PartialDate {
    let text = date.to_string();
    text.get(..length).and_then(PartialDate::parse).unwrap_or(PartialDate::day(date))
}
/// The date `days` later.
pub(super) fn days_after(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(date)
}
/// The date `months` later.
pub(super) fn months_after(date: NaiveDate, months: u32) -> NaiveDate {
    date.checked_add_months(Months::new(months)).unwrap_or(date)
}
/// The date `years` later, or earlier.
pub(super) fn years_after(date: NaiveDate, years: i32) -> NaiveDate {
    let months = Months::new(years.unsigned_abs() * 12);
    if years < 0 { date.checked_sub_months(months) } else { date.checked_add_months(months) }.unwrap_or(date)
}
/// The first of the month after.
pub(super) fn next_month(date: NaiveDate) -> NaiveDate {
    months_after(date.with_day(1).unwrap_or(date), 1)
}
