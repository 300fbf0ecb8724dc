//! Whom figures and tables ask for: members, and those in whose care the city was on a day.
use super::selection::{Cond, People, Selection, day, partial};

/// All in care on the day, with the division that answered for them then.
pub static IN_CARE: Selection = Selection::people(People::InCare, &[]);

/// Members of the party on the day: whoever has left since had the membership until then.
pub static MEMBERSHIPS: Selection = Selection::inside(
    "party-memberships",
    &[
        Cond::Yes("formal"),
        Cond::Begun(partial("joined_on")),
        Cond::Either(&[
            Cond::In("status", &["full", "probationary", "transferred", "deceased"]),
            Cond::Later(day("suspended_on")),
        ]),
    ],
);
/// Transfers to a place outside that took effect after the day.
static LEAVING: Selection = Selection::inside(
    "cadre-transfers",
    &[Cond::Is("status", "done"), Cond::Is("direction", "out"), Cond::Later(day("effective_date"))],
);
/// Who lived on the day and was in the care of some division.
pub static THERE: Selection = Selection::inside(
    "cadres",
    &[
        Cond::Either(&[Cond::Unknown("died_on"), Cond::Later(partial("died_on"))]),
        Cond::Either(&[
            Cond::In("status", &["pre_registered", "in_care", "transfer_pending", "deceased"]),
            Cond::Among("id", &LEAVING, "cadre_id"),
        ]),
    ],
);
