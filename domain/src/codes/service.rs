//! Posts in communities and villages, and volunteers.

crate::codes! {
    ServiceArea "service_area" "任职领域" "Area of a post of service" "" {
        Urban = "urban" "城市基层治理" "Governance of the city",
        Rural = "rural" "乡村振兴" "Revival of the countryside",
    }
    ServiceBody "service_body" "任职组织" "Body in which a post of service is held" "" {
        Community = "community" "社区" "Community",
        Grid = "grid" "网格" "Grid",
        SocialOrg = "social_org" "社会组织" "Social organization",
        RedProperty = "red_property" "红色物业" "Red property management",
        WeddingFuneralCouncil = "wedding_funeral_council" "红白理事会" "Council for weddings and funerals",
        EldersMediation = "elders_mediation" "乡贤调解会" "Mediation by respected elders",
        VillagersCouncil = "villagers_council" "村民议事会" "Council of villagers",
    }
    FiveElderKind "five_elder_kind" "“五老”类型" "Kind of the five elders" "" {
        OldCadre = "old_cadre" "老干部" "Old cadre",
        OldSoldier = "old_soldier" "老战士" "Old soldier",
        OldExpert = "old_expert" "老专家" "Old expert",
        OldTeacher = "old_teacher" "老教师" "Old teacher",
        OldModel = "old_model" "老模范" "Old model worker",
    }
    VolunteerStatus "volunteer_status" "志愿者状态" "Status of a volunteer" "" {
        Registered = "registered" "已登记" "Registered",
        Active = "active" "服务中" "In service",
        Paused = "paused" "暂停" "Paused",
        Exited = "exited" "已退出" "Has left",
    }
    ServiceEvaluation "service_evaluation" "志愿服务评价" "Evaluation of voluntary service" "" {
        Excellent = "excellent" "优秀" "Excellent",
        Good = "good" "良好" "Good",
        Fair = "fair" "合格" "Sufficient",
        Poor = "poor" "不合格" "Insufficient",
    }
}

impl ServiceBody {
    /// The area that the body belongs to.
    pub const fn area(self) -> ServiceArea {
        match self {
            Self::Community | Self::Grid | Self::SocialOrg | Self::RedProperty => ServiceArea::Urban,
            Self::WeddingFuneralCouncil | Self::EldersMediation | Self::VillagersCouncil => ServiceArea::Rural,
        }
    }
}
