//! Publicity: accounts, articles, reports, consents.
use crate::conn::{Conn, Engine};
use crate::error::Result;
use crate::statement::Sql;
use domain::publicity::{Article, Consent, MediaAccount, MediaReport};
use domain::{NaiveDate, Uuid};

crate::resource_store! {
    media_accounts: MediaAccount { name, platform, level, unit_id, account, followers, opened_on, closed_on, open }
    filter { platform, level, unit_id, opened_on, open }
    sort { name }
    search { name }
}

crate::resource_store! {
    articles: Article { kind, title, summary, subject_cadre_ids, media_account_id, outlet, outlet_level, url, published_on, withdrawn_on, withdrawal_reason, status }
    filter { kind, media_account_id, outlet_level, status, published_on }
    sort { title }
    search { title, outlet }
    rules { crate::rules::article }
}

crate::resource_store! {
    media_reports: MediaReport { outlet, level, title, url, reported_on, subject, party_organization_id, unit_id }
    filter { level, reported_on, party_organization_id, unit_id }
    sort { reported_on }
    search { outlet, title, subject }
}

crate::resource_store! {
    consents: Consent { cadre_id, purpose, granted_on, revoked_on, expires_on, evidence, evidence_files }
    filter { cadre_id, purpose, granted_on, revoked_on, expires_on }
    sort { granted_on }
    search {}
    effects { crate::effects::consent, when crate::effects::changes_consent }
}

/// What all who publish about a person, or change what the person has agreed to, are one after the other by.
pub(crate) fn lock_of(cadre: Uuid) -> String {
    format!("publicity:{cadre}")
}

/// Published articles that name somebody who lives and whose consent is not in force on a day: those about one cadre,
/// or all.
pub(crate) fn uncovered(conn: &mut Conn, day: NaiveDate, about: Option<Uuid>) -> Result<Vec<Uuid>> {
    let (sqlite, postgres) = (Engine::Sqlite, Engine::Postgres);
    let mut sql = Sql::new(
        "SELECT a.id FROM articles AS a WHERE a.deleted_at IS NULL AND a.status = 'published' AND EXISTS (SELECT 1 FROM ",
    );
    sql.say_to(
        sqlite,
        "json_each(a.subject_cadre_ids) AS s JOIN cadres AS c ON c.id = unhex(replace(s.value, '-', ''))",
    );
    sql.say_to(
        postgres,
        "jsonb_array_elements_text(a.subject_cadre_ids) AS s (value) JOIN cadres AS c ON c.id = s.value::uuid",
    );
    sql.say(" WHERE c.status <> 'deceased'");
    if let Some(cadre) = about {
        sql.say(" AND c.id = ").bind(cadre);
    }
    sql.say(
        " AND NOT EXISTS (SELECT 1 FROM consents AS k WHERE k.cadre_id = c.id AND k.deleted_at IS NULL AND \
         k.purpose = 'publicity' AND k.granted_on <= ",
    );
    sql.bind(day).say(" AND (k.revoked_on IS NULL OR k.revoked_on > ").bind(day);
    sql.say(") AND (k.expires_on IS NULL OR k.expires_on >= ").bind(day).say("))) ORDER BY a.id");
    Ok(sql.rows::<(Uuid,)>(conn)?.into_iter().map(|(id,)| id).collect())
}
