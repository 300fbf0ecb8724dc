//! Benefit standards, guarantees, medical expenses, and what the pools of them hold.
use crate::conn::Conn;
use crate::error::Result;
use crate::query::division_range;
use crate::statement::Sql;
use domain::benefits::{BenefitStandard, GuaranteeStatus, MedicalClaim, MedicalPoolEntry, PoolSums};
use domain::codes::PoolEntryKind;
use domain::{DivisionCode, Money};

crate::resource_store! {
    benefit_standards: BenefitStandard { kind, scope, amount, rate, valid_from, valid_to, document_no }
    filter { kind, scope, valid_from, valid_to }
    sort { valid_from }
    search {}
    rules { crate::rules::benefit_standard }
}

crate::resource_store! {
    guarantee_statuses: GuaranteeStatus { mechanism, year, status, arrears_amount, persons_affected, note }
    filter { year, mechanism, status }
    sort { year }
    search {}
}

crate::resource_store! {
    medical_claims: MedicalClaim { cadre_id, hospital, period_from, period_to, amount, documents, submitted_on, audited_on, allowed_amount, approved_on, paid_on, document_no, decision, status }
    filter { cadre_id, status, submitted_on, paid_on }
    sort { submitted_on }
    search {}
    rules { crate::rules::medical_claim }
    effects { crate::effects::medical_claim, when crate::effects::moves_money }
}

crate::resource_store! {
    medical_pool_entries: MedicalPoolEntry { kind, year, amount, booked_on, claim_id, reverses_id, document_no, note }
    filter { kind, year, booked_on, claim_id, reverses_id }
    sort { booked_on }
    search {}
    fills { crate::fills::medical_pool_entry }
    rules { crate::rules::medical_pool_entry }
}

/// The pools of a year of a division and of all inside it, in the order of their divisions.
///
/// # Errors
/// What the database says.
pub fn pools(conn: &mut Conn, division: &DivisionCode, year: i32) -> Result<Vec<(DivisionCode, PoolSums)>> {
    let (from, to) = division_range(division);
    // A reversal counts under the kind of what it reverses, so that the parts add up to what is left.
    let mut sql = Sql::new(
        "SELECT e.division_code, coalesce(r.kind, e.kind), CAST(sum(e.amount) AS bigint), count(*) \
         FROM medical_pool_entries AS e LEFT JOIN medical_pool_entries AS r ON r.id = e.reverses_id \
         WHERE e.deleted_at IS NULL AND e.year = ",
    );
    sql.bind(year).say(" AND e.division_code >= ").bind(from).say(" AND e.division_code < ").bind(to);
    sql.say(" GROUP BY e.division_code, coalesce(r.kind, e.kind) ORDER BY e.division_code");
    let rows: Vec<(DivisionCode, PoolEntryKind, i64, i64)> = sql.rows(conn)?;
    let mut pools: Vec<(DivisionCode, PoolSums)> = vec![];
    for (division, kind, sum, entries) in rows {
        if pools.last().is_none_or(|(last, _)| *last != division) {
            pools.push((division, PoolSums::default()));
        }
        if let Some((_, sums)) = pools.last_mut() {
            sums.add(kind, sum, entries);
        }
    }
    Ok(pools)
}

/// What the pool of one division and year holds: the sum of its entries.
///
/// # Errors
/// What the database says.
pub(crate) fn balance(conn: &mut Conn, division: &DivisionCode, year: i32) -> Result<Money> {
    let mut sql = Sql::new("SELECT CAST(coalesce(sum(amount), 0) AS bigint) FROM medical_pool_entries WHERE ");
    sql.say("deleted_at IS NULL AND division_code = ").bind(division.as_str()).say(" AND year = ").bind(year);
    Ok(Money(sql.row::<(i64,)>(conn)?.map_or(0, |(sum,)| sum)))
}
