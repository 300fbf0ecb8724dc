//! Benefit standards.
use domain::benefits::BenefitStandard;

crate::resource_store! {
    benefit_standards: BenefitStandard { kind, scope, amount, rate, valid_from, valid_to, document_no }
    filter { kind, scope, valid_from, valid_to }
    sort { valid_from }
    search {}
    rules { crate::rules::benefit_standard }
}
