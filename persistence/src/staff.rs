//! Staff, their training, policy documents.
use domain::staff::{PolicyDocument, StaffMember, StaffTraining};

crate::resource_store! {
    staff: StaffMember { name, unit_id, duty, phone, kind, started_on, ended_on }
    filter { name, unit_id, kind, started_on, ended_on }
    sort { name }
    search { name }
}

crate::resource_store! {
    staff_trainings: StaffTraining { topic, level, from_on, to_on, persons, hours, place, staff_ids }
    filter { level, from_on, to_on, persons, hours }
    sort { from_on }
    search { topic }
}

crate::resource_store! {
    policy_documents: PolicyDocument { document_no, title, issuer, kind, issued_on, effective_from, repealed_on, replaced_by_id, tags, summary, file_sha256, status }
    filter { document_no, issuer, kind, status, issued_on, effective_from, file_sha256 }
    sort { issued_on, title }
    search { title, document_no }
}
