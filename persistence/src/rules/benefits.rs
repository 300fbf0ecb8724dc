//! Standards of benefits.
use super::{equal, nearest};
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::query::{Condition, Op, Query, Sort};
use crate::store::Store;
use crate::tx::Tx;
use domain::benefits::BenefitStandard;
use domain::codes::StandardKind;
use domain::{DivisionCode, Findings, NaiveDate, Problem, Record, Rule, Scope, Violation};

/// Periods of one kind and scope do not overlap within a division; the medical pool does not fall.
pub fn benefit_standard(
    tx: &mut Tx<'_>,
    _: &Scope,
    _: Option<&Record<BenefitStandard>>,
    new: &Record<BenefitStandard>,
    found: &mut Findings,
) -> Result<()> {
    let standard = &new.data;
    let division = &new.meta.division_code;
    tx.serialize(&format!("standard:{}:{}:{division}", standard.kind, standard.scope))?;
    let same = Query {
        conditions: vec![equal("kind", standard.kind), equal("scope", &standard.scope)],
        sort: Sort { key: "valid_from".into(), descending: true },
        ..Query::all(1000)
    };
    let others: Vec<_> = BenefitStandard::list(tx.conn, &Scope::System, &same)?
        .items
        .into_iter()
        .filter(|o| o.meta.division_code == *division && o.meta.id != new.meta.id)
        .collect();
    let overlaps = |o: &&Record<BenefitStandard>| {
        o.data.valid_to.is_none_or(|to| to >= standard.valid_from)
            && standard.valid_to.is_none_or(|to| to >= o.data.valid_from)
    };
    if let Some(other) = others.iter().find(overlaps) {
        let clash = Violation::new("valid_from", Rule::PeriodOrder)
            .with("other", format!("{} ({})", other.data.valid_from, other.meta.id));
        return Err(Error::Refused(Problem::PeriodOverlap, vec![clash]));
    }
    let before = others.iter().find(|o| o.data.valid_from < standard.valid_from);
    if let (StandardKind::MedicalPool, Some(amount), Some(previous)) =
        (standard.kind, standard.amount, before.and_then(|o| o.data.amount))
        && amount < previous
    {
        found.note(Violation::new("amount", Rule::StandardDecreased).with("previous", previous));
    }
    Ok(())
}

/// The standard of this kind and scope in force on a day that counts for a division: that of the nearest one that has any.
///
/// # Errors
/// What the database says.
pub fn standard_for(
    conn: &mut Conn,
    division: &DivisionCode,
    kind: StandardKind,
    of: &str,
    day: NaiveDate,
) -> Result<Option<Record<BenefitStandard>>> {
    let begun = Condition { field: "valid_from".into(), op: Op::Lte, value: day.to_string() };
    let conditions = vec![equal("kind", kind), equal("scope", of), begun];
    let all = BenefitStandard::list(conn, &Scope::System, &Query { conditions, ..Query::all(1000) })?.items;
    let in_force = all.into_iter().filter(|s| s.data.valid_to.is_none_or(|to| to >= day)).collect();
    Ok(nearest(in_force, division).into_iter().next())
}
