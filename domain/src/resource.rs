//! What every resource says about itself, once.
use crate::cadres::CadreTie;
use crate::codes::MergePolicy;
pub use crate::instant::{instant, instant_text};
use crate::machine::Machine;
use crate::own::Own;
use crate::violations::{Findings, Violation};
use crate::{DivisionCode, PartialDate, Uuid};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

/// A kind of record. Everything that works for all resources (HTTP, storage, authorisation, sync, the
/// contract, the generic tests) asks only this.
pub trait Resource:
    Clone + std::fmt::Debug + PartialEq + Send + Sync + Serialize + DeserializeOwned + ToSchema + 'static
{
    /// Singular name in `snake_case`, for operation ids: `party_organization`.
    const NAME: &'static str;
    /// Plural path in `kebab-case`: `party-organizations`. Also its name in the feed.
    const PATH: &'static str;
    /// Name in Chinese and English.
    const TITLE: (&'static str, &'static str);
    /// The group it belongs to, for the contract's tags and for policy.
    const MODULE: Module;
    /// Fields that are not plainly [`FieldClass::Internal`].
    const CLASSES: &'static [Classified] = &[];
    /// Fields that hold the id of another record.
    const REFERENCES: &'static [Reference<Self>] = &[];
    /// Fields of which each value is one record's alone, and by which files may name it: an ID number, a code.
    const KEYS: &'static [&'static str] = &[];
    /// Fields by which files may name a record where only one within the division has the value: a name. A filter each.
    const NAMES: &'static [&'static str] = &[];
    /// Fields that the server works out from others at every write, here in [`check`](Self::check) or from other
    /// rows in the store. An answer shows them; a request does not carry them.
    const DERIVED: &'static [&'static str] = &[];
    /// Who wins a field that a client changed offline while others changed it too. What is not named waits for a person.
    const MERGING: &'static [(&'static str, MergePolicy)] = &[];
    /// The states it moves through.
    const MACHINE: Option<&'static Machine<Self>> = None;
    /// Who sees a record of another division.
    const VISIBILITY: Visibility = Visibility::Scoped;
    /// Whether two records may turn out to be one, so that the id of the one leads to the other.
    const MERGES: bool = false;
    /// Its records are added and never changed or deleted, as those of a ledger: what is wrong is set right by another
    /// record.
    const APPEND_ONLY: bool = false;
    /// What becomes of its records in the life of the cadre whose id they hold in `cadre_id`.
    const TIE: Option<&'static CadreTie<Self>> = None;
    /// What a cadre may do with those about itself.
    const OWN: Own = Own::NOTHING;
    /// Fields, of a text or of a list of texts, that hold files by the hashes of their content. Who sees such a field of
    /// a record may fetch the file.
    const FILES: &'static [&'static str] = &[];

    /// A valid record with synthetic content: the contract's example, and the base the field probe needs.
    fn example() -> Self;
    /// Brings values into their one right form and reports what is wrong or doubtful. Pure: what needs
    /// other rows is a rule of the store.
    fn check(&mut self, _found: &mut Findings) {}
    /// The business date by which a new record's division must be in force; today if `None`.
    fn effective_on(&self) -> Option<PartialDate> {
        None
    }
    /// The division in the field of [`Visibility::Shared`].
    fn shared_with(&self) -> Option<&DivisionCode> {
        None
    }
}

/// Groups of resources: tags of the contract and units of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Module {
    /// Divisions and units.
    Reference,
    /// Retired cadres.
    Cadres,
    /// Party organizations and members.
    Party,
    /// Commendations and medals.
    Honors,
    /// Standards and care.
    Benefits,
    /// Programmes, activities, teams, exhibitions, wishes.
    Activities,
    /// Posts in communities and villages, volunteers.
    Service,
    /// Senior universities, classes, bases, facilities.
    Education,
    /// What is told to the public, and who has agreed.
    Publicity,
    /// Who does the work, their training, the documents they work by.
    Staff,
    /// Users of this system.
    Administration,
    /// Figures, statistics and the annual report.
    Reports,
    /// Synchronisation with other systems.
    Sync,
    /// What happened, for those who answer for it.
    Audit,
    /// Files that records name.
    Files,
}
impl Module {
    /// All modules in the order of the contract.
    pub const ALL: &'static [Module] = &[
        Module::Reference,
        Module::Cadres,
        Module::Party,
        Module::Honors,
        Module::Benefits,
        Module::Activities,
        Module::Service,
        Module::Education,
        Module::Publicity,
        Module::Staff,
        Module::Administration,
        Module::Reports,
        Module::Sync,
        Module::Audit,
        Module::Files,
    ];
    /// The tag in the contract, and what it says.
    pub const fn tag(self) -> (&'static str, &'static str) {
        match self {
            Module::Reference => ("reference", "行政区划与单位 Divisions and units"),
            Module::Cadres => ("cadres", "离退休干部 Retired cadres"),
            Module::Party => ("party", "党组织与党员 Party organizations and members"),
            Module::Honors => ("honors", "评选表扬与荣誉 Commendations and honors"),
            Module::Benefits => ("benefits", "待遇与关怀 Benefits and care"),
            Module::Activities => ("activities", "学习与活动 Study and activities"),
            Module::Service => ("service", "发挥作用 Posts and volunteers"),
            Module::Education => ("education", "老年教育与阵地 Senior universities and places"),
            Module::Publicity => ("publicity", "宣传与单独同意 Publicity and consents"),
            Module::Staff => ("staff", "自身建设 Staff, training, documents"),
            Module::Administration => ("administration", "用户与令牌 Users and tokens"),
            Module::Reports => ("reports", "统计与报告 Figures, statistics, annual report"),
            Module::Sync => ("sync", "同步 Synchronisation with other systems"),
            Module::Audit => ("audit", "审计 What happened, for those who answer for it"),
            Module::Files => ("files", "文件 Files that records name"),
        }
    }
}

/// How sensitive a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldClass {
    /// May be published.
    Public,
    /// For users of the system.
    Internal,
    /// About a person (PIPL).
    Personal,
    /// Sensitive personal data (PIPL art. 28): ID number, health, bank account. Masked unless the caller may see it.
    Sensitive,
}
impl FieldClass {
    /// The name in the contract's `x-field-class`.
    pub const fn as_str(self) -> &'static str {
        match self {
            FieldClass::Public => "public",
            FieldClass::Internal => "internal",
            FieldClass::Personal => "personal",
            FieldClass::Sensitive => "sensitive",
        }
    }
}

/// A field's class and how it is hidden from who may not see it.
pub struct Classified {
    /// Field name.
    pub field: &'static str,
    /// Its class.
    pub class: FieldClass,
    /// How its value is hidden; `None` where every reader of the record sees it.
    pub mask: Option<Mask>,
    /// Of a sensitive field, the column of its blind index: a keyed hash by which equal values find each other.
    pub index: Option<&'static str>,
}
impl Classified {
    /// A public field.
    pub const fn public(field: &'static str) -> Self {
        Self { field, class: FieldClass::Public, mask: None, index: None }
    }
    /// A personal field: of a name the first character is shown to who may not see it, of anything else nothing.
    pub const fn personal(field: &'static str) -> Self {
        Self::personal_as(field, if ends_with_name(field) { Mask::After(1) } else { Mask::Drop })
    }
    /// A personal field and how to hide it.
    pub const fn personal_as(field: &'static str, mask: Mask) -> Self {
        Self { field, class: FieldClass::Personal, mask: Some(mask), index: None }
    }
    /// A sensitive field and how to hide it. It is stored sealed, in a column of texts whatever its type.
    pub const fn sensitive(field: &'static str, mask: Mask) -> Self {
        Self { field, class: FieldClass::Sensitive, mask: Some(mask), index: None }
    }
    /// The same with a blind index in this column, for a unique index or an equality filter.
    #[must_use]
    pub const fn found_by(self, column: &'static str) -> Self {
        Self { index: Some(column), ..self }
    }
}

/// `name`, or something that ends in `_name`.
const fn ends_with_name(field: &str) -> bool {
    matches!(field.as_bytes(), b"name" | [.., b'_', b'n', b'a', b'm', b'e'])
}

/// The class of the field with this name; what nothing is said about is internal.
pub fn class_of(classes: &[Classified], field: &str) -> FieldClass {
    classes.iter().find(|c| c.field == field).map_or(FieldClass::Internal, |c| c.class)
}

/// A way to hide a value. Anything that is not a text is left out, whatever the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// Stars behind the first characters: an ID number shows area and birth date only.
    After(usize),
    /// The first characters alone: a birth date shows its year.
    First(usize),
    /// A fixed run of stars: free text shows not even its length.
    All,
    /// Left out: a code has no shape worth keeping.
    Drop,
}
impl Mask {
    /// Whether it puts stars into a text, which then has another form, and must not be written back.
    pub fn stars(self) -> bool {
        matches!(self, Mask::After(_) | Mask::All)
    }
    /// What is shown instead of a text; `None` where nothing is.
    pub fn hide(self, text: &str) -> Option<String> {
        match self {
            Mask::After(shown) => {
                let mut masked = String::with_capacity(text.len());
                masked.extend(text.chars().enumerate().map(|(i, c)| if i < shown { c } else { '*' }));
                Some(masked)
            }
            Mask::First(shown) => Some(text.chars().take(shown).collect()),
            Mask::All => Some("******".to_owned()),
            Mask::Drop => None,
        }
    }
}

/// A field that holds the id of another record, or several.
pub struct Reference<R> {
    /// Field name, such as `unit_id`.
    pub field: &'static str,
    /// Name under which `expand` fetches it, such as `unit`; empty where it cannot be expanded.
    pub expand: &'static str,
    /// [`Resource::PATH`] of the other resource.
    pub to: &'static str,
    /// The ids a record holds there.
    pub ids: fn(&R) -> &[Uuid],
}

/// Who sees a record that belongs to a division around the caller's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Only callers whose scope contains the record's division.
    Scoped,
    /// Callers inside the record's division too: a county reads the standards and campaigns of its city. They change nothing.
    Inherited,
    /// Callers whose scope contains the division in this field too: both sides see a transfer. What each of them may
    /// change is a rule of the resource.
    Shared(&'static str),
    /// Everyone who is signed in.
    Everyone,
}
impl Visibility {
    /// Whether a record belongs to somebody in particular, so that a narrow scope sees only what is about it.
    pub const fn is_bounded(self) -> bool {
        matches!(self, Visibility::Scoped | Visibility::Shared(_))
    }
}

/// Where a record came from, when it came from another system.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalRef {
    /// Name of the other system, such as `county-371722`.
    #[schema(min_length = 1, max_length = 100, example = "county-371722")]
    pub system: String,
    /// The record's id there. Unique in its system for each resource.
    #[schema(min_length = 1, max_length = 100, example = "C-10042")]
    pub id: String,
}

/// The part of a record that the server keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// UUIDv7, given by the client or the server.
    pub id: Uuid,
    /// The division the record belongs to.
    pub division_code: DivisionCode,
    /// Counts the record's changes from 1.
    pub version: i64,
    /// When it was created.
    #[serde(serialize_with = "instant")]
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    #[serde(serialize_with = "instant")]
    pub updated_at: DateTime<Utc>,
    /// When it was deleted; such a record is seen by the feed only.
    #[serde(skip)]
    pub deleted_at: Option<DateTime<Utc>>,
    /// Where it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_ref: Option<ExternalRef>,
}

/// A stored record: what the server keeps about it, and the resource's fields.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record<R> {
    /// The common fields.
    #[serde(flatten)]
    pub meta: Meta,
    /// The resource's fields.
    #[serde(flatten)]
    pub data: R,
}

impl<R: Resource> Record<R> {
    /// The record for a reader who sees fields up to a class: the others are hidden and named.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which would be a defect of its type.
    pub fn view(&self, sight: FieldClass) -> serde_json::Result<View> {
        let mut fields = match serde_json::to_value(self)? {
            serde_json::Value::Object(fields) => fields,
            _ => serde_json::Map::new(),
        };
        let mut masked = vec![];
        let hidden = R::CLASSES.iter().filter(|c| c.class > sight);
        for (field, mask) in hidden.filter_map(|c| c.mask.map(|m| (c.field, m))) {
            let Some(value) = fields.get_mut(field) else { continue };
            match value.as_str().and_then(|text| mask.hide(text)) {
                Some(text) => *value = text.into(),
                None => drop(fields.shift_remove(field)),
            }
            masked.push(serde_json::Value::from(field));
        }
        if !masked.is_empty() {
            fields.insert("masked".into(), masked.into());
        }
        Ok(View(fields))
    }
}

/// A record on its way out. In this form and in the store's own, which hides by the same classes, a record
/// leaves the server.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct View(serde_json::Map<String, serde_json::Value>);
impl View {
    /// The view with a member more.
    #[must_use]
    pub fn with(mut self, name: &str, value: serde_json::Value) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }
    /// The view as a JSON object.
    pub fn into_value(self) -> serde_json::Value {
        serde_json::Value::Object(self.0)
    }
}

/// The outcome of a write: the record as it is now, and what the checks found worth a warning.
#[derive(Debug, Clone)]
pub struct Written<R> {
    /// The record after the write.
    pub record: Record<R>,
    /// Warnings for the caller.
    pub warnings: Vec<Violation>,
}
