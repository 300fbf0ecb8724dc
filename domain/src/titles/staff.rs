//! Fields of staff, trainings and documents.
use super::Titles;

/// Resource, and the names of its fields.
pub const TITLES: &[(&str, Titles)] = &[
    ("staff", &[("duty", "职务")]),
    (
        "staff-trainings",
        &[
            ("topic", "培训内容"),
            ("from_on", "开始日期"),
            ("to_on", "结束日期"),
            ("persons", "培训人数"),
            ("hours", "学时"),
            ("staff_ids", "参训人员"),
        ],
    ),
    (
        "policy-documents",
        &[
            ("issuer", "制发机关"),
            ("issued_on", "印发日期"),
            ("effective_from", "施行日期"),
            ("repealed_on", "废止日期"),
            ("replaced_by_id", "替代文件"),
            ("tags", "文件主题"),
            ("file_sha256", "文件"),
        ],
    ),
];
