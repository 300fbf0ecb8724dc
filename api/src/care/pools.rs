//! What the pooled medical funds of a year hold.
use crate::computed::within;
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::listing::pairs;
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse};
use domain::benefits::{MedicalPoolEntry, PoolSums};
use domain::policy::Action;
use domain::{DivisionCode, Money, Problem, Rule};
use persistence::benefits;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

pub(super) fn routes(r: &mut Routes) {
    let answer = schemas::register::<Pools>(&mut r.contract.schemas);
    let sums = json!({"allotted": "1300000.00", "adjusted": "0.00", "paid": "912860.50", "balance": "387139.50", "entries": 87});
    let mut pool = sums.clone();
    if let Some(pool) = pool.as_object_mut() {
        pool.insert("division_code".into(), "371722".into());
    }
    r.add(
        "GET",
        "/api/v1/medical-pools",
        pools,
        Operation::new("list_medical_pools", "benefits", "医药费统筹金收支余额 · What the medical pools of a year hold")
            .says("The pools of a division and of all inside it that have an entry in the year. `balance = allotted + adjusted - paid` is the sum of the pool's entries; an entry that was reversed and its reversal count under the kind of the former. `total` is the sum of the pools.")
            .permit("medical-pool-entries", Action::Read)
            .parameter("query", "year", true, "Year of the pools", json!({"type": "integer", "minimum": 1949, "maximum": 9999, "example": 2021}))
            .parameter("query", "division", false, "This division and all inside it; the caller's own by default", json!({"type": "string", "pattern": "^[0-9]{6}([0-9]{3}){0,2}$", "example": "371700"}))
            .fails(&[Problem::NotFound])
            .answers(200, "The pools", &answer, json!({"year": 2021, "division": "371700", "items": [pool], "total": sums})),
    );
}

/// The pools of a year.
#[derive(Serialize, ToSchema)]
#[schema(as = MedicalPools)]
struct Pools {
    /// The year.
    year: i32,
    /// The division asked for.
    division: DivisionCode,
    /// Each pool, in the order of the divisions.
    #[schema(max_items = 10_000)]
    items: Vec<Pool>,
    /// All together.
    total: Sums,
}

/// The pool of one division, in yuan.
#[derive(Serialize, ToSchema)]
#[schema(as = MedicalPool)]
struct Pool {
    /// The division.
    division_code: DivisionCode,
    /// Allotments without those taken back.
    allotted: Money,
    /// Adjustments without those taken back.
    adjusted: Money,
    /// Payments without those taken back.
    paid: Money,
    /// What is left.
    balance: Money,
    /// Entries.
    entries: i64,
}

/// All pools together, in yuan.
#[derive(Serialize, ToSchema)]
#[schema(as = MedicalPoolSums)]
struct Sums {
    /// Allotments without those taken back.
    allotted: Money,
    /// Adjustments without those taken back.
    adjusted: Money,
    /// Payments without those taken back.
    paid: Money,
    /// What is left.
    balance: Money,
    /// Entries.
    entries: i64,
}
impl From<PoolSums> for Sums {
    fn from(sums: PoolSums) -> Self {
        Self {
            allotted: Money(sums.allotted),
            adjusted: Money(sums.adjusted),
            paid: Money(sums.paid),
            balance: Money(sums.balance()),
            entries: sums.entries,
        }
    }
}

/// `GET /medical-pools`
async fn pools(permit: Permit<MedicalPoolEntry, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let (mut year, mut division) = (None, permit.identity.division.clone());
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "year" => year = Some(within("year", &value, 1949, 9999)?),
            "division" => {
                division =
                    DivisionCode::parse(&value).ok_or_else(|| ApiError::parameter("division", Rule::DivisionFormat))?;
            }
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let year: i32 = year.ok_or_else(|| ApiError::parameter("year", Rule::Required))?;
    // A pool belongs to no unit and to nobody.
    if permit.scope().part().is_some() || !permit.scope().covers(&division) {
        return Err(ApiError::new(Problem::NotFound));
    }
    let asked = division.clone();
    let found = permit.app.db.read_long(move |c| benefits::pools(c, &asked, year)).await?;
    let mut total = PoolSums::default();
    found.iter().for_each(|(_, sums)| total.absorb(*sums));
    let items = found.into_iter().map(|(division_code, sums)| {
        let Sums { allotted, adjusted, paid, balance, entries } = sums.into();
        Pool { division_code, allotted, adjusted, paid, balance, entries }
    });
    let items = items.collect();
    Ok(HttpResponse::Ok().json(Pools { year, division, items, total: total.into() }))
}
