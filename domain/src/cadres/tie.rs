//! What becomes of records in the life of the cadre they are about, said by each resource once.
use crate::NaiveDate;

/// How the records of a resource that name a cadre in `cadre_id` share its life. Transfers, deaths and merges ask
/// this of every resource, so that one that is added takes part without a line elsewhere.
pub struct CadreTie<R: 'static> {
    /// They go with the cadre into another division. What does not stays where it was made: a party relation has
    /// a transfer of its own, an honor of an organization is the organization's.
    pub moves: bool,
    /// Whether a record is an open item, which keeps a transfer from being completed until it is settled or
    /// handed over with a word about it.
    pub open: fn(&R) -> bool,
    /// What the cadre's death on a day does to a record that goes on until then.
    pub ends: fn(&mut R, NaiveDate),
    /// What it does to a record that the cadre has gone to another unit on a day: who looked after the cadre here does
    /// so no more.
    pub leaves: fn(&mut R, NaiveDate),
}

impl<R> CadreTie<R> {
    /// Nothing becomes of them.
    pub const NOTHING: Self = Self { moves: false, open: |_| false, ends: |_, _| {}, leaves: |_, _| {} };
}
