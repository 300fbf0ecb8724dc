//! Fields of commendations and honors.
use super::Titles;

/// Resource, and the names of its fields.
pub const TITLES: &[(&str, Titles)] = &[
    (
        "commendation-campaigns",
        &[
            ("name", "评选名称"),
            ("kind", "评选类别"),
            ("categories", "评选类项"),
            ("cutoff_on", "人员截止日期"),
            ("publicized_from", "公示起始日期"),
            ("publicized_to", "公示截止日期"),
            ("awarded_on", "表扬日期"),
        ],
    ),
    (
        "honors",
        &[
            ("kind", "荣誉类别"),
            ("campaign_id", "评选活动"),
            ("category", "表扬类项"),
            ("title", "荣誉名称"),
            ("issuer", "授予单位"),
            ("awarded_on", "授予日期"),
            ("evidence_doc", "证明文件"),
            ("evidence", "佐证材料"),
            ("external", "系统外授予"),
            ("verified_on", "核实日期"),
            ("recommended_on", "推荐日期"),
            ("reviewed_on", "审核日期"),
            ("consulted", "征求意见部门"),
            ("decision_reason", "决定理由"),
        ],
    ),
];
