//! How far a programme has come.
use crate::computed::Within;
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::activities::{Programme, percent};
use domain::codes::{AudienceUnit, ProgrammeMetric, TargetOp};
use domain::policy::Action;
use domain::{DivisionCode, NaiveDate, Problem, Rule, Uuid};
use persistence::activities;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// Mounts and documents it.
pub fn routes(r: &mut Routes) {
    let progress = schemas::register::<Progress>(&mut r.contract.schemas);
    let target = |metric: &str, op: &str, value, done, percent: &str| json!({"metric": metric, "op": op, "value": value, "done": done, "percent": percent, "met": done >= value});
    let audience = json!({"metric": "audience", "op": "gte", "value": 10_000, "unit": "person", "done": 3086, "percent": "30.9", "met": false});
    let targets = [target("lecturers", "eq", 100, 98, "98.0"), target("sessions", "eq", 1000, 197, "19.7"), audience];
    r.add(
        "GET",
        "/api/v1/programmes/{id}/progress",
        progress_of,
        Within::parameters(Operation::new("get_programme_progress", "activities", "计划进度 · How far a programme has come"))
            .says("What was held for the programme within a division until the end of the day, against its targets. Activities that are planned or cancelled do not count; an audience counts for the target of its own unit; a school and a lecturer count once. `percent` is of the target, with one place, rounded half up.")
            .permit("programmes", Action::Read)
            .id_in_path()
            .fails(&[Problem::NotFound])
            .answers(
                200,
                "The targets and what is done of each",
                &progress,
                json!({"programme_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "as_of": "2021-12-31", "division": "371700", "targets": targets}),
            ),
    );
}

/// How far a programme has come.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgrammeProgress)]
struct Progress {
    /// The programme.
    programme_id: Uuid,
    /// The day.
    as_of: NaiveDate,
    /// What was held here is counted.
    division: DivisionCode,
    /// Its targets in their order.
    #[schema(max_items = 10)]
    targets: Vec<Reached>,
}

/// A target and what is done of it.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgrammeTargetReached)]
struct Reached {
    /// What is counted.
    metric: ProgrammeMetric,
    /// How the target is meant.
    op: TargetOp,
    /// The target.
    value: i64,
    /// What an audience is counted in; absent for other metrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<AudienceUnit>,
    /// What is done.
    done: i64,
    /// The same in per cent of the target, with one place.
    #[schema(pattern = r"^\d{1,24}\.\d$", max_length = 26)]
    percent: String,
    /// Whether the target is reached.
    met: bool,
}

/// `GET /programmes/{id}/progress`
async fn progress_of(permit: Permit<Programme, Read>, id: web::Path<Uuid>, req: HttpRequest) -> Result<HttpResponse> {
    let (within, others) = Within::read(&req, &permit.identity.division)?;
    if let Some((name, _)) = others.first() {
        return Err(ApiError::parameter(name, Rule::UnknownParameter));
    }
    let (scope, id) = (permit.scope(), *id);
    if !scope.covers(&within.division) {
        return Err(ApiError::new(Problem::NotFound));
    }
    let Within { as_of, division } = within;
    let asked = division.clone();
    let found = permit.app.db.read_long(move |c| activities::progress(c, &scope, id, &asked, as_of)).await?;
    let (programme, all) = found;
    let targets = programme.data.targets.iter().map(|target| {
        let unit = target.audience_unit();
        let done = all.of(target.metric, unit);
        Reached {
            metric: target.metric,
            op: target.op,
            value: target.value,
            unit: (target.metric == ProgrammeMetric::Audience).then_some(unit),
            done,
            percent: percent(done, target.value),
            met: done >= target.value,
        }
    });
    Ok(HttpResponse::Ok().json(Progress { programme_id: id, as_of, division, targets: targets.collect() }))
}
