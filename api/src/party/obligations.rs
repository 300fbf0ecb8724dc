//! What party organizations held against what they have to hold.
use crate::computed::{Page, paged, read, today, token, within};
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::listing::pairs;
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{Datelike, Months};
use domain::codes::{PartyMeetingKind, PartyOrganizationStatus};
use domain::party::{Duties, PartyMeeting, PartyOrganization, PartyPost};
use domain::policy::Action;
use domain::{Code, DivisionCode, NaiveDate, PartialDate, Record, Rule, Scope, Uuid};
use persistence::{Condition, Conn, Cursor, Op, Query, Store};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// Organizations in a page at most: their meetings are looked at one by one.
const MOST: i64 = 200;
/// Posts from which on there is a committee (Party branch work regulations 2018).
const COMMITTEE: usize = 3;

pub(super) fn routes(r: &mut Routes) {
    let item = schemas::register::<Obligations>(&mut r.contract.schemas);
    let page = schemas::page("Organizations with what is due and what was held", schemas::reference(&item));
    r.contract.schemas.insert("ObligationPage".into(), page);
    let month = json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$", "example": "2021-01"});
    r.add(
        "GET",
        "/api/v1/party-organizations/obligations",
        obligations,
        paged(Operation::new("list_party_obligations", "party", "三会一课、主题党日等落实情况 · Meetings held against what is due"))
            .says("For each active branch: meetings of all members each quarter, of the committee each month where there is one, theme party days each month, party lectures as the server is configured (`reminders.lecture_months`), an organizational-life meeting and an appraisal each year. A quarter, month or year counts when it lies in the period as a whole and after the branch was established. Functional branches are left out.")
            .permit("party-meetings", Action::Read)
            .parameter("query", "from", false, "First month; January of the year by default", month.clone())
            .parameter("query", "to", false, "Last month; the one before this month by default", month)
            .parameter("query", "party_organization_id", false, "Only this organization", json!({"type": "string", "format": "uuid"}))
            .parameter("query", "open", false, "`true`: only those who lack something", json!({"type": "boolean", "default": false}))
            .answers(200, "A page", "ObligationPage", json!({"items": [{"party_organization_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "name": "单县某某局离退休干部党支部", "division_code": "371722", "from": "2021-01", "to": "2021-12", "complete": false, "kinds": [{"kind": "member_meeting", "every_months": 3, "due": 4, "met": 3, "held": 3, "missing": ["2021-10"]}]}]})),
    );
}

/// What an organization held against what is due.
#[derive(Serialize, ToSchema)]
#[schema(as = PartyObligations)]
struct Obligations {
    /// The organization.
    party_organization_id: Uuid,
    /// Its name.
    #[schema(max_length = 100)]
    name: String,
    /// Its division.
    division_code: DivisionCode,
    /// First month of the period.
    from: PartialDate,
    /// Last month of the period.
    to: PartialDate,
    /// Whether nothing that is due is missing.
    complete: bool,
    /// Each kind of meeting.
    #[schema(max_items = 20)]
    kinds: Vec<Kind>,
}

/// One kind of meeting.
#[derive(Serialize, ToSchema)]
#[schema(as = PartyObligation)]
struct Kind {
    /// Kind.
    kind: PartyMeetingKind,
    /// Months of which each needs one; absent where no number is prescribed.
    #[serde(skip_serializing_if = "Option::is_none")]
    every_months: Option<u32>,
    /// How many such spans the period has.
    due: usize,
    /// In how many of them one was held.
    met: usize,
    /// How many were held.
    held: usize,
    /// The first months of the spans in which none was held.
    #[schema(max_items = 120)]
    missing: Vec<PartialDate>,
}

/// What is asked for.
struct Asked {
    from: PartialDate,
    to: PartialDate,
    organization: Option<Uuid>,
    open: bool,
    lecture_months: u32,
}

/// `GET /party-organizations/obligations`
async fn obligations(permit: Permit<PartyMeeting, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let before = today().checked_sub_months(Months::new(1)).unwrap_or_else(today);
    let (mut from, mut to) = (None, PartialDate::month_of(before));
    let (mut organization, mut open, mut limit, mut after) = (None, false, MOST, None);
    let month = |name: &str, value: &str| {
        let month = PartialDate::parse(value).filter(|_| value.len() == 7);
        month.ok_or_else(|| ApiError::parameter(name, Rule::MonthFormat))
    };
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "from" => from = Some(month("from", &value)?),
            "to" => to = month("to", &value)?,
            "party_organization_id" => organization = Some(read("party_organization_id", &value)?),
            "open" => open = read("open", &value)?,
            "limit" => limit = within("limit", &value, 1, MOST)?,
            "page_token" => after = Some(token(value.parse().ok())?),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let january = |day: NaiveDate| PartialDate::month_of(day.with_month(1).unwrap_or(day));
    let from = from.unwrap_or_else(|| january(to.first_day()));
    if to.last_day() < from.first_day() || to.year() - from.year() > 9 {
        return Err(ApiError::parameter("to", Rule::PeriodOrder));
    }
    let lecture_months = permit.app.config.reminders.lecture_months.into();
    let (scope, asked) = (permit.scope(), Asked { from, to, organization, open, lecture_months });
    let items = permit.app.db.read_long(move |c| page(c, &scope, &asked, after, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Page::of(items, limit, |item| item.party_organization_id.to_string())))
}

fn is(field: &str, op: Op, value: impl ToString) -> Condition {
    Condition { field: field.into(), op, value: value.to_string() }
}

fn page(
    c: &mut Conn,
    scope: &Scope,
    asked: &Asked,
    after: Option<Uuid>,
    most: i64,
) -> persistence::Result<Vec<Obligations>> {
    let mut query = Query::all(100);
    query.conditions =
        vec![is("status", Op::Eq, PartyOrganizationStatus::Active.as_str()), is("is_functional", Op::Eq, false)];
    query.after = after.map(|id| Cursor { value: serde_json::Value::Null, id });
    let mut found = vec![];
    loop {
        let (items, next) = match asked.organization {
            Some(id) => (PartyOrganization::get(c, scope, id)?.into_iter().collect(), None),
            None => {
                let page = PartyOrganization::list(c, scope, &query)?;
                (page.items, page.next)
            }
        };
        let works = |o: &Record<PartyOrganization>| {
            o.data.kind.is_lowest() && !o.data.is_functional && o.data.status == PartyOrganizationStatus::Active
        };
        for organization in items.into_iter().filter(works) {
            let item = judge(c, scope, asked, organization)?;
            found.extend(Some(item).filter(|item| !asked.open || !item.complete));
            if i64::try_from(found.len()).unwrap_or(most) >= most {
                return Ok(found);
            }
        }
        match next {
            Some(next) => query.after = Some(next),
            None => return Ok(found),
        }
    }
}

/// Of each organization its division, how many meetings were due in these months, and how many of them were held.
///
/// # Errors
/// What the database says.
pub fn all(
    c: &mut Conn,
    scope: &Scope,
    (from, to): (PartialDate, PartialDate),
    lecture_months: u32,
) -> persistence::Result<Vec<(DivisionCode, usize, usize)>> {
    let asked = Asked { from, to, organization: None, open: false, lecture_months };
    let items = page(c, scope, &asked, None, i64::MAX)?;
    let sum = |item: &Obligations, f: fn(&Kind) -> usize| item.kinds.iter().map(f).sum();
    Ok(items.into_iter().map(|i| (i.division_code.clone(), sum(&i, |k| k.due), sum(&i, |k| k.met))).collect())
}

fn judge(
    c: &mut Conn,
    scope: &Scope,
    asked: &Asked,
    organization: Record<PartyOrganization>,
) -> persistence::Result<Obligations> {
    let (from, to) = (asked.from.first_day(), asked.to.last_day());
    let mut query = Query::by("party_organization_id", organization.meta.id, 500);
    let posts = PartyPost::list(c, scope, &query)?.items;
    query.conditions.extend([is("held_on", Op::Gte, from), is("held_on", Op::Lte, to)]);
    let mut meetings: Vec<(PartyMeetingKind, NaiveDate)> = vec![];
    loop {
        let page = PartyMeeting::list(c, scope, &query)?;
        meetings.extend(page.items.iter().map(|m| (m.data.kind, m.data.held_on)));
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    let duties = Duties {
        from,
        to,
        since: organization.data.established_on.map(PartialDate::last_day),
        committee: posts.iter().filter(|p| p.data.held_on(to)).count() >= COMMITTEE,
        lecture_months: asked.lecture_months,
    };
    let kinds: Vec<Kind> = duties
        .against(&meetings)
        .into_iter()
        .map(|o| Kind {
            kind: o.kind,
            every_months: o.every_months,
            due: o.due,
            met: o.met,
            held: o.held,
            missing: o.missing.into_iter().map(PartialDate::month_of).collect(),
        })
        .collect();
    Ok(Obligations {
        party_organization_id: organization.meta.id,
        name: organization.data.name,
        division_code: organization.meta.division_code,
        from: asked.from,
        to: asked.to,
        complete: kinds.iter().all(|kind| kind.missing.is_empty()),
        kinds,
    })
}
