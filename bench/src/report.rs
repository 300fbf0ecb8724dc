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
}

impl Target {
    /// Nothing is asked.
    pub const NONE: Target = Target { ratio: None, p99: None };
    /// A ratio is asked.
    pub const fn ratio(ratio: f64) -> Self {
        Self { ratio: Some(ratio), p99: None }
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
    base: f64,
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
            base,
            target,
            errors: ours.errors,
            samples: ours.samples.clone(),
        }
    }

    /// The export against the database's tool.
    pub fn export(exports: &Exports, target: Target) -> Self {
        let median = exports.ours.seconds.get(exports.ours.seconds.len() / 2).map(|s| s * 1000.0);
        Self {
            scenario: format!("NDJSON export against `{}`", exports.name),
            rate: exports.ours.rate(),
            unit: " rows",
            p50: median,
            p99: None,
            base: exports.tool.rate(),
            target,
            errors: 0,
            samples: vec![],
        }
    }

    fn share(&self) -> f64 {
        self.rate / self.base.max(1e-9)
    }

    /// Whether the target was reached; nothing where there is none.
    fn ok(&self) -> Option<bool> {
        let ratio = self.target.ratio.map(|t| self.share() >= t);
        let p99 = self.target.p99.map(|t| self.p99.is_some_and(|p| p < t));
        match (ratio, p99) {
            (None, None) => None,
            (ratio, p99) => Some(ratio.unwrap_or(true) && p99.unwrap_or(true) && self.errors == 0),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { scenario, rate, unit, base, .. } = self;
        let ms = |v: Option<f64>| v.map_or("–".into(), |v| format!("{v:.2}"));
        let mark = if self.errors > 0 { format!(" **({} errors)**", self.errors) } else { String::new() };
        let target: Vec<String> =
            [self.target.ratio.map(|r| format!("≥ {r}")), self.target.p99.map(|p| format!("p99 < {p} ms"))]
                .into_iter()
                .flatten()
                .collect();
        let ok = self.ok().map_or("–", |ok| if ok { "yes" } else { "**no**" });
        write!(f, "| {scenario}{mark} | {}{unit} | {} | {} | ", number(*rate), ms(self.p50), ms(self.p99))?;
        let target = if target.is_empty() { "–".to_owned() } else { target.join(", ") };
        write!(f, "{}{unit} | {:.3} | {target} | {ok} |", number(*base), self.share())
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
            base: 10_000.0,
            target,
            errors,
            samples: vec![],
        }
    }

    #[test]
    fn a_target_is_met_by_all_its_parts_and_without_errors() {
        let target = Target { ratio: Some(0.12), p99: Some(10.0) };
        assert_eq!(row(1200.0, 9.9, 0, target).ok(), Some(true));
        assert_eq!(row(1199.0, 9.9, 0, target).ok(), Some(false));
        assert_eq!(row(1200.0, 10.0, 0, target).ok(), Some(false));
        assert_eq!(row(1200.0, 9.9, 1, target).ok(), Some(false));
        assert_eq!(row(1.0, 99.0, 0, Target::NONE).ok(), None);
    }

    #[test]
    fn a_row_reads_well() {
        let target = Target { ratio: Some(0.12), p99: Some(10.0) };
        let expected = "| create | 1,234 | 1.00 | 9.00 | 10,000 | 0.123 | ≥ 0.12, p99 < 10 ms | yes |";
        assert_eq!(row(1234.4, 9.0, 0, target).to_string(), expected);
        assert_eq!((number(1_234_567.0).as_str(), number(12.34).as_str()), ("1,234,567", "12.3"));
    }
}
