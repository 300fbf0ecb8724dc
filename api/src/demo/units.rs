//! Units: in each county and for the city the committee and the government, what is below them, and one
//! bureau of veteran cadres.
use super::places::{PLACES, Place};
use super::random::id;
use super::{Rows, draft};
use domain::codes::{Rank, UnitKind, UnitManagement};
use domain::reference::Unit;
use domain::{Resource, Uuid, uscc};

/// A unit as the other topics need it.
pub(super) struct DemoUnit {
    pub id: Uuid,
    pub name: String,
    pub kind: UnitKind,
    /// The place it belongs to, by its position.
    pub place: usize,
    /// How large a part of the place's cadres it has; 0 for the small units that share a joint branch.
    pub weight: usize,
    pub trade: Trade,
}

/// What a unit does, as far as posts and party branches depend on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trade {
    /// The committee or the government itself.
    Head,
    Office,
    School,
    Hospital,
    Works,
    /// A company whose pensioners belong to the branch of their community.
    Socialised,
    Film,
    Power,
}

/// Where a kind of unit is found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    Everywhere,
    /// In counties and for the city, not in the development zones.
    NoZones,
    Counties,
}

use In::{Counties, Everywhere, NoZones};
use Trade::{Film, Hospital, Office, Power, School, Socialised, Works};
use UnitKind::{Bureau, Enterprise, Institution, Organ};

/// Name after the division's (`府`) or the committee's (`委`), kind, trade, where, weight.
type Row = (&'static str, UnitKind, Trade, In, usize);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("委组织部", Organ, Office, Everywhere, 4),
    ("委宣传部", Organ, Office, Everywhere, 3),
    ("委老干部局", Bureau, Office, Everywhere, 2),
    ("委党校", Institution, School, NoZones, 4),
    ("府教育和体育局", Organ, School, Everywhere, 22),
    ("府公安局", Organ, Office, Everywhere, 12),
    ("府财政局", Organ, Office, Everywhere, 7),
    ("府民政局", Organ, Office, Everywhere, 5),
    ("府司法局", Organ, Office, NoZones, 4),
    ("府人力资源和社会保障局", Organ, Office, Everywhere, 5),
    ("府自然资源和规划局", Organ, Office, NoZones, 5),
    ("府住房和城乡建设局", Organ, Office, Everywhere, 5),
    ("府交通运输局", Organ, Office, Everywhere, 6),
    ("府水务局", Organ, Office, NoZones, 5),
    ("府农业农村局", Organ, Office, Everywhere, 8),
    ("府卫生健康局", Organ, Office, Everywhere, 5),
    ("府审计局", Organ, Office, Everywhere, 3),
    ("府市场监督管理局", Organ, Office, Everywhere, 6),
    ("府统计局", Organ, Office, NoZones, 2),
    ("府税务局", Organ, Office, Everywhere, 6),
    ("府人民医院", Institution, Hospital, Counties, 12),
    ("府中医医院", Institution, Hospital, NoZones, 6),
    ("府第一中学", Institution, School, Everywhere, 10),
    ("府实验小学", Institution, School, Counties, 6),
    ("府疾病预防控制中心", Institution, Hospital, NoZones, 3),
    ("府供销合作社联合社", Institution, Office, NoZones, 4),
    ("府供电公司", Enterprise, Power, Everywhere, 6),
    ("府粮食购销公司", Enterprise, Works, Counties, 5),
    ("府农业机械公司", Enterprise, Socialised, Counties, 3),
    ("府棉麻公司", Enterprise, Socialised, Everywhere, 3),
    ("府电影公司", Enterprise, Film, Counties, 2),
    (GONE, Organ, Office, Counties, 2),
    ("府残疾人联合会", Organ, Office, Everywhere, 0),
    ("府红十字会", Organ, Office, NoZones, 0),
    ("府工商业联合会", Organ, Office, NoZones, 0),
    ("府科学技术协会", Organ, Office, Everywhere, 0),
    ("府档案馆", Institution, Office, NoZones, 0),
    ("府气象局", Institution, Office, Everywhere, 0),
];

/// Whose units are managed from above the province.
const CENTRAL: &[&str] = &["税务局", "气象局", "供电公司"];
/// A bureau that does not exist any more; its pensioners do.
const GONE: &str = "府物资局";
/// The unit with an early code that fails its check.
const EARLY_CODE: usize = 47;

/// All units, and their records in the order they must be stored: the heads of the places first.
pub(super) fn units() -> (Vec<DemoUnit>, [Rows<Unit>; 2]) {
    let (mut all, mut heads, mut others): (Vec<DemoUnit>, _, _) = (vec![], vec![], vec![]);
    for (at, place) in PLACES.iter().enumerate() {
        let committee = (place.committee(), Organ, Trade::Head, 3);
        let government = (place.government(), Organ, Trade::Head, 3);
        let named = |(name, kind, trade, _, weight): &Row| {
            let name = name.replace('委', &place.short_committee()).replace('府', place.name);
            (name, *kind, *trade, *weight)
        };
        let rows = ROWS.iter().filter(|row| is_in(row.3, place)).map(named);
        let first = all.len();
        for (n, (name, kind, trade, weight)) in [committee, government].into_iter().chain(rows).enumerate() {
            let unit = DemoUnit { id: id(Unit::PATH, all.len()), name, kind, place: at, weight, trade };
            let parent = match trade {
                Trade::Head => None,
                _ => all.get(first + usize::from(!unit.name.starts_with("中共"))).map(|head| head.id),
            };
            let data = record(place, &unit, parent, n, all.len());
            let list = if parent.is_none() { &mut heads } else { &mut others };
            list.push(draft(unit.id, place.code, data));
            all.push(unit);
        }
    }
    (all, [heads, others])
}

fn is_in(which: In, place: &Place) -> bool {
    match which {
        Everywhere => true,
        NoZones => !place.is_zone(),
        Counties => place.is_county(),
    }
}

fn record(place: &Place, unit: &DemoUnit, parent_id: Option<Uuid>, n: usize, running: usize) -> Unit {
    let head = unit.trade == Trade::Head;
    let unit_level = match (place.is_city(), head) {
        (true, true) => Some(Rank::BureauHead),
        (true, false) | (false, true) => Some(Rank::DivisionHead),
        _ if unit.kind == Enterprise => None,
        _ => Some(Rank::SectionHead),
    };
    let org_type = match unit.kind {
        Institution => "事业单位",
        Enterprise => "国有企业",
        _ if unit.weight == 0 => "群团组织",
        _ if unit.name.starts_with("中共") => "党委及其工作部门",
        _ => "政府及其工作部门",
    };
    let central = CENTRAL.iter().any(|end| unit.name.ends_with(end));
    let management = if central { UnitManagement::Central } else { UnitManagement::Local };
    Unit {
        name: unit.name.clone(),
        // Some have not told theirs yet.
        uscc: (running % 37 != 36).then(|| social_credit_code(place, unit.kind, running)),
        legacy_uscc: running == EARLY_CODE,
        kind: unit.kind,
        // Some have not told it yet, either.
        management: (running % 41 != 40).then_some(management),
        unit_level,
        org_type: Some(org_type.into()),
        parent_id,
        sort_no: (n as i32 + 1) * 10,
        active: !unit.name.ends_with(GONE.trim_start_matches('府')),
    }
}

/// A code with the right check character that is plainly not a real one.
fn social_credit_code(place: &Place, kind: UnitKind, running: usize) -> String {
    let register = match kind {
        Institution => "12",
        Enterprise => "91",
        _ => "11",
    };
    let first17 = format!("{register}{}TEAT{running:05}", place.registered());
    let check = uscc::check_char(&first17).unwrap_or('0');
    let check = match running {
        EARLY_CODE if check == '0' => '1',
        EARLY_CODE => '0',
        _ => check,
    };
    format!("{first17}{check}")
}
