//! Commendation campaigns and honors.
use domain::honors::{CommendationCampaign, Honor};

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
