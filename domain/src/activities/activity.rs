//! Activities: whatever is held for retired cadres, and whatever they hold for others.
use super::{day, some};
use crate::codes::{ActivityKind, ActivityStatus, ActivityTheme, ActivityTopic, AgeBand, AudienceUnit, VenueKind};
use crate::resource::{Classified, Mask, Module, Reference, Resource, Visibility};
use crate::violations::in_order;
use crate::{Findings, Gate, Machine, NaiveDate, PartialDate, Rule, Step, Terms, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// One activity. Only those that were held are counted. Counties inside its division read it and sign up for it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// The programme it is held for.
    pub programme_id: Option<Uuid>,
    /// Kind.
    pub kind: ActivityKind,
    /// Title.
    #[schema(min_length = 2, max_length = 100)]
    pub title: String,
    /// Theme.
    pub theme: Option<ActivityTheme>,
    /// Topic that is taught.
    pub topic: Option<ActivityTopic>,
    /// Label of the campaign it belongs to, such as 看发展变化·助强市建设.
    #[schema(max_length = 100)]
    pub campaign: Option<String>,
    /// Given by volunteers of the five elders (“五老”).
    #[serde(default)]
    pub by_five_elders: bool,
    /// The day, planned or past.
    pub held_on: NaiveDate,
    /// Kind of venue.
    pub venue_kind: VenueKind,
    /// Venue.
    #[schema(max_length = 100)]
    pub venue: Option<String>,
    /// Identification code of the school in which it is held. Schools are counted by it, each once.
    #[schema(pattern = r"^[0-9A-Z]{6,20}$")]
    pub school_code: Option<String>,
    /// The unit that holds it.
    pub host_unit_id: Option<Uuid>,
    /// The team that gives it.
    pub team_id: Option<Uuid>,
    /// The cadre who lectures.
    pub lecturer_id: Option<Uuid>,
    /// Name of a lecturer who is no cadre of this system.
    #[schema(max_length = 50)]
    pub lecturer_name: Option<String>,
    /// How many came. Needed when it is held.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub audience_count: Option<i32>,
    /// What the audience is counted in.
    #[serde(default = "person")]
    pub audience_unit: AudienceUnit,
    /// Whether minors took part. Then numbers are kept and no names (PIPL art. 31). Set where an age band says so.
    #[serde(default)]
    pub minors_present: bool,
    /// The audience by age, as far as it is known.
    #[serde(default)]
    #[schema(max_items = 6)]
    pub age_bands: Vec<AgeBandCount>,
    /// Names of those who took part, for a small circle of grown-ups.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub participants: Vec<String>,
    /// Places where people sign up; without it there is room for everybody. More of them go to those who wait; fewer
    /// take nobody's place away.
    #[schema(minimum = 1, maximum = 100_000)]
    pub capacity: Option<i32>,
    /// First day on which people sign up.
    pub signup_from: Option<NaiveDate>,
    /// Last day on which people sign up.
    pub signup_until: Option<NaiveDate>,
    /// Why it was cancelled. Needed there.
    #[schema(max_length = 200)]
    pub cancel_reason: Option<String>,
    /// Note.
    #[schema(max_length = 500)]
    pub note: Option<String>,
    /// Where it stands.
    #[serde(default = "planned")]
    pub status: ActivityStatus,
}

/// How many of the audience are of an age.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgeBandCount {
    /// Age band.
    pub band: AgeBand,
    /// How many.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub count: i32,
}

fn person() -> AudienceUnit {
    AudienceUnit::Person
}
fn planned() -> ActivityStatus {
    ActivityStatus::Planned
}

fn not_yet(step: &Step<'_, Activity>) -> Option<Violation> {
    let day = step.after.held_on;
    (day > step.today).then(|| Violation::new("held_on", Rule::NotHeldYet).with("day", day))
}

impl Resource for Activity {
    const NAME: &'static str = "activity";
    const PATH: &'static str = "activities";
    const TITLE: (&'static str, &'static str) = ("活动", "activity");
    const MODULE: Module = Module::Activities;
    const VISIBILITY: Visibility = Visibility::Inherited;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: ActivityStatus {
        "hold" "举办" "Hold": [Planned] => Held,
            Terms::none()
                .sets(&["held_on", "venue_kind", "venue", "lecturer_id", "lecturer_name", "audience_count",
                    "audience_unit", "minors_present", "age_bands", "participants", "note"])
                .needs(&["audience_count"])
                .gates(&[Gate { rule: Rule::NotHeldYet, shut: not_yet }]);
        "cancel" "取消" "Cancel": [Planned] => Cancelled,
            Terms::none().sets(&["cancel_reason"]).needs(&["cancel_reason"]);
    }));
    const CLASSES: &'static [Classified] =
        &[Classified::personal("lecturer_name"), Classified::personal_as("participants", Mask::Drop)];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "programme_id", expand: "programme", to: "programmes", ids: |a| a.programme_id.as_slice() },
        Reference { field: "host_unit_id", expand: "host_unit", to: "units", ids: |a| a.host_unit_id.as_slice() },
        Reference { field: "team_id", expand: "team", to: "teams", ids: |a| a.team_id.as_slice() },
        Reference { field: "lecturer_id", expand: "lecturer", to: "cadres", ids: |a| a.lecturer_id.as_slice() },
    ];

    fn example() -> Self {
        Self {
            programme_id: Some(some(21)),
            kind: ActivityKind::Lecture,
            title: "十九届六中全会精神宣讲".into(),
            theme: Some(ActivityTheme::PlenarySession),
            topic: Some(ActivityTopic::PartyHistory),
            campaign: Some("“百千万”宣讲行动".into()),
            by_five_elders: false,
            held_on: day("2021-12-20"),
            venue_kind: VenueKind::Community,
            venue: Some("单县某某社区党群服务中心".into()),
            school_code: None,
            host_unit_id: Some(some(1)),
            team_id: Some(some(22)),
            lecturer_id: Some(some(2)),
            lecturer_name: None,
            audience_count: None,
            audience_unit: AudienceUnit::Person,
            minors_present: false,
            age_bands: vec![],
            participants: vec![],
            capacity: Some(60),
            signup_from: None,
            signup_until: None,
            cancel_reason: None,
            note: Some("请自带水杯".into()),
            status: ActivityStatus::Planned,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        self.minors_present |= self.age_bands.iter().any(|b| b.band == AgeBand::Under18 && b.count > 0);
        found.require(!self.minors_present || self.participants.is_empty(), "participants", Rule::MinorsNoNames);
        let held = self.status == ActivityStatus::Held;
        found.require(!held || self.audience_count.is_some(), "audience_count", Rule::Required);
        let cancelled = self.status == ActivityStatus::Cancelled;
        found.require(!cancelled || self.cancel_reason.is_some(), "cancel_reason", Rule::Required);
        in_order(
            &[("signup_from", self.signup_from), ("signup_until", self.signup_until), ("held_on", Some(self.held_on))],
            found,
        );
        for (i, band) in self.age_bands.iter().enumerate() {
            if self.age_bands.iter().take(i).any(|b| b.band == band.band) {
                found.error(format!("/age_bands/{i}/band"), Rule::Twice);
            }
        }
        let sum: i64 = self.age_bands.iter().map(|b| i64::from(b.count)).sum();
        if let Some(audience) = self.audience_count.filter(|audience| sum > i64::from(*audience)) {
            found.push(Violation::new("age_bands", Rule::MoreThanAudience).with("sum", sum).with("audience", audience));
        }
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.held_on))
    }
}

impl Activity {
    /// Whether people sign up on a day.
    pub fn signs_up_on(&self, day: NaiveDate) -> bool {
        self.signup_from.is_none_or(|from| from <= day)
            && day <= self.signup_until.unwrap_or(self.held_on).min(self.held_on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(change: impl FnOnce(&mut Activity)) -> (Activity, Vec<(String, Rule)>) {
        let (mut activity, mut found) = (Activity::example(), Findings::default());
        change(&mut activity);
        activity.check(&mut found);
        (activity, found.errors.into_iter().map(|e| (e.pointer, e.rule)).collect())
    }

    #[test]
    fn of_minors_only_numbers_are_kept() {
        let names = |a: &mut Activity| a.participants = vec!["孔令文".into(), "颜令仪".into()];
        assert_eq!(found(names).1, []);
        let refused = [("/participants".to_owned(), Rule::MinorsNoNames)];
        assert_eq!(
            found(|a| {
                names(a);
                a.minors_present = true
            })
            .1,
            refused
        );
        // An age band says so too, whatever the flag says.
        let (activity, errors) = found(|a| {
            names(a);
            a.age_bands = vec![AgeBandCount { band: AgeBand::Under18, count: 1 }];
        });
        assert!(activity.minors_present);
        assert_eq!(errors, refused);
        let (activity, errors) = found(|a| a.age_bands = vec![AgeBandCount { band: AgeBand::Under18, count: 0 }]);
        assert_eq!((activity.minors_present, errors.len()), (false, 0));
    }

    #[test]
    fn age_bands_are_parts_of_the_audience() {
        let bands = |counts: &[(AgeBand, i32)]| {
            counts.iter().map(|(band, count)| AgeBandCount { band: *band, count: *count }).collect::<Vec<_>>()
        };
        let of = |audience, counts: &[(AgeBand, i32)]| {
            found(|a| {
                a.audience_count = Some(audience);
                a.age_bands = bands(counts);
            })
            .1
        };
        assert_eq!(of(30, &[(AgeBand::From18, 24), (AgeBand::From90, 6)]), []);
        assert_eq!(of(29, &[(AgeBand::From18, 24), (AgeBand::From90, 6)])[0].1, Rule::MoreThanAudience);
        assert_eq!(of(30, &[(AgeBand::From90, 1), (AgeBand::From90, 1)])[0], ("/age_bands/1/band".into(), Rule::Twice));
    }

    #[test]
    fn people_sign_up_within_the_days_given_and_not_behind_the_activity() {
        let mut activity = Activity { held_on: day("2021-12-20"), ..Activity::example() };
        let open =
            |a: &Activity| ["2021-12-01", "2021-12-10", "2021-12-20", "2021-12-21"].map(|d| a.signs_up_on(day(d)));
        assert_eq!(open(&activity), [true, true, true, false]);
        (activity.signup_from, activity.signup_until) = (Some(day("2021-12-05")), Some(day("2021-12-10")));
        assert_eq!(open(&activity), [false, true, false, false]);
    }
}
