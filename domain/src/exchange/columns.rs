//! The columns of a resource's files, and which column of a file is which.
use super::shape::Shape;
use crate::catalogue::Rule;
use crate::spec::Spec;
use crate::titles;
use crate::violations::Violation;
use std::collections::BTreeMap;

/// What a column holds of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Its id.
    Id,
    /// Its division.
    Division,
    /// The other system it came from.
    System,
    /// Its id there.
    External,
    /// A field.
    Field(String),
}

/// One column.
#[derive(Debug, Clone)]
pub struct Column {
    /// What it holds.
    pub target: Target,
    /// Its header in Chinese.
    pub title: String,
    /// What its cells hold.
    pub shape: Shape,
    /// Whether a new record needs it.
    pub required: bool,
    /// Whether the server works it out, so that a file does not bring it in.
    pub derived: bool,
}

impl Column {
    /// The name of what it holds in JSON; of what came from elsewhere, a name of its own.
    pub fn name(&self) -> &str {
        match &self.target {
            Target::Id => "id",
            Target::Division => "division_code",
            Target::System => "external_system",
            Target::External => "external_id",
            Target::Field(name) => name,
        }
    }
}

/// Columns of a file that say nothing about a record: what our own files have beside it, and what people number rows by.
const BESIDE: &[&str] = &["version", "created_at", "updated_at", "masked", "warnings", ERRORS, "序号"];
/// The header of the column that says what is wrong with a row.
pub const ERRORS: &str = "错误";
/// What begins the row of explanations in a template.
pub const EXPLAINED: &str = "说明:";

/// All columns of the resource at `path`, in order.
pub fn columns(path: &str, spec: &Spec) -> Vec<Column> {
    let common =
        |target, title: &str, shape| Column { target, title: title.into(), shape, required: false, derived: false };
    let mut all = vec![
        common(Target::Id, "记录ID", Shape::Id),
        common(Target::Division, "行政区划", Shape::Division),
        common(Target::System, "外部系统", Shape::Text),
        common(Target::External, "外部编号", Shape::Text),
    ];
    all.extend(spec.fields.iter().map(|field| Column {
        target: Target::Field(field.name.clone()),
        title: titles::title(path, &field.name).unwrap_or(&field.name).to_owned(),
        shape: Shape::of(&field.schema),
        required: field.required,
        derived: field.derived,
    }));
    all
}

/// Which column of a file is which, in the file's order.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// What each column of the file holds; nothing where it is left out.
    pub columns: Vec<Option<Column>>,
    /// The headers as the file has them.
    pub headers: Vec<String>,
}

impl Plan {
    /// Reads the headers of a file. `mapping` says of a header which field it means, or with an empty name that it is
    /// left out.
    ///
    /// # Errors
    /// A finding for each header that means nothing, or what another one means already.
    pub fn read(
        path: &str,
        spec: &Spec,
        headers: Vec<String>,
        mapping: &BTreeMap<String, String>,
    ) -> Result<Self, Vec<Violation>> {
        let known = columns(path, spec);
        let mut found = vec![];
        let mut plan = Plan::default();
        for header in headers {
            let bare = header.trim().trim_end_matches(['*', '\u{ff0a}']).trim();
            let wanted = mapping.get(&header).or_else(|| mapping.get(bare)).map_or(bare, String::as_str);
            let column = known.iter().find(|c| c.name() == wanted).or_else(|| known.iter().find(|c| c.title == wanted));
            let pointer = format!("/{}", crate::input::escape(&header));
            match column {
                None if wanted.is_empty() || BESIDE.contains(&wanted) => {}
                None => found.push(Violation::new(pointer, Rule::UnknownColumn)),
                Some(column) if plan.columns.iter().flatten().any(|c| c.target == column.target) => {
                    found.push(Violation::new(pointer, Rule::RepeatedColumn));
                }
                Some(_) => {}
            }
            plan.columns.push(column.filter(|c| !c.derived).cloned());
            plan.headers.push(header);
        }
        if plan.columns.iter().all(Option::is_none) && found.is_empty() {
            found.push(Violation::new("", Rule::UnknownColumn));
        }
        if found.is_empty() { Ok(plan) } else { Err(found) }
    }

    /// The header of the column that holds what a pointer names.
    pub fn header(&self, pointer: &str) -> Option<&str> {
        let name = pointer.trim_start_matches('/').split('/').next()?;
        let name = if name == "external_ref" { "external_id" } else { name };
        let place = self.columns.iter().position(|c| c.as_ref().is_some_and(|c| c.name() == name))?;
        self.headers.get(place).map(String::as_str)
    }
}
