//! What a cadre may do with the records about itself, beside reading them.
//!
//! A resource says it in one line (`const OWN: Own = Own::gives(&["cadre_id", "text"]).steps(&["withdraw"])`), and by the
//! ordinary endpoints it is so: the permit asks [`Own::allows`], every write is judged by it, `authz/explain` and the
//! start of an app tell it. Which records are a cadre's own, its [`Scope`](crate::Scope) says.
use crate::input::to_map;
use crate::policy::Action;
use crate::resource::Resource;
use crate::{Findings, Problem, Rule, Violation};
use serde_json::{Map, Value};

/// What a cadre may do with its own records of one resource. Nothing, unless the resource says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Own {
    /// The fields of a new record that it fills in; where there are none, it makes none. What it does not fill in is
    /// as if it had been left out, and a record with states begins in the first.
    pub gives: &'static [&'static str],
    /// The fields it may change afterwards; of a record with states, as long as that is in the first.
    pub changes: &'static [&'static str],
    /// The steps it may take. What comes with a step, the step says.
    pub steps: &'static [&'static str],
}

impl Own {
    /// It reads.
    pub const NOTHING: Self = Self { gives: &[], changes: &[], steps: &[] };

    /// It makes records, and fills in these fields.
    pub const fn gives(fields: &'static [&'static str]) -> Self {
        Self { gives: fields, ..Self::NOTHING }
    }
    /// It may change these fields too.
    #[must_use]
    pub const fn changes(self, fields: &'static [&'static str]) -> Self {
        Self { changes: fields, ..self }
    }
    /// It may take these steps too.
    #[must_use]
    pub const fn steps(self, verbs: &'static [&'static str]) -> Self {
        Self { steps: verbs, ..self }
    }
    /// Whether there is anything of this kind that it may do.
    pub const fn allows(&self, action: Action) -> bool {
        match action {
            Action::Create => !self.gives.is_empty(),
            Action::Update => !self.changes.is_empty() || !self.steps.is_empty(),
            _ => false,
        }
    }
    /// Whether it may take the step with this verb.
    pub fn takes(&self, verb: &str) -> bool {
        self.steps.contains(&verb)
    }
}

/// Judges a new record that a cadre hands in: it holds what the cadre may fill in, and nothing else.
pub fn judge_new<R: Resource>(new: &R, found: &mut Findings) {
    let given = to_map(new);
    let mut rest = given.clone();
    rest.retain(|name, _| R::OWN.gives.contains(&name.as_str()));
    // What stands in a field that was left out, the type itself says. A field without which there is no record is given.
    let left_out = serde_json::from_value::<R>(Value::Object(rest)).map(|record| to_map(&record)).unwrap_or_default();
    for field in differing(&given, &left_out).filter(|field| !is_kept::<R>(field)) {
        found.error(field, Rule::FieldOfOthers);
    }
    if let Some(machine) = R::MACHINE {
        let state = (machine.state)(new);
        if state != machine.first() {
            found.push(Violation::new(machine.field, Rule::StepOfOthers).with("verb", state));
        }
    }
}

/// Judges a change that a cadre makes.
///
/// # Errors
/// `forbidden` where it is a step that the cadre may not take. Fields that it may not change are among the findings.
pub fn judge<R: Resource>(old: &R, new: &R, found: &mut Findings) -> Result<(), (Problem, Violation)> {
    let mut may = R::OWN.changes;
    if let Some(machine) = R::MACHINE {
        let (from, to) = ((machine.state)(old), (machine.state)(new));
        if from != to {
            let step = machine.transitions.iter().find(|t| t.to == to && t.from.contains(&from));
            let Some(step) = step.filter(|step| R::OWN.takes(step.verb)) else {
                let verb = step.map_or(to, |step| step.verb);
                return Err((Problem::Forbidden, Violation::new(machine.field, Rule::StepOfOthers).with("verb", verb)));
            };
            may = step.terms.sets;
        } else if from != machine.first() {
            may = &[];
        }
    }
    let (before, after) = (to_map(old), to_map(new));
    for field in differing(&before, &after).filter(|field| !is_kept::<R>(field) && !may.contains(field)) {
        found.error(field, Rule::FieldOfOthers);
    }
    Ok(())
}

/// A field that the server works out, or the state, which is judged by itself.
fn is_kept<R: Resource>(field: &str) -> bool {
    R::DERIVED.contains(&field) || R::MACHINE.is_some_and(|machine| machine.field == field)
}

fn differing<'m>(one: &'m Map<String, Value>, other: &'m Map<String, Value>) -> impl Iterator<Item = &'m str> {
    let names = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name)));
    names.filter(|name| one.get(*name) != other.get(*name)).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::ApplicationStatus;
    use crate::party::MembershipApplication;
    use crate::publicity::Consent;
    use crate::spec::Spec;

    fn sound<R: Resource>() {
        let own = R::OWN;
        if own == Own::NOTHING {
            return;
        }
        let path = R::PATH;
        assert!(R::REFERENCES.iter().any(|r| r.field == "cadre_id"), "{path}: whose records they are");
        assert!(R::VISIBILITY.is_bounded(), "{path}: what is for all is nobody's own");
        let spec = Spec::of::<R>();
        for name in own.gives.iter().chain(own.changes) {
            let field = spec.field(name).unwrap_or_else(|| panic!("{path}: no field {name}"));
            assert!(!field.derived, "{path}: {name} is worked out");
        }
        let needed = spec.fields.iter().filter(|f| f.required && !own.gives.is_empty());
        needed.for_each(|f| assert!(own.gives.contains(&f.name.as_str()), "{path}: {} must be given", f.name));
        let verbs = R::MACHINE.map(|machine| machine.verbs()).unwrap_or_default();
        own.steps.iter().for_each(|verb| assert!(verbs.contains(verb), "{path}: no step {verb}"));
    }

    #[test]
    fn what_resources_let_a_cadre_do_is_sound() {
        macro_rules! each {
            ($($resource:ty),+ $(,)?) => { $(sound::<$resource>();)+ };
        }
        crate::for_each_resource!(each);
    }

    fn pointers(found: &Findings) -> Vec<&str> {
        found.errors.iter().map(|e| e.pointer.as_str()).collect()
    }

    fn fresh() -> MembershipApplication {
        let given = ["cadre_id", "name", "birth_date", "party_organization_id", "applied_on"];
        let mut fields = to_map(&MembershipApplication::example());
        fields.retain(|name, _| given.contains(&name.as_str()));
        serde_json::from_value(Value::Object(fields)).unwrap()
    }

    #[test]
    fn a_new_record_holds_what_a_cadre_gives_and_begins_at_the_beginning() {
        let mut found = Findings::default();
        judge_new(&fresh(), &mut found);
        assert_eq!(pointers(&found), Vec::<&str>::new());
        let more = MembershipApplication { training_hours: Some(24), special_approval: true, ..fresh() };
        judge_new(&more, &mut found);
        assert_eq!(pointers(&found), ["/training_hours", "/special_approval"]);
        let mut found = Findings::default();
        judge_new(&MembershipApplication { status: ApplicationStatus::Full, ..fresh() }, &mut found);
        assert_eq!(found.errors[0].rule, Rule::StepOfOthers);
    }

    #[test]
    fn a_cadre_takes_its_own_steps_and_changes_nothing_beside_them() {
        let old = fresh();
        let day = crate::NaiveDate::from_ymd_opt(2021, 3, 1);
        let mut found = Findings::default();
        let withdrawn = MembershipApplication { status: ApplicationStatus::Withdrawn, ended_on: day, ..old.clone() };
        judge(&old, &withdrawn, &mut found).unwrap();
        assert!(found.errors.is_empty());
        judge(&old, &MembershipApplication { training_hours: Some(40), ..withdrawn }, &mut found).unwrap();
        assert_eq!(pointers(&found), ["/training_hours"]);
        let rejected = MembershipApplication { status: ApplicationStatus::Rejected, ..old.clone() };
        assert_eq!(judge(&old, &rejected, &mut found).unwrap_err().0, Problem::Forbidden);
        let activist = MembershipApplication { status: ApplicationStatus::Activist, ..old };
        let mut found = Findings::default();
        judge(&activist, &MembershipApplication { name: "别人".into(), ..activist.clone() }, &mut found).unwrap();
        assert_eq!(pointers(&found), ["/name"], "in a later stage it is the office's");
    }

    #[test]
    fn a_record_without_states_changes_where_it_says() {
        let old = Consent { revoked_on: None, ..Consent::example() };
        let mut found = Findings::default();
        judge(&old, &Consent { revoked_on: Some(old.granted_on), ..old.clone() }, &mut found).unwrap();
        assert!(found.errors.is_empty());
        judge(&old, &Consent { granted_on: crate::NaiveDate::MIN, ..old.clone() }, &mut found).unwrap();
        assert_eq!(pointers(&found), ["/granted_on"]);
    }
}
