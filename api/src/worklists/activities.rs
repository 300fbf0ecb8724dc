//! Activities whose day has passed, and wishes that wait for somebody.
use super::{Worklist, before, is};
use domain::activities::{Activity, Wish};
use domain::codes::{ActivityStatus, WishStatus};

pub(super) const LISTS: &[Worklist] = &[
    // What encloses the division is for others to close.
    Worklist::of::<Activity>(
        "activities_to_close",
        ("已过期待办结的活动", "Activities whose day has passed"),
        |a| {
            let planned = is("status", ActivityStatus::Planned);
            vec![planned, before("held_on", a.today), is("division_code", &a.division)]
        },
    ),
    Worklist::of::<Wish>("wishes_to_claim", ("待认领的微心愿", "Wishes that nobody has taken on"), |_| {
        vec![is("status", WishStatus::Collected)]
    }),
    Worklist::of::<Wish>("wishes_overdue", ("逾期未实现的微心愿", "Wishes that are overdue"), |a| {
        vec![is("status", WishStatus::Claimed), before("due_on", a.today)]
    }),
];
