//! Fields of divisions and units.
use super::Titles;

/// Resource, and the names of its fields.
pub const TITLES: &[(&str, Titles)] = &[
    (
        "divisions",
        &[
            ("code", "代码"),
            ("name", "名称"),
            ("level", "层级"),
            ("kind", "类型"),
            ("parent_code", "上级代码"),
            ("valid_from", "启用日期"),
            ("valid_to", "停用日期"),
            ("successor_code", "接续代码"),
        ],
    ),
    (
        "units",
        &[
            ("name", "单位名称"),
            ("uscc", "统一社会信用代码"),
            ("legacy_uscc", "早期信用代码"),
            ("kind", "单位性质"),
            ("management", "隶属关系"),
            ("unit_level", "单位级别"),
            ("org_type", "机构类型"),
            ("parent_id", "上级单位"),
            ("sort_no", "排序号"),
            ("active", "是否在用"),
        ],
    ),
];
