//! How many cadres there were, whose birthday is when, who may be there twice.
use crate::computed::{LIMIT, Page, Within, day, paged, read, today, token, within};
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::listing::pairs;
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse};
use chrono::Datelike;
use domain::cadres::{Cadre, CadreTransfer};
use domain::codes::{CadreStatus, DuplicateReason, RetireType};
use domain::policy::Action;
use domain::{DivisionCode, FieldClass, NaiveDate, PartialDate, Problem, Rule, Scope, Uuid};
use persistence::{Conn, people};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

pub(super) fn routes(r: &mut Routes) {
    let stock = schemas::register::<Stock>(&mut r.contract.schemas);
    let birthday = schemas::register::<Birthday>(&mut r.contract.schemas);
    let pair = schemas::register::<Duplicate>(&mut r.contract.schemas);
    let page = |text, item: &str| schemas::page(text, schemas::reference(item));
    r.contract.schemas.insert("BirthdayPage".into(), page("Birthdays in the order of the calendar", &birthday));
    r.contract.schemas.insert("DuplicatePage".into(), page("Pairs of records that may be of one person", &pair));
    r.add(
        "GET",
        "/api/v1/cadres/stock",
        stock_of,
        Within::parameters(Operation::new("get_cadre_stock", "cadres", "某日在管人数与本年变动 · Cadres in care on a day, and what changed since the year began"))
            .says("Until a transfer is done, the giving division counts the cadre: one that took effect after the day does not count yet. `total = opening + added - deaths + moved_in - moved_out`. A date known to the month or the year counts from the first day it may mean.")
            .permit("cadres", Action::Read)
            .fails(&[Problem::NotFound])
            .answers(200, "The stock", &stock, json!({"as_of": "2021-12-31", "division": "371722", "total": 520, "by_retire_type": [{"retire_type": "lixiu", "count": 12}], "joined_before_1949_10": 14, "aged_90": 40, "aged_100": 1, "opening": 531, "added": 4, "deaths": 14, "moved_in": 1, "moved_out": 2})),
    );
    r.add(
        "GET",
        "/api/v1/cadres/birthdays",
        birthdays,
        paged(Operation::new("list_birthdays", "cadres", "生日名单 · Birthdays of a month, or of some days"))
            .says("Those who are alive and in care, in the order of the calendar. `turns` is the age on the birthday of the year; one on 29 February is celebrated on 1 March where there is none. A birth date known to the month is at its beginning.")
            .permit("cadres", Action::Read)
            .parameter("query", "from", false, "The first of `days` days, instead of a month", json!({"type": "string", "format": "date", "example": "2021-12-29"}))
            .parameter("query", "days", false, "How many days from `from` on", json!({"type": "integer", "minimum": 1, "maximum": 31, "default": 7}))
            .parameter("query", "month", false, "The month; needed where `from` is absent", json!({"type": "integer", "minimum": 1, "maximum": 12, "example": 5}))
            .parameter("query", "year", false, "The year they are celebrated in; this year by default", json!({"type": "integer", "minimum": 1949, "maximum": 2199, "example": 2021}))
            .parameter("query", "min_age", false, "Only those who turn this age or more, such as 90", json!({"type": "integer", "minimum": 0, "maximum": 150, "default": 0}))
            .parameter("query", "decades", false, "`true`: only ages that are a multiple of ten (逢十)", json!({"type": "boolean", "default": false}))
            .answers(200, "A page", "BirthdayPage", json!({"items": [{"cadre_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "name": "孔令文", "birth_date": "1930-05-12", "turns": 91, "decade": false}]})),
    );
    r.add(
        "GET",
        "/api/v1/cadres/duplicates",
        duplicates,
        paged(Operation::new("list_duplicate_cadres", "cadres", "疑似重复人员 · Records that may be of one person"))
            .says("Records with the same ID number, in whatever state, or with the same name and birth date. `POST /cadres/{id}/merge` makes one of two.")
            .permit("cadres", Action::Read)
            .answers(200, "A page", "DuplicatePage", json!({"items": [{"reason": "same_id_number", "cadre_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "status": "in_care", "other_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c02", "other_status": "void"}]})),
    );
    let lack = schemas::register::<Incomplete>(&mut r.contract.schemas);
    r.contract
        .schemas
        .insert("IncompletePage".into(), schemas::page("Records that lack something", schemas::reference(&lack)));
    r.add(
        "GET",
        "/api/v1/cadres/incomplete",
        incomplete,
        paged(Operation::new(
            "list_incomplete_cadres",
            "cadres",
            "信息不完整的干部 · Cadres whose record lacks something",
        ))
        .says("Those who are alive and in care and have no ID number, no telephone number, or no full birth date.")
        .permit("cadres", Action::Read)
        .answers(
            200,
            "A page",
            "IncompletePage",
            json!({"items": [{"cadre_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "missing": ["id_number", "phone"]}]}),
        ),
    );
    let blocker = schemas::register::<Blocker>(&mut r.contract.schemas);
    r.contract.schemas.insert("BlockerList".into(), schemas::page("What is open", schemas::reference(&blocker)));
    r.add(
        "GET",
        "/api/v1/cadre-transfers/{id}/blockers",
        blockers,
        Operation::new(
            "list_transfer_blockers",
            "cadres",
            "转接未办结事项 · What keeps a transfer from being completed",
        )
        .permit("cadre-transfers", Action::Read)
        .id_in_path()
        .answers(
            200,
            "Open items of the cadre, by resource",
            "BlockerList",
            json!({"items": [{"resource": "honors", "count": 1}]}),
        ),
    );
}

/// The stock of a division on a day.
#[derive(Serialize, ToSchema)]
#[schema(as = CadreStock)]
struct Stock {
    /// The day.
    as_of: NaiveDate,
    /// The division.
    division: DivisionCode,
    /// Cadres in care.
    total: i64,
    /// The same by kind of retirement.
    #[schema(max_items = 20)]
    by_retire_type: Vec<OfType>,
    /// Those who joined revolutionary work before the founding of the republic, of whatever kind of retirement.
    joined_before_1949_10: i64,
    /// Those of 90 years and more.
    aged_90: i64,
    /// Those of 100 years and more.
    aged_100: i64,
    /// Cadres in care at the end of the year before.
    opening: i64,
    /// Who came into care since, but for transfers.
    added: i64,
    /// Who died since.
    deaths: i64,
    /// Who came from other divisions since.
    moved_in: i64,
    /// Who went to other divisions since.
    moved_out: i64,
}

/// How many of one kind of retirement.
#[derive(Serialize, ToSchema)]
struct OfType {
    /// Kind of retirement.
    retire_type: RetireType,
    /// How many.
    count: i64,
}

/// `GET /cadres/stock`
async fn stock_of(permit: Permit<Cadre, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let (Within { as_of, division }, others) = Within::read(&req, &permit.identity.division)?;
    if let Some((name, _)) = others.first() {
        return Err(ApiError::parameter(name, Rule::UnknownParameter));
    }
    if permit.scope().part().is_some() || !permit.scope().covers(&division) {
        return Err(ApiError::new(Problem::NotFound));
    }
    let asked = division.clone();
    let stock = permit.app.db.read_long(move |c| people::stock(c, &asked, as_of)).await?;
    let by_retire_type =
        stock.by_retire_type.iter().map(|(retire_type, count)| OfType { retire_type: *retire_type, count: *count });
    Ok(HttpResponse::Ok().json(Stock {
        as_of,
        division,
        total: stock.total,
        by_retire_type: by_retire_type.collect(),
        joined_before_1949_10: stock.joined_before_1949_10,
        aged_90: stock.aged_90,
        aged_100: stock.aged_100,
        opening: stock.opening,
        added: stock.added(),
        deaths: stock.deaths,
        moved_in: stock.moved_in,
        moved_out: stock.moved_out,
    }))
}

/// Someone's birthday.
#[derive(Serialize, ToSchema)]
struct Birthday {
    /// The cadre.
    cadre_id: Uuid,
    /// Name.
    #[schema(max_length = 50)]
    name: String,
    /// Birth date as the archive has it.
    birth_date: PartialDate,
    /// The age on the birthday of the year.
    turns: i32,
    /// Whether it is a multiple of ten.
    decade: bool,
}

/// `GET /cadres/birthdays`
async fn birthdays(permit: Permit<Cadre, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let (mut month, mut from, mut days, mut year) = (None, None, None, None);
    let (mut min_age, mut decades) = (0, false);
    let (mut limit, mut after) = (LIMIT, None);
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "month" => month = Some(within::<u32>("month", &value, 1, 12)?),
            "year" => year = Some(within("year", &value, 1949, 2199)?),
            "from" => from = Some(day("from", &value)?),
            "days" => days = Some(within("days", &value, 1, 31)?),
            "min_age" => min_age = within("min_age", &value, 0, 150)?,
            "decades" => decades = read("decades", &value)?,
            "limit" => limit = within("limit", &value, 1, LIMIT)?,
            "page_token" => after = Some(token(position(&value))?),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    // Nothing would be left of the list where names and days are hidden.
    if permit.identity.sight() < FieldClass::Personal {
        return Err(ApiError::new(Problem::Forbidden));
    }
    let asked = match (month, from) {
        (Some(month), None) if days.is_none() => {
            let (from, before) = (format!("{month:02}"), format!("{:02}", month + 1));
            let year = year.unwrap_or_else(|| today().year());
            vec![people::Birthdays { year, from, before, min_age, decades }]
        }
        (None, Some(from)) if year.is_none() => {
            let all = people::Birthdays::of_days(from, days.unwrap_or(7)).into_iter();
            all.map(|asked| people::Birthdays { min_age, decades, ..asked }).collect()
        }
        (None, None) => return Err(ApiError::parameter("month", Rule::Required)),
        // One of the two ways to ask, not a mixture.
        (_, None) => return Err(ApiError::parameter("days", Rule::UnknownParameter)),
        (month, Some(_)) => {
            let other = if month.is_some() { "month" } else { "year" };
            return Err(ApiError::parameter(other, Rule::UnknownParameter));
        }
    };
    let scope = permit.scope();
    let items = permit.app.db.read_long(move |c| birthdays_of(c, &scope, &asked, after, limit + 1)).await?;
    let place = |b: &Birthday| b.birth_date.to_string().get(5..).unwrap_or_default().to_owned();
    let position = |b: &Birthday| format!("{}_{}_{}", b.birth_date.year() + b.turns, place(b), b.cadre_id);
    Ok(HttpResponse::Ok().json(Page::of(items, limit, position)))
}

/// A position among birthdays: the year they are celebrated in, the day, the cadre.
type Position = (i32, String, Uuid);

fn position(token: &str) -> Option<Position> {
    let mut parts = token.splitn(3, '_');
    Some((parts.next()?.parse().ok()?, parts.next()?.to_owned(), parts.next()?.parse().ok()?))
}

/// The birthdays of one year after the other, those behind a position, at most so many.
fn birthdays_of(
    c: &mut Conn,
    scope: &Scope,
    asked: &[people::Birthdays],
    after: Option<Position>,
    limit: i64,
) -> persistence::Result<Vec<Birthday>> {
    let mut items: Vec<Birthday> = vec![];
    for asked in asked {
        let behind = match &after {
            Some((year, ..)) if asked.year < *year => continue,
            Some((year, day, id)) if asked.year == *year => Some((day.clone(), *id)),
            _ => None,
        };
        let left = limit - i64::try_from(items.len()).unwrap_or(limit);
        let found = people::birthdays(c, scope, asked, behind, left)?;
        items.extend(found.into_iter().map(|(cadre_id, name, birth_date)| {
            let turns = asked.year - birth_date.year();
            Birthday { cadre_id, name, birth_date, turns, decade: turns % 10 == 0 }
        }));
    }
    Ok(items)
}

/// Two records that may be of one person.
#[derive(Serialize, ToSchema)]
#[schema(as = DuplicateCadres)]
struct Duplicate {
    /// Why they may be.
    reason: DuplicateReason,
    /// The earlier record.
    cadre_id: Uuid,
    /// Its state.
    status: CadreStatus,
    /// The later record.
    other_id: Uuid,
    /// Its state.
    other_status: CadreStatus,
}

/// `GET /cadres/duplicates`
async fn duplicates(permit: Permit<Cadre, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let (mut limit, mut after) = (LIMIT, None);
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "limit" => limit = within("limit", &value, 1, LIMIT)?,
            "page_token" => {
                let position =
                    value.split_once('_').and_then(|(one, other)| Some((one.parse().ok()?, other.parse().ok()?)));
                after = Some(token(position)?);
            }
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let scope: Scope = permit.scope();
    let found = permit.app.db.read_long(move |c| people::duplicates(c, &scope, after, limit + 1)).await?;
    let items = found.into_iter().map(|(cadre_id, status, other_id, other_status, reason)| Duplicate {
        reason,
        cadre_id,
        status,
        other_id,
        other_status,
    });
    Ok(HttpResponse::Ok().json(Page::of(items.collect(), limit, |d| format!("{}_{}", d.cadre_id, d.other_id))))
}

/// A record that lacks something.
#[derive(Serialize, ToSchema)]
#[schema(as = IncompleteCadre)]
struct Incomplete {
    /// The cadre.
    cadre_id: Uuid,
    /// What is missing: `id_number`, `phone`, `birth_date`.
    #[schema(max_items = 3)]
    missing: Vec<&'static str>,
}

/// `GET /cadres/incomplete`
async fn incomplete(permit: Permit<Cadre, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let (mut limit, mut after) = (LIMIT, None);
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "limit" => limit = within("limit", &value, 1, LIMIT)?,
            "page_token" => after = Some(token(value.parse().ok())?),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let scope = permit.scope();
    let found = permit.app.db.read_long(move |c| people::incomplete(c, &scope, after, limit + 1)).await?;
    let items = found.into_iter().map(|(cadre_id, number, phone, birth)| {
        let named = [(number, "id_number"), (phone, "phone"), (birth, "birth_date")];
        Incomplete { cadre_id, missing: named.into_iter().filter(|(there, _)| !there).map(|(_, name)| name).collect() }
    });
    Ok(HttpResponse::Ok().json(Page::of(items.collect(), limit, |lack| lack.cadre_id.to_string())))
}

/// Open items of one resource. Which ones they are, the giving side sees in its lists.
#[derive(Serialize, ToSchema)]
#[schema(as = TransferBlocker)]
struct Blocker {
    /// Path of the resource.
    #[schema(max_length = 100)]
    resource: &'static str,
    /// How many are open.
    count: usize,
}

/// `GET /cadre-transfers/{id}/blockers`
async fn blockers(permit: Permit<CadreTransfer, Read>, id: actix_web::web::Path<Uuid>) -> Result<HttpResponse> {
    let (scope, id) = (permit.scope(), *id);
    let open = permit.app.db.read_long(move |c| people::blockers(c, &scope, id)).await?;
    let items = open.into_iter().map(|(resource, count)| Blocker { resource, count }).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_page_token: None }))
}
