//! What a caller may see and change.
use crate::{DivisionCode, Uuid};

/// What a caller may see and change. No query exists without one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything: named jobs of the system itself, never a request.
    System,
    /// A division and all inside it.
    Division(DivisionCode),
    /// Within a division only what belongs to a unit, an organization or a person, and what everybody there reads.
    Part(DivisionCode, Part),
    /// What everybody may read.
    Public,
}

/// To whom the records of a narrow scope belong. A resource says so by its references: a record belongs to the
/// unit or the organization it names, and to the person its `cadre_id` names; through that person also to the
/// person's unit and organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// A unit and the cadres it cares for.
    Unit(Uuid),
    /// A party organization with all below it, and their members.
    Organization(Uuid),
    /// One cadre.
    Person(Uuid),
}

impl Scope {
    /// Whether a record of this division can be inside. In a narrow scope the record must be asked for besides.
    pub fn covers(&self, division: &DivisionCode) -> bool {
        match self {
            Scope::System => true,
            Scope::Division(d) | Scope::Part(d, _) => d.contains(division),
            Scope::Public => false,
        }
    }
    /// The division it is bound to.
    pub fn division(&self) -> Option<&DivisionCode> {
        match self {
            Scope::System | Scope::Public => None,
            Scope::Division(d) | Scope::Part(d, _) => Some(d),
        }
    }
    /// The part of the division, where it is less than the whole.
    pub fn part(&self) -> Option<Part> {
        match self {
            Scope::Part(_, part) => Some(*part),
            _ => None,
        }
    }
    /// The smaller of this scope and a division inside it; `None` where the division is not inside.
    pub fn narrowed(&self, division: &DivisionCode) -> Option<Scope> {
        let division = self.covers(division).then(|| division.clone())?;
        Some(match self {
            Scope::Part(_, part) => Scope::Part(division, *part),
            _ => Scope::Division(division),
        })
    }
}
