//! Publicity: consents.
use domain::publicity::Consent;

crate::resource_store! {
    consents: Consent { cadre_id, purpose, granted_on, revoked_on, evidence, evidence_files }
    filter { cadre_id, purpose, granted_on, revoked_on }
    sort { granted_on }
    search {}
}
