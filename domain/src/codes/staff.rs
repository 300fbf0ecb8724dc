//! Who does the work, and the documents they work by.

crate::codes! {
    StaffKind "staff_kind" "工作人员类型" "Kind of staff" "" {
        FullTime = "full_time" "专职" "Full time",
        PartTime = "part_time" "兼职" "Part time",
    }
    PolicyKind "policy_kind" "文件类型" "Kind of policy document" "" {
        Opinion = "opinion" "意见" "Opinion",
        Measures = "measures" "办法" "Measures",
        Notice = "notice" "通知" "Notice",
        Plan = "plan" "方案" "Plan",
        Other = "other" "其他" "Other",
    }
    PolicyStatus "policy_status" "文件效力" "Whether a policy document is in force" "" {
        InForce = "in_force" "有效" "In force",
        Repealed = "repealed" "废止" "Repealed",
    }
    PolicyTag "policy_tag" "文件主题" "What a policy document is about" "" {
        GeneralWork = "general_work" "老干部工作" "Work with retired cadres in general",
        PartyBuilding = "party_building" "党建" "Party building",
        Benefits = "benefits" "待遇保障" "Benefits",
        Medical = "medical" "医疗" "Medical care",
        Ageing = "ageing" "老龄事业" "Ageing",
        Education = "education" "老年教育" "Education",
        Service = "service" "作用发挥" "Service to society",
        Publicity = "publicity" "宣传" "Publicity",
        Staff = "staff" "队伍建设" "Staff",
    }
}
