//! Fields of schools, classes, partners, bases and facilities.
use super::Titles;

/// Resource, and the names of its fields.
pub const TITLES: &[(&str, Titles)] = &[
    (
        "senior-universities",
        &[
            ("joint_with", "联合办学方"),
            ("joint_partner", "联合办学单位"),
            ("area_m2", "面积(平方米)"),
            ("staff", "教职工数"),
            ("students", "学员数"),
            ("companion_from_age", "须陪同年龄"),
            ("open", "是否开放"),
        ],
    ),
    (
        "classes",
        &[
            ("senior_university_id", "老年大学"),
            ("course", "课程"),
            ("topic", "课程类别"),
            ("mode", "授课方式"),
            ("semester", "学期"),
            ("enrol_from", "报名开始"),
            ("enrol_to", "报名截止"),
            ("starts_on", "开课日期"),
            ("ends_on", "结课日期"),
            ("age_min", "最低年龄"),
            ("age_max", "最高年龄"),
            ("companion_from_age", "须陪同年龄"),
            ("tuition", "学费"),
            ("is_featured", "精品课程"),
            ("teacher_name", "教师"),
            ("cancel_reason", "取消原因"),
        ],
    ),
    (
        "enrollments",
        &[
            ("class_id", "班级"),
            ("student_name", "学员姓名"),
            ("student_birth_date", "学员出生日期"),
            ("student_phone", "学员电话"),
            ("companion_name", "陪同人"),
            ("companion_phone", "陪同人电话"),
            ("queue_no", "候补序号"),
            ("paid_on", "缴费日期"),
            ("receipt_no", "收据编号"),
            ("completed_on", "结业日期"),
            ("dropped_on", "退出日期"),
            ("drop_reason", "退出原因"),
        ],
    ),
    (
        "partner-agreements",
        &[
            ("senior_university_id", "老年大学"),
            ("partner_unit", "合作单位"),
            ("branch_id", "分校"),
            ("document", "协议名称"),
            ("signed_on", "签订日期"),
            ("expires_on", "到期日期"),
        ],
    ),
    ("teaching-bases", &[("host", "依托单位"), ("senior_university_id", "老年大学"), ("established_on", "建立日期")]),
    (
        "facilities",
        &[
            ("senior_university_id", "老年大学"),
            ("area_m2", "面积(平方米)"),
            ("daily_visits", "日均人次"),
            ("open", "是否开放"),
        ],
    ),
    (
        "facility-projects",
        &[
            ("facility_id", "阵地"),
            ("planned_start", "计划开工"),
            ("planned_end", "计划竣工"),
            ("completed_on", "竣工日期"),
            ("progress_percent", "进度(%)"),
            ("progress_note", "进度说明"),
            ("investment", "投资额"),
            ("area_m2", "建设面积(平方米)"),
            ("stop_reason", "停工原因"),
        ],
    ),
];
