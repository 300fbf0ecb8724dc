//! Fields of care, expenses and aid.
use super::Titles;

/// Resource, and the names of its fields.
pub const TITLES: &[(&str, Titles)] = &[
    (
        "guarantee-statuses",
        &[("mechanism", "保障机制"), ("arrears_amount", "拖欠金额"), ("persons_affected", "涉及人数")],
    ),
    (
        "medical-claims",
        &[
            ("hospital", "医院"),
            ("period_from", "费用开始日期"),
            ("period_to", "费用结束日期"),
            ("documents", "票据"),
            ("submitted_on", "提交日期"),
            ("audited_on", "审核日期"),
            ("allowed_amount", "核定金额"),
            ("paid_on", "支付日期"),
            ("decision", "审核意见"),
        ],
    ),
    ("medical-pool-entries", &[("booked_on", "记账日期"), ("claim_id", "报销单"), ("reverses_id", "冲销账目")]),
    ("green-channel-cases", &[("need", "就医需求"), ("hospital", "医院"), ("resolved_on", "办结日期")]),
    (
        "sanatorium-plans",
        &[("mode", "疗养方式"), ("starts_on", "开始日期"), ("ends_on", "结束日期"), ("criteria", "参加条件")],
    ),
    (
        "sanatorium-stays",
        &[
            ("sanatorium_plan_id", "疗养计划"),
            ("companion_name", "陪同人"),
            ("health_ok", "身体状况适宜"),
            ("override_reason", "破例原因"),
            ("feedback", "反馈"),
        ],
    ),
    (
        "care-pairs",
        &[
            ("contact_kind", "联系人类型"),
            ("calls_per_month", "每月电话次数"),
            ("visits_per_quarter", "每季走访次数"),
            ("talks_per_half", "每半年谈心次数"),
        ],
    ),
    ("care-contacts", &[("care_pair_id", "联系关系"), ("contacted_on", "联系日期"), ("needs", "诉求")]),
    (
        "visits",
        &[
            ("occasion", "走访时机"),
            ("visited_on", "走访日期"),
            ("leader_level", "走访人员层级"),
            ("persons", "走访人数"),
            ("round", "走访批次"),
            ("gift_kind", "慰问形式"),
            ("gift_amount", "慰问金额"),
        ],
    ),
    (
        "hardship-schemes",
        &[
            ("window_from", "申请开始(月-日)"),
            ("window_to", "申请截止(月-日)"),
            ("publicity_days", "公示工作日"),
            ("amount_min", "最低金额"),
            ("amount_max", "最高金额"),
            ("review_months", "回访间隔(月)"),
        ],
    ),
    (
        "hardship-cases",
        &[
            ("applicant", "申请人"),
            ("situation", "困难情况"),
            ("requested_amount", "申请金额"),
            ("hardship_scheme_id", "适用办法"),
            ("verified_on", "核实日期"),
            ("publicized_from", "公示开始"),
            ("publicized_to", "公示结束"),
            ("approved_amount", "批准金额"),
            ("granted_on", "发放日期"),
            ("review_due", "应回访日期"),
            ("reviewed_on", "回访日期"),
            ("decision_reason", "决定理由"),
        ],
    ),
    (
        "health-checkups",
        &[("checked_on", "体检日期"), ("hospital", "医院"), ("result", "体检结果"), ("advice", "建议")],
    ),
];
