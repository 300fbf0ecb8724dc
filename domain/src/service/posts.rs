//! Posts in the bodies of communities and villages.
use super::{day, some};
use crate::cadres::CadreTie;
use crate::codes::{ServiceArea, ServiceBody};
use crate::resource::{Module, Reference, Resource};
use crate::violations::in_order;
use crate::{Code, Findings, NaiveDate, Rule, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A cadre's post in a community, a grid, a village council. A person may hold several, and in both areas: who
/// counts persons counts each once in an area, and never adds the areas.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServicePost {
    /// Who holds it.
    pub cadre_id: Uuid,
    /// The body.
    #[schema(min_length = 2, max_length = 100)]
    pub body_name: String,
    /// Kind of body.
    pub body_kind: ServiceBody,
    /// Area, which is that of the body.
    pub area: ServiceArea,
    /// What the cadre is there, such as 网格员.
    #[schema(max_length = 50)]
    pub role: Option<String>,
    /// First day.
    pub started_on: NaiveDate,
    /// Last day; absent while it is held.
    pub ended_on: Option<NaiveDate>,
}

impl Resource for ServicePost {
    const NAME: &'static str = "service_post";
    const PATH: &'static str = "service-posts";
    const TITLE: (&'static str, &'static str) = ("社区乡村任职", "post of service");
    const MODULE: Module = Module::Service;
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |p| std::slice::from_ref(&p.cadre_id) }];
    // A community elects its own people: who moves away leaves the post, which is for that community to say.
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie {
        ends: |post, day| {
            if post.started_on <= day && post.ended_on.is_none_or(|end| end > day) {
                post.ended_on = Some(day);
            }
        },
        ..CadreTie::NOTHING
    });

    fn example() -> Self {
        Self {
            cadre_id: some(2),
            area: ServiceArea::Urban,
            body_kind: ServiceBody::Grid,
            body_name: "单县某某社区第三网格".into(),
            role: Some("网格员".into()),
            started_on: day("2020-03-01"),
            ended_on: None,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let area = self.body_kind.area();
        if self.area != area {
            found.push(Violation::new("area", Rule::BodyArea).with("area", area.as_str()));
        }
        in_order(&[("started_on", Some(self.started_on)), ("ended_on", self.ended_on)], found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_is_of_the_area_of_its_body() {
        for body_kind in ServiceBody::ALL {
            for area in ServiceArea::ALL {
                let mut post = ServicePost { area: *area, body_kind: *body_kind, ..ServicePost::example() };
                let mut found = Findings::default();
                post.check(&mut found);
                assert_eq!(found.errors.is_empty(), body_kind.area() == *area, "{body_kind} {area}");
            }
        }
        let urban = ServiceBody::ALL.iter().filter(|b| b.area() == ServiceArea::Urban).count();
        assert_eq!((urban, ServiceBody::ALL.len()), (4, 7));
    }

    #[test]
    fn a_death_ends_what_is_held_and_nothing_else() {
        let ended = |from: &str, to: Option<&str>| {
            let mut post = ServicePost { started_on: day(from), ended_on: to.map(day), ..ServicePost::example() };
            (ServicePost::TIE.unwrap().ends)(&mut post, day("2021-06-30"));
            post.ended_on
        };
        assert_eq!(ended("2020-03-01", None), Some(day("2021-06-30")));
        assert_eq!(ended("2020-03-01", Some("2022-01-01")), Some(day("2021-06-30")));
        assert_eq!(ended("2018-03-01", Some("2020-01-01")), Some(day("2020-01-01")));
        assert_eq!(ended("2021-07-01", None), None);
    }
}
