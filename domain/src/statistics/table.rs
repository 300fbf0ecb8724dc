//! What a table is.
use super::check::Check;
use crate::reports::{Cond, Selection, Unit};
use std::collections::BTreeMap;

/// A statutory table.
#[derive(Debug)]
pub struct Table {
    /// `R1` …
    pub id: &'static str,
    /// What it is called, in Chinese and English.
    pub title: (&'static str, &'static str),
    /// Who is counted, and by what rule.
    pub rule: (&'static str, &'static str),
    /// What a row of it is.
    pub content: Content,
    /// Its columns, in the order of the form.
    pub columns: &'static [Column],
    /// What must hold in every row.
    pub checks: &'static [Check],
}
impl Table {
    /// The column with this id.
    pub fn column(&self, id: &str) -> Option<&'static Column> {
        self.columns.iter().find(|c| c.id == id)
    }
    /// What its rows may be, if that can be asked for.
    pub const fn ways(&self) -> &'static [By] {
        match self.content {
            Content::Counties => &[By::County],
            Content::Units => &[By::County, By::Unit],
            Content::Honors => &[By::County, By::Campaign],
            Content::Targets | Content::Persons => &[],
        }
    }
    /// Fills in the columns that follow from others, once all that is counted is there.
    pub fn complete(&self, values: &mut Values) {
        for column in self.columns {
            let derived = match &column.measure {
                Measure::Formula { .. } | Measure::Ratio { .. } => column.measure.derived(values),
                // So far it is the sum of the ages.
                Measure::MeanAge { by, .. } => values
                    .remove(column.id)
                    .and_then(|sum| hundredths(sum, values.get(by).copied().unwrap_or_default())),
                _ => continue,
            };
            values.extend(derived.map(|value| (column.id, value)));
        }
    }
}

/// What a row of a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A county.
    Counties,
    /// A county, or a unit if it is asked for so.
    Units,
    /// A county, or the campaign that honors come from.
    Honors,
    /// A target of a programme.
    Targets,
    /// A person. Who may not read personal data of cadres may not read it.
    Persons,
}

/// What the rows of a table are to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// Counties, in the order of their codes.
    County,
    /// Units, by their division and their place in it.
    Unit,
    /// Commendation campaigns, the latest first; what comes from none is a row too.
    Campaign,
}
impl By {
    /// The code in requests.
    pub const fn as_str(self) -> &'static str {
        match self {
            By::County => "county",
            By::Unit => "unit",
            By::Campaign => "campaign",
        }
    }
}

/// The numbers of a row by the ids of their columns: whole numbers of the column's unit, or hundredths of it where
/// [`Column::hundredths`] says so.
pub type Values = BTreeMap<&'static str, i64>;

/// A column.
#[derive(Debug)]
pub struct Column {
    /// Stable name.
    pub id: &'static str,
    /// Its header, in Chinese and English.
    pub text: (&'static str, &'static str),
    /// What it is counted in.
    pub unit: Unit,
    /// What it is made of.
    pub measure: Measure,
}
impl Column {
    /// A column.
    pub const fn new(id: &'static str, text: (&'static str, &'static str), unit: Unit, measure: Measure) -> Self {
        Self { id, text, unit, measure }
    }
    /// Whether its values are hundredths: fen, and what is divided.
    pub const fn hundredths(&self) -> bool {
        matches!((self.unit, &self.measure), (Unit::Yuan, _) | (_, Measure::Ratio { .. } | Measure::MeanAge { .. }))
    }
}

/// What a column is made of. All columns of one selection are counted in one pass over its records.
#[derive(Debug)]
pub enum Measure {
    /// How many of the records meet the conditions.
    Count(&'static Selection, &'static [Cond]),
    /// How many different values of a field they have.
    Distinct(&'static Selection, &'static str, &'static [Cond]),
    /// The sum of a field of them.
    Sum(&'static Selection, &'static str, &'static [Cond]),
    /// How many have a code in a field that is stored sealed: each has to be opened.
    Sealed(&'static Selection, &'static str, &'static str),
    /// The mean of the full years that birth dates make on the day.
    MeanAge {
        /// The records.
        of: &'static Selection,
        /// The field with the birth date.
        born: &'static str,
        /// The column that says how many they are.
        by: &'static str,
    },
    /// Columns added, and columns taken away.
    Formula {
        /// Those that are added.
        plus: &'static [&'static str],
        /// Those that are taken away.
        minus: &'static [&'static str],
    },
    /// A column as a share of another one, in per cent.
    Ratio {
        /// The part.
        of: &'static str,
        /// The whole.
        by: &'static str,
    },
    /// What is to be done: counted by the code that reminds of it.
    Duty(Duty),
    /// What a row of a list says: a number.
    Number,
    /// What a row of a list says: a text.
    Text,
}
impl Measure {
    /// The records it counts.
    pub const fn of(&self) -> Option<&'static Selection> {
        match self {
            Measure::Count(of, _)
            | Measure::Distinct(of, ..)
            | Measure::Sum(of, ..)
            | Measure::Sealed(of, ..)
            | Measure::MeanAge { of, .. } => Some(of),
            _ => None,
        }
    }
    /// The columns it is made of.
    pub fn terms(&self) -> Vec<&'static str> {
        match self {
            Measure::Formula { plus, minus } => plus.iter().chain(*minus).copied().collect(),
            Measure::Ratio { of, by } => vec![*of, *by],
            Measure::MeanAge { by, .. } => vec![*by],
            _ => vec![],
        }
    }
    /// What follows from other columns; nothing where it does not, or nothing can be divided by.
    fn derived(&self, values: &Values) -> Option<i64> {
        let value = |id: &&str| values.get(*id).copied().unwrap_or_default();
        match self {
            Measure::Formula { plus, minus } => {
                Some(plus.iter().map(value).sum::<i64>() - minus.iter().map(value).sum::<i64>())
            }
            Measure::Ratio { of, by } => hundredths(value(of) * 100, value(by)),
            _ => None,
        }
    }
}

/// So many hundredths `part` is of `whole`, the nearest number of them.
pub fn hundredths(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (part * 200 + whole).div_euclid(whole * 2))
}

/// What is to be done, as the worklists have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Elections that are overdue.
    OverdueElections,
    /// Meetings that were due.
    MeetingsDue,
    /// Those of them that were held.
    MeetingsMet,
    /// Contacts that are overdue by the plans of the pairs.
    OverdueContacts,
    /// Candidates for the next medals without one.
    MedalCandidates,
    /// Members without contact for six months.
    LostMembers,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_divided_is_rounded_to_the_nearest_hundredth() {
        assert_eq!(hundredths(1, 3), Some(33));
        assert_eq!(hundredths(2, 3), Some(67));
        assert_eq!(hundredths(1, 200), Some(1), "half of one up");
        assert_eq!(hundredths(5, 0), None);
    }
}
