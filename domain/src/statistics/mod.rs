//! The statutory tables (统计报表 R1–R17): what is counted in each column, and what must add up, as data.
//!
//! * [`table`]: what a table is, its columns and what follows from others; [`check`]: what must hold in it.
//! * `people`: R1–R7, about those in care; `party`: R8 and R9; `work`: R10–R17.
pub mod check;
mod party;
mod people;
pub mod table;
mod work;

pub use check::Check;
pub use table::{By, Column, Content, Duty, Measure, Table, Values};

/// All tables in their order.
pub fn all() -> impl Iterator<Item = &'static Table> {
    people::TABLES.iter().chain(party::TABLES).chain(work::TABLES)
}

/// The table with this id.
pub fn find(id: &str) -> Option<&'static Table> {
    all().find(|table| table.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PATHS;
    use crate::codes::RevolutionPeriod;
    use crate::reports::{Cond, Unit};
    use std::collections::HashSet;

    #[test]
    fn there_are_17_tables_whose_columns_and_checks_name_what_exists() {
        assert_eq!(all().map(|t| t.id).collect::<Vec<_>>(), (1..=17).map(|n| format!("R{n}")).collect::<Vec<_>>());
        for table in all() {
            let ids: HashSet<&str> = table.columns.iter().map(|c| c.id).collect();
            assert_eq!(ids.len(), table.columns.len(), "{}: one id for one column", table.id);
            let known = |id: &&str| ids.contains(*id);
            for column in table.columns {
                assert!(column.text.0.chars().any(|c| c > '\u{4e00}') && column.text.1.is_ascii(), "{}", column.id);
                assert!(column.measure.of().is_none_or(|s| PATHS.contains(&s.of)), "{}", column.id);
                assert!(column.measure.terms().iter().all(known), "{} {}", table.id, column.id);
            }
            for check in table.checks {
                assert!(check.terms().iter().all(|(id, _)| known(id)), "{}", table.id);
            }
        }
    }

    #[test]
    fn persons_and_attendances_are_never_made_into_one() {
        for table in all() {
            let unit = |id: &str| table.columns.iter().find(|c| c.id == id).map(|c| c.unit);
            for check in table.checks {
                let units: HashSet<Option<&str>> =
                    check.terms().iter().map(|(id, _)| unit(id).map(Unit::as_str)).collect();
                assert_eq!(units.len(), 1, "{}: {:?}", table.id, check.terms());
            }
            for column in table.columns {
                if let Measure::Formula { plus, minus } = column.measure {
                    assert!(plus.iter().chain(minus).all(|id| unit(id) == Some(column.unit)), "{}", column.id);
                }
            }
        }
    }

    #[test]
    fn the_bands_of_r1_are_the_five_periods_and_end_in_1949() {
        let r1 = find("R1").unwrap();
        let bands: Vec<RevolutionPeriod> = r1
            .columns
            .iter()
            .filter_map(|c| match c.measure {
                Measure::Count(_, [Cond::InPeriod("join_revolution_date", period)]) => Some(*period),
                _ => None,
            })
            .collect();
        assert_eq!(bands, <RevolutionPeriod as crate::Code>::ALL);
        assert_eq!(bands.last().unwrap().last_day().to_string(), "1949-09-30");
        for pair in bands.windows(2) {
            assert_eq!(pair[0].last_day().succ_opt().unwrap(), pair[1].first_day(), "no day between two bands");
        }
    }

    #[test]
    fn the_bands_of_r7_leave_out_no_age() {
        let r7 = find("R7").unwrap();
        let mut next = None;
        for column in r7.columns {
            if let Measure::Count(_, [Cond::Aged(_, from, to)]) = column.measure {
                assert_eq!(*from, next, "{}", column.id);
                next = to.map(|age| age + 1);
            }
        }
        assert_eq!(next, None, "the last band is open");
    }
}
