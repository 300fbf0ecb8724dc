//! The annual work report: its sections, and the sentences that are written around the figures.
//!
//! A sentence stands in the report if every figure it needs has a value and every list an item. In its text `{F04}`
//! is a figure in words, `{L01}` a list, `{at:F09}` the county in which all records of a figure lie, or the name of
//! the division that was asked about; `{if:L09}` says nothing itself.
use super::figure::Section;
use super::selection::{Cond, Selection, day, partial};

/// Names, or codes by their labels, that stand in a sentence with 、 between them.
#[derive(Debug)]
pub struct Listing {
    /// `L01` …
    pub id: &'static str,
    /// The records.
    pub of: &'static Selection,
    /// What is named of them.
    pub named: Named,
}

/// What a list names of each record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A text, such as a title, between these signs.
    Text(&'static str, &'static str, &'static str),
    /// A code by its Chinese label; the set has the name.
    Label(&'static str, &'static str),
    /// The age on the day that is asked about, of this birth date.
    Age(&'static str),
}
impl Named {
    /// The field.
    pub const fn field(self) -> &'static str {
        match self {
            Named::Text(field, ..) | Named::Label(field, _) | Named::Age(field) => field,
        }
    }
}

/// A sentence of the report.
#[derive(Debug)]
pub struct Sentence {
    /// The section.
    pub section: Section,
    /// The part of the section, where it has parts.
    pub part: Option<&'static str>,
    /// The text with its places.
    pub text: &'static str,
}
impl Sentence {
    /// The places in the text, without what stands before a colon.
    pub fn places(&self) -> Vec<&'static str> {
        let mut places = vec![];
        let mut rest = self.text;
        while let Some((_, behind)) = rest.split_once('{') {
            let Some((place, after)) = behind.split_once('}') else { break };
            places.push(place.rsplit_once(':').map_or(place, |(_, id)| id));
            rest = after;
        }
        places
    }
}

const STUDY: Selection = Selection::inside(
    "activities",
    &[
        Cond::Is("status", "held"),
        Cond::InYear(day("held_on")),
        Cond::In(
            "kind",
            &[
                "briefing",
                "field_visit",
                "seminar",
                "online_report",
                "red_base_visit",
                "film",
                "red_song",
                "art_exhibition",
                "knowledge_contest",
            ],
        ),
    ],
);
const CULTURE: Selection = Selection::inside(
    "activities",
    &[
        Cond::Is("status", "held"),
        Cond::InYear(day("held_on")),
        Cond::In("kind", &["performance", "art_exhibition", "choir", "sports"]),
    ],
);
const GUIDING: Selection = Selection::nearest(
    "policy-documents",
    &[Cond::InYear(day("issued_on")), Cond::Is("kind", "opinion"), Cond::Is("status", "in_force")],
);
const EVALUATING: Selection = Selection::nearest(
    "policy-documents",
    &[Cond::InYear(day("issued_on")), Cond::Is("kind", "measures"), Cond::Is("status", "in_force")],
);
const REPORTING: Selection = Selection::inside(
    "media-reports",
    &[Cond::InYear(day("reported_on")), Cond::In("level", &["national", "province", "city"])],
);
const APPLICANTS: Selection = Selection::inside(
    "membership-applications",
    &[Cond::InYear(day("applied_on")), Cond::Among("cadre_id", &super::leading::LIXIU, "id")],
);
const COLLECTIVE: Selection =
    Selection::inside("sanatorium-plans", &[Cond::Among("id", &super::care::STAYS, "sanatorium_plan_id")]);
const MODES: Selection = Selection::inside(
    "sanatorium-plans",
    &[Cond::OfYear("year", 0), Cond::In("status", &["open", "closed", "completed"])],
);
const VISITS: Selection = Selection::inside(
    "visits",
    &[Cond::In("occasion", &["spring_festival", "july_1", "national_day"]), Cond::InYear(day("visited_on"))],
);
const RETIREMENTS: Selection =
    Selection::inside("honorary-retirements", &[Cond::Is("status", "completed"), Cond::InYear(day("effective_date"))]);
const ACCOUNTS: Selection = Selection::nearest(
    "media-accounts",
    &[
        Cond::Is("platform", "wechat"),
        Cond::In("level", &["national", "province", "city"]),
        Cond::Begun(partial("opened_on")),
        Cond::Going(day("closed_on")),
    ],
);
const AGREEMENTS: Selection = Selection::inside("partner-agreements", &[Cond::InYear(day("signed_on"))]);
const BASES: Selection = Selection::inside("teaching-bases", &[Cond::InYear(day("established_on"))]);
const TOPICS: Selection = Selection::inside(
    "activities",
    &[
        Cond::Is("status", "held"),
        Cond::InYear(day("held_on")),
        Cond::Is("theme", "public_lecture"),
        Cond::Known("topic"),
    ],
);
const CONTESTS: Selection = Selection::inside(
    "contest-results",
    &[Cond::OfYear("year", -1), Cond::Is("metric", "total_points"), Cond::Known("rank")],
);
const TITLES: Selection = Selection::inside(
    "contest-results",
    &[Cond::OfYear("year", -2), Cond::Is("metric", "title"), Cond::Known("title")],
);
const TRAININGS: Selection = Selection::inside("staff-trainings", &[Cond::InYear(day("from_on"))]);
const DOUBLE_FIRST: Selection =
    Selection::nearest("commendation-campaigns", &[Cond::Is("kind", "shuangxian"), Cond::OfYear("year", 0)]);
const DEEDS: Selection = Selection::inside(
    "articles",
    &[Cond::Is("kind", "model_deed"), Cond::Is("status", "published"), Cond::InYear(day("published_on"))],
);

/// The lists.
pub const LISTINGS: &[Listing] = &[
    Listing { id: "L01", of: &STUDY, named: Named::Label("kind", "activity_kind") },
    Listing { id: "L02", of: &GUIDING, named: Named::Text("title", "《", "》") },
    Listing { id: "L03", of: &EVALUATING, named: Named::Text("title", "《", "》") },
    Listing { id: "L04", of: &REPORTING, named: Named::Label("level", "public_level") },
    Listing { id: "L05", of: &APPLICANTS, named: Named::Age("birth_date") },
    Listing { id: "L06", of: &COLLECTIVE, named: Named::Text("place", "", "") },
    Listing { id: "L07", of: &MODES, named: Named::Label("mode", "sanatorium_mode") },
    Listing { id: "L08", of: &VISITS, named: Named::Label("occasion", "visit_occasion") },
    Listing { id: "L09", of: &RETIREMENTS, named: Named::Label("status", "honorary_retirement_status") },
    Listing { id: "L10", of: &ACCOUNTS, named: Named::Text("name", "“", "”") },
    Listing { id: "L11", of: &AGREEMENTS, named: Named::Text("document", "《", "》") },
    Listing { id: "L12", of: &BASES, named: Named::Label("kind", "base_kind") },
    Listing { id: "L13", of: &TOPICS, named: Named::Label("topic", "activity_topic") },
    Listing { id: "L14", of: &CULTURE, named: Named::Label("kind", "activity_kind") },
    Listing { id: "L15", of: &CONTESTS, named: Named::Text("event", "", "") },
    Listing { id: "L16", of: &TITLES, named: Named::Text("title", "“", "”") },
    Listing { id: "L17", of: &TRAININGS, named: Named::Label("level", "public_level") },
    Listing { id: "L18", of: &DOUBLE_FIRST, named: Named::Label("kind", "campaign_kind") },
    Listing { id: "L19", of: &DEEDS, named: Named::Label("kind", "article_kind") },
];

macro_rules! sentences {
    ($($section:ident, $part:expr => $($text:literal)+;)+) => {
        /// The sentences, in the order of the report.
        pub const SENTENCES: &[Sentence] =
            &[$($(Sentence { section: Section::$section, part: $part, text: $text },)+)+];
    };
}
sentences! {
    Political, None =>
        "印发{L02}，对全市老干部工作作出部署。"
        "坚持把政治建设摆在首位，组织老同志参加{L01}等学习教育活动。"
        "颁发“光荣在党50年”纪念章{F39}。"
        "实施“{F34}”宣讲行动，组建{F01}的离退休干部党组织书记宣讲团，计划开展宣讲{F02}、受众{F03}。"
        "已开展宣讲活动{F04}，受众{F05}。";
    Leading, None =>
        "制定{L03}，推动离退休干部党建与在职干部党建同部署、同考核、同奖惩。"
        "深入实施“{F35}”工程，规范开展“{F33}”主题党日。"
        "开展“本色家园”评选表扬，{F06}离退休干部党员、{F07}党组织书记和{F08}党组织受到表彰。"
        "{at:F09}在{F09}小区建立党支部，{F10}离退休党员干部担任支部书记或委员。"
        "有关经验做法被{L04}媒体报道。"
        "{at:F11}离休干部（现年{L05}）向党组织递交入党申请书{F11}。";
    Service, None =>
        "{F12}离退休党员干部在社区、网格及其他社会组织任职，参与城市基层治理。"
        "{F13}离退休党员干部活跃在乡村振兴第一线，在红白理事会、乡贤调解会、村民议事会发挥作用。"
        "“五老”志愿者进学校、进厂企、进社区，开展红色宣讲教育活动{F14}，教育青少年{F15}。"
        "“五老”关爱团走进{F16}{F17}中小学校开展预防溺水宣讲，教育青少年{F18}。"
        "{at:F19}开展老党员与青年干部对话活动。"
        "{at:F22}退休老干部从珍藏的{F20}宣传画、海报中精选{F21}，巡回展览{F22}，参观群众{F23}。"
        "{at:F24}离休干部缴纳大额党费{F24}。";
    ThreeIzations, Some("精准化") =>
        "发挥“{F36}”基础保障作用，落实离休干部待遇，医药费统筹金标准{F40}。"
        "采取{L07}相结合的方式，组织{F25}老干部到{L06}集体健康疗养。";
    ThreeIzations, Some("规范化") =>
        "{L08}前夕开展走访慰问，看望慰问离退休干部。"
        "推行干部荣誉退休制度，为退休干部办理荣誉退休手续{if:L09}。";
    ThreeIzations, Some("信息化") =>
        "用好{L10}等{F27}微信公众号，为老同志提供便捷服务。"
        "及时总结宣传{L19}。";
    Platforms, None =>
        "签订{L11}，深化合作办学。"
        "建立{L12}。"
        "新增老年大学分校{F28}。"
        "其中{at:F29}与乡镇党校联合办学，新增乡镇老年大学{F29}。"
        "办好网上老年大学，开设线上班次{F38}。"
        "围绕{L13}等内容举办公益大讲堂{F30}。"
        "老年大学及活动中心{F41}，开展{L14}等文体活动。"
        "{at:F31}在{L15}中荣获总积分{F31}。"
        "此前一年获得{L16}称号。";
    Staff, None =>
        "组织{L17}学习培训，提升老干部工作者能力。"
        "开展老干部工作“{L18}”评选推荐。";
}

/// The parts of a section, in order.
pub fn parts(section: Section) -> Vec<&'static str> {
    let mut parts: Vec<&str> = SENTENCES.iter().filter(|s| s.section == section).filter_map(|s| s.part).collect();
    parts.dedup();
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::find;
    use std::collections::HashSet;

    #[test]
    fn sentences_name_figures_and_lists_that_exist_and_every_one_has_its_place() {
        let mut named = HashSet::new();
        for sentence in SENTENCES {
            for place in sentence.places() {
                let known = find(place).is_some() || LISTINGS.iter().any(|l| l.id == place);
                assert!(known, "{place} in {}", sentence.text);
                named.insert(place);
            }
        }
        for figure in crate::reports::FIGURES.iter().flat_map(|f| f.iter()) {
            // The number of festivals, of titles and of parts is said by what is listed.
            let silent = ["F26", "F32", "F37"].contains(&figure.id);
            assert!(silent || named.contains(figure.id), "{} is in no sentence", figure.id);
        }
        assert!(LISTINGS.iter().all(|l| named.contains(l.id)));
    }

    #[test]
    fn labels_are_of_sets_that_exist() {
        for listing in LISTINGS {
            if let Named::Label(_, set) = listing.named {
                assert!(crate::codes::find(set).is_some(), "{set}");
            }
        }
    }

    #[test]
    fn every_section_has_a_sentence_and_three_are_the_izations() {
        for section in Section::ALL {
            assert!(SENTENCES.iter().any(|s| s.section == *section));
        }
        assert_eq!(parts(Section::ThreeIzations), ["精准化", "规范化", "信息化"]);
    }
}
