//! Campaigns of commendation and what came of them, and the medals for 50 years in the party.
use super::memberships::Memberships;
use super::organizations::Organizations;
use super::persons::Person;
use super::places::{CITY, PLACES, Place};
use super::random::{Random, id, ymd};
use super::units::DemoUnit;
use super::{Rows, draft};
use domain::codes::*;
use domain::honors::{CampaignCategory, CommendationCampaign, Honor};
use domain::{NaiveDate, PartialDate, Resource, Uuid};

/// Campaigns, honors, and what happens after them.
pub(super) struct Honors {
    pub campaigns: Rows<CommendationCampaign>,
    pub rows: Rows<Honor>,
    /// A campaign that is closed once its honors are in.
    pub closed: Uuid,
    /// Cadres who died after their medal was approved and before it was given, and their memberships.
    pub died_since: Vec<(Uuid, Uuid)>,
}

/// `“本色家园”评选表扬` of 2021: members, secretaries, organizations.
const BENSE_2021: [(HonorCategory, i32); 3] =
    [(HonorCategory::PartyMember, 22), (HonorCategory::PartySecretary, 4), (HonorCategory::PartyOrg, 9)];
/// The same of the year before.
const BENSE_2020: [(HonorCategory, i32); 3] =
    [(HonorCategory::PartyMember, 15), (HonorCategory::PartySecretary, 3), (HonorCategory::PartyOrg, 6)];
/// `双先` of 2021. The workers among those honored are staff, of whom there are no records yet.
const SHUANGXIAN_2021: [(HonorCategory, i32); 3] =
    [(HonorCategory::Collective, 3), (HonorCategory::ExcellentWorker, 2), (HonorCategory::AdvancedWorker, 4)];

/// All of them.
pub(super) fn honors(
    units: &[DemoUnit],
    persons: &[Person],
    organizations: &Organizations,
    memberships: &Memberships,
) -> Honors {
    let mut maker = Maker {
        random: Random::new("honors"),
        all: Honors { campaigns: vec![], rows: vec![], closed: Uuid::nil(), died_since: vec![] },
    };
    // Full members in care, in no order: whom to commend.
    let mut members: Vec<usize> = memberships
        .formal
        .iter()
        .filter(|(n, (_, m))| {
            m.status == MembershipStatus::Full && persons.get(**n).is_some_and(|p| p.status == CadreStatus::InCare)
        })
        .map(|(n, _)| *n)
        .collect();
    maker.random.shuffle(&mut members);
    let mut branches = organizations.branches.clone();
    maker.random.shuffle(&mut branches);
    let (mut members, mut branches) = (members.into_iter(), branches.into_iter());

    let bense = [
        (2021, "菏老干〔2021〕7号", ymd(2021, 6, 25), BENSE_2021),
        (2020, "菏老干〔2020〕9号", ymd(2020, 12, 18), BENSE_2020),
    ];
    for (year, document, day, quotas) in bense {
        let campaign = maker.campaign("“本色家园”评选表扬", CampaignKind::BenseJiayuan, year, document, &quotas);
        if year == 2020 {
            maker.all.closed = campaign;
        }
        for (category, quota) in quotas {
            for n in 0..quota {
                let honor = commendation(campaign, category, year, day, n);
                if category == HonorCategory::PartyOrg {
                    let Some((place, branch)) = branches.next() else { continue };
                    maker.add(place, Honor { party_organization_id: Some(branch), ..honor });
                } else if let Some(person) = members.next().and_then(|n| persons.get(n)) {
                    maker.add(person.place, Honor { cadre_id: Some(person.id), ..honor });
                }
            }
        }
    }
    let quotas = SHUANGXIAN_2021;
    let campaign =
        maker.campaign("老干部工作“双先”评选", CampaignKind::Shuangxian, 2021, "菏老干〔2021〕11号", &quotas);
    let bureaus = units.iter().filter(|u| u.kind == UnitKind::Bureau && u.place != CITY).step_by(4);
    for (n, bureau) in bureaus.enumerate() {
        let honor = commendation(campaign, HonorCategory::Collective, 2021, ymd(2021, 12, 3), n as i32);
        maker.add(bureau.place, Honor { unit_id: Some(bureau.id), ..honor });
    }
    maker.under_way();
    maker.medals(persons, organizations, memberships);
    maker.others(members.filter_map(|n| persons.get(n)).take(80));
    maker.all
}

struct Maker {
    random: Random,
    all: Honors,
}

impl Maker {
    fn add(&mut self, place: usize, data: Honor) {
        let code = PLACES.get(place).map_or("", |p| p.code);
        self.all.rows.push(draft(id(Honor::PATH, self.all.rows.len()), code, data));
    }

    /// Campaigns of the next year that nobody is honored in yet: announced, in review, and public for long enough.
    fn under_way(&mut self) {
        let stages = [
            ("“银龄先锋”推荐", "菏老干〔2021〕15号", CampaignStatus::Open),
            ("离退休干部示范党支部评选", "菏老干〔2021〕16号", CampaignStatus::Review),
            ("优秀老干部工作者评选", "菏老干〔2021〕17号", CampaignStatus::Publicized),
        ];
        for (name, document, status) in stages {
            self.campaign(name, CampaignKind::Other, 2022, document, &[(HonorCategory::ExcellentWorker, 5)]);
            let public = status == CampaignStatus::Publicized;
            if let Some(campaign) = self.all.campaigns.last_mut() {
                campaign.data.status = status;
                campaign.data.publicized_from = public.then(|| ymd(2021, 12, 20));
                campaign.data.publicized_to = public.then(|| ymd(2021, 12, 27));
            }
        }
    }

    fn campaign(
        &mut self,
        name: &str,
        kind: CampaignKind,
        year: i32,
        document: &str,
        quotas: &[(HonorCategory, i32)],
    ) -> Uuid {
        let data = CommendationCampaign {
            name: name.into(),
            kind,
            year,
            level: HonorLevel::City,
            categories: quotas.iter().map(|(code, quota)| CampaignCategory { code: *code, quota: *quota }).collect(),
            document_no: Some(document.into()),
            cutoff_on: None,
            publicized_from: None,
            publicized_to: None,
            awarded_on: None,
            status: CampaignStatus::Awarded,
        };
        let id = id(CommendationCampaign::PATH, self.all.campaigns.len());
        self.all.campaigns.push(draft(id, domain::reference::heze::CITY, data));
        id
    }

    /// The medals of 2021: most of those entitled have theirs, the others are somewhere on the way.
    fn medals(&mut self, persons: &[Person], organizations: &Organizations, memberships: &Memberships) {
        let mut entitled = 0;
        let mut certificates = [0_usize; PLACES.len()];
        for (n, (membership_id, membership)) in &memberships.formal {
            let Some(person) = persons.get(*n).filter(|p| p.status == CadreStatus::InCare) else { continue };
            let age = membership.party_age();
            let start = age.start.filter(|_| membership.status == MembershipStatus::Full);
            let Some(last) = start.map(PartialDate::last_day).filter(|day| *day <= limit()) else { continue };
            let status = if age.state == PartyAgeState::Determined {
                entitled += 1;
                match entitled % 150 {
                    0..=125 => HonorStatus::Awarded,
                    126..=131 => HonorStatus::Candidate,
                    132..=134 => HonorStatus::BranchVerified,
                    135 | 136 => HonorStatus::CommitteeRecommended,
                    137 => HonorStatus::DeptReviewed,
                    138 => HonorStatus::Rejected,
                    139 if last < ymd(1968, 1, 1) && !organizations.affiliations.iter().any(|(a, _)| a == n) => {
                        self.all.died_since.push((person.id, *membership_id));
                        HonorStatus::NeedsDecision
                    }
                    _ => continue,
                }
            } else if self.random.chance(250) {
                HonorStatus::NeedsReview
            } else {
                continue;
            };
            let awarded = status == HonorStatus::Awarded;
            let place = PLACES.get(person.place).map_or("", |p| p.code);
            let certificate = certificates.get_mut(person.place).map(|c| {
                *c += 1;
                format!("{place}-2021-{c:04}")
            });
            self.add(
                person.place,
                Honor {
                    kind: HonorKind::Party50Medal,
                    campaign_id: None,
                    category: None,
                    cadre_id: Some(person.id),
                    party_organization_id: None,
                    unit_id: None,
                    title: "“光荣在党50年”纪念章".into(),
                    level: HonorLevel::National,
                    issuer: Some("中共中央".into()),
                    awarded_on: awarded.then(|| PartialDate::day(ymd(2021, 6, 24 + person.place as u32 % 6))),
                    certificate_no: certificate.filter(|_| awarded),
                    evidence_doc: None,
                    evidence: vec![],
                    external: false,
                    verified_on: None,
                    recommended_on: None,
                    reviewed_on: None,
                    consulted: vec![],
                    decision_reason: None,
                    status,
                },
            );
        }
    }

    /// Honors of other kinds.
    fn others<'a>(&mut self, persons: impl Iterator<Item = &'a Person>) {
        for person in persons {
            let day = self.random.day(ymd(2017, 6, 20), ymd(2021, 10, 30));
            let (title, issuer, level) = self.random.weighted(
                &[
                    (450, ("优秀共产党员", "县委", HonorLevel::County)),
                    (200, ("优秀党务工作者", "县委", HonorLevel::County)),
                    (200, ("全市关心下一代工作先进个人", "菏泽市关心下一代工作委员会", HonorLevel::City)),
                ],
                ("全省离退休干部先进个人", "山东省委老干部局", HonorLevel::Province),
            );
            let place = PLACES.get(person.place);
            let issuer = match issuer {
                "县委" => place.map_or_else(String::new, Place::committee),
                other => other.into(),
            };
            let level = match level {
                HonorLevel::County if place.is_some_and(Place::is_city) => HonorLevel::City,
                other => other,
            };
            let awarded_on = Some(self.random.known(day, 400, 150));
            self.add(
                person.place,
                Honor {
                    kind: HonorKind::Other,
                    campaign_id: None,
                    category: None,
                    cadre_id: Some(person.id),
                    party_organization_id: None,
                    unit_id: None,
                    title: title.into(),
                    level,
                    issuer: Some(issuer),
                    awarded_on,
                    certificate_no: None,
                    evidence_doc: None,
                    evidence: vec![],
                    external: false,
                    verified_on: None,
                    recommended_on: None,
                    reviewed_on: None,
                    consulted: vec![],
                    decision_reason: None,
                    status: HonorStatus::Awarded,
                },
            );
        }
    }
}

/// Who became a full member by this day has 50 years on 1 July 2021.
fn limit() -> NaiveDate {
    ymd(1971, 7, 1)
}

fn commendation(campaign: Uuid, category: HonorCategory, year: i32, day: NaiveDate, n: i32) -> Honor {
    let (title, series) = match category {
        HonorCategory::PartyMember => ("“本色家园”优秀离退休干部党员", "党员"),
        HonorCategory::PartySecretary => ("“本色家园”优秀离退休干部党组织书记", "书记"),
        HonorCategory::PartyOrg => ("“本色家园”先进离退休干部党组织", "组织"),
        _ => ("全市老干部工作先进集体", "双先"),
    };
    Honor {
        kind: HonorKind::Commendation,
        campaign_id: Some(campaign),
        category: Some(category),
        cadre_id: None,
        party_organization_id: None,
        unit_id: None,
        title: title.into(),
        level: HonorLevel::City,
        issuer: Some("中共菏泽市委老干部局".into()),
        awarded_on: Some(PartialDate::day(day)),
        certificate_no: Some(format!("{series}〔{year}〕{}号", n + 1)),
        evidence_doc: None,
        evidence: vec![],
        external: false,
        verified_on: None,
        recommended_on: None,
        reviewed_on: None,
        consulted: vec![],
        decision_reason: None,
        status: HonorStatus::Awarded,
    }
}
