//! The life of the party's organizations: who leads them, who joins and moves, what is paid, what is done.
mod joining;
mod leading;
mod meeting;
mod paying;

use super::memberships::Memberships;
use super::organizations::Organizations;
use super::persons::Person;
use super::random::Random;
use super::{Rows, add, settled};
use domain::codes::{CadreStatus, MembershipStatus, PartyOrganizationStatus};
use domain::party::{
    DuesPayment, Evaluation, EvaluationScheme, MembershipApplication, PartyMeeting, PartyMembership, PartyOrganization,
    PartyPost, PartyTerm, RelationTransfer, ThemeDayItem,
};
use domain::{Findings, Resource, Uuid};
use std::collections::{BTreeMap, HashSet};

/// All records of it.
pub(super) struct PartyLife {
    pub terms: Rows<PartyTerm>,
    pub posts: Rows<PartyPost>,
    pub applications: Rows<MembershipApplication>,
    pub letters: Rows<RelationTransfer>,
    pub dues: Rows<DuesPayment>,
    pub items: Rows<ThemeDayItem>,
    pub meetings: Rows<PartyMeeting>,
    pub schemes: Rows<EvaluationScheme>,
    pub evaluations: Rows<Evaluation>,
}

impl PartyLife {
    /// How many records there are.
    pub fn len(&self) -> usize {
        let led = self.terms.len() + self.posts.len();
        let joined = self.applications.len() + self.letters.len() + self.dues.len();
        let met = self.items.len() + self.meetings.len() + self.schemes.len() + self.evaluations.len();
        led + joined + met
    }
}

/// Everything, of those who live: `died` names cadres who die meanwhile.
pub(super) fn life(
    persons: &[Person],
    organizations: &Organizations,
    memberships: &Memberships,
    died: &[(Uuid, Uuid)],
) -> PartyLife {
    let here = Here::new(persons, organizations, memberships, died);
    let (terms, posts) = leading::leading(&here);
    let (items, meetings) = meeting::meetings(&here);
    let (schemes, evaluations) = meeting::evaluations(&here);
    PartyLife {
        terms,
        posts,
        applications: joining::applications(&here),
        letters: joining::letters(&here),
        dues: paying::dues(&here),
        items,
        meetings,
        schemes,
        evaluations,
    }
}

/// A member: the person, the membership's id and what it says.
type Member<'a> = (&'a Person, Uuid, &'a PartyMembership);

/// An organization at work and its full members in care.
struct Org<'a> {
    id: Uuid,
    division: &'a str,
    data: &'a PartyOrganization,
    full: Vec<Member<'a>>,
}

/// What there is to draw on.
struct Here<'a> {
    persons: &'a [Person],
    /// Organizations at work, in the order of their records.
    organizations: Vec<Org<'a>>,
    /// All memberships with their persons.
    members: Vec<Member<'a>>,
    /// The organization of each formal membership.
    formal: BTreeMap<Uuid, Uuid>,
}

impl<'a> Here<'a> {
    fn new(
        persons: &'a [Person],
        organizations: &'a Organizations,
        memberships: &'a Memberships,
        died: &[(Uuid, Uuid)],
    ) -> Self {
        let died: HashSet<Uuid> = died.iter().map(|(person, _)| *person).collect();
        let by_id: BTreeMap<Uuid, &Person> = persons.iter().map(|p| (p.id, p)).collect();
        let member = |row: &'a domain::input::Draft<PartyMembership>| {
            Some((*by_id.get(&row.data.cadre_id)?, row.id?, &row.data))
        };
        let members: Vec<Member<'a>> = memberships.rows.iter().filter_map(member).collect();
        let mut full: BTreeMap<Uuid, Vec<Member<'a>>> = BTreeMap::new();
        for member in &members {
            let (person, _, data) = member;
            let lives = person.status == CadreStatus::InCare && !died.contains(&person.id);
            if lives && data.status == MembershipStatus::Full {
                full.entry(data.party_organization_id).or_default().push(*member);
            }
        }
        let works = |row: &&'a domain::input::Draft<PartyOrganization>| {
            row.data.status == PartyOrganizationStatus::Active
                || row.id.is_some_and(|id| organizations.preparing.contains(&id))
        };
        let org = |row: &'a domain::input::Draft<PartyOrganization>| {
            let id = row.id?;
            let division = row.division_code.as_ref()?.as_str();
            Some(Org { id, division, data: &row.data, full: full.remove(&id).unwrap_or_default() })
        };
        let organizations = organizations.levels.iter().flatten().filter(works).filter_map(org).collect();
        let formal = members.iter().filter(|(_, _, m)| m.formal && m.in_force());
        let formal = formal.map(|(person, _, m)| (person.id, m.party_organization_id)).collect();
        Here { persons, organizations, members, formal }
    }

    fn organization(&self, id: Uuid) -> Option<&Org<'a>> {
        self.organizations.iter().find(|o| o.id == id)
    }

    /// Branches with so many full members at least, of their own and not only for a function.
    fn branches(&self, least: usize) -> impl Iterator<Item = &Org<'a>> {
        self.organizations
            .iter()
            .filter(move |o| o.data.kind.is_lowest() && !o.data.is_functional && o.full.len() >= least)
    }
}

/// Whether a record passes its checks.
fn sound<R: Resource>(data: &R) -> bool {
    let mut found = Findings::default();
    data.clone().check(&mut found);
    found.errors.is_empty()
}

/// Some people for a leading group, the secretary first.
fn leaders<'a, 'b>(random: &mut Random, full: &'b [Member<'a>], count: usize) -> &'b [Member<'a>] {
    let from = random.below(full.len().saturating_sub(count) + 1);
    full.get(from..(from + count).min(full.len())).unwrap_or_default()
}
