//! Senior universities, their classes and students, bases, facilities and what is built of them.

crate::codes! {
    SchoolKind "school_kind" "老年大学类型" "Kind of senior university" "" {
        Main = "main" "本校" "Main school",
        Branch = "branch" "分校" "Branch",
        Online = "online" "网上老年大学" "Online school",
    }
    SchoolLevel "school_level" "办学层级" "Level at which a senior university works" "" {
        City = "city" "市级" "City",
        County = "county" "县级" "County",
        Township = "township" "乡镇(街道)" "Township",
        Community = "community" "社区" "Community",
        Village = "village" "村庄" "Village",
        College = "college" "院校" "College",
    }
    JointPartner "joint_partner" "联合办学方" "With whom a senior university is run" "" {
        TownshipPartySchool = "township_party_school" "乡镇党校" "Party school of the township",
        College = "college" "高等院校" "College",
        PublicInstitution = "public_institution" "事业单位" "Public institution",
        Enterprise = "enterprise" "企业" "Enterprise",
        Community = "community" "村(社区)" "Village or community",
        Other = "other" "其他" "Other",
    }
    CourseTopic "course_topic" "课程类别" "What a course is about" "" {
        PartyHistory = "party_history" "党史" "History of the party",
        Law = "law" "法律" "Law",
        Health = "health" "健康养生" "Health",
        TraditionalCulture = "traditional_culture" "传统文化" "Traditional culture",
        LocalCulture = "local_culture" "地域民俗" "Culture and customs of the region",
        CalligraphyPainting = "calligraphy_painting" "书画" "Calligraphy and painting",
        MusicDance = "music_dance" "声乐舞蹈" "Music and dance",
        Sports = "sports" "体育" "Sports",
        Digital = "digital" "智能技术" "Phones and computers",
        Other = "other" "其他" "Other",
    }
    ClassMode "class_mode" "授课方式" "How a class is held" "" {
        Onsite = "onsite" "线下" "Together in a room",
        Online = "online" "线上" "Online",
    }
    ClassStatus "class_status" "班级状态" "State of a class" "" {
        Planned = "planned" "计划" "Planned",
        Enrolling = "enrolling" "招生" "Enrolling",
        Running = "running" "开课" "Running",
        Finished = "finished" "结业" "Finished",
        Cancelled = "cancelled" "取消" "Cancelled",
    }
    EnrollmentStatus "enrollment_status" "报名状态" "State of an enrollment" "" {
        Applied = "applied" "已报名" "Applied, with a place",
        Waitlisted = "waitlisted" "候补" "On the waiting list",
        Paid = "paid" "已缴费" "Tuition paid",
        Active = "active" "在读" "Takes part",
        Completed = "completed" "结业" "Completed",
        Dropped = "dropped" "退出" "Dropped",
    }
    BaseKind "base_kind" "教育基地类型" "Kind of teaching base" "" {
        Practice = "practice" "教学实践基地" "Base for practice",
        PartySpirit = "party_spirit" "党性教育基地" "Base for the education of party spirit",
    }
    FacilityKind "facility_kind" "阵地类型" "Kind of facility" "" {
        ActivityCentre = "activity_centre" "老干部活动中心" "Activity centre",
        SeniorUniversity = "senior_university" "老年大学校舍" "Premises of a senior university",
        ReadingRoom = "reading_room" "阅览室" "Reading room",
        SportsGround = "sports_ground" "门球场等运动场地" "Sports ground",
        Other = "other" "其他" "Other",
    }
    ProjectKind "project_kind" "建设类型" "Kind of construction" "" {
        New = "new" "新建" "New",
        Rebuild = "rebuild" "改建" "Rebuilding",
        Extend = "extend" "扩建" "Extension",
    }
    ProjectStatus "project_status" "建设状态" "State of a construction project" "" {
        Planned = "planned" "立项" "Planned",
        Building = "building" "在建" "Under construction",
        Suspended = "suspended" "停工" "Suspended",
        Completed = "completed" "竣工" "Completed",
        Cancelled = "cancelled" "取消" "Cancelled",
    }
}
