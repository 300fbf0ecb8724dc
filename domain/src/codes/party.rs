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
}

impl PartyOrganizationKind {
    /// Whether it is a branch of its own, which needs three full members. A joint branch is what
    /// units with fewer form together.
    pub fn is_branch(self) -> bool {
        matches!(self, Self::Branch | Self::ResidentialBranch | Self::CommunityBranch)
    }
}
