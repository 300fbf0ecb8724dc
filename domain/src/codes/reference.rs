//! Divisions and units.

crate::codes! {
    DivisionLevel "division_level" "区划级别" "Level of a division" "" {
        Province = "province" "省级" "Province",
        City = "city" "地级市" "City",
        County = "county" "县级" "County or district",
        Township = "township" "乡级" "Township or subdistrict",
        Village = "village" "村级" "Village or community",
    }
    DivisionKind "division_kind" "区划类型" "Kind of division" "" {
        Administrative = "administrative" "行政区划" "Administrative, in GB/T 2260",
        Statistical = "statistical" "统计用区划" "For statistics only, never in an ID number",
    }
    UnitKind "unit_kind" "单位类型" "Kind of unit" "" {
        Organ = "organ" "机关" "Organ of party or state",
        Institution = "institution" "事业单位" "Public institution",
        Enterprise = "enterprise" "企业" "Enterprise",
        Bureau = "bureau" "老干部局" "Bureau of veteran cadres",
        Other = "other" "其他" "Other",
    }
    UnitManagement "unit_management" "隶属关系" "To whom a unit belongs" "" {
        Central = "central" "中央" "Central: of a ministry, or an enterprise of the central government",
        Local = "local" "地方" "Local",
    }
}
