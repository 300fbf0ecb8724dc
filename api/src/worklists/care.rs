//! Expenses to decide about, contacts to be had, hardship on its way.
use super::{Asker, By, MOST, Worklist, before, is};
use domain::Resource;
use domain::benefits::{CarePair, GreenChannelCase, HardshipCase, MedicalClaim};
use domain::codes::{ClaimStatus, GreenChannelStatus, HardshipStatus};
use persistence::{Conn, care};

const PAIRS: (&str, domain::Module) = (CarePair::PATH, CarePair::MODULE);

pub(super) const LISTS: &[Worklist] = &[
    Worklist::of::<MedicalClaim>("claims_to_audit", ("待审核的医药费", "Medical claims to audit"), |_| {
        vec![is("status", ClaimStatus::Submitted)]
    }),
    Worklist::of::<MedicalClaim>("claims_to_approve", ("待批准的医药费", "Medical claims to approve"), |_| {
        vec![is("status", ClaimStatus::Audited)]
    }),
    Worklist::of::<MedicalClaim>("claims_to_pay", ("待支付的医药费", "Medical claims to pay"), |_| {
        vec![is("status", ClaimStatus::Approved)]
    }),
    Worklist::of::<GreenChannelCase>(
        "green_channels_open",
        ("办理中的绿色通道", "Green channels to settle"),
        |_| vec![is("status", GreenChannelStatus::Opened)],
    ),
    Worklist {
        name: "contacts_overdue",
        title: ("应联系未联系", "Contacts that are due"),
        about: PAIRS,
        by: By::Own(overdue, |a| format!("/care-pairs/overdue?as_of={}", a.today)),
    },
    Worklist {
        name: "lixiu_without_pair",
        title: ("未结对的离休干部", "Lixiu cadres without an active pair"),
        about: PAIRS,
        by: By::Own(
            |c, scope, a| care::count_unpaired(c, scope, a.today),
            |a| format!("/care-pairs/missing?as_of={}", a.today),
        ),
    },
    Worklist::of::<HardshipCase>(
        "hardship_to_verify",
        ("待核实的困难帮扶", "Hardship cases to verify"),
        |_| vec![is("status", HardshipStatus::Applied)],
    ),
    Worklist::of::<HardshipCase>(
        "hardship_to_publicize",
        ("待公示的困难帮扶", "Hardship cases to publicize"),
        |_| vec![is("status", HardshipStatus::Verified)],
    ),
    Worklist::of::<HardshipCase>(
        "hardship_to_approve",
        ("公示期满待批准的困难帮扶", "Hardship cases whose publicity is over"),
        |a| vec![is("status", HardshipStatus::Publicized), before("publicized_to", a.today)],
    ),
    Worklist::of::<HardshipCase>("hardship_to_grant", ("待发放的困难帮扶", "Hardship aid to pay"), |_| {
        vec![is("status", HardshipStatus::Approved)]
    }),
    Worklist::of::<HardshipCase>("hardship_to_review", ("待回访的困难帮扶", "Hardship cases to review"), |a| {
        vec![is("status", HardshipStatus::Granted), before("review_due", a.today)]
    }),
];

/// Counted up to [`MOST`] and one more.
fn overdue(conn: &mut Conn, scope: &domain::Scope, asker: &Asker) -> persistence::Result<i64> {
    let most = usize::try_from(MOST + 1).unwrap_or_default();
    let found = care::waiting(conn, scope, asker.today, None, most)?.0.len();
    Ok(i64::try_from(found).unwrap_or(i64::MAX))
}
