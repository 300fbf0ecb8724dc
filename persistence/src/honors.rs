//! Commendation campaigns and honors.
use domain::honors::{CommendationCampaign, Honor};

crate::resource_store! {
    commendation_campaigns: CommendationCampaign { name, kind, year, level, categories, document_no, status }
    filter { name, kind, level, status, year }
    sort { year, name }
    search { name }
}

crate::resource_store! {
    honors: Honor { kind, campaign_id, category, cadre_id, party_organization_id, unit_id, title, level, issuer, awarded_on, certificate_no, evidence_doc, status }
    filter { kind, campaign_id, category, cadre_id, party_organization_id, unit_id, level, status, awarded_on }
    sort { title }
    search { title }
    rules { crate::rules::honor }
}
