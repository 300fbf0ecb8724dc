//! What is held, and by whom: programmes and their sessions, teams, sign-ups, an exhibition, contests, wishes. With
//! the rows that a careless count would take in: cancelled, planned, of another year, of nobody in particular.
mod people;
mod sessions;
#[cfg(test)]
mod tests;

use super::persons::{Named, Person};
use super::places::{CAO, PLACES};
use super::random::{days_after, id, ymd};
use super::units::DemoUnit;
use super::{Rows, add, draft, settled};
use domain::Uuid;
use domain::activities::{
    Activity, ActivitySignup, ContestResult, Exhibition, ExhibitionShowing, Programme, Team, TeamMember, Wish,
};
use domain::codes::{CadreStatus, ConsentPurpose, ContestMetric, HonorLevel, UnitKind, VenueKind};
use domain::party::PartyPost;
use domain::publicity::Consent;
use std::collections::HashSet;

/// All records of it.
#[derive(Default)]
pub(super) struct Activities {
    pub programmes: Rows<Programme>,
    pub teams: Rows<Team>,
    pub members: Rows<TeamMember>,
    pub activities: Rows<Activity>,
    pub signups: Rows<ActivitySignup>,
    pub consents: Rows<Consent>,
    pub exhibitions: Rows<Exhibition>,
    pub showings: Rows<ExhibitionShowing>,
    pub contests: Rows<ContestResult>,
    pub wishes: Rows<Wish>,
    /// Sessions of red education that were held this year, by place.
    pub red: Vec<(usize, Uuid)>,
}

impl Activities {
    /// How many records there are.
    pub fn len(&self) -> usize {
        let given = self.programmes.len() + self.teams.len() + self.members.len() + self.activities.len();
        let shown = self.consents.len() + self.exhibitions.len() + self.showings.len() + self.contests.len();
        given + shown + self.signups.len() + self.wishes.len()
    }
}

/// Who there is to take part.
struct Here<'a> {
    units: &'a [DemoUnit],
    /// Those who live and are in care, in the order of their places.
    living: Vec<&'a Person>,
}

impl<'a> Here<'a> {
    /// The bureau of a place.
    fn bureau(&self, place: usize) -> Option<Uuid> {
        self.units.iter().find(|u| u.place == place && u.kind == UnitKind::Bureau).map(|u| u.id)
    }
    /// The living of a place.
    fn of(&self, place: usize) -> impl Iterator<Item = &'a Person> + '_ {
        self.living.iter().copied().filter(move |p| p.place == place)
    }
}

/// All of it. `died` names cadres who die meanwhile.
pub(super) fn activities(
    units: &[DemoUnit],
    persons: &[Person],
    posts: &Rows<PartyPost>,
    died: &[(Uuid, Uuid)],
) -> Activities {
    let died: HashSet<Uuid> = died.iter().map(|(person, _)| *person).collect();
    let lives = |p: &&Person| p.status == CadreStatus::InCare && !died.contains(&p.id);
    let here = Here { units, living: persons.iter().filter(lives).collect() };
    let mut all = Activities::default();
    let corps = people::teams(&here, posts, &mut all);
    sessions::sessions(&here, &corps, &mut all);
    people::signups(&here, &mut all);
    people::wishes(&here, &mut all);
    exhibitions(&mut all);
    contests(&mut all);
    all
}

/// The collector's “红色画报”: 100 of 20,400 posters in 33 showings, 51,200 visitors. And one that is nobody's.
fn exhibitions(all: &mut Activities) {
    let Some(cao) = PLACES.get(CAO).map(|p| p.code) else { return };
    let consent = id("consents of exhibitions", 0);
    let granted = Consent {
        cadre_id: Named::CollectorOf82.id(),
        purpose: ConsentPurpose::Publicity,
        granted_on: ymd(2021, 6, 1),
        revoked_on: None,
        expires_on: None,
        evidence: Some("书面同意书存县老干部局".into()),
        evidence_files: vec![],
    };
    all.consents.push(draft(consent, cao, settled(granted)));
    let exhibition = |title: &str, collection, selected, consent_id| Exhibition {
        title: title.into(),
        collection_size: Some(collection),
        selected_items: Some(selected),
        consent_id,
        cadre_id: None,
        description: Some("宣传画、电影海报".into()),
    };
    let posters = add(&mut all.exhibitions, cao, exhibition("“红色画报”巡回展", 20_400, 100, Some(consent)));
    let pictures = add(&mut all.exhibitions, "371722", exhibition("党史图片展", 800, 60, None));
    let venues = [(VenueKind::Square, "人民广场"), (VenueKind::Fair, "大集"), (VenueKind::School, "某某中学")];
    let showing = |exhibition_id, n: u64, visitors| {
        let (venue_kind, place) = venues.get(n as usize % venues.len()).copied().unwrap_or((VenueKind::Other, "礼堂"));
        let place = format!("{place}第{}场", n + 1);
        ExhibitionShowing { exhibition_id, shown_on: days_after(ymd(2021, 6, 15), n * 5), venue_kind, place, visitors }
    };
    for n in 0..33 {
        add(&mut all.showings, cao, showing(posters, n, Some(1_551 + i32::from(n < 17))));
    }
    for n in 0..5 {
        add(&mut all.showings, "371722", showing(pictures, n, Some(260)));
    }
    let coming = ExhibitionShowing { shown_on: ymd(2022, 1, 20), ..showing(posters, 33, None) };
    add(&mut all.showings, cao, coming);
}

/// 东明县 wins the gateball final of 2020 after the title of 2019; others have their places.
fn contests(all: &mut Activities) {
    let event = "美丽中国全国门球大赛总决赛";
    let result = |event: &str, year, level, metric, rank, title: Option<&str>| ContestResult {
        event: event.into(),
        discipline: Some("门球".into()),
        year,
        decided_on: None,
        level,
        metric,
        rank,
        title: title.map(Into::into),
        team_id: None,
    };
    use ContestMetric::{Ranking, Title, TotalPoints};
    let strongest = Some("全国门球最强县(区)");
    let rows = [
        ("371728", result(event, 2020, HonorLevel::National, TotalPoints, Some(1), strongest)),
        ("371728", result("全国门球最强县(区)评选", 2019, HonorLevel::National, Title, None, strongest)),
        ("371728", result(event, 2018, HonorLevel::National, TotalPoints, Some(6), None)),
        ("371722", result(event, 2020, HonorLevel::National, TotalPoints, Some(9), None)),
        ("371721", result("全市离退休干部门球赛", 2021, HonorLevel::City, Ranking, Some(1), None)),
        ("371728", result("全市离退休干部门球赛", 2021, HonorLevel::City, Ranking, Some(2), None)),
    ];
    for (division, row) in rows {
        add(&mut all.contests, division, row);
    }
}
