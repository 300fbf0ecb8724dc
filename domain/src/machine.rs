//! Records that move through states: which steps there are, who may take them, and what must hold.
//!
//! A machine is data. The routes `POST /{resource}/{id}/{verb}`, their contract, the diagrams of `docs/STATES.md`
//! and the decision itself are made from it, and whatever changes a state (a verb, a patch, a pushed operation)
//! is decided by the same table. A record may begin in any state, for an office brings years of paper; what a
//! state needs is held by the resource's own check, which sees every record. What only the step itself can tell
//! is a gate.
use crate::codes::Role;
use crate::{Findings, NaiveDate, Problem, Rule, Violation};

/// The states of a resource and the steps between them.
pub struct Machine<R: 'static> {
    /// The field that holds the state.
    pub field: &'static str,
    /// Name of the states' code set.
    pub set: &'static str,
    /// The state of a record.
    pub state: fn(&R) -> &'static str,
    /// The label of a state, in Chinese and English.
    pub label: fn(&str) -> (&'static str, &'static str),
    /// All steps; the first one leaves the state in which a new record usually begins.
    pub transitions: &'static [Transition<R>],
}

/// A step from one state to another.
pub struct Transition<R: 'static> {
    /// The last segment of its path.
    pub verb: &'static str,
    /// What it is called, in Chinese and English.
    pub title: (&'static str, &'static str),
    /// The states it leaves.
    pub from: &'static [&'static str],
    /// The state it leads to.
    pub to: &'static str,
    /// Its conditions.
    pub terms: Terms<R>,
}

/// The conditions of a step.
pub struct Terms<R: 'static> {
    /// Roles that may take it; all who may change the record where it is empty.
    pub who: &'static [Role],
    /// Fields that the request may carry.
    pub sets: &'static [&'static str],
    /// Fields that the record must have afterwards.
    pub needs: &'static [&'static str],
    /// What else must hold.
    pub gates: &'static [Gate<R>],
    /// Rules that the store holds against other records; named here for the contract and the diagrams.
    pub also: &'static [Rule],
    /// A rule that is broken for good: the caller is refused, and the record takes the step with this verb instead.
    pub lapse: Option<(Rule, &'static str)>,
    /// What is told to who asks for the step again where it has led: data that is refused, not a state that is wrong.
    pub once: Option<Gate<R>>,
}

/// One condition of a step, pure.
pub struct Gate<R: 'static> {
    /// The rule it holds.
    pub rule: Rule,
    /// What is wrong, with the values compared; nothing where the gate is open.
    pub shut: fn(&Step<'_, R>) -> Option<Violation>,
}

/// A record before and after a step.
pub struct Step<'r, R> {
    /// As it is stored.
    pub before: &'r R,
    /// As it would be.
    pub after: &'r R,
    /// The day of the step, in Asia/Shanghai.
    pub today: NaiveDate,
}

impl<R> Terms<R> {
    /// A step that needs nothing more.
    pub const fn none() -> Self {
        Self { who: &[], sets: &[], needs: &[], gates: &[], also: &[], lapse: None, once: None }
    }
    /// Only these roles may take it.
    #[must_use]
    pub const fn who(self, who: &'static [Role]) -> Self {
        Self { who, ..self }
    }
    /// The request may carry these fields.
    #[must_use]
    pub const fn sets(self, sets: &'static [&'static str]) -> Self {
        Self { sets, ..self }
    }
    /// The record must have these fields afterwards.
    #[must_use]
    pub const fn needs(self, needs: &'static [&'static str]) -> Self {
        Self { needs, ..self }
    }
    /// These gates must be open.
    #[must_use]
    pub const fn gates(self, gates: &'static [Gate<R>]) -> Self {
        Self { gates, ..self }
    }
    /// The store holds these rules.
    #[must_use]
    pub const fn also(self, also: &'static [Rule]) -> Self {
        Self { also, ..self }
    }
    /// Who breaks this rule is refused, and the record takes the step with this verb instead.
    #[must_use]
    pub const fn lapses(self, rule: Rule, verb: &'static str) -> Self {
        Self { lapse: Some((rule, verb)), ..self }
    }
    /// The step is taken once in the life of a record.
    #[must_use]
    pub const fn once(self, again: Gate<R>) -> Self {
        Self { once: Some(again), ..self }
    }
    /// Whether a user of this role may take the step. A county's own server has judged its user already and
    /// speaks for the county.
    pub fn admit(&self, role: Option<Role>) -> bool {
        let Some(role) = role else { return true };
        let speaks_for = if role == Role::SyncClient { Role::CountyAdmin } else { role };
        self.who.is_empty() || self.who.contains(&role) || self.who.contains(&speaks_for)
    }
}

impl<R> Machine<R> {
    /// The step that a verb means in a state.
    pub fn by_verb(&self, verb: &str, state: &str) -> Option<&'static Transition<R>> {
        self.transitions.iter().find(|t| t.verb == verb && t.from.contains(&state))
    }
    /// The state in which a new record usually begins.
    pub fn first(&self) -> &'static str {
        self.transitions.first().and_then(|t| t.from.first()).copied().unwrap_or_default()
    }
    /// What is told to who asks again for a step that is taken once.
    pub fn taken(&self, verb: &str, record: &R, today: NaiveDate) -> Option<Violation> {
        let state = (self.state)(record);
        let once =
            |t: &Transition<R>| t.terms.once.as_ref().filter(|_| t.verb == verb && t.to == state).map(|o| o.shut);
        let shut = self.transitions.iter().find_map(once)?;
        shut(&Step { before: record, after: record, today })
    }
    /// All verbs, each once, in the order of the table.
    pub fn verbs(&self) -> Vec<&'static str> {
        let mut verbs: Vec<_> = self.transitions.iter().map(|t| t.verb).collect();
        let mut seen = std::collections::HashSet::new();
        verbs.retain(|verb| seen.insert(*verb));
        verbs
    }
    /// What is wrong when a record in `state` is asked for a step that it does not have.
    pub fn wrong_state(&self, state: &str) -> Violation {
        let verbs: Vec<&str> = self.transitions.iter().filter(|t| t.from.contains(&state)).map(|t| t.verb).collect();
        let verbs = if verbs.is_empty() { "-".to_owned() } else { verbs.join(", ") };
        Violation::new(self.field, Rule::NotInThisState).with("state", state).with("verbs", verbs)
    }

    /// Judges a change of a record. Without a change of state there is nothing to judge.
    ///
    /// # Errors
    /// `wrong_state` where no step leads there, `forbidden` where the role may not take it. What the step's terms
    /// refuse is among the findings.
    pub fn judge(
        &self,
        step: &Step<'_, R>,
        role: Option<Role>,
        has: impl Fn(&str) -> bool,
        found: &mut Findings,
    ) -> Result<(), (Problem, Violation)> {
        let (from, to) = ((self.state)(step.before), (self.state)(step.after));
        if from == to {
            return Ok(());
        }
        let taken = self.transitions.iter().find(|t| t.to == to && t.from.contains(&from));
        let Some(taken) = taken else { return Err((Problem::WrongState, self.wrong_state(from))) };
        if !taken.terms.admit(role) {
            return Err((Problem::Forbidden, Violation::new(self.field, Rule::StepOfOthers).with("verb", taken.verb)));
        }
        for field in taken.terms.needs.iter().filter(|field| !has(field)) {
            found.error(*field, Rule::Required);
        }
        // A gate compares what is there.
        if found.errors.is_empty() {
            found.errors.extend(taken.terms.gates.iter().filter_map(|gate| (gate.shut)(step)));
        }
        Ok(())
    }

    /// Whether a user of this role may bring in a record that stands in this state already: who may take a step
    /// to it may, and where no step leads to it, everybody.
    pub fn admits(&self, record: &R, role: Option<Role>) -> bool {
        let mut leading = self.transitions.iter().filter(|t| t.to == (self.state)(record)).peekable();
        leading.peek().is_none() || leading.any(|t| t.terms.admit(role))
    }

    /// The machine as a Mermaid diagram.
    pub fn diagram(&self) -> String {
        let mut lines = vec!["stateDiagram-v2".to_owned()];
        let mut states: Vec<&str> = vec![];
        for t in self.transitions {
            for state in t.from.iter().chain([&t.to]).filter(|s| !states.contains(s)).collect::<Vec<_>>() {
                states.push(state);
            }
        }
        let first = states.first().copied().unwrap_or_default();
        let begins = |state: &str| state == first || self.transitions.iter().all(|t| t.to != state);
        lines.extend(states.iter().map(|s| format!("    {s}: {} {s}", (self.label)(s).0)));
        lines.extend(states.iter().filter(|s| begins(s)).map(|s| format!("    [*] --> {s}")));
        for t in self.transitions {
            lines.extend(t.from.iter().map(|from| format!("    {from} --> {}: {} {}", t.to, t.title.0, t.verb)));
        }
        lines.join("\n")
    }
}

/// A machine over a code set, with each step's states by their names:
///
/// ```text
/// machine!(status: CampaignStatus {
///     "review" "转入评审" "Begin the review": [Open] => Review, Terms::none();
/// })
/// ```
#[macro_export]
macro_rules! machine {
    ($field:ident: $states:ident { $($verb:literal $zh:literal $en:literal: [$($from:ident),+] => $to:ident, $terms:expr;)+ }) => {
        $crate::machine::Machine {
            field: stringify!($field),
            set: <$states as $crate::Code>::SET,
            state: |record| record.$field.code(),
            label: |code| match <$states as $crate::Code>::parse(code) {
                Some(state) => ($crate::Code::zh(state), $crate::Code::en(state)),
                None => ("", ""),
            },
            transitions: &[$($crate::machine::Transition {
                verb: $verb,
                title: ($zh, $en),
                from: &[$($states::$from.code()),+],
                to: $states::$to.code(),
                terms: $terms,
            }),+],
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::Resource;

    fn sound<R: Resource>() {
        let Some(machine) = R::MACHINE else { return };
        let spec = crate::spec::Spec::of::<R>();
        let mut taken = std::collections::HashSet::new();
        for t in machine.transitions {
            let at = format!("{} {}", R::PATH, t.verb);
            assert!(!t.from.contains(&t.to), "{at}: a step leads elsewhere");
            assert!(t.verb.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{at}: a verb is a path segment");
            for from in t.from {
                assert!(taken.insert((*from, t.to)), "{at}: two steps from {from} to {}", t.to);
                let same = machine.transitions.iter().filter(|o| o.verb == t.verb && o.from.contains(from)).count();
                assert_eq!(same, 1, "{at}: the verb means two things in {from}");
            }
            for field in t.terms.sets.iter().chain(t.terms.needs) {
                assert!(spec.field(field).is_some(), "{at}: no field {field}");
                assert_ne!(*field, machine.field, "{at}: the step itself sets the state");
            }
            // Whoever is refused hears of the values that were compared.
            for rule in t.terms.gates.iter().map(|g| g.rule).chain(t.terms.also.iter().copied()) {
                for text in [rule.zh(), rule.en()] {
                    assert!(text.contains('{'), "{at}: {} names no value: {text}", rule.code());
                }
            }
            if let Some((_, verb)) = t.terms.lapse {
                let all =
                    t.from.iter().all(|from| machine.by_verb(verb, from).is_some_and(|l| l.terms.lapse.is_none()));
                assert!(all, "{at}: no step {verb} to take instead");
            }
        }
    }

    #[test]
    fn every_machine_is_sound() {
        macro_rules! each {
            ($($resource:ty),+ $(,)?) => { $(sound::<$resource>();)+ };
        }
        crate::for_each_resource!(each);
    }
}
