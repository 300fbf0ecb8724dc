//! Commendation campaigns, honours and the medal "光荣在党50年".

crate::codes! {
    CampaignKind "campaign_kind" "评选表扬类型" "Kind of commendation campaign" "" {
        BenseJiayuan = "bense_jiayuan" "本色家园" "Bense Jiayuan, the party-building brand",
        Shuangxian = "shuangxian" "双先" "Advanced collectives and workers of veteran-cadre work",
        Other = "other" "其他" "Other",
    }
    CampaignStatus "campaign_status" "评选表扬状态" "Status of a commendation campaign" "" {
        Open = "open" "推荐申报" "Open for nominations",
        Review = "review" "评审" "Under review",
        Publicized = "publicized" "公示" "Publicized for objections",
        Awarded = "awarded" "已表扬" "Awarded",
        Closed = "closed" "已结束" "Closed",
    }
    HonorLevel "honor_level" "荣誉级别" "Level of an honour" "" {
        National = "national" "国家级" "National",
        Province = "province" "省级" "Provincial",
        City = "city" "市级" "Municipal",
        County = "county" "县级" "County",
    }
    HonorKind "honor_kind" "荣誉类型" "Kind of honour" "" {
        Party50Medal = "party50_medal" "“光荣在党50年”纪念章" "Medal for 50 years in the party",
        Commendation = "commendation" "评选表扬" "Commendation",
        Other = "other" "其他" "Other",
    }
    HonorStatus "honor_status" "荣誉办理状态" "Status of an honour" "" {
        Candidate = "candidate" "候选" "Candidate",
        BranchVerified = "branch_verified" "党支部已核实" "Verified by the branch",
        CommitteeRecommended = "committee_recommended" "党委已推荐" "Recommended by the committee",
        DeptReviewed = "dept_reviewed" "组织部门已审核" "Reviewed by the organization department",
        Awarded = "awarded" "已授予" "Awarded",
        Rejected = "rejected" "未通过" "Rejected",
        NeedsReview = "needs_review" "待核实" "To be verified",
        NeedsDecision = "needs_decision" "待研究决定" "Awaiting a decision",
    }
    HonorCategory "honor_category" "表扬类别" "Category of a commendation" "" {
        PartyMember = "party_member" "离退休干部党员" "Retired party member",
        PartySecretary = "party_secretary" "党组织书记" "Secretary of a party organization",
        PartyOrg = "party_org" "党组织" "Party organization",
        Collective = "collective" "先进集体" "Advanced collective",
        ExcellentWorker = "excellent_worker" "优秀老干部工作者" "Excellent worker with veteran cadres",
        AdvancedWorker = "advanced_worker" "先进老干部工作者" "Advanced worker with veteran cadres",
    }
    CandidateState "medal_candidate_state" "纪念章候选状态" "State of a candidate for the medal" "" {
        Candidate = "candidate" "符合条件" "Qualifies",
        NeedsReview = "needs_review" "待核实" "To be verified",
        NeedsDecision = "needs_decision" "待研究决定" "Awaiting a decision",
        Undetermined = "undetermined" "党龄无法确定" "Party age undetermined",
        Awarded = "awarded" "已授予" "Awarded",
    }
}
