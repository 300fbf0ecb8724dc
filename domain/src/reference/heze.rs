//! The divisions of Heze (菏泽市): 11 counties, the codes that went before, and the area that follows
//! the two development zones. An installation for another city loads its own through the API.
use super::divisions::{Division, code};
use crate::codes::{DivisionKind, DivisionLevel};
use crate::{NaiveDate, Uuid};

/// The root division of this model.
pub const CITY: &str = "371700";
/// The 11 counties and districts of the annual report of 2021, in code order.
pub const COUNTIES: [&str; 11] =
    ["371702", "371703", "371721", "371722", "371723", "371724", "371725", "371726", "371728", "371771", "371772"];

/// Code, name, level, kind, parent, from, to, successor.
type Row =
    (&'static str, &'static str, DivisionLevel, DivisionKind, &'static str, &'static str, &'static str, &'static str);

use DivisionKind::{Administrative as A, Statistical as S};
use DivisionLevel::{City, County, Province};

/// Sources: NBS list (the 11 counties), MCA change tables (3729xx until 2000, 371727 until 2016), and the
/// opening of 鲁西新区 on 2022-09-02. Its code 371773 is not published; it is this table's stand-in and is data, not code.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("370000", "山东省", Province, A, "", "1949-10-01", "", ""),
    ("371700", "菏泽市", City, A, "370000", "2000-06-23", "", ""),
    ("371702", "牡丹区", County, A, "371700", "2000-06-23", "", ""),
    ("371703", "定陶区", County, A, "371700", "2016-01-15", "", ""),
    ("371721", "曹县", County, A, "371700", "2000-06-23", "", ""),
    ("371722", "单县", County, A, "371700", "2000-06-23", "", ""),
    ("371723", "成武县", County, A, "371700", "2000-06-23", "", ""),
    ("371724", "巨野县", County, A, "371700", "2000-06-23", "", ""),
    ("371725", "郓城县", County, A, "371700", "2000-06-23", "", ""),
    ("371726", "鄄城县", County, A, "371700", "2000-06-23", "", ""),
    ("371727", "定陶县", County, A, "371700", "2000-06-23", "2016-01-14", "371703"),
    ("371728", "东明县", County, A, "371700", "2000-06-23", "", ""),
    ("371771", "菏泽经济技术开发区", County, S, "371700", "2010-01-01", "2022-09-01", "371773"),
    ("371772", "菏泽高新技术开发区", County, S, "371700", "2010-01-01", "2022-09-01", "371773"),
    ("371773", "鲁西新区", County, S, "371700", "2022-09-02", "", ""),
    ("372900", "菏泽地区", City, A, "370000", "1949-10-01", "2000-06-22", "371700"),
    ("372901", "菏泽市(县级)", County, A, "372900", "1983-01-01", "2000-06-22", "371702"),
    ("372921", "菏泽县", County, A, "372900", "1949-10-01", "1982-12-31", "371702"),
    ("372922", "曹县(旧)", County, A, "372900", "1949-10-01", "2000-06-22", "371721"),
    ("372923", "定陶县(旧)", County, A, "372900", "1949-10-01", "2000-06-22", "371703"),
    ("372924", "成武县(旧)", County, A, "372900", "1949-10-01", "2000-06-22", "371723"),
    ("372925", "单县(旧)", County, A, "372900", "1949-10-01", "2000-06-22", "371722"),
    ("372926", "巨野县(旧)", County, A, "372900", "1949-10-01", "2000-06-22", "371724"),
    ("372928", "郓城县(旧)", County, A, "372900", "1949-10-01", "2000-06-22", "371725"),
    ("372929", "鄄城县(旧)", County, A, "372900", "1949-10-01", "2000-06-22", "371726"),
    ("372930", "东明县(旧)", County, A, "372900", "1949-10-01", "2000-06-22", "371728"),
];

/// All divisions of the table, outer ones first, with their fixed ids.
pub fn divisions() -> Vec<(Uuid, Division)> {
    let date = |text: &str| text.parse::<NaiveDate>().ok();
    let optional = |text: &str| (!text.is_empty()).then(|| code(text));
    ROWS.iter()
        .map(|&(c, name, level, kind, parent, from, to, successor)| {
            let division = Division {
                code: code(c),
                name: name.into(),
                level,
                kind,
                parent_code: optional(parent),
                valid_from: date(from).unwrap_or_default(),
                valid_to: date(to),
                successor_code: optional(successor),
            };
            (Division::id_of(c), division)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eleven_counties_in_force_at_the_end_of_2021() {
        let end = NaiveDate::from_ymd_opt(2021, 12, 31).unwrap();
        let all = divisions();
        let now: Vec<_> = all
            .iter()
            .filter(|(_, d)| d.level == County && d.valid_from <= end && d.valid_to.is_none_or(|to| to >= end))
            .map(|(_, d)| d.code.to_string())
            .collect();
        assert_eq!(now, COUNTIES);
        for (_, d) in &all {
            for other in d.parent_code.iter().chain(&d.successor_code) {
                assert!(all.iter().any(|(_, o)| o.code == *other), "{other} is in the table");
            }
        }
    }
}
