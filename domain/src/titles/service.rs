//! Fields of posts of service and of volunteers.
use super::Titles;

/// Resource, and the names of its fields.
pub const TITLES: &[(&str, Titles)] = &[
    ("service-posts", &[("body_name", "组织名称"), ("body_kind", "组织类型"), ("area", "任职领域")]),
    (
        "volunteers",
        &[
            ("five_elder_kind", "“五老”类型"),
            ("registration_no", "注册编号"),
            ("registered_on", "注册日期"),
            ("topics", "服务专长"),
            ("training", "培训记录"),
            ("commendations", "表彰记录"),
            ("exited_on", "退出日期"),
        ],
    ),
    ("volunteer-services", &[("volunteer_id", "志愿者"), ("hours", "服务时长"), ("evaluation", "服务评价")]),
];
