//! How many persons serve where, and how long a volunteer has served.
use crate::computed::{Within, day, read};
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::listing::pairs;
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::codes::{ServiceArea, ServiceBody};
use domain::policy::Action;
use domain::service::{ServicePost, Volunteer};
use domain::{DivisionCode, NaiveDate, Problem, Rate, Rule, Uuid};
use persistence::service;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    let persons = schemas::register::<Persons>(&mut r.contract.schemas);
    let hours = schemas::register::<Hours>(&mut r.contract.schemas);
    let date = json!({"type": "string", "format": "date", "example": "2021-12-31"});
    r.add(
        "GET",
        "/api/v1/service-posts/persons",
        persons_in_service,
        Within::parameters(Operation::new("count_persons_in_service", "service", "社区乡村任职人数 · Persons in posts of service"))
            .says("Persons who hold a post on the day, its last day included, and are alive and in care then. Each is counted once in `persons`, once in each area and once in each kind of body: who serves in the city and in a village stands in both areas, so the areas are not to be added.")
            .permit("service-posts", Action::Read)
            .parameter("query", "party_members", false, "`true`: only members of the party", json!({"type": "boolean", "default": false}))
            .fails(&[Problem::NotFound])
            .answers(
                200,
                "The numbers of persons",
                &persons,
                json!({
                    "as_of": "2021-12-31", "division": "371722", "party_members": true, "persons": 612,
                    "by_area": [{"area": "urban", "persons": 210}, {"area": "rural", "persons": 411}],
                    "by_body": [{"area": "urban", "body_kind": "grid", "persons": 84}],
                }),
            ),
    );
    r.add(
        "GET",
        "/api/v1/volunteers/{id}/hours",
        hours_of_volunteer,
        Operation::new("get_volunteer_hours", "service", "志愿服务时长 · Hours of a volunteer")
            .says("The hours on record for activities that were held. An activity that is planned or cancelled counts nothing.")
            .permit("volunteers", Action::Read)
            .id_in_path()
            .parameter("query", "from", false, "Activities from this day on", date.clone())
            .parameter("query", "to", false, "Activities up to this day", date)
            .answers(
                200,
                "The hours",
                &hours,
                json!({"volunteer_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "from": "2021-01-01", "to": "2021-12-31", "hours": "37.5", "activities": 15}),
            ),
    );
}

/// Persons in posts of service.
#[derive(Serialize, ToSchema)]
#[schema(as = PersonsInService)]
struct Persons {
    /// The day.
    as_of: NaiveDate,
    /// The division in which the posts are.
    division: DivisionCode,
    /// Whether only members of the party are counted.
    party_members: bool,
    /// All persons.
    persons: i64,
    /// By area; not to be added.
    #[schema(max_items = 2)]
    by_area: Vec<OfArea>,
    /// By kind of body; not to be added.
    #[schema(max_items = 20)]
    by_body: Vec<OfBody>,
}

/// Persons who serve in an area.
#[derive(Serialize, ToSchema)]
#[schema(as = PersonsOfArea)]
struct OfArea {
    /// Area.
    area: ServiceArea,
    /// Persons.
    persons: i64,
}

/// Persons who serve in a kind of body.
#[derive(Serialize, ToSchema)]
#[schema(as = PersonsOfBody)]
struct OfBody {
    /// The area it belongs to.
    area: ServiceArea,
    /// Kind of body.
    body_kind: ServiceBody,
    /// Persons.
    persons: i64,
}

/// `GET /service-posts/persons`
async fn persons_in_service(permit: Permit<ServicePost, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let (Within { as_of, division }, others) = Within::read(&req, &permit.identity.division)?;
    let mut party_members = false;
    for (name, value) in others {
        match name.as_str() {
            "party_members" => party_members = read("party_members", &value)?,
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    if permit.scope().part().is_some() || !permit.scope().covers(&division) {
        return Err(ApiError::new(Problem::NotFound));
    }
    let asked = division.clone();
    let found = permit.app.db.read_long(move |c| service::serving(c, &asked, as_of, party_members)).await?;
    Ok(HttpResponse::Ok().json(Persons {
        as_of,
        division,
        party_members,
        persons: found.persons,
        by_area: found.by_area.into_iter().map(|(area, persons)| OfArea { area, persons }).collect(),
        by_body: found
            .by_body
            .into_iter()
            .map(|(body_kind, persons)| OfBody { area: body_kind.area(), body_kind, persons })
            .collect(),
    }))
}

/// What a volunteer has served.
#[derive(Serialize, ToSchema)]
#[schema(as = VolunteerHours)]
struct Hours {
    /// The volunteer.
    volunteer_id: Uuid,
    /// From this day on, if it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<NaiveDate>,
    /// Up to this day, if it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<NaiveDate>,
    /// Hours.
    hours: Rate,
    /// In how many activities.
    activities: i64,
}

/// `GET /volunteers/{id}/hours`
async fn hours_of_volunteer(
    permit: Permit<Volunteer, Read>,
    id: web::Path<Uuid>,
    req: HttpRequest,
) -> Result<HttpResponse> {
    let (mut from, mut to) = (None, None);
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "from" => from = Some(day("from", &value)?),
            "to" => to = Some(day("to", &value)?),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let (scope, id) = (permit.scope(), *id);
    let served = permit.app.db.read_long(move |c| service::served(c, &scope, id, from, to)).await?;
    let hours = Hours { volunteer_id: id, from, to, hours: served.hours, activities: served.activities };
    Ok(HttpResponse::Ok().json(hours))
}
