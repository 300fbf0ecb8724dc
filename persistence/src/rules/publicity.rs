//! What is told to the public about whom.
use super::equal;
use crate::error::{Error, Result};
use crate::publicity::lock_of;
use crate::query::Query;
use crate::store::Store;
use crate::tx::Tx;
use domain::cadres::Cadre;
use domain::codes::{CadreStatus, ConsentPurpose};
use domain::publicity::{Article, Consent};
use domain::{Findings, NaiveDate, Problem, Record, Rule, Scope, Uuid, Violation};

/// Every living person that a published article names has consented to publicity, today and on the day of publication
/// (PIPL art. 25, 29). What is published and stays as it is was judged when it was published.
pub fn article(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<Article>>,
    new: &Record<Article>,
    found: &mut Findings,
) -> Result<()> {
    let article = &new.data;
    let unchanged = |o: &Record<Article>| {
        o.data.is_public()
            && o.data.subject_cadre_ids == article.subject_cadre_ids
            && o.data.published_on == article.published_on
    };
    if !article.is_public() || old.is_some_and(unchanged) {
        return Ok(());
    }
    let today = tx.stamp.today;
    if article.published_on.is_some_and(|day| day > today) {
        found.push(Violation::new("published_on", Rule::FutureDate).with("today", today));
    }
    // Always in the same order, so that two articles about the same people do not wait for each other.
    let mut persons = article.subject_cadre_ids.clone();
    persons.sort_unstable();
    for person in persons {
        tx.serialize(&lock_of(person))?;
    }
    let days = [Some(today), article.published_on];
    let mut missing = vec![];
    for (i, person) in article.subject_cadre_ids.iter().enumerate() {
        if let Some(day) = open_day(tx, *person, &days)? {
            let none = Violation::new(format!("/subject_cadre_ids/{i}"), Rule::NoConsent).with("day", day);
            missing.push(none);
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(Error::Refused(Problem::ConsentRequired, missing)) }
}

/// The first of the days on which a living person's consent to publicity is not in force.
fn open_day(tx: &mut Tx<'_>, person: Uuid, days: &[Option<NaiveDate>]) -> Result<Option<NaiveDate>> {
    let cadre = Cadre::get(tx.conn, &Scope::System, person)?;
    if cadre.is_some_and(|c| c.data.status == CadreStatus::Deceased) {
        return Ok(None);
    }
    let mut query = Query::by("cadre_id", person, 1000);
    query.conditions.push(equal("purpose", ConsentPurpose::Publicity));
    let consents = Consent::list(tx.conn, &Scope::System, &query)?.items;
    let covered = |day: &NaiveDate| consents.iter().any(|c| c.data.covers(*day));
    Ok(days.iter().flatten().find(|day| !covered(day)).copied())
}
