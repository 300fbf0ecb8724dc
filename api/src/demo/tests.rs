//! What holds for the data before any database sees it.
use super::*;
use chrono::NaiveDate;
use domain::codes::*;
use domain::partial_date::age;
use domain::{PartialDate, Resource, input};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

static DATA: LazyLock<Data> = LazyLock::new(Data::new);

/// Calls `$each` with the records of every resource in turn.
macro_rules! with_all {
    ($data:expr, $each:expr) => {
        $data.units.iter().for_each(|rows| $each.of(rows));
        $each.of(&$data.cadres);
        $data.organizations.iter().for_each(|rows| $each.of(rows));
        $each.of(&$data.memberships);
        $each.of(&$data.campaigns);
        $each.of(&$data.honors);
        $each.of(&$data.standards);
    };
}

/// Every record as text.
#[derive(Default)]
struct Lines(Vec<String>);
impl Lines {
    fn of<R: Resource>(&mut self, rows: &Rows<R>) {
        self.0.extend(rows.iter().map(|d| format!("{:?} {:?} {}", d.id, d.division_code, json!(d.data))));
    }
}

#[test]
fn two_loads_are_the_same() {
    let (mut first, mut second) = (Lines::default(), Lines::default());
    with_all!(DATA, first);
    with_all!(Data::new(), second);
    assert!(first.0 == second.0);
}

#[derive(Default)]
struct Ids(HashSet<Uuid>);
impl Ids {
    fn of<R: Resource>(&mut self, rows: &Rows<R>) {
        for row in rows {
            let id = row.id.unwrap();
            assert_eq!((id.get_version_num(), id.get_variant()), (7, domain::Uuid::max().get_variant().min_rfc()));
            assert!(self.0.insert(id), "{} {id} is there twice", R::PATH);
        }
    }
}
