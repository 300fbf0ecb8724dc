//! Party organizations, membership and how the party age is counted.

crate::codes! {
    PartyOrganizationKind "party_organization_kind" "党组织类型" "Kind of party organization" "" {
        WorkCommittee = "work_committee" "党工委" "Work committee",
        BasicCommittee = "basic_committee" "党委" "Basic committee",
        GeneralBranch = "general_branch" "党总支" "General branch",
        Branch = "branch" "党支部" "Branch",
        JointBranch = "joint_branch" "联合党支部" "Joint branch of several units",
        ResidentialBranch = "residential_branch" "小区党支部" "Branch of a residential compound",
        CommunityBranch = "community_branch" "社区党支部" "Branch of a community",
    }
    PartyOrganizationStatus "party_organization_status" "党组织状态" "Status of a party organization" "" {
        Preparing = "preparing" "筹建" "Being prepared",
        Active = "active" "正常" "Active",
        Merged = "merged" "已合并" "Merged into another",
        Dissolved = "dissolved" "已撤销" "Dissolved",
    }
    MembershipStatus "membership_status" "党籍状态" "Status of a party membership" "" {
        Probationary = "probationary" "预备党员" "Probationary member",
        Full = "full" "正式党员" "Full member",
        Suspended = "suspended" "停止党籍" "Membership suspended",
        Removed = "removed" "除名" "Removed from the roll",
        Cancelled = "cancelled" "取消预备党员资格" "Probation ended without conversion",
        Transferred = "transferred" "已转出" "Transferred to another organization",
        Deceased = "deceased" "已去世" "Deceased",
    }
    // The first three answer where no single row of the table does: re-admission, a join date that
    // may lie in two rows, and one that lies in none. The others name their row.
    PartyAgeRule "party_age_rule" "党龄起算规则" "How the party age is counted" "" {
        Approval = "approval" "党龄自批准之日起算" "Counted from approval",
        Conversion = "conversion" "党龄自转正之日起算" "Counted from conversion",
        BeforeFounding = "before_founding" "入党时间早于1921年7月1日,须核实"
            "Admitted before 1921-07-01: to be verified",
        From192107 = "admitted_1921_07_to_1923_06" "1921年7月1日至1923年6月9日入党:无预备期,自批准之日起算"
            "Admitted 1921-07-01 to 1923-06-09: no probation, counted from approval",
        From192306 = "admitted_1923_06_to_1927_04" "1923年6月10日至1927年4月26日入党:有预备期,自转正之日起算"
            "Admitted 1923-06-10 to 1927-04-26: probation, counted from conversion",
        From192704 = "admitted_1927_04_to_1928_06"
            "1927年4月27日至1928年6月17日入党:无预备期的自批准之日起算,有预备期的自转正之日起算"
            "Admitted 1927-04-27 to 1928-06-17: counted from approval, or from conversion after a probation",
        From192806 = "admitted_1928_06_to_1945_04" "1928年6月18日至1945年4月22日入党:无预备期,自批准之日起算"
            "Admitted 1928-06-18 to 1945-04-22: no probation, counted from approval",
        From194504 = "admitted_1945_04_to_1956_09" "1945年4月23日至1956年9月14日入党:有预备期,自转正之日起算"
            "Admitted 1945-04-23 to 1956-09-14: probation, counted from conversion",
        From195609 = "admitted_1956_09_to_1969_03" "1956年9月15日至1969年3月31日入党:预备期一年,自转正之日起算"
            "Admitted 1956-09-15 to 1969-03-31: one year of probation, counted from conversion",
        From196904 = "admitted_1969_04_to_1977_08" "1969年4月1日至1977年8月11日入党:无预备期,自批准之日起算"
            "Admitted 1969-04-01 to 1977-08-11: no probation, counted from approval",
        From197708 = "admitted_1977_08_to_1982_09" "1977年8月12日至1982年9月5日入党:预备期一年,自转正之日起算"
            "Admitted 1977-08-12 to 1982-09-05: one year of probation, counted from conversion",
        From198209 = "admitted_from_1982_09" "1982年9月6日以后入党:预备期一年,自转正之日起算"
            "Admitted from 1982-09-06: one year of probation, counted from conversion",
    }
    PartyAgeState "party_age_state" "党龄认定状态" "How certain the party age is" "" {
        Determined = "determined" "已确定" "Determined",
        Undetermined = "undetermined" "缺转正时间,无法确定" "Undetermined: no date of conversion",
        NeedsReview = "needs_review" "待核实" "To be verified",
    }
    PartyTermStatus "party_term_status" "届期状态" "Status of a term of office" "" {
        Preparing = "preparing" "筹备换届" "Election being prepared",
        Serving = "serving" "任期内" "Serving",
        Extended = "extended" "延期" "Extended with approval",
        Expired = "expired" "届满未换届" "Expired without an election",
        Replaced = "replaced" "已换届" "Replaced by the next term",
    }
    PartyPostRole "party_post_role" "党内职务" "Post in a party organization" "" {
        Secretary = "secretary" "书记" "Secretary",
        DeputySecretary = "deputy_secretary" "副书记" "Deputy secretary",
        Organization = "organization" "组织委员" "Committee member for organization",
        Publicity = "publicity" "宣传委员" "Committee member for publicity",
        Discipline = "discipline" "纪检委员" "Committee member for discipline",
        Member = "member" "委员" "Committee member",
    }
    ApplicationStatus "application_status" "发展党员阶段" "Stage of an application for membership" "" {
        Applicant = "applicant" "申请人" "Applicant",
        Activist = "activist" "入党积极分子" "Activist",
        Target = "target" "发展对象" "Development target",
        Probationary = "probationary" "预备党员" "Probationary member",
        Extended = "extended" "延长预备期" "Probation extended",
        Full = "full" "正式党员" "Full member",
        Rejected = "rejected" "未通过" "Rejected",
        Withdrawn = "withdrawn" "已撤回" "Withdrawn",
    }
    RelationTransferStatus "relation_transfer_status" "组织关系转接状态" "Status of a transfer of a party relation" "" {
        Issued = "issued" "已开具" "Letter issued",
        Accepted = "accepted" "已接收" "Accepted",
        Expired = "expired" "已失效" "Expired",
        Returned = "returned" "已退回" "Returned to the sender",
    }
    DuesKind "dues_kind" "党费类型" "Kind of dues" "" {
        Monthly = "monthly" "按月交纳党费" "Monthly dues",
        Supplement = "supplement" "自愿多交党费" "Voluntary supplement",
        LargeVoluntary = "large_voluntary" "大额党费" "Large voluntary payment",
    }
    DuesStatus "dues_status" "党费办理状态" "How far a payment has come" "" {
        Received = "received" "已收到" "Received",
        ForwardedProvincial = "forwarded_provincial" "已报省委组织部" "Forwarded to the province",
        RemittedCentral = "remitted_central" "已上缴中央组织部" "Remitted to the centre",
        ReceiptIssued = "receipt_issued" "中央组织部已开具收据" "Receipt issued by the centre",
        Delivered = "delivered" "收据已送达本人" "Receipt delivered to the member",
    }
    PartyMeetingKind "party_meeting_kind" "组织生活类型" "Kind of party meeting" "" {
        MemberMeeting = "member_meeting" "支部党员大会" "Meeting of all members",
        Committee = "committee" "支部委员会会议" "Meeting of the committee",
        Group = "group" "党小组会" "Meeting of a party group",
        Lecture = "lecture" "党课" "Party lecture",
        ThemeDay = "theme_day" "主题党日" "Theme party day",
        OrgLife = "org_life" "组织生活会" "Organizational-life meeting",
        Appraisal = "appraisal" "民主评议党员" "Democratic appraisal of members",
    }
    PartyMeetingMode "party_meeting_mode" "组织生活方式" "How a party meeting is held" "" {
        Onsite = "onsite" "现场" "On site",
        Online = "online" "线上" "Online",
        HomeDelivery = "home_delivery" "送学上门" "Delivered to members at home",
    }
    ThemeItemKind "theme_item_kind" "主题党日环节类型" "Kind of an item of the theme party day" "" {
        Fixed = "fixed" "规定动作" "Fixed item",
        Optional = "optional" "自选动作" "Optional item",
    }
    EvaluationStatus "evaluation_status" "党建评价状态" "Status of an evaluation" "" {
        Draft = "draft" "草稿" "Draft",
        SelfAssessed = "self" "已自评" "Assessed by the organization itself",
        Reviewed = "reviewed" "已评审" "Reviewed by the superior",
        Published = "published" "已公布" "Published",
    }
}

impl PartyOrganizationKind {
    /// Whether it is a branch of its own, which needs three full members. A joint branch is what
    /// units with fewer form together.
    pub fn is_branch(self) -> bool {
        matches!(self, Self::Branch | Self::ResidentialBranch | Self::CommunityBranch)
    }
    /// Whether it has members and no organizations below it.
    pub fn is_lowest(self) -> bool {
        self.is_branch() || self == Self::JointBranch
    }
}
