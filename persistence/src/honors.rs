//! Commendation campaigns and honors.
use crate::conn::Conn;
use crate::error::Result;
use crate::statement::Sql;
use domain::Uuid;
use domain::honors::{CommendationCampaign, Honor};
use std::collections::HashSet;

crate::resource_store! {
    commendation_campaigns: CommendationCampaign { name, kind, year, level, categories, document_no, cutoff_on, publicized_from, publicized_to, awarded_on, status }
    filter { name, kind, level, status, year, publicized_to, awarded_on }
    sort { year, name }
    search { name }
}

crate::resource_store! {
    honors: Honor { kind, campaign_id, category, cadre_id, party_organization_id, unit_id, title, level, issuer, awarded_on, certificate_no, evidence_doc, evidence, external, verified_on, recommended_on, reviewed_on, consulted, decision_reason, status }
    filter { kind, campaign_id, category, cadre_id, party_organization_id, unit_id, level, status, awarded_on, external }
    sort { title }
    search { title }
    rules { crate::rules::honor }
}

/// These of all campaigns by id and name, the latest first. The caller has decided who sees them.
///
/// # Errors
/// What the database says.
pub fn campaigns_by_year(conn: &mut Conn, ids: impl Iterator<Item = Uuid>) -> Result<Vec<(Uuid, String)>> {
    let wanted: HashSet<Uuid> = ids.collect();
    let sql = Sql::new("SELECT id, name FROM commendation_campaigns ORDER BY year DESC, name, id");
    let mut all: Vec<(Uuid, String)> = sql.rows(conn)?;
    all.retain(|(id, _)| wanted.contains(id));
    Ok(all)
}
