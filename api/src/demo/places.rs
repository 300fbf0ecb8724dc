//! The city and its eleven counties, with what the other topics need to know of them.

/// One of the twelve places that have units and cadres of their own.
pub(super) struct Place {
    /// Division code.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// Area code in the ID numbers given here until 2000.
    pub old_area: &'static str,
    /// How many cadres the demo data has here.
    pub cadres: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    City,
    County,
    Zone,
}

/// Cadres of an ordinary county: enough for some 640 living members each.
const USUAL: usize = 770;

/// Places in the order of their codes, the city first.
pub(super) const PLACES: [Place; 12] = [
    place("371700", "菏泽市", "372901", 160, Kind::City),
    place("371702", "牡丹区", "372901", USUAL, Kind::County),
    place("371703", "定陶区", "372923", USUAL, Kind::County),
    place("371721", "曹县", "372922", USUAL, Kind::County),
    // Its 106 branches of residential compounds want more people than another county has.
    place("371722", "单县", "372925", 1_080, Kind::County),
    place("371723", "成武县", "372924", USUAL, Kind::County),
    place("371724", "巨野县", "372926", USUAL, Kind::County),
    place("371725", "郓城县", "372928", USUAL, Kind::County),
    place("371726", "鄄城县", "372929", USUAL, Kind::County),
    place("371728", "东明县", "372930", USUAL, Kind::County),
    place("371771", "菏泽经济技术开发区", "372901", USUAL, Kind::Zone),
    place("371772", "菏泽高新技术开发区", "372921", USUAL, Kind::Zone),
];

/// The position of the city.
pub(super) const CITY: usize = 0;
/// The positions of the counties that the report names.
pub(super) const CAO: usize = 3;
/// 单县.
pub(super) const SHAN: usize = 4;
/// 巨野县.
pub(super) const JUYE: usize = 6;
/// 郓城县.
pub(super) const YUNCHENG: usize = 7;

const fn place(code: &'static str, name: &'static str, old_area: &'static str, cadres: usize, kind: Kind) -> Place {
    Place { code, name, old_area, cadres, kind }
}

impl Place {
    /// Whether it is the city itself.
    pub fn is_city(&self) -> bool {
        self.kind == Kind::City
    }
    /// Whether it is a county or district, not the city and not a development zone.
    pub fn is_county(&self) -> bool {
        self.kind == Kind::County
    }
    /// Whether it is a development zone.
    pub fn is_zone(&self) -> bool {
        self.kind == Kind::Zone
    }
    /// The party committee's full name.
    pub fn committee(&self) -> String {
        format!("中共{}{}", self.name, if self.is_zone() { "工作委员会" } else { "委员会" })
    }
    /// What the names of the committee's departments begin with.
    pub fn short_committee(&self) -> String {
        let kind = if self.is_zone() { "工委" } else { "委" };
        format!("中共{}{kind}", self.name)
    }
    /// The government's name.
    pub fn government(&self) -> String {
        format!("{}{}", self.name, if self.is_zone() { "管理委员会" } else { "人民政府" })
    }
    /// The division code that its units and ID numbers carry: that of the city for a zone, which has none of its own.
    pub fn registered(&self) -> &'static str {
        if self.is_zone() { domain::reference::heze::CITY } else { self.code }
    }
}

/// The name of a residential compound; no two below 128 are the same.
pub(super) fn compound(n: usize) -> String {
    const FIRST: [&str; 16] = [
        "向阳", "和平", "阳光", "凤凰", "锦绣", "湖西", "舜和", "琴台", "牡丹", "青年", "文化", "幸福", "龙泉", "望湖",
        "翠竹", "康乐",
    ];
    const LAST: [&str; 8] = ["小区", "花园", "家园", "新村", "佳苑", "嘉园", "雅居", "名城"];
    let of = |list: &[&'static str], at: usize| list.get(at % list.len()).copied().unwrap_or_default();
    format!("{}{}", of(&FIRST, n), of(&LAST, n / FIRST.len()))
}
