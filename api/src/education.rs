//! What is computed about schools and places: the places of a class, what is below a school, what is built too slowly.
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::listing::pairs;
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::codes::{ClassStatus, ProjectStatus, SchoolKind, SchoolLevel};
use domain::education::{Class, FacilityProject, SeniorUniversity};
use domain::policy::Action;
use domain::{DivisionCode, NaiveDate, PartialDate, Problem, Rule, Scope, Uuid};
use persistence::{Conn, Store, education};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// Mounts and documents it.
pub fn routes(r: &mut Routes) {
    let places = schemas::register::<ClassPlaces>(&mut r.contract.schemas);
    let below = schemas::register::<SchoolBelow>(&mut r.contract.schemas);
    let late = schemas::register::<LateProject>(&mut r.contract.schemas);
    let tree = schemas::page("The schools below, level by level", schemas::reference(&below));
    r.contract.schemas.insert("SchoolsBelow".into(), tree);
    r.contract.schemas.insert("LateProjectPage".into(), schemas::page("Late projects", schemas::reference(&late)));
    let id = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01";
    r.add(
        "GET",
        "/api/v1/classes/{id}/places",
        places_of_class,
        Operation::new("get_class_places", "education", "班级名额 · Places of a class")
            .says("How many places are taken, free, and waited for, by students of whatever division.")
            .permit("classes", Action::Read)
            .id_in_path()
            .answers(
                200,
                "The places",
                &places,
                json!({"status": "enrolling", "capacity": 30, "taken": 30, "free": 0, "waiting": 4}),
            ),
    );
    r.add(
        "GET",
        "/api/v1/senior-universities/{id}/branches",
        branches,
        Operation::new("list_schools_below", "education", "下属分校 · The schools below a school")
            .says("All schools below it that the caller sees, as a tree told level by level: each names the one above it and how many steps below it is. At most 2000.")
            .permit("senior-universities", Action::Read)
            .id_in_path()
            .answers(200, "The schools", "SchoolsBelow", json!({"items": [{"id": id, "name": "单县某某镇老年大学", "division_code": "371722", "kind": "branch", "level": "township", "parent_id": id, "depth": 1, "open": true, "opened_on": "2021-05", "classes": 2}]})),
    );
    r.add(
        "GET",
        "/api/v1/facility-projects/delayed",
        delayed,
        Operation::new("list_late_projects", "education", "逾期的建设项目 · Construction that is late")
            .says("Projects that should have begun and have not, and projects that should be finished and are not, in the order of their ids.")
            .permit("facility-projects", Action::Read)
            .parameter("query", "as_of", false, "The day it is asked for; today by default", json!({"type": "string", "format": "date", "example": "2021-12-31"}))
            .parameter("query", "division", false, "Only those of a division and all inside it", json!({"type": "string", "maxLength": 12, "example": "371722"}))
            .parameter("query", "limit", false, "Items in the page at most", json!({"type": "integer", "minimum": 1, "maximum": 500, "default": 500}))
            .parameter("query", "page_token", false, "`next_page_token` of the page before", json!({"type": "string", "maxLength": 100}))
            .answers(200, "A page", "LateProjectPage", json!({"items": [{"facility_project_id": id, "facility_id": id, "name": "单县老干部活动中心扩建工程", "division_code": "371722", "status": "building", "progress_percent": 40, "due_on": "2021-10-31", "days_late": 61}]})),
    );
}

/// The places of a class.
#[derive(Serialize, ToSchema)]
pub struct ClassPlaces {
    /// Where the class stands.
    status: ClassStatus,
    /// Places.
    capacity: i32,
    /// How many are taken.
    taken: i64,
    /// How many are not.
    free: i64,
    /// How many students wait for one.
    waiting: i64,
}

/// `GET /classes/{id}/places`
async fn places_of_class(permit: Permit<Class, Read>, id: web::Path<Uuid>, req: HttpRequest) -> Result<HttpResponse> {
    nothing_asked(&req)?;
    let (scope, id) = (permit.scope(), *id);
    let places = permit
        .app
        .db
        .read(move |c| {
            let class = Class::get(c, &scope, id)?.ok_or(persistence::Error::NotFound)?.data;
            let (taken, waiting) = education::places(c, id, None)?;
            let free = (i64::from(class.capacity) - taken).max(0);
            Ok(ClassPlaces { status: class.status, capacity: class.capacity, taken, free, waiting })
        })
        .await?;
    Ok(HttpResponse::Ok().json(places))
}

/// A school below another one.
#[derive(Serialize, ToSchema)]
pub struct SchoolBelow {
    /// The school.
    id: Uuid,
    /// Its name.
    #[schema(max_length = 100)]
    name: String,
    /// Its division.
    division_code: DivisionCode,
    /// Kind.
    kind: SchoolKind,
    /// Level.
    level: SchoolLevel,
    /// The school above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<Uuid>,
    /// How many steps below it is, from 1.
    depth: i32,
    /// Whether it is open.
    open: bool,
    /// When it was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    opened_on: Option<PartialDate>,
    /// Its classes that enrol or run.
    classes: i64,
}

/// `GET /senior-universities/{id}/branches`
async fn branches(
    permit: Permit<SeniorUniversity, Read>,
    id: web::Path<Uuid>,
    req: HttpRequest,
) -> Result<HttpResponse> {
    nothing_asked(&req)?;
    let (scope, id) = (permit.scope(), *id);
    let items: Vec<SchoolBelow> = permit
        .app
        .db
        .read_long(move |c| {
            SeniorUniversity::get(c, &scope, id)?.ok_or(persistence::Error::NotFound)?;
            let below = education::below(c, &scope, id)?;
            let item = |(school, meta, depth, classes): education::Below| SchoolBelow {
                id: meta.id,
                name: school.name,
                division_code: meta.division_code,
                kind: school.kind,
                level: school.level,
                parent_id: school.parent_id,
                depth,
                open: school.open,
                opened_on: school.opened_on,
                classes,
            };
            Ok(below.into_iter().map(item).collect())
        })
        .await?;
    Ok(HttpResponse::Ok().json(json!({"items": items})))
}

/// A project that is late.
#[derive(Serialize, ToSchema)]
pub struct LateProject {
    /// The project.
    facility_project_id: Uuid,
    /// The facility.
    facility_id: Uuid,
    /// Name of the project.
    #[schema(max_length = 100)]
    name: String,
    /// Its division.
    division_code: DivisionCode,
    /// Where it stands.
    status: ProjectStatus,
    /// How much of the work is done, in percent.
    progress_percent: i32,
    /// The day it should have begun or been finished by.
    due_on: NaiveDate,
    /// Days since then.
    days_late: i64,
}

#[derive(Serialize)]
struct LatePage {
    items: Vec<LateProject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// `GET /facility-projects/delayed`
async fn delayed(permit: Permit<FacilityProject, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let mut as_of = persistence::tx::business_day(domain::Utc::now());
    let (mut division, mut limit, mut after) = (None, 500_usize, None);
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "as_of" => as_of = value.parse().map_err(|_| ApiError::parameter("as_of", Rule::DateFormat))?,
            "division" => {
                let code = DivisionCode::parse(&value);
                division = Some(code.ok_or_else(|| ApiError::parameter("division", Rule::DivisionFormat))?);
            }
            "limit" => {
                let number = value.parse().ok().filter(|n| (1..=500).contains(n));
                limit = number.ok_or_else(|| ApiError::parameter("limit", Rule::TooLarge))?;
            }
            "page_token" => after = Some(value.parse::<Uuid>().map_err(|_| ApiError::new(Problem::PageTokenMismatch))?),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let scope = permit.scope();
    let page = permit.app.db.read_long(move |c| late_page(c, &scope, division.as_ref(), as_of, after, limit)).await?;
    Ok(HttpResponse::Ok().json(page))
}

fn late_page(
    c: &mut Conn,
    scope: &Scope,
    division: Option<&DivisionCode>,
    as_of: NaiveDate,
    after: Option<Uuid>,
    limit: usize,
) -> persistence::Result<LatePage> {
    let one_more = i64::try_from(limit).unwrap_or(500).saturating_add(1);
    let mut ids = education::late_projects(c, scope, division, as_of, after, one_more)?;
    let more = ids.len() > limit;
    ids.truncate(limit);
    let mut projects = FacilityProject::by_ids(c, scope, &ids)?;
    projects.sort_by_key(|p| p.meta.id);
    let items = projects.into_iter().filter_map(|p| {
        let days_late = p.data.days_late(as_of)?;
        Some(LateProject {
            facility_project_id: p.meta.id,
            facility_id: p.data.facility_id,
            name: p.data.name,
            division_code: p.meta.division_code,
            status: p.data.status,
            progress_percent: p.data.progress_percent,
            due_on: as_of - chrono::Duration::days(days_late),
            days_late,
        })
    });
    let next_page_token = ids.last().filter(|_| more).map(Uuid::to_string);
    Ok(LatePage { items: items.collect(), next_page_token })
}

/// Refuses every query parameter.
fn nothing_asked(req: &HttpRequest) -> Result<()> {
    match pairs(req)?.first() {
        Some((name, _)) => Err(ApiError::parameter(name, Rule::UnknownParameter)),
        None => Ok(()),
    }
}
