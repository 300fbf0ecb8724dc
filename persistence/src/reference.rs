//! Divisions and units.
use domain::reference::{Division as DivisionRecord, Unit};

crate::resource_store! {
    divisions: DivisionRecord { code, name, level, kind, parent_code, valid_from, valid_to, successor_code }
    filter { code, level, kind, parent_code, valid_from, valid_to }
    sort { code, name }
    search { name }
}

crate::resource_store! {
    units: Unit { name, uscc, legacy_uscc, kind, unit_level, org_type, parent_id, sort_no, active }
    filter { name, uscc, kind, parent_id, active }
    sort { name, sort_no }
    search { name }
    rules { crate::rules::unit }
}
