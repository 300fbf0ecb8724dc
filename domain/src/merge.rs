//! Three states of a record become one: what it was (`base`), what a client that was offline made of it
//! (`yours`), and what others made of it meanwhile (`theirs`).
//!
//! Fields that only one side changed merge by themselves, and equal changes are none. A field that both sides
//! changed is contested: the published policy decides, or a person. Only contested fields wait.
use crate::codes::MergePolicy;
use crate::{DateTime, Resource, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Counts the changes of the policy tables, so that a client knows when to fetch them anew.
pub const POLICY_VERSION: i64 = 1;

/// Who wins a contested field of a resource. What no table names waits for a person.
pub fn policy<R: Resource>(field: &str) -> MergePolicy {
    R::MERGING.iter().find(|(name, _)| *name == field).map_or(MergePolicy::Manual, |(_, policy)| *policy)
}

/// Who pushes, and when the change was observed by the server's clock.
#[derive(Debug, Clone, Copy)]
pub struct Side {
    /// Whether the city itself pushes, rather than a county.
    pub city: bool,
    /// When the client observed what it sends, corrected by how far its clock is off and never in the future.
    pub observed_at: DateTime<Utc>,
}

/// Who else changed a field after the base, and when that was observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// The field.
    pub field: String,
    /// The client that changed it last.
    pub by: String,
    /// When it was observed there; when it was written, if nobody said.
    pub at: DateTime<Utc>,
}

/// A field that both sides changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Contested {
    /// Field name.
    #[schema(example = "residence_address", max_length = 100)]
    pub field: String,
    /// Its value at the base version; absent where it had none, is not known, or is hidden from the reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Value>,
    /// The value that was pushed; absent where it was cleared or is hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yours: Option<Value>,
    /// The value on the server; absent where there is none or it is hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<Value>,
    /// The client that wrote the server's value.
    #[schema(example = "user:0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", max_length = 100)]
    pub theirs_by: String,
    /// When that was observed.
    #[serde(serialize_with = "crate::resource::instant")]
    pub theirs_at: DateTime<Utc>,
    /// How it was decided.
    pub policy: MergePolicy,
}

/// The outcome of a merge.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Merged {
    /// What to change in the server's record: a merge patch, in which `null` clears.
    pub patch: Map<String, Value>,
    /// Contested fields that the policy has decided.
    pub decided: Vec<Contested>,
    /// Contested fields that wait for a person; the server's values stay until then.
    pub waiting: Vec<Contested>,
}

/// Merges the fields of `yours` (a merge patch) into `theirs`. `touched` names the fields that others changed
/// after the base. Without a base, what others changed is contested where it differs.
pub fn merge(
    base: Option<&Map<String, Value>>,
    theirs: &Map<String, Value>,
    yours: &Map<String, Value>,
    touched: &[Touch],
    side: Side,
    policy: impl Fn(&str) -> MergePolicy,
) -> Merged {
    let mut merged = Merged::default();
    for (field, value) in yours {
        let wanted = Some(value).filter(|v| !v.is_null());
        let (was, now) = (base.and_then(|b| b.get(field)), theirs.get(field));
        if wanted == now {
            continue;
        }
        let others = touched.iter().find(|t| t.field == *field);
        let contested = others.filter(|_| base.is_none() || now != was);
        let Some(others) = contested else {
            merged.patch.insert(field.clone(), value.clone());
            continue;
        };
        if base.is_some() && wanted == was {
            // Sent along, but not changed by the client.
            continue;
        }
        let policy = policy(field);
        let contest = Contested {
            field: field.clone(),
            base: was.cloned(),
            yours: wanted.cloned(),
            theirs: now.cloned(),
            theirs_by: others.by.clone(),
            theirs_at: others.at,
            policy,
        };
        let yours_wins = match policy {
            MergePolicy::CityWins => side.city,
            MergePolicy::CountyWins => !side.city,
            MergePolicy::LatestObserved => side.observed_at > others.at,
            MergePolicy::Manual => {
                merged.waiting.push(contest);
                continue;
            }
        };
        if yours_wins {
            merged.patch.insert(field.clone(), value.clone());
        }
        merged.decided.push(contest);
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Uuid;
    use serde_json::json;

    /// Small numbers from a seed: the same cases in every run.
    struct Dice(u64);
    impl Dice {
        fn below(&mut self, n: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % n
        }
    }

    const FIELDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
    const POLICIES: [MergePolicy; 4] =
        [MergePolicy::CityWins, MergePolicy::CountyWins, MergePolicy::LatestObserved, MergePolicy::Manual];

    fn policy_of(field: &str) -> MergePolicy {
        let place = FIELDS.iter().position(|f| *f == field).unwrap_or_default();
        POLICIES[place % POLICIES.len()]
    }
    fn edit(dice: &mut Dice, chance: u64) -> Map<String, Value> {
        let mut patch = Map::new();
        for field in FIELDS {
            if dice.below(100) < chance {
                let value = dice.below(4);
                patch.insert(field.into(), if value == 0 { Value::Null } else { json!(value) });
            }
        }
        patch
    }
    fn after(state: &Map<String, Value>, patch: &Map<String, Value>) -> Map<String, Value> {
        let mut state = state.clone();
        for (field, value) in patch {
            state.remove(field);
            if !value.is_null() {
                state.insert(field.clone(), value.clone());
            }
        }
        state
    }

    /// Field by field, as the rules are told: which value stands afterwards, and whether a person is asked.
    fn reference(
        was: Option<&Value>,
        yours: Option<Option<&Value>>,
        theirs: Option<&Value>,
        policy: MergePolicy,
        side: Side,
        theirs_at: DateTime<Utc>,
    ) -> (Option<Value>, bool) {
        let keep = (theirs.cloned(), false);
        let Some(yours) = yours else { return keep };
        match (yours == was, theirs == was) {
            (true, _) => keep,
            (false, true) => (yours.cloned(), false),
            (false, false) if yours == theirs => keep,
            (false, false) => {
                let mine = match policy {
                    MergePolicy::Manual => return (theirs.cloned(), true),
                    MergePolicy::CityWins => side.city,
                    MergePolicy::CountyWins => !side.city,
                    MergePolicy::LatestObserved => side.observed_at > theirs_at,
                };
                if mine { (yours.cloned(), false) } else { keep }
            }
        }
    }

    #[test]
    fn a_merge_is_what_the_rules_say_field_by_field() {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        let noon = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let (mut contested, mut disjoint) = (0, 0);
        for _ in 0..10_000 {
            let base = after(&Map::new(), &edit(&mut dice, 70));
            let (yours, theirs_edit) = (edit(&mut dice, 40), edit(&mut dice, 40));
            let theirs = after(&base, &theirs_edit);
            let theirs_at = noon + chrono::Duration::seconds(i64::try_from(dice.below(100)).unwrap());
            let touched: Vec<Touch> = theirs_edit
                .keys()
                .filter(|f| base.get(*f) != theirs.get(*f))
                .map(|f| Touch { field: f.clone(), by: "user:city".into(), at: theirs_at })
                .collect();
            let side = Side {
                city: dice.below(2) == 0,
                observed_at: noon + chrono::Duration::seconds(i64::try_from(dice.below(100)).unwrap()),
            };
            let merged = merge(Some(&base), &theirs, &yours, &touched, side, policy_of);
            let result = after(&theirs, &merged.patch);
            let mut asked = vec![];
            for field in FIELDS {
                let sent = yours.get(field).map(|v| Some(v).filter(|v| !v.is_null()));
                let (value, ask) =
                    reference(base.get(field), sent, theirs.get(field), policy_of(field), side, theirs_at);
                assert_eq!(result.get(field), value.as_ref(), "{field}: {base:?} {yours:?} {theirs:?}");
                if ask {
                    asked.push(field.to_owned());
                }
            }
            let waiting: Vec<String> = merged.waiting.iter().map(|c| c.field.clone()).collect();
            let (mut waiting, mut expected) = (waiting, asked);
            waiting.sort();
            expected.sort();
            assert_eq!(waiting, expected);
            contested += merged.waiting.len() + merged.decided.len();
            if yours.keys().all(|f| !touched.iter().any(|t| t.field == *f)) {
                assert!(merged.waiting.is_empty() && merged.decided.is_empty());
                disjoint += 1;
            }
        }
        // The cases are not all of one sort.
        assert!(contested > 1_000 && disjoint > 500, "{contested} {disjoint}");
    }

    #[test]
    fn without_a_base_what_others_touched_and_differs_is_contested() {
        let theirs = Map::from_iter([("d".to_owned(), json!(1)), ("a".to_owned(), json!(1))]);
        let yours = Map::from_iter([("d".to_owned(), json!(2)), ("b".to_owned(), json!(3))]);
        let now = Utc::now();
        let touched = [Touch { field: "d".into(), by: Uuid::nil().to_string(), at: now }];
        let side = Side { city: false, observed_at: now };
        let merged = merge(None, &theirs, &yours, &touched, side, policy_of);
        assert_eq!(merged.waiting.len(), 1);
        assert_eq!(Value::Object(merged.patch), json!({"b": 3}));
    }
}
