//! Party organizations: work committees, below them the committees, general branches and branches of the
//! units, and the branches of residential compounds. Every member of the party gets a branch.
use super::persons::Person;
use super::places::{CAO, CITY, PLACES, Place, SHAN, YUNCHENG, compound};
use super::random::{Random, id, ymd};
use super::units::{DemoUnit, Trade};
use super::{Rows, draft};
use domain::codes::{
    CadreStatus, MembershipStatus, PartyOrganizationKind as Kind, PartyOrganizationStatus as Status, UnitKind,
};
use domain::party::{BRANCH_MIN_MEMBERS, PartyOrganization};
use domain::{Resource, Uuid};
use std::collections::BTreeMap;

/// Branches of residential compounds in 单县 with 3 members and with 7.
const RESIDENTIAL: [(usize, usize); 2] = [(50, 3), (56, 7)];
/// The other counties that try a few.
const TRIALS: [usize; 3] = [CAO, YUNCHENG, 9];
/// From this many members on a unit has a general branch, and a committee.
const GENERAL_FROM: usize = 51;
const COMMITTEE_FROM: usize = 101;
/// Members of one branch of a general branch or committee, about.
const BRANCH_SIZE: usize = 32;

/// The organizations and who is in which.
#[derive(Default)]
pub(super) struct Organizations {
    /// Records by level, the upper ones first, as they must be stored.
    pub levels: [Rows<PartyOrganization>; 4],
    /// The organization that has the formal membership of each person.
    pub formal: BTreeMap<usize, Uuid>,
    /// Persons who take part in a branch beside.
    pub affiliations: Vec<(usize, Uuid)>,
    /// Those that become active once they have their members.
    pub preparing: Vec<Uuid>,
    /// Ordinary branches by place, for commendations.
    pub branches: Vec<(usize, Uuid)>,
    count: usize,
}

/// All organizations. Persons who take part in a branch of a compound of 单县 live there from now on.
pub(super) fn organizations(units: &[DemoUnit], persons: &mut [Person]) -> Organizations {
    let mut random = Random::new("organizations");
    let mut all = Organizations::default();
    let mut city = None;
    for (at, place) in PLACES.iter().enumerate() {
        let bureau = units.iter().find(|u| u.place == at && u.kind == UnitKind::Bureau).map(|u| u.id);
        let name = format!("{}离退休干部工作委员会", place.short_committee());
        let work =
            PartyOrganization { parent_id: city, unit_id: bureau, ..plain(&mut random, name, Kind::WorkCommittee) };
        let level = usize::from(at != CITY);
        let work = all.add(place, level, work);
        city = city.or(Some(work));
        let mut of_place = OfPlace { at, place, work, level: level + 1, random: &mut random, all: &mut all };
        of_place.unit_branches(units, persons);
        of_place.others();
        of_place.residential(persons);
        of_place.functional(persons);
    }
    all
}

impl Organizations {
    fn add(&mut self, place: &Place, level: usize, data: PartyOrganization) -> Uuid {
        let id = id(PartyOrganization::PATH, self.count);
        self.count += 1;
        if data.status == Status::Preparing {
            self.preparing.push(id);
        }
        if let Some(rows) = self.levels.get_mut(level) {
            rows.push(draft(id, place.code, data));
        }
        id
    }
}

/// The organizations of one place in the making.
struct OfPlace<'a> {
    at: usize,
    place: &'static Place,
    /// The work committee, and the level below it.
    work: Uuid,
    level: usize,
    random: &'a mut Random,
    all: &'a mut Organizations,
}

impl OfPlace<'_> {
    /// A branch for each unit that has the members, more for a large one, joint branches for the others.
    fn unit_branches(&mut self, units: &[DemoUnit], persons: &[Person]) {
        let at = self.at;
        let name = format!("中共{}直属机关离退休干部委员会", self.place.name);
        let organs = plain(self.random, name, Kind::BasicCommittee);
        let organs = self.below(self.work, self.level, organs);
        let mut small = vec![];
        let mut communities = ["和平", "新华"].into_iter();
        for (n, unit) in units.iter().enumerate().filter(|(_, u)| u.place == at) {
            let of_unit = persons.iter().enumerate().filter(|(_, p)| p.unit == n && p.standing.is_some());
            let members: Vec<usize> = of_unit.map(|(i, _)| i).collect();
            let full = count(persons, &members, |s| s == MembershipStatus::Full);
            if members.is_empty() {
                continue;
            }
            if (full as i64) < BRANCH_MIN_MEMBERS {
                small.push((unit.id, members));
                continue;
            }
            let present = count(persons, &members, |s| {
                matches!(s, MembershipStatus::Full | MembershipStatus::Probationary | MembershipStatus::Suspended)
            });
            let community = if unit.trade == Trade::Socialised { communities.next() } else { None };
            let organ = matches!(unit.kind, UnitKind::Organ | UnitKind::Bureau);
            let (parent, level) = if organ { (organs, self.level + 1) } else { (self.work, self.level) };
            if let Some(community) = community {
                let name = format!("{}{community}社区离退休干部党支部", self.place.name);
                let branch = plain(self.random, name, Kind::CommunityBranch);
                self.branch(parent, level, branch, &members);
            } else if present < GENERAL_FROM {
                let name = format!("{}离退休干部党支部", unit.name);
                let branch = PartyOrganization { unit_id: Some(unit.id), ..plain(self.random, name, Kind::Branch) };
                self.branch(parent, level, branch, &members);
            } else {
                self.several_branches(unit, &members, present);
            }
        }
        self.joint_branches(&small, organs);
    }

    fn several_branches(&mut self, unit: &DemoUnit, members: &[usize], present: usize) {
        let (name, kind) = match present >= COMMITTEE_FROM {
            true => (format!("中共{}离退休干部委员会", unit.name), Kind::BasicCommittee),
            false => (format!("{}离退休干部党总支", unit.name), Kind::GeneralBranch),
        };
        let upper = PartyOrganization { unit_id: Some(unit.id), ..plain(self.random, name, kind) };
        let upper = self.below(self.work, self.level, upper);
        for (n, part) in even_parts(members, BRANCH_SIZE).enumerate() {
            let name = format!("{}离退休干部第{}党支部", unit.name, numeral(n));
            let branch = PartyOrganization { unit_id: Some(unit.id), ..plain(self.random, name, Kind::Branch) };
            self.branch(upper, self.level + 1, branch, part);
        }
    }

    /// Units with fewer than three members share a branch, up to five units each.
    fn joint_branches(&mut self, small: &[(Uuid, Vec<usize>)], parent: Uuid) {
        for (n, part) in even_parts(small, 5).enumerate() {
            let name = format!("{}第{}离退休干部联合党支部", self.place.name, numeral(n));
            let joint_unit_ids = part.iter().map(|(unit, _)| *unit).collect();
            let joint = PartyOrganization { joint_unit_ids, ..plain(self.random, name, Kind::JointBranch) };
            let joint = self.below(parent, self.level + 1, joint);
            self.all.formal.extend(part.iter().flat_map(|(_, members)| members).map(|m| (*m, joint)));
        }
    }

    /// A branch that is gone, which no count may include.
    fn others(&mut self) {
        let name = format!("{}乡镇企业局离退休干部党支部", self.place.name);
        let status = if self.at.is_multiple_of(2) { Status::Merged } else { Status::Dissolved };
        let gone = PartyOrganization { status, ..plain(self.random, name, Kind::Branch) };
        self.below(self.work, self.level, gone);
    }

    fn residential(&mut self, persons: &mut [Person]) {
        if TRIALS.contains(&self.at) {
            let mut some = self.living_members(persons);
            some.truncate(8);
            for (n, members) in some.chunks(4).enumerate() {
                self.residential_branch(n, members, Status::Preparing);
            }
        }
        if self.at != SHAN {
            return;
        }
        let residents = self.living_members(persons);
        let mut rest = residents.as_slice();
        let sizes = RESIDENTIAL.iter().flat_map(|(branches, members)| std::iter::repeat_n(*members, *branches));
        let mut n = 0;
        for size in sizes {
            let (members, others) = rest.split_at_checked(size).unwrap_or((rest, &[]));
            rest = others;
            self.residential_branch(n, members, Status::Preparing);
            for member in members {
                if let Some(person) = persons.get_mut(*member) {
                    person.compound = Some(n);
                }
            }
            n += 1;
        }
        // Some more that do not count, one of them for ever in the making.
        let idle = self.residential_branch(n, &[], Status::Preparing);
        self.all.preparing.retain(|id| *id != idle);
        self.residential_branch(n + 1, &[], Status::Dissolved);
        self.residential_branch(n + 2, &[], Status::Merged);
    }

    fn residential_branch(&mut self, n: usize, members: &[usize], status: Status) -> Uuid {
        let compound_name = compound(n);
        let name = format!("{}{compound_name}离退休干部党支部", self.place.name);
        let day = self.random.day(ymd(2020, 6, 1), ymd(2021, 10, 31));
        let branch = PartyOrganization {
            compound_name: Some(compound_name),
            established_on: Some(self.random.known(day, 400, 0)),
            status,
            ..plain(self.random, name, Kind::ResidentialBranch)
        };
        let branch = self.below(self.work, self.level, branch);
        self.all.affiliations.extend(members.iter().map(|m| (*m, branch)));
        branch
    }

    /// A functional branch, left out of formal counts.
    fn functional(&mut self, persons: &[Person]) {
        if self.at != CITY && !TRIALS.contains(&self.at) {
            return;
        }
        let name = format!("{}老年大学离退休干部功能型党支部", self.place.name);
        let branch = PartyOrganization { is_functional: true, ..plain(self.random, name, Kind::Branch) };
        let branch = self.below(self.work, self.level, PartyOrganization { status: Status::Active, ..branch });
        let members = self.living_members(persons);
        self.all.affiliations.extend(members.into_iter().take(9).map(|m| (m, branch)));
    }

    /// The place's full members in care, in no order.
    fn living_members(&mut self, persons: &[Person]) -> Vec<usize> {
        let here = |p: &Person| {
            p.place == self.at && p.status == CadreStatus::InCare && p.standing == Some(MembershipStatus::Full)
        };
        let mut members: Vec<usize> = persons.iter().enumerate().filter(|(_, p)| here(p)).map(|(n, _)| n).collect();
        self.random.shuffle(&mut members);
        members
    }

    fn below(&mut self, parent: Uuid, level: usize, data: PartyOrganization) -> Uuid {
        self.all.add(self.place, level, PartyOrganization { parent_id: Some(parent), ..data })
    }

    /// A branch and its formal members.
    fn branch(&mut self, parent: Uuid, level: usize, mut data: PartyOrganization, members: &[usize]) {
        // A large branch is divided into groups of about eight.
        data.group_count = (members.len() >= 16).then_some(members.len() as i32 / 8);
        let branch = self.below(parent, level, data);
        self.all.formal.extend(members.iter().map(|m| (*m, branch)));
        self.all.branches.push((self.at, branch));
    }
}

/// An organization with nothing special about it. A branch that needs members begins as `preparing`.
fn plain(random: &mut Random, name: String, kind: Kind) -> PartyOrganization {
    let day = random.day(ymd(1996, 3, 1), ymd(2019, 11, 30));
    let mixed = kind == Kind::Branch && random.chance(60);
    let level = random.weighted(&[(150, "示范"), (600, "达标")], "");
    let branch = kind.is_branch();
    PartyOrganization {
        name,
        kind,
        is_functional: false,
        parent_id: None,
        unit_id: None,
        joint_unit_ids: vec![],
        compound_name: None,
        established_on: Some(random.known(day, 450, 200)),
        standardization_level: (branch && !level.is_empty()).then(|| level.into()),
        group_count: None,
        retired_only: !mixed,
        mixed_with_active: mixed,
        village_or_community: kind == Kind::CommunityBranch,
        merged_into_id: None,
        ended_on: None,
        status: if branch { Status::Preparing } else { Status::Active },
    }
}

fn count(persons: &[Person], members: &[usize], of: fn(MembershipStatus) -> bool) -> usize {
    members.iter().filter_map(|m| persons.get(*m)?.standing).filter(|s| of(*s)).count()
}

/// The list in as few parts as hold at most `most` each, all of about the same size.
fn even_parts<T>(list: &[T], most: usize) -> impl Iterator<Item = &[T]> {
    let parts = list.len().div_ceil(most).max(1);
    list.chunks(list.len().div_ceil(parts).max(1))
}

fn numeral(n: usize) -> char {
    "一二三四五六七八九".chars().nth(n).unwrap_or('十')
}
