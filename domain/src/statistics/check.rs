//! What must hold between the columns of a table.
use super::table::Values;

/// A rule about the numbers of a row.
#[derive(Debug)]
pub enum Check {
    /// The parts make the whole.
    Sum {
        /// The rule in words, Chinese and English.
        text: (&'static str, &'static str),
        /// The parts.
        parts: &'static [&'static str],
        /// The whole.
        total: &'static str,
    },
    /// What there was and what came and went make what there is. Each of them is counted by itself.
    Balance {
        /// The rule in words, Chinese and English.
        text: (&'static str, &'static str),
        /// What there was.
        opening: &'static str,
        /// What came.
        plus: &'static [&'static str],
        /// What went.
        minus: &'static [&'static str],
        /// What there is.
        closing: &'static str,
    },
}

/// A row in which a rule does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// What the parts make.
    pub expected: i64,
    /// What was counted.
    pub actual: i64,
}

impl Check {
    /// The rule in words, Chinese and English.
    pub const fn text(&self) -> (&'static str, &'static str) {
        match self {
            Check::Sum { text, .. } | Check::Balance { text, .. } => *text,
        }
    }
    /// The columns whose sum with these signs must be nothing; the last one is what the others are compared with.
    pub fn terms(&self) -> Vec<(&'static str, i64)> {
        match self {
            Check::Sum { parts, total, .. } => {
                parts.iter().map(|id| (*id, 1)).chain(std::iter::once((*total, -1))).collect()
            }
            Check::Balance { opening, plus, minus, closing, .. } => std::iter::once((*opening, 1))
                .chain(plus.iter().map(|id| (*id, 1)))
                .chain(minus.iter().map(|id| (*id, -1)))
                .chain(std::iter::once((*closing, -1)))
                .collect(),
        }
    }
    /// What does not fit in a row, if something does not.
    pub fn broken(&self, values: &Values) -> Option<Broken> {
        let value = |id: &str| values.get(id).copied().unwrap_or_default();
        let terms = self.terms();
        let ((whole, _), parts) = terms.split_last()?;
        let (expected, actual) = (parts.iter().map(|(id, sign)| sign * value(id)).sum(), value(whole));
        (expected != actual).then_some(Broken { expected, actual })
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::hundredths;
    use super::*;

    const TEXT: (&str, &str) = ("合计", "sum");
    const PARTS: Check = Check::Sum { text: TEXT, parts: &["a", "b", "c", "d"], total: "total" };
    const CHANGE: Check =
        Check::Balance { text: TEXT, opening: "opening", plus: &["new"], minus: &["died"], closing: "closing" };

    fn values(all: &[(&'static str, i64)]) -> Values {
        all.iter().copied().collect()
    }

    /// What Shandong published of its cadres in leave-rest in 2017: four partitions of the same 46114 persons.
    #[test]
    fn partitions_that_were_published_hold() {
        for parts in [
            &[12634, 14052, 19428][..],
            &[7, 7698, 38409],
            &[7, 1388, 6310, 38409],
            &[73, 1270, 17992, 26779],
            &[41268, 4846],
        ] {
            let mut all = values(&[("total", 46114)]);
            all.extend(["a", "b", "c", "d"].into_iter().zip(parts.iter().copied()));
            assert_eq!(PARTS.broken(&all), None, "{parts:?}");
            *all.get_mut("a").unwrap() += 1;
            assert_eq!(PARTS.broken(&all), Some(Broken { expected: 46115, actual: 46114 }));
        }
    }

    #[test]
    fn the_change_that_was_published_balances_and_gives_the_death_rate() {
        let mut year = values(&[("opening", 72905), ("died", 6253), ("new", 0), ("closing", 66652)]);
        assert_eq!(CHANGE.broken(&year), None);
        // Deaths by the total of the end of the year before: 8.577 per cent, published cut off as 8.57.
        assert_eq!(hundredths(6253 * 100, 72905), Some(858));
        assert_eq!(6253 * 10_000 / 72905, 857);
        year.insert("new", 2);
        assert_eq!(CHANGE.broken(&year), Some(Broken { expected: 66654, actual: 66652 }));
    }
}
