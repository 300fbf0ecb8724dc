//! Fields of programmes, activities, teams, exhibitions, contests and wishes.
use super::Titles;

/// Resource, and the names of its fields.
pub const TITLES: &[(&str, Titles)] = &[
    (
        "programmes",
        &[
            ("code", "编号"),
            ("starts_on", "开始日期"),
            ("ends_on", "结束日期"),
            ("targets", "目标"),
            ("owner_unit_id", "主办单位"),
        ],
    ),
    (
        "activities",
        &[
            ("programme_id", "所属项目"),
            ("topic", "讲授内容"),
            ("campaign", "活动名称"),
            ("by_five_elders", "“五老”开展"),
            ("held_on", "举办日期"),
            ("venue_kind", "场所类型"),
            ("venue", "场所"),
            ("school_code", "学校代码"),
            ("host_unit_id", "主办单位"),
            ("team_id", "队伍"),
            ("lecturer_id", "宣讲干部"),
            ("lecturer_name", "宣讲人"),
            ("audience_count", "受众数"),
            ("audience_unit", "受众计量"),
            ("minors_present", "有未成年人"),
            ("age_bands", "年龄段人数"),
            ("participants", "参加人员"),
            ("signup_from", "报名开始"),
            ("signup_until", "报名截止"),
            ("cancel_reason", "取消原因"),
        ],
    ),
    ("activity-signups", &[("checked_in_on", "签到日期"), ("cancel_reason", "取消原因")]),
    ("teams", &[("founded_on", "成立日期")]),
    ("team-members", &[("team_id", "队伍")]),
    ("exhibitions", &[("collection_size", "藏品数"), ("selected_items", "精选数"), ("consent_id", "本人同意")]),
    (
        "exhibition-showings",
        &[("exhibition_id", "展览"), ("shown_on", "展出日期"), ("venue_kind", "场所类型"), ("visitors", "参观人数")],
    ),
    (
        "contest-results",
        &[
            ("event", "赛事"),
            ("discipline", "项目"),
            ("decided_on", "赛果日期"),
            ("metric", "结果类型"),
            ("rank", "名次"),
            ("team_id", "队伍"),
        ],
    ),
    (
        "wishes",
        &[
            ("wish", "心愿内容"),
            ("campaign", "征集活动"),
            ("collected_on", "征集日期"),
            ("claimed_by", "认领人"),
            ("claimed_by_unit_id", "认领单位"),
            ("claimed_on", "认领日期"),
            ("due_on", "完成期限"),
            ("fulfilled_on", "实现日期"),
            ("outcome", "办理结果"),
        ],
    ),
];
