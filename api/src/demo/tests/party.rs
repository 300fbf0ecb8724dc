//! Members, branches and what they do.
use super::*;

#[test]
fn everybody_in_the_party_belongs_to_one_branch() {
    let all = cadres();
    let kinds: HashMap<_, _> = organizations().map(|o| (o.id.unwrap(), &o.data)).collect();
    let mut formal: HashMap<Uuid, usize> = HashMap::new();
    let mut full: HashMap<Uuid, i64> = HashMap::new();
    for membership in DATA.memberships.iter().map(|m| &m.data) {
        *full.entry(membership.party_organization_id).or_default() +=
            i64::from(membership.status == MembershipStatus::Full);
        let past = matches!(membership.status, MembershipStatus::Transferred | MembershipStatus::Cancelled);
        if membership.formal && !past {
            assert!(!kinds[&membership.party_organization_id].is_functional);
            *formal.entry(membership.cadre_id).or_default() += 1;
        }
    }
    let removed: HashSet<_> =
        DATA.memberships.iter().filter(|m| m.data.removed_on.is_some()).map(|m| m.data.cadre_id).collect();
    for (id, cadre) in all.iter().filter(|(_, c)| c.data.status == CadreStatus::InCare) {
        let member = matches!(cadre.data.politics, Some(Politics::CpcMember | Politics::CpcProbationary));
        assert_eq!(formal.get(id).copied().unwrap_or_default(), usize::from(member || removed.contains(id)));
    }
    for id in &DATA.active {
        assert!(full[id] >= domain::party::BRANCH_MIN_MEMBERS, "{}", kinds[id].name);
    }
    let joint = organizations().filter(|o| o.data.kind == PartyOrganizationKind::JointBranch);
    assert!(joint.into_iter().all(|o| (2..=5).contains(&o.data.joint_unit_ids.len())));
}

#[test]
fn shan_county_has_106_branches_in_residential_compounds() {
    let all = cadres();
    let residential: HashMap<_, _> = organizations()
        .filter(|o| o.data.kind == PartyOrganizationKind::ResidentialBranch && place(o) == "371722")
        .filter(|o| DATA.active.contains(&o.id.unwrap()))
        .map(|o| (o.id.unwrap(), o.data.compound_name.as_deref().unwrap()))
        .collect();
    assert_eq!(residential.len(), 106);
    assert_eq!(residential.values().collect::<HashSet<_>>().len(), 106);
    let mut members: HashMap<Uuid, usize> = HashMap::new();
    let mut persons = HashSet::new();
    for membership in DATA.memberships.iter().map(|m| &m.data) {
        let Some(compound) = residential.get(&membership.party_organization_id) else { continue };
        let cadre = &all[&membership.cadre_id].data;
        assert!(!membership.formal && cadre.status == CadreStatus::InCare && persons.insert(membership.cadre_id));
        assert!(cadre.residence_address.as_ref().unwrap().contains(compound));
        *members.entry(membership.party_organization_id).or_default() += 1;
    }
    let with = |n| members.values().filter(|m| **m == n).count();
    assert_eq!((with(3), with(7), persons.len()), (50, 56, 542));
}

#[test]
fn the_dates_of_admission_lie_in_every_row_a_living_person_can_have() {
    use PartyAgeRule as R;
    let formal = || DATA.memberships.iter().map(|m| &m.data).filter(|m| m.formal);
    let rules: HashSet<_> = formal().map(|m| m.party_age().rule.as_str()).collect();
    for rule in [R::From192806, R::From194504, R::From195609, R::From196904, R::From197708, R::From198209] {
        assert!(rules.contains(rule.as_str()), "{}", rule.as_str());
    }
    for limit in ["1971-07-01", "1971-07-02"] {
        assert!(formal().any(|m| m.joined_on == PartialDate::day(day(limit)) && m.approved_on.is_none()), "{limit}");
    }
    for state in PartyAgeState::ALL {
        assert!(formal().any(|m| m.party_age().state == *state), "{}", state.as_str());
    }
    for status in MembershipStatus::ALL {
        assert!(formal().any(|m| m.status == *status), "{}", status.as_str());
    }
    assert!(formal().any(|m| m.floating) && formal().any(|m| m.lost_contact_on.is_some()));
}

#[test]
fn every_state_of_the_party_is_there() {
    let party = &DATA.party;
    all(party.terms.iter().map(|r| r.data.status));
    all(party.applications.iter().map(|r| r.data.status));
    all(party.letters.iter().map(|r| r.data.status));
    all(party.dues.iter().map(|r| r.data.status));
    all(party.dues.iter().map(|r| r.data.kind));
    all(party.meetings.iter().map(|r| r.data.kind));
    all(party.meetings.iter().map(|r| r.data.mode));
    all(party.evaluations.iter().map(|r| r.data.status));
    let today = day("2021-12-31");
    let overdue = party.terms.iter().filter(|t| t.data.overdue(today)).count();
    assert!(overdue > 10 && overdue * 8 < party.terms.len(), "{overdue} of {}", party.terms.len());
}

#[test]
fn the_branches_of_shan_are_led_by_218_persons() {
    let residential: HashSet<_> = organizations()
        .filter(|o| o.data.kind == PartyOrganizationKind::ResidentialBranch && place(o) == "371722")
        .filter_map(|o| o.id)
        .filter(|id| DATA.active.contains(id))
        .collect();
    let posts = DATA.party.posts.iter().filter(|p| residential.contains(&p.data.party_organization_id));
    let persons: HashSet<_> = posts.filter(|p| p.data.ended_on.is_none()).map(|p| p.data.cadre_id).collect();
    assert_eq!(persons.len(), 218);
    let secretaries = DATA.party.posts.iter().filter(|p| p.data.role == PartyPostRole::Secretary);
    assert!(secretaries.count() >= 98);
    let large = DATA.party.dues.iter().filter(|d| d.data.kind == DuesKind::LargeVoluntary && place(d) == "371725");
    let large: Vec<_> = large.map(|d| (d.data.cadre_id, d.data.amount.unwrap())).collect();
    assert_eq!(large, [(Named::DonorOf93.id(), domain::Money(1_000_000))]);
    let applied = DATA.party.applications.iter().filter(|a| place(a) == "371724");
    let applied = applied
        .filter(|a| [Named::ApplicantOf91, Named::ApplicantOf93].iter().any(|n| a.data.cadre_id == Some(n.id())));
    assert_eq!(applied.count(), 2);
}
