//! Divisions and units.
use domain::codes::{DivisionKind, DivisionLevel, UnitKind};
use domain::reference::{Division as DivisionRecord, Unit};
use domain::{DivisionCode, NaiveDate};

crate::resource_store! {
    divisions: DivisionRecord {
        code: Division, name: Text, level: CodeText, kind: CodeText, parent_code: Nullable<Division>,
        valid_from: Date, valid_to: Nullable<Date>, successor_code: Nullable<Division>,
    }
    eq {
        code: Division, DivisionCode;
        level: CodeText, DivisionLevel;
        kind: CodeText, DivisionKind;
        parent_code: Division, DivisionCode;
    }
    range { valid_from: Date, NaiveDate; valid_to: Date, NaiveDate; }
    fuzzy {}
    sort { code: Division, DivisionCode; name: Text, String; }
    search { name }
}

crate::resource_store! {
    units: Unit {
        name: Text, uscc: Nullable<Text>, legacy_uscc: Bool, kind: CodeText, unit_level: Nullable<CodeText>,
        org_type: Nullable<Text>, parent_id: Nullable<Uid>, sort_no: Integer, active: Bool,
    }
    eq { name: Text, String; uscc: Text, String; kind: CodeText, UnitKind; parent_id: Uid, Uuid; active: Bool, bool; }
    range {}
    fuzzy {}
    sort { name: Text, String; sort_no: Integer, i32; }
    search { name }
    rules { crate::rules::unit }
}
