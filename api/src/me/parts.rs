//! The parts of what a cadre is told about itself: a line each.
use super::{Asked, branches};
use crate::contract::schemas;
use domain::Module;
use domain::activities::{ActivitySignup, Wish};
use domain::benefits::{CarePair, HardshipCase, MedicalClaim, SanatoriumStay, Visit};
use domain::education::Enrollment;
use domain::honors::Honor;
use domain::party::MembershipApplication;
use domain::publicity::Consent;
use persistence::{Conn, Error, Query, Result, Sort, Store};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// One part.
pub struct Part {
    /// Its name in the answer.
    pub name: String,
    /// The resource that the caller must be allowed to read, and its module.
    pub about: (&'static str, Module),
    /// Registers what it is made of, and answers its schema.
    pub schema: fn(&mut Map<String, Value>) -> Value,
    /// Reads it.
    pub read: fn(&mut Conn, &Asked<'_>) -> Result<Value>,
}

/// All parts in the order of the answer.
pub static ALL: LazyLock<Vec<Part>> = LazyLock::new(|| {
    vec![
        branches::part(),
        records::<Honor>(),
        records::<MembershipApplication>(),
        records::<Consent>(),
        records::<CarePair>(),
        records::<MedicalClaim>(),
        records::<HardshipCase>(),
        records::<SanatoriumStay>(),
        records::<Visit>(),
        records::<ActivitySignup>(),
        records::<Wish>(),
        records::<Enrollment>(),
    ]
});

/// Records of one resource told at most.
const NEWEST: i64 = 20;

/// The cadre's own records of a resource, which names it in `cadre_id`, the newest first.
fn records<R: Store>() -> Part {
    Part {
        name: R::PATH.replace('-', "_"),
        about: (R::PATH, R::MODULE),
        schema: |_| {
            json!({"type": "array", "maxItems": NEWEST, "items": schemas::reference(&R::name()),
                "description": format!("{}: the cadre's own, the newest first", R::TITLE.0)})
        },
        read: |conn, asked| {
            let sort = Sort { key: "created_at".into(), descending: true };
            let query = Query { sort, ..Query::by("cadre_id", asked.cadre, NEWEST) };
            let found = R::list(conn, asked.scope, &query)?.items;
            found.iter().map(|r| Ok(r.view(asked.sight).map_err(Error::internal)?.into_value())).collect()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_a_name_of_its_own_and_is_found_by_its_cadre() {
        let mut names: Vec<&str> = ALL.iter().map(|p| p.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        for part in ALL.iter() {
            let kind = persistence::registry::find(part.about.0).expect("a resource");
            assert!(kind.filtered_by("cadre_id"), "{}: no filter cadre_id", kind.path);
        }
    }
}
