//! Benefit standards.
use domain::NaiveDate;
use domain::benefits::BenefitStandard;
use domain::codes::StandardKind;

crate::resource_store! {
    benefit_standards: BenefitStandard {
        kind: CodeText, scope: Text, amount: Nullable<Fen>, rate: Nullable<Millionths>, valid_from: Date,
        valid_to: Nullable<Date>, document_no: Nullable<Text>,
    }
    eq { kind: CodeText, StandardKind; scope: Text, String; }
    range { valid_from: Date, NaiveDate; valid_to: Date, NaiveDate; }
    fuzzy {}
    sort { valid_from: Date, NaiveDate; }
    search {}
    rules { crate::rules::benefit_standard }
}
