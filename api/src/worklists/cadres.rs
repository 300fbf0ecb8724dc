//! Transfers, deaths, retirements, birthdays, and records that need care.
use super::{Asker, By, MOST, Worklist, is};
use domain::cadres::{Cadre, CadreTransfer, Death, HonoraryRetirement};
use domain::codes::{DeathStatus, HonoraryRetirementStatus, TransferStatus};
use domain::{Resource, Scope};
use persistence::Conn;
use persistence::people::{self, Birthdays};

const CADRES: (&str, domain::Module) = (Cadre::PATH, Cadre::MODULE);

pub(super) const LISTS: &[Worklist] = &[
    Worklist::of::<CadreTransfer>("transfers_to_approve", ("待批准的转出", "Transfers to approve"), |a| {
        vec![is("status", TransferStatus::Submitted), is("division_code", &a.division)]
    }),
    Worklist::of::<CadreTransfer>("transfers_to_accept", ("待接收的转入", "Transfers to accept"), |a| {
        let waiting = is("status", TransferStatus::FromApproved);
        // Who works for the city sees those of all its counties.
        let county = !a.division.as_str().ends_with("00");
        [Some(waiting), county.then(|| is("to_division", &a.division))].into_iter().flatten().collect()
    }),
    Worklist::of::<CadreTransfer>("transfers_to_complete", ("待办结的转接", "Transfers to complete"), |a| {
        vec![is("status", TransferStatus::ToAccepted), is("division_code", &a.division)]
    }),
    Worklist::of::<Death>("deaths_to_confirm", ("待确认的去世登记", "Deaths to confirm"), |_| {
        vec![is("status", DeathStatus::Reported)]
    }),
    Worklist::of::<HonoraryRetirement>(
        "honorary_retirements_under_way",
        ("办理中的荣誉退休", "Honorary retirements under way"),
        |_| vec![is("status", HonoraryRetirementStatus::InProgress)],
    ),
    Worklist {
        name: "birthdays_of_the_week",
        title: ("七日内生日", "Birthdays of the next seven days"),
        about: CADRES,
        by: By::Own(birthdays, |a| format!("/cadres/birthdays?from={}&days={WEEK}", a.today)),
    },
    Worklist {
        name: "incomplete_cadres",
        title: ("信息不完整的在管干部", "Cadres in care whose record lacks something"),
        about: CADRES,
        by: By::Own(|c, scope, _| people::count_incomplete(c, scope), |_| "/cadres/incomplete".into()),
    },
    Worklist {
        name: "duplicate_cadres",
        title: ("疑似重复人员", "Records that may be of one person"),
        about: CADRES,
        by: By::Own(
            |c, scope, _| Ok(i64::try_from(people::duplicates(c, scope, None, MOST + 1)?.len()).unwrap_or(MOST)),
            |_| "/cadres/duplicates".into(),
        ),
    },
];

/// Days of a week.
const WEEK: u16 = 7;

/// Today and the six days after it, which may lie in two years.
fn birthdays(conn: &mut Conn, scope: &Scope, asker: &Asker) -> persistence::Result<i64> {
    Birthdays::of_days(asker.today, WEEK).iter().map(|asked| people::count_birthdays(conn, scope, asked)).sum()
}
