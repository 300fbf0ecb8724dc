//! Guarantees, medical expenses, sanatoriums, pairs, visits, hardship.

crate::codes! {
    GuaranteeMechanism "guarantee_mechanism" "离休干部“三个机制”" "Guarantee mechanism for lixiu cadres" "厅字〔2000〕61号" {
        Pension = "pension" "离休费保障机制" "Guarantee of the lixiu pension",
        Medical = "medical" "医药费保障机制" "Guarantee of medical expenses",
        FiscalSupport = "fiscal_support" "财政支持机制" "Support from public finance",
    }
    GuaranteeState "guarantee_state" "保障落实情况" "Whether a guarantee is kept" "" {
        Ok = "ok" "已落实" "Kept",
        Arrears = "arrears" "有拖欠" "In arrears",
    }
    EntitlementRule "entitlement_rule" "待遇享受依据" "Why a benefit is due" "" {
        SubsidyByPeriod = "subsidy_by_period" "离休干部按参加革命时期增发生活补贴" "Extra living subsidy of a lixiu cadre by the period of joining",
        PoolOfLixiu = "pool_of_lixiu" "离休干部医药费统筹" "Pooled medical fund of lixiu cadres",
        NursingByCare = "nursing_by_care" "生活不能(部分)自理的离休干部护理费" "Nursing allowance of a lixiu cadre who cannot care for himself",
    }
    EntitlementState "entitlement_state" "待遇状态" "What is known of a benefit" "" {
        InForce = "in_force" "有现行标准" "A standard is in force",
        NoStandard = "no_standard" "无现行标准" "No standard is in force",
        Undetermined = "undetermined" "档案不足以确定" "The record does not tell whether it is due",
        Undisclosed = "undisclosed" "取决于无权查看的信息" "It depends on what the reader may not see",
    }
    ClaimStatus "claim_status" "医药费报销状态" "State of a medical claim" "" {
        Submitted = "submitted" "已提交" "Submitted",
        Audited = "audited" "已审核" "Audited",
        Approved = "approved" "已批准" "Approved",
        Paid = "paid" "已支付" "Paid",
        Returned = "returned" "已退回补充" "Returned to be completed",
        Rejected = "rejected" "不予报销" "Rejected",
        Refunded = "refunded" "已退款" "Paid in error and refunded",
    }
    PoolEntryKind "pool_entry_kind" "统筹金账目类型" "Kind of entry of a medical pool" "" {
        Allotment = "allotment" "拨入" "Money allotted to the pool",
        Payment = "payment" "报销支出" "Payment of a claim",
        Adjustment = "adjustment" "调整" "Adjustment",
        Reversal = "reversal" "冲销" "Reversal of another entry",
    }
    GreenChannelNeed "green_channel_need" "绿色通道需求" "What a green channel is needed for" "" {
        Outpatient = "outpatient" "门诊" "Outpatient",
        Inpatient = "inpatient" "住院" "Inpatient",
        Transfer = "transfer" "转院" "Transfer to another hospital",
        Emergency = "emergency" "急诊" "Emergency",
        Escort = "escort" "陪诊" "Escort",
    }
    GreenChannelStatus "green_channel_status" "绿色通道状态" "State of a green channel" "" {
        Opened = "opened" "办理中" "Opened",
        Resolved = "resolved" "已办结" "Resolved",
        Cancelled = "cancelled" "已取消" "Cancelled",
    }
    SanatoriumMode "sanatorium_mode" "疗养方式" "Mode of a sanatorium stay" "" {
        Collective = "collective" "集中疗养" "Together",
        Dispersed = "dispersed" "分散疗养" "Dispersed",
    }
    SanatoriumPlanStatus "sanatorium_plan_status" "疗养计划状态" "State of a sanatorium plan" "" {
        Draft = "draft" "拟订" "Draft",
        Open = "open" "报名中" "Open for sign-up",
        Closed = "closed" "报名截止" "Sign-up is over",
        Completed = "completed" "已完成" "Completed",
        Cancelled = "cancelled" "已取消" "Cancelled",
    }
    SanatoriumStayStatus "sanatorium_stay_status" "疗养安排状态" "State of a sanatorium stay" "" {
        SignedUp = "signed_up" "已报名" "Signed up",
        Attended = "attended" "已参加" "Attended",
        Absent = "absent" "未参加" "Did not come",
        Withdrawn = "withdrawn" "已退出" "Withdrawn",
    }
    CarerKind "carer_kind" "联系人类型" "Who keeps in contact with a cadre" "" {
        Staff = "staff" "老干部工作人员" "Staff",
        Leader = "leader" "领导干部" "Leading cadre",
        Volunteer = "volunteer" "志愿者" "Volunteer",
    }
    CareContactKind "care_contact_kind" "联系方式" "Kind of contact" "" {
        Call = "call" "电话问候" "Call",
        Visit = "visit" "上门走访" "Visit at home",
        Talk = "talk" "谈心谈话" "Talk",
        Hospital = "hospital" "医院探望" "Visit in hospital",
    }
    CareNeed "care_need" "诉求类型" "What a cadre needs" "" {
        Medical = "medical" "就医" "Medical treatment",
        DailyLife = "daily_life" "生活照料" "Help in daily life",
        Company = "company" "精神慰藉" "Company",
        Policy = "policy" "政策咨询" "Advice on policies",
        Housing = "housing" "住房及适老化改造" "Housing",
        Other = "other" "其他" "Other",
    }
    VisitOccasion "visit_occasion" "走访慰问时机" "Occasion of a visit" "" {
        SpringFestival = "spring_festival" "春节" "Spring Festival",
        July1 = "july_1" "七一" "1 July",
        NationalDay = "national_day" "国庆节" "National Day",
        DoubleNinth = "double_ninth" "重阳节(敬老月)" "Double Ninth Festival",
        Summer = "summer" "高温慰问" "Summer heat",
        Illness = "illness" "生病住院" "Illness",
        Accident = "accident" "家庭变故" "Misfortune in the family",
        Condolence = "condolence" "去世吊唁" "Condolence",
        Birthday = "birthday" "生日祝寿" "Birthday",
    }
    VisitorLevel "visitor_level" "走访人员层级" "Level of those who visit" "" {
        Province = "province" "省级领导" "Leaders of the province",
        City = "city" "市级领导" "Leaders of the city",
        County = "county" "县级领导" "Leaders of the county",
        Bureau = "bureau" "老干部工作部门" "Bureau of retired cadres",
        Unit = "unit" "所在单位" "The cadre's unit",
    }
    GiftKind "gift_kind" "慰问形式" "Kind of gift" "" {
        Money = "money" "慰问金" "Money",
        Goods = "goods" "慰问品" "Goods",
        Both = "both" "慰问金和慰问品" "Money and goods",
    }
    HardshipApplicant "hardship_applicant" "困难帮扶申请人" "Who applies for hardship aid" "" {
        Own = "self" "本人" "The cadre",
        Spouse = "spouse" "配偶" "The spouse",
        Unit = "unit" "所在单位" "The unit",
    }
    HardshipCategory "hardship_category" "特殊困难类型" "Kind of hardship" "" {
        SeriousIllness = "serious_illness" "重大疾病" "Serious illness",
        Disabled = "disabled" "失能或残疾" "Disability",
        Disaster = "disaster" "突发灾害" "Disaster",
        Single = "single" "孤寡独居" "Living alone without support",
        Other = "other" "其他" "Other",
    }
    HardshipStatus "hardship_status" "困难帮扶状态" "State of a hardship case" "" {
        Applied = "applied" "已申请" "Applied for",
        Verified = "verified" "已核实" "Verified",
        Publicized = "publicized" "公示中" "Public for objections",
        Approved = "approved" "已批准" "Approved",
        Granted = "granted" "已发放" "Granted",
        Reviewed = "reviewed" "已回访" "Reviewed",
        Rejected = "rejected" "不予帮扶" "Rejected",
    }
}
