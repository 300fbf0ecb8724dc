//! What a check found: errors that refuse a record and warnings that travel with the accepted one.
use crate::catalogue::{Language, Rule, fill};
use chrono::NaiveDate;

/// One finding about one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer (RFC 6901) into the request body, such as `/birth_date`; empty for the whole body.
    pub pointer: String,
    /// What is wrong.
    pub rule: Rule,
    /// Values for the placeholders of the text.
    pub args: Vec<(&'static str, String)>,
}

impl Violation {
    /// A finding about the field `pointer` names. A bare field name is turned into a pointer.
    pub fn new(pointer: impl Into<String>, rule: Rule) -> Self {
        let pointer = pointer.into();
        let pointer = if pointer.is_empty() || pointer.starts_with('/') { pointer } else { format!("/{pointer}") };
        Self { pointer, rule, args: vec![] }
    }
    /// Adds a value for a placeholder of the text.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
    /// The text in the reader's language.
    pub fn message(&self, language: Language) -> String {
        fill(
            match language {
                Language::Zh => self.rule.zh(),
                Language::En => self.rule.en(),
            },
            &self.args,
        )
    }
}

/// Everything a check found, errors and warnings apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Findings that refuse the record.
    pub errors: Vec<Violation>,
    /// Findings that the answer reports beside the accepted record.
    pub warnings: Vec<Violation>,
}

impl Findings {
    /// Adds an error about a field.
    pub fn error(&mut self, field: impl Into<String>, rule: Rule) {
        self.errors.push(Violation::new(field, rule));
    }
    /// Adds an error that carries values.
    pub fn push(&mut self, violation: Violation) {
        self.errors.push(violation);
    }
    /// Adds a warning about a field.
    pub fn warn(&mut self, field: impl Into<String>, rule: Rule) {
        self.warnings.push(Violation::new(field, rule));
    }
    /// Adds a warning that carries values.
    pub fn note(&mut self, violation: Violation) {
        self.warnings.push(violation);
    }
    /// Adds an error unless `ok`.
    pub fn require(&mut self, ok: bool, field: impl Into<String>, rule: Rule) {
        if !ok {
            self.error(field, rule);
        }
    }
    /// Moves every pointer below `prefix`, for a record inside a batch.
    pub fn below(mut self, prefix: &str) -> Self {
        for v in self.errors.iter_mut().chain(&mut self.warnings) {
            v.pointer.insert_str(0, prefix);
        }
        self
    }
    /// Takes over the findings of another check.
    pub fn absorb(&mut self, other: Findings) {
        self.errors.extend(other.errors);
        self.warnings.extend(other.warnings);
    }
}

/// Reports each day that lies before the one it follows.
pub fn in_order(steps: &[(&'static str, Option<NaiveDate>)], found: &mut Findings) {
    let mut before: Option<(&str, NaiveDate)> = None;
    for (name, day) in steps.iter().filter_map(|(name, day)| day.map(|d| (*name, d))) {
        if let Some((other, earlier)) = before
            && day < earlier
        {
            found.push(Violation::new(name, Rule::PeriodOrder).with("other", other));
        }
        before = Some((name, day));
    }
}
