//! The table, and what it takes to judge it.
use crate::export::Exports;
use crate::load::Tally;
use std::fmt;

/// What the project set itself to reach.
#[derive(Debug, Clone, Copy, Default)]
pub struct Target {
    /// The ratio, at least.
    pub ratio: Option<f64>,
    /// The p99 in milliseconds, below.
    pub p99: Option<f64>,
    /// The value itself, below: where it is a cost and not a rate.
    pub most: Option<f64>,
}

impl Target {
    /// Nothing is asked.
    pub const NONE: Target = Target { ratio: None, p99: None, most: None };
    /// A ratio is asked.
    pub const fn ratio(ratio: f64) -> Self {
        Self { ratio: Some(ratio), ..Self::NONE }
    }
}

/// One line of the table.
pub struct Row {
    scenario: String,
    rate: f64,
    /// What is counted a second, where it is not requests.
    unit: &'static str,
    p50: Option<f64>,
    p99: Option<f64>,
    /// What it is compared with, if anything.
    base: Option<f64>,
    target: Target,
    errors: u64,
    samples: Vec<String>,
}

impl Row {
    /// A scenario against a bare answer.
    pub fn against_bare(scenario: impl Into<String>, ours: &Tally, bare: &Tally, target: Target) -> Self {
        let mut row = Self::against_rate(scenario, ours, bare.rate(), "", target);
        row.errors += bare.errors;
        row.samples.extend(bare.samples.iter().map(|s| format!("bare: {s}")));
        row
    }

    /// A scenario against a rate that something else measured.
    pub fn against_rate(
        scenario: impl Into<String>,
        ours: &Tally,
        base: f64,
        unit: &'static str,
        target: Target,
    ) -> Self {
        Self {
            scenario: scenario.into(),
            rate: ours.rate(),
            unit,
            p50: Some(ours.ms(0.5)),
            p99: Some(ours.ms(0.99)),
            base: Some(base),
            target,
            errors: ours.errors,
            samples: ours.samples.clone(),
        }
    }

    /// The export against the database's tool.
    pub fn export(exports: &Exports, target: Target) -> Self {
        let median = exports.ours.seconds.get(exports.ours.seconds.len() / 2).map(|s| s * 1000.0);
        let scenario = format!("NDJSON export against `{}`", exports.name);
        Self::rate(scenario, exports.ours.rate(), " rows", (median, None), exports.tool.rate(), target)
    }

    /// A rate against another one, with p50 and p99 where they are known.
    pub fn rate(
        scenario: impl Into<String>,
        rate: f64,
        unit: &'static str,
        (p50, p99): (Option<f64>, Option<f64>),
        base: f64,
        target: Target,
    ) -> Self {
        Self { scenario: scenario.into(), rate, unit, p50, p99, base: Some(base), target, errors: 0, samples: vec![] }
    }

    /// Counts what a request carries instead of requests.
    pub fn each(mut self, carried: f64) -> Self {
        self.rate *= carried;
        self
    }

    /// Memory in MiB, beside that of something else, and below a limit.
    pub fn memory(scenario: impl Into<String>, mib: f64, base: Option<f64>, most: f64) -> Self {
        let target = Target { most: Some(most), ..Target::NONE };
        let scenario = scenario.into();
        Self { scenario, rate: mib, unit: " MiB", p50: None, p99: None, base, target, errors: 0, samples: vec![] }
    }

    fn share(&self) -> Option<f64> {
        // Of two memories, the one may be nothing.
        self.base.filter(|base| self.target.most.is_none() || *base > 0.0).map(|base| self.rate / base.max(1e-9))
    }

    /// Whether the target was reached; nothing where there is none.
    fn ok(&self) -> Option<bool> {
        let Target { ratio, p99, most } = self.target;
        let parts = [
            ratio.map(|t| self.share().is_some_and(|share| share >= t)),
            p99.map(|t| self.p99.is_some_and(|p| p < t)),
            most.map(|t| self.rate < t),
        ];
        let mut parts = parts.into_iter().flatten().peekable();
        parts.peek()?;
        Some(parts.all(|ok| ok) && self.errors == 0)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { scenario, rate, unit, base, .. } = self;
        let ms = |v: Option<f64>| v.map_or("–".into(), |v| format!("{v:.2}"));
        let mark = if self.errors > 0 { format!(" **({} errors)**", self.errors) } else { String::new() };
        let target: Vec<String> = [
            self.target.ratio.map(|r| format!("≥ {r}")),
            self.target.p99.map(|p| format!("p99 < {p} ms")),
            self.target.most.map(|m| format!("< {m}{unit}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        let ok = self.ok().map_or("–", |ok| if ok { "yes" } else { "**no**" });
        write!(f, "| {scenario}{mark} | {}{unit} | {} | {} | ", number(*rate), ms(self.p50), ms(self.p99))?;
        let target = if target.is_empty() { "–".to_owned() } else { target.join(", ") };
        let base = base.map_or("–".into(), |base| number(base) + unit);
        let share = self.share().map_or("–".into(), |share| format!("{share:.3}"));
        write!(f, "{base} | {share} | {target} | {ok} |")
    }
}

/// Three digits are all that such a measurement is good for; more are only shown before the point.
fn number(value: f64) -> String {
    let digits = if value >= 100.0 { 0 } else { 1 };
    let text = format!("{value:.digits$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(c);
    }
    grouped + rest
}

/// What was measured on one engine.
pub struct Report {
    /// The name of the engine.
    pub engine: &'static str,
    /// The lines of the table.
    pub rows: Vec<Row>,
    /// Lines below it.
    pub notes: Vec<String>,
}

impl Report {
    /// Whether any request failed, so that the numbers mean nothing.
    pub fn failed(&self) -> bool {
        self.rows.iter().any(|r| r.errors > 0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "### {}\n", self.engine)?;
        writeln!(f, "| scenario | requests/s | p50 ms | p99 ms | bare requests/s | ratio | target | ok |")?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|---|---|")?;
        for row in &self.rows {
            writeln!(f, "{row}")?;
        }
        writeln!(f)?;
        for note in &self.notes {
            writeln!(f, "- {note}")?;
        }
        for row in self.rows.iter().filter(|r| r.errors > 0) {
            writeln!(f, "- **INVALID** {}: {} errors, such as:", row.scenario, row.errors)?;
            for sample in &row.samples {
                writeln!(f, "  - `{}`", sample.replace(['\n', '`'], " "))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(rate: f64, p99: f64, errors: u64, target: Target) -> Row {
        let scenario = "create".into();
        Row {
            scenario,
            rate,
            unit: "",
            p50: Some(1.0),
            p99: Some(p99),
            base: Some(10_000.0),
            target,
            errors,
            samples: vec![],
        }
    }

    #[test]
    fn a_target_is_met_by_all_its_parts_and_without_errors() {
        let target = Target { ratio: Some(0.12), p99: Some(10.0), ..Target::NONE };
        assert_eq!(row(1200.0, 9.9, 0, target).ok(), Some(true));
        assert_eq!(row(1199.0, 9.9, 0, target).ok(), Some(false));
        assert_eq!(row(1200.0, 10.0, 0, target).ok(), Some(false));
        assert_eq!(row(1200.0, 9.9, 1, target).ok(), Some(false));
        assert_eq!(row(1.0, 99.0, 0, Target::NONE).ok(), None);
    }

    #[test]
    fn a_row_reads_well() {
        let target = Target { ratio: Some(0.12), p99: Some(10.0), ..Target::NONE };
        let expected = "| create | 1,234 | 1.00 | 9.00 | 10,000 | 0.123 | ≥ 0.12, p99 < 10 ms | yes |";
        assert_eq!(row(1234.4, 9.0, 0, target).to_string(), expected);
        let memory = Row::memory("snapshot", 12.0, Some(8.0), 24.0);
        assert_eq!(memory.to_string(), "| snapshot | 12.0 MiB | – | – | 8.0 MiB | 1.500 | < 24 MiB | yes |");
        let memory = Row::memory("readers", 100.0, None, 100.0);
        assert_eq!(memory.to_string(), "| readers | 100 MiB | – | – | – | – | < 100 MiB | **no** |");
        assert_eq!((number(1_234_567.0).as_str(), number(12.34).as_str()), ("1,234,567", "12.3"));
    }
}
