//! `GET /worklists`: what waits for somebody, with counts and where to look.
//!
//! A list is a declaration: the records of a resource under conditions, or something counted in its own way. A module
//! adds an array of its own to [`ALL`].
mod activities;
mod cadres;
mod care;
mod education;
mod honors;
mod party;
pub mod reminders;

use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::listing::pairs;
use crate::routes::{BASE, Routes};
use actix_web::{HttpRequest, HttpResponse};
use domain::cadres::Cadre;
use domain::policy::Action;
use domain::{DivisionCode, Language, Module, NaiveDate, Rule, Scope};
use persistence::{Condition, Conn, Op, Query, Store};
use reminders::Reminders;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// All lists, in the order of the answer.
const ALL: &[&[Worklist]] =
    &[cadres::LISTS, party::LISTS, honors::LISTS, care::LISTS, activities::LISTS, education::LISTS];

/// Counted up to here where counting has to look at each.
const MOST: i64 = 500;

/// Who asks, and when.
pub struct Asker {
    /// The day.
    pub today: NaiveDate,
    /// The division the caller works for.
    pub division: DivisionCode,
    /// How long before a day somebody is reminded of it.
    pub reminders: Reminders,
}

/// A list of what waits.
pub struct Worklist {
    /// Stable name.
    pub name: &'static str,
    /// What it is called, in Chinese and English.
    pub title: (&'static str, &'static str),
    /// The resource it is about, which the caller must be allowed to read.
    pub about: (&'static str, Module),
    /// How it is counted.
    pub by: By,
}

/// How a list is counted, and where it is looked at.
pub enum By {
    /// The records of the resource that meet conditions; the link is that list.
    Records(fn(&mut Conn, &Scope, &Query) -> persistence::Result<i64>, fn(&Asker) -> Vec<Condition>),
    /// In its own way: up to [`MOST`] and one more, and the link below the base path.
    Own(fn(&mut Conn, &Scope, &Asker) -> persistence::Result<i64>, fn(&Asker) -> String),
}

impl Worklist {
    /// The records of `R` that meet conditions.
    pub const fn of<R: Store>(
        name: &'static str,
        title: (&'static str, &'static str),
        asks: fn(&Asker) -> Vec<Condition>,
    ) -> Self {
        Self { name, title, about: (R::PATH, R::MODULE), by: By::Records(R::count, asks) }
    }

    /// How many, and where they are.
    fn look(&self, conn: &mut Conn, scope: &Scope, asker: &Asker) -> persistence::Result<(i64, String)> {
        match self.by {
            By::Records(count, asks) => {
                let query = Query { conditions: asks(asker), ..Query::all(1) };
                let filter = |c: &Condition| {
                    let op = if c.op == Op::Eq { String::new() } else { format!("[{}]", c.op.as_str()) };
                    format!("filter[{}]{op}={}", c.field, c.value)
                };
                let filters: Vec<String> = query.conditions.iter().map(filter).collect();
                Ok((count(conn, scope, &query)?, format!("{BASE}/{}?{}", self.about.0, filters.join("&"))))
            }
            By::Own(count, link) => Ok((count(conn, scope, asker)?, format!("{BASE}{}", link(asker)))),
        }
    }
}

/// `field = value`
pub fn is(field: &str, value: impl ToString) -> Condition {
    Condition { field: field.into(), op: Op::Eq, value: value.to_string() }
}
/// `field < day`
pub fn before(field: &str, day: NaiveDate) -> Condition {
    Condition { field: field.into(), op: Op::Lt, value: day.to_string() }
}
/// `field <= day`
pub fn at_most(field: &str, day: NaiveDate) -> Condition {
    Condition { field: field.into(), op: Op::Lte, value: day.to_string() }
}
/// `field >= day`
pub fn from(field: &str, day: NaiveDate) -> Condition {
    Condition { field: field.into(), op: Op::Gte, value: day.to_string() }
}
/// The field has no value.
pub fn absent(field: &str) -> Condition {
    Condition { field: field.into(), op: Op::Present, value: "false".into() }
}

/// Mounts and documents it.
pub fn routes(r: &mut Routes) {
    let answer = schemas::register::<Worklists>(&mut r.contract.schemas);
    r.add(
        "GET",
        "/api/v1/worklists",
        worklists,
        Operation::new("list_worklists", "cadres", "待办清单 · What waits for somebody")
            .says("Lists of what is to be done in the caller's scope, those of resources it may read. A list that has to be looked through is counted up to 500: `more` says that there are others.")
            .permit("cadres", Action::Read)
            .parameter("query", "as_of", false, "The day it is asked for; today by default", json!({"type": "string", "format": "date", "example": "2021-12-31"}))
            .parameter("query", "empty", false, "`true`: lists without an item too", json!({"type": "boolean", "default": false}))
            .answers(200, "The lists", &answer, json!({"as_of": "2021-12-31", "items": [{"name": "deaths_to_confirm", "title": "待确认的去世登记", "count": 2, "more": false, "link": "/api/v1/deaths?filter[status]=reported"}]})),
    );
}

/// What waits.
#[derive(Serialize, ToSchema)]
struct Worklists {
    /// The day it was asked for.
    as_of: NaiveDate,
    /// The lists.
    #[schema(max_items = 100)]
    items: Vec<Counted>,
}

/// One list.
#[derive(Serialize, ToSchema)]
#[schema(as = WorklistCount)]
struct Counted {
    /// Stable name.
    #[schema(max_length = 100)]
    name: &'static str,
    /// What it is called, in the reader's language.
    #[schema(max_length = 100)]
    title: &'static str,
    /// How many.
    count: i64,
    /// Whether there are more than were counted.
    more: bool,
    /// Where they are.
    #[schema(max_length = 500)]
    link: String,
}

/// `GET /worklists`
async fn worklists(permit: Permit<Cadre, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let mut today = persistence::tx::business_day(domain::Utc::now());
    let mut empty = false;
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "as_of" => today = value.parse().map_err(|_| ApiError::parameter("as_of", Rule::DateFormat))?,
            "empty" => empty = crate::computed::read("empty", &value)?,
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let asker =
        Asker { today, division: permit.identity.division.clone(), reminders: permit.app.config.reminders.clone() };
    let may = |w: &&Worklist| permit.identity.may(w.about.0, w.about.1, Action::Read);
    let lists: Vec<&'static Worklist> = ALL.iter().flat_map(|part| part.iter()).filter(may).collect();
    let (scope, language) = (permit.scope(), permit.language);
    let items = permit
        .app
        .db
        .read_long(move |c| {
            let mut items = vec![];
            for list in lists {
                let (count, link) = list.look(c, &scope, &asker)?;
                let more = matches!(list.by, By::Own(..)) && count > MOST;
                let title = if language == Language::Zh { list.title.0 } else { list.title.1 };
                let count = if more { MOST } else { count };
                if count > 0 || empty {
                    items.push(Counted { name: list.name, title, count, more, link });
                }
            }
            Ok(items)
        })
        .await?;
    Ok(HttpResponse::Ok().json(Worklists { as_of: today, items }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_list_has_a_name_of_its_own_and_filters_that_exist() {
        let mut names = HashSet::new();
        let asker = Asker {
            today: NaiveDate::default(),
            division: DivisionCode::parse("371722").unwrap(),
            reminders: Reminders::of(&Default::default(), &Default::default()),
        };
        for list in ALL.iter().flat_map(|part| part.iter()) {
            assert!(names.insert(list.name), "{}", list.name);
            if let By::Records(_, asks) = list.by {
                let contract = crate::contract::latest();
                for condition in asks(&asker) {
                    let op =
                        if condition.op == Op::Eq { String::new() } else { format!("[{}]", condition.op.as_str()) };
                    assert!(contract.contains(&format!("filter[{}]{op}", condition.field)), "{}", list.name);
                }
            }
        }
    }
}
