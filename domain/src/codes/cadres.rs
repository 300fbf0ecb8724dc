//! How a cadre retired, lives and takes part.
use chrono::NaiveDate;

crate::codes! {
    RetireType "retire_type" "离退类型" "Kind of retirement" "" {
        Lixiu = "lixiu" "离休" "Leave-rest: joined the revolution before the founding of the republic",
        Tuixiu = "tuixiu" "退休" "Retirement",
        Tuizhi = "tuizhi" "退职" "Resignation with allowance",
        Neitui = "neitui" "内退" "Internal early retirement",
    }
    CadreStatus "cadre_status" "管理状态" "Status of a cadre" "" {
        PreRegistered = "pre_registered" "预登记" "Registered ahead of retirement",
        InCare = "in_care" "在管" "In care",
        TransferPending = "transfer_pending" "转出办理中" "Transfer pending",
        TransferredOut = "transferred_out" "已转出" "Transferred out",
        Deceased = "deceased" "已去世" "Deceased",
        Void = "void" "作废" "Void",
    }
    Settlement "settlement" "安置方式" "Place of settlement" "" {
        Local = "local" "属地安置" "Settled locally",
        Elsewhere = "elsewhere" "异地安置" "Settled elsewhere, still counted by the paying unit",
    }
    SelfCare "self_care" "生活自理能力" "Ability to care for oneself" "" {
        Able = "able" "能自理" "Able",
        Partial = "partial" "部分自理" "Partly able",
        None = "none" "不能自理" "Not able",
    }
    LivingArrangement "living_arrangement" "居住方式" "Living arrangement" "" {
        Alone = "alone" "独居" "Alone",
        Spouse = "spouse" "与配偶同住" "With the spouse",
        Children = "children" "与子女同住" "With children",
        Nanny = "nanny" "与保姆同住" "With a live-in helper",
        Institution = "institution" "入住养老机构" "In a care institution",
        Other = "other" "其他" "Other",
    }
    RevolutionPeriod "revolution_period" "参加革命工作时期" "Period of joining revolutionary work" "" {
        FirstCivilWar = "first_civil_war" "第一次国内革命战争(大革命)时期" "First revolutionary civil war",
        SecondCivilWar = "second_civil_war" "第二次国内革命战争(土地革命)时期" "Second revolutionary civil war",
        AntiJapanEarly = "anti_japan_early" "抗战前期" "War of resistance against Japan, early part",
        AntiJapanLate = "anti_japan_late" "抗战后期" "War of resistance against Japan, late part",
        LiberationWar = "liberation_war" "解放战争时期" "War of liberation",
    }
    SpecialGroup "special_group" "特殊群体" "Group in need of special care" "" {
        LonelyElder = "lonely_elder" "孤寡" "Old and without family",
        Hardship = "hardship" "生活困难" "In hardship",
        Disabled = "disabled" "残疾" "Disabled",
        HighNeedStage = "high_need_stage" "双高期" "Of high age and high morbidity",
        Other = "other" "其他" "Other",
    }
    ContributionField "contribution_field" "发挥作用领域" "Field of contribution" "" {
        EpidemicControl = "epidemic_control" "疫情防控" "Epidemic control",
        EconomicDevelopment = "economic_development" "经济发展" "Economic development",
        PovertyRelief = "poverty_relief" "脱贫攻坚" "Poverty relief",
        Livelihood = "livelihood" "民生保障" "People's livelihood",
        SocialGovernance = "social_governance" "社会治理" "Social governance",
        YouthCare = "youth_care" "关爱青少年" "Care for youth",
    }
}

impl RevolutionPeriod {
    /// The period a day lies in; none before the founding of the party and none from 1949-10-01 on.
    pub fn from_date(date: NaiveDate) -> Option<Self> {
        let all = <Self as crate::code::Code>::ALL;
        all.iter().copied().find(|p| (p.first_day()..=p.last_day()).contains(&date))
    }
    /// The first day of the period.
    pub fn first_day(self) -> NaiveDate {
        match self {
            Self::FirstCivilWar => date(1921, 7, 1),
            Self::SecondCivilWar => date(1927, 8, 1),
            Self::AntiJapanEarly => date(1937, 7, 7),
            Self::AntiJapanLate => date(1943, 1, 1),
            Self::LiberationWar => date(1945, 9, 3),
        }
    }
    /// The last day of the period, which belongs to it.
    pub fn last_day(self) -> NaiveDate {
        match self {
            Self::FirstCivilWar => date(1927, 7, 31),
            Self::SecondCivilWar => date(1937, 7, 6),
            Self::AntiJapanEarly => date(1942, 12, 31),
            Self::AntiJapanLate => date(1945, 9, 2),
            Self::LiberationWar => date(1949, 9, 30),
        }
    }
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;

    proptest::proptest! {
        #[test]
        fn every_day_lies_in_the_one_period_whose_days_hold_it(days in 0i64..20_000) {
            let day = date(1910, 1, 1) + chrono::Duration::days(days);
            let holding: Vec<_> =
                RevolutionPeriod::ALL.iter().filter(|p| p.first_day() <= day && day <= p.last_day()).copied().collect();
            proptest::prop_assert!(holding.len() <= 1);
            proptest::prop_assert_eq!(RevolutionPeriod::from_date(day), holding.first().copied());
            let within = date(1921, 7, 1) <= day && day <= date(1949, 9, 30);
            proptest::prop_assert_eq!(!holding.is_empty(), within);
        }
    }

    fn on(text: &str) -> Option<RevolutionPeriod> {
        RevolutionPeriod::from_date(text.parse().unwrap())
    }

    #[test]
    fn periods_follow_each_other_without_gap_or_overlap() {
        for pair in RevolutionPeriod::ALL.windows(2) {
            assert_eq!(pair[0].last_day().succ_opt().unwrap(), pair[1].first_day());
        }
        for p in RevolutionPeriod::ALL {
            assert_eq!(RevolutionPeriod::from_date(p.first_day()), Some(*p));
            assert_eq!(RevolutionPeriod::from_date(p.last_day()), Some(*p));
        }
        assert_eq!(on("1921-06-30"), None);
        assert_eq!(on("1949-10-01"), None);
    }

    #[test]
    fn a_known_wrong_table_is_not_repeated() {
        // A system in use ends the last period in 1945 instead of 1949 and loses everyone after.
        assert_eq!(on("1945-09-30"), Some(RevolutionPeriod::LiberationWar));
        assert_eq!(on("1948-05-01"), Some(RevolutionPeriod::LiberationWar));
        assert_eq!(on("1949-09-30"), Some(RevolutionPeriod::LiberationWar));
        // Cases 18 and 19 of the acceptance list.
        assert_eq!(on("1942-12-31"), Some(RevolutionPeriod::AntiJapanEarly));
        assert_eq!(on("1943-01-01"), Some(RevolutionPeriod::AntiJapanLate));
    }
}
