//! How long a term lasts, what dues are owed, what scores sum to.
use crate::conn::Conn;
use crate::error::Result;
use crate::query::{Condition, Op, Query};
use crate::rules::{equal, nearest};
use crate::store::Store;
use crate::tx::Tx;
use domain::benefits::BenefitStandard;
use domain::codes::{DuesKind, StandardKind};
use domain::party::{
    DuesBracket, DuesPayment, Evaluation, EvaluationScheme, NATIONAL_BRACKETS, PartyMembership, PartyOrganization,
    PartyTerm, RelationTransfer, rate_of,
};
use domain::{Code, DivisionCode, Findings, NaiveDate, Record, Scope};

/// A term lasts as long as the kind of its organization is elected for, unless the term says otherwise.
pub fn party_term(tx: &mut Tx<'_>, record: &mut Record<PartyTerm>, found: &mut Findings) -> Result<()> {
    let term = &mut record.data;
    if term.term_years.is_some() || term.elected_on.is_none() {
        return Ok(());
    }
    // A missing organization is reported by the reference check.
    let organization = PartyOrganization::get(tx.conn, &Scope::System, term.party_organization_id)?;
    let Some(organization) = organization else { return Ok(()) };
    term.term_years = Some(organization.data.term_years());
    term.derive();
    if term.extended_until.is_some() {
        // Only now the end of the term is known.
        let mut again = Findings::default();
        domain::Resource::check(term, &mut again);
        again.errors.retain(|e| e.pointer == "/extended_until");
        found.absorb(Findings { errors: again.errors, warnings: vec![] });
    }
    Ok(())
}

/// The rate of monthly dues is that of the standard in force in the first month.
pub fn dues_payment(tx: &mut Tx<'_>, record: &mut Record<DuesPayment>, found: &mut Findings) -> Result<()> {
    let (Some(base), Some(first)) = (record.data.base, record.data.period_from) else { return Ok(()) };
    if record.data.kind != DuesKind::Monthly {
        return Ok(());
    }
    let brackets = brackets(tx.conn, &record.meta.division_code, first.first_day())?;
    if let Some(rate) = rate_of(base, &brackets) {
        record.data.settle(rate, found);
    }
    Ok(())
}

/// The brackets of the dues in force on a day: those of the nearest division that has any, otherwise the country's.
fn brackets(conn: &mut Conn, division: &DivisionCode, day: NaiveDate) -> Result<Vec<DuesBracket>> {
    let conditions = vec![
        equal("kind", StandardKind::DuesRate.as_str()),
        Condition { field: "valid_from".into(), op: Op::Lte, value: day.to_string() },
    ];
    let standards = BenefitStandard::list(conn, &Scope::System, &Query { conditions, ..Query::all(1000) })?.items;
    let in_force = standards.into_iter().filter(|s| s.data.valid_to.is_none_or(|to| to >= day)).collect();
    let nearest = nearest(in_force, division);
    let brackets = nearest.iter().filter_map(|s| DuesBracket::of_standard(&s.data.scope, s.data.rate?));
    let brackets: Vec<DuesBracket> = brackets.collect();
    Ok(if brackets.is_empty() { NATIONAL_BRACKETS.to_vec() } else { brackets })
}

/// The scheme judges the scores and gives them their weights.
pub fn evaluation(tx: &mut Tx<'_>, record: &mut Record<Evaluation>, found: &mut Findings) -> Result<()> {
    let scheme = EvaluationScheme::get(tx.conn, &Scope::System, record.data.evaluation_scheme_id)?;
    if let Some(scheme) = scheme {
        record.data.settle(&scheme.data, found);
    }
    Ok(())
}

/// A letter is about the member and the organization of its membership.
pub fn relation_transfer(tx: &mut Tx<'_>, record: &mut Record<RelationTransfer>, _: &mut Findings) -> Result<()> {
    let membership = PartyMembership::get(tx.conn, &Scope::System, record.data.party_membership_id)?;
    if let Some(membership) = membership {
        record.data.cadre_id = Some(membership.data.cadre_id);
        record.data.from_organization_id = Some(membership.data.party_organization_id);
    }
    Ok(())
}
