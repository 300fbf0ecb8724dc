//! Programmes, activities, teams, exhibitions, contests, wishes.

crate::codes! {
    ProgrammeMetric "programme_metric" "计划指标" "What a target of a programme counts" "" {
        Sessions = "sessions" "场次" "Sessions held",
        Audience = "audience" "受众" "Audience of the sessions held",
        Lecturers = "lecturers" "宣讲员" "Different lecturers of the sessions held",
        Schools = "schools" "学校" "Different schools in which sessions were held",
    }
    TargetOp "target_op" "指标口径" "How a target is meant" "" {
        Eq = "eq" "计划数" "The number planned",
        Gte = "gte" "以上" "This number or more",
    }
    ActivityKind "activity_kind" "活动类型" "Kind of activity" "" {
        Briefing = "briefing" "情况通报会" "Briefing on the state of affairs",
        FieldVisit = "field_visit" "参观考察" "Field visit",
        Seminar = "seminar" "交流研讨" "Seminar",
        Lecture = "lecture" "宣讲讲座" "Lecture",
        OnlineReport = "online_report" "网上专题报告会" "Report watched online",
        RedBaseVisit = "red_base_visit" "参观红色教育基地" "Visit to a base of red education",
        Film = "film" "观看影片" "Film",
        RedSong = "red_song" "红歌传唱" "Singing of red songs",
        ArtExhibition = "art_exhibition" "书画展览" "Exhibition of calligraphy and painting",
        KnowledgeContest = "knowledge_contest" "知识竞赛" "Knowledge contest",
        Dialogue = "dialogue" "座谈对话" "Dialogue",
        Performance = "performance" "文艺演出" "Performance",
        Choir = "choir" "歌咏比赛" "Choir contest",
        Sports = "sports" "体育赛事" "Sports event",
        Teaching = "teaching" "教学培训" "Teaching",
        Volunteering = "volunteering" "志愿服务" "Voluntary service",
        Other = "other" "其他" "Other",
    }
    ActivityTheme "activity_theme" "活动主题" "Theme of an activity" "" {
        PartyHistory = "party_history" "党史学习教育" "Study of party history",
        PlenarySession = "plenary_session" "全会精神宣讲" "What a plenary session decided",
        RedEducation = "red_education" "红色宣讲教育" "Red education",
        DrowningPrevention = "drowning_prevention" "预防青少年溺水" "That children do not drown",
        YouthCare = "youth_care" "关爱青少年成长" "Care for the young",
        CityDevelopment = "city_development" "助力发展" "The development of the place",
        Governance = "governance" "基层治理" "Governance of communities and villages",
        PublicLecture = "public_lecture" "公益讲堂" "Lectures for the public",
        Culture = "culture" "文体活动" "Culture and sports",
        PolicyStudy = "policy_study" "政治理论与政策学习" "Study of theory and policy",
        Other = "other" "其他" "Other",
    }
    ActivityTopic "activity_topic" "讲授内容" "Topic that is taught" "" {
        PartyHistory = "party_history" "党史" "Party history",
        Law = "law" "法律" "Law",
        Health = "health" "健康" "Health",
        TraditionalCulture = "traditional_culture" "传统文化" "Traditional culture",
        CurrentAffairs = "current_affairs" "时事政策" "Current affairs and policy",
        Safety = "safety" "安全" "Safety",
        Science = "science" "科学技术" "Science and technology",
        FamilyValues = "family_values" "家教家风" "Family values",
        Other = "other" "其他" "Other",
    }
    VenueKind "venue_kind" "场所类型" "Kind of venue" "" {
        School = "school" "学校" "School",
        Enterprise = "enterprise" "厂企" "Enterprise",
        Community = "community" "社区" "Community",
        Village = "village" "村庄" "Village",
        Square = "square" "广场" "Square",
        Fair = "fair" "集市" "Fair",
        ActivityCentre = "activity_centre" "活动中心" "Activity centre",
        RedBase = "red_base" "红色教育基地" "Base of red education",
        Office = "office" "机关单位" "Office",
        Online = "online" "线上" "Online",
        Other = "other" "其他" "Other",
    }
    AudienceUnit "audience_unit" "受众计量" "What an audience is counted in; the two are never added" "" {
        Person = "person" "人" "Persons",
        PersonTime = "person_time" "人次" "Attendances: who comes twice counts twice",
    }
    AgeBand "age_band" "年龄段" "Age band" "" {
        Under18 = "under_18" "18岁以下" "Under 18",
        From18 = "from_18_to_35" "18至35岁" "18 to 35",
        From36 = "from_36_to_59" "36至59岁" "36 to 59",
        From60 = "from_60_to_79" "60至79岁" "60 to 79",
        From80 = "from_80_to_89" "80至89岁" "80 to 89",
        From90 = "from_90" "90岁以上" "90 and more",
    }
    ActivityStatus "activity_status" "活动状态" "Status of an activity" "" {
        Planned = "planned" "计划" "Planned",
        Held = "held" "已举办" "Held",
        Cancelled = "cancelled" "已取消" "Cancelled",
    }
    SignupStatus "signup_status" "报名状态" "Status of a sign-up" "" {
        SignedUp = "signed_up" "已报名" "Has a place",
        Waiting = "waiting" "候补" "On the waiting list",
        CheckedIn = "checked_in" "已签到" "Checked in",
        Cancelled = "cancelled" "已取消" "Cancelled",
    }
    TeamKind "team_kind" "队伍类型" "Kind of team" "" {
        LectureCorps = "lecture_corps" "宣讲团" "Lecture corps of secretaries of party organizations",
        CareCorps = "care_corps" "关爱团" "Care corps for the young",
        Performance = "performance" "艺术团" "Performance troupe",
        Choir = "choir" "合唱团" "Choir",
        Calligraphy = "calligraphy" "书画社" "Society of calligraphy and painting",
        Sports = "sports" "体育队" "Sports team",
        Volunteer = "volunteer" "志愿服务队" "Volunteers",
        Other = "other" "其他" "Other",
    }
    TeamRole "team_role" "队内职务" "Role in a team" "" {
        Leader = "leader" "队长" "Leader",
        DeputyLeader = "deputy_leader" "副队长" "Deputy leader",
        Member = "member" "队员" "Member",
    }
    ContestMetric "contest_metric" "赛事结果类型" "What a contest result states" "" {
        TotalPoints = "total_points" "总积分" "Rank by total points",
        Ranking = "ranking" "名次" "Rank",
        Title = "title" "荣誉称号" "Title",
        Prize = "prize" "奖项" "Prize",
    }
    WishStatus "wish_status" "微心愿状态" "Status of a wish" "" {
        Collected = "collected" "已征集" "Collected",
        Claimed = "claimed" "已认领" "Claimed",
        Fulfilled = "fulfilled" "已实现" "Fulfilled",
        Withdrawn = "withdrawn" "已撤回" "Withdrawn",
    }
}
