//! Volunteers of the five elders (“五老”志愿者).
use super::{day, some};
use crate::cadres::CadreTie;
use crate::codes::{ActivityTopic, FiveElderKind, HonorLevel, ServiceEvaluation, VolunteerStatus};
use crate::resource::{Module, Reference, Resource};
use crate::violations::in_order;
use crate::{Findings, Machine, NaiveDate, Rate, Rule, Terms, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A volunteer. What the volunteer has done follows from the activities: the hours are not kept here. Service,
/// training, commendation and evaluation are on record (山东省志愿服务条例).
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Volunteer {
    /// The cadre. Registered once at a time.
    pub cadre_id: Uuid,
    /// Which of the five elders.
    pub five_elder_kind: FiveElderKind,
    /// Number of the registration.
    #[schema(max_length = 50)]
    pub registration_no: Option<String>,
    /// When the volunteer was registered.
    pub registered_on: NaiveDate,
    /// What the volunteer can teach, each once.
    #[serde(default)]
    #[schema(max_items = 9)]
    pub topics: Vec<ActivityTopic>,
    /// Training that was attended.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub training: Vec<Training>,
    /// Commendations as a volunteer.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub commendations: Vec<Commendation>,
    /// When the volunteer left. Needed then.
    pub exited_on: Option<NaiveDate>,
    /// Where the volunteer stands.
    #[serde(default = "registered")]
    pub status: VolunteerStatus,
}

/// A training that a volunteer attended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// The day.
    pub held_on: NaiveDate,
    /// Subject.
    #[schema(min_length = 2, max_length = 100)]
    pub subject: String,
    /// Hours.
    pub hours: Rate,
}

/// A commendation of a volunteer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Commendation {
    /// The day.
    pub awarded_on: NaiveDate,
    /// Title.
    #[schema(min_length = 2, max_length = 100)]
    pub title: String,
    /// Level of the awarding body.
    pub level: HonorLevel,
}

fn registered() -> VolunteerStatus {
    VolunteerStatus::Registered
}

impl Resource for Volunteer {
    const NAME: &'static str = "volunteer";
    const PATH: &'static str = "volunteers";
    const TITLE: (&'static str, &'static str) = ("“五老”志愿者", "volunteer");
    const MODULE: Module = Module::Service;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: VolunteerStatus {
        "activate" "开始服务" "Begin or resume service": [Registered, Paused] => Active, Terms::none();
        "pause" "暂停" "Pause": [Active] => Paused, Terms::none();
        "exit" "退出" "Leave": [Registered, Active, Paused] => Exited,
            Terms::none().sets(&["exited_on"]).needs(&["exited_on"]);
    }));
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |v| std::slice::from_ref(&v.cadre_id) }];
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie {
        ends: |v, day| {
            if v.status != VolunteerStatus::Exited {
                v.status = VolunteerStatus::Exited;
                v.exited_on = Some(day.max(v.registered_on));
            }
        },
        ..CadreTie::NOTHING
    });

    fn example() -> Self {
        Self {
            cadre_id: some(2),
            five_elder_kind: FiveElderKind::OldCadre,
            registration_no: Some("WL-371722-0001".into()),
            registered_on: day("2019-05-10"),
            topics: vec![ActivityTopic::PartyHistory, ActivityTopic::Safety],
            training: vec![Training {
                held_on: day("2021-03-20"),
                subject: "预防青少年溺水宣讲培训".into(),
                hours: Rate(4_000_000),
            }],
            commendations: vec![Commendation {
                awarded_on: day("2021-12-05"),
                title: "优秀“五老”志愿者".into(),
                level: HonorLevel::County,
            }],
            exited_on: None,
            status: VolunteerStatus::Registered,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let exited = self.status == VolunteerStatus::Exited;
        found.require(!exited || self.exited_on.is_some(), "exited_on", Rule::Required);
        if self.exited_on.is_some() && !exited {
            found.push(Violation::new("exited_on", Rule::StateOnly).with("state", VolunteerStatus::Exited));
        }
        in_order(&[("registered_on", Some(self.registered_on)), ("exited_on", self.exited_on)], found);
        for (i, topic) in self.topics.iter().enumerate() {
            if self.topics.iter().take(i).any(|t| t == topic) {
                found.error(format!("/topics/{i}"), Rule::Twice);
            }
        }
        for (i, training) in self.training.iter().enumerate() {
            hours(&format!("/training/{i}/hours"), training.hours, found);
        }
    }
}

/// What a volunteer did in one activity. It counts when the activity was held.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VolunteerService {
    /// The volunteer.
    pub volunteer_id: Uuid,
    /// The volunteer's person.
    pub cadre_id: Option<Uuid>,
    /// The activity. A volunteer serves once in it.
    pub activity_id: Uuid,
    /// Hours served.
    pub hours: Rate,
    /// How it was evaluated.
    pub evaluation: Option<ServiceEvaluation>,
    /// Note.
    #[schema(max_length = 200)]
    pub note: Option<String>,
}

impl Resource for VolunteerService {
    const NAME: &'static str = "volunteer_service";
    const PATH: &'static str = "volunteer-services";
    const TITLE: (&'static str, &'static str) = ("志愿服务记录", "service of a volunteer");
    const MODULE: Module = Module::Service;
    const DERIVED: &'static [&'static str] = &["cadre_id"];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference {
            field: "volunteer_id",
            expand: "volunteer",
            to: "volunteers",
            ids: |s| std::slice::from_ref(&s.volunteer_id),
        },
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |s| s.cadre_id.as_slice() },
        Reference {
            field: "activity_id",
            expand: "activity",
            to: "activities",
            ids: |s| std::slice::from_ref(&s.activity_id),
        },
    ];
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie::NOTHING);

    fn example() -> Self {
        Self {
            volunteer_id: some(26),
            cadre_id: None,
            activity_id: some(23),
            hours: Rate(2_500_000),
            evaluation: Some(ServiceEvaluation::Good),
            note: None,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        hours("hours", self.hours, found);
    }
}

/// Hours of one occasion: more than none, a day at most.
fn hours(field: &str, hours: Rate, found: &mut Findings) {
    const HOUR: i64 = 1_000_000;
    if hours.0 <= 0 {
        found.push(Violation::new(field, Rule::TooSmall).with("min", Rate(1)));
    } else if hours.0 > 24 * HOUR {
        found.push(Violation::new(field, Rule::TooLarge).with("max", 24));
    }
}
