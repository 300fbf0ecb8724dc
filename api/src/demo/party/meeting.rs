//! Theme party days and other meetings, and the evaluation of the year.
use super::super::Rows;
use super::super::random::{Random, ymd};
use super::{Here, add};
use domain::codes::{EvaluationStatus, PartyMeetingKind, PartyMeetingMode, ThemeItemKind};
use domain::party::{Evaluation, EvaluationScheme, MeetingItem, PartyMeeting, Score, ThemeDayItem};
use domain::reference::heze::CITY;
use domain::{Code, Rate, Resource, Uuid};

/// What every theme party day has since 2019, and what it may have. The names are made up.
const FIXED: [&str; 7] = ["奏唱国歌", "重温入党誓词", "诵读党章", "交纳党费", "学习讨论", "过政治生日", "通报支部工作"];
const OPTIONAL: [&str; 5] = ["参观见学", "志愿服务", "走访慰问", "红色观影", "书画笔会"];

/// The items of theme party days, and meetings of every kind.
pub(super) fn meetings(here: &Here<'_>) -> (Rows<ThemeDayItem>, Rows<PartyMeeting>) {
    let mut random = Random::new("meetings");
    let (mut items, mut meetings) = (vec![], vec![]);
    let lists = [(ThemeItemKind::Fixed, &FIXED[..]), (ThemeItemKind::Optional, &OPTIONAL[..])];
    for (kind, names) in lists {
        for (n, name) in names.iter().enumerate() {
            let item = ThemeDayItem {
                name: (*name).into(),
                kind,
                position: n as i32 + if kind == ThemeItemKind::Fixed { 1 } else { 8 },
                valid_from: ymd(2019, 1, 1),
                valid_to: None,
                document_no: Some("菏老干〔2019〕5号".into()),
            };
            add(&mut items, CITY, item);
        }
    }
    // What was fixed until then.
    let before = ThemeDayItem {
        name: "收看党员教育片".into(),
        kind: ThemeItemKind::Fixed,
        position: 1,
        valid_from: ymd(2017, 1, 1),
        valid_to: Some(ymd(2018, 12, 31)),
        document_no: None,
    };
    add(&mut items, CITY, before);
    for (n, org) in here.branches(3).step_by(4).enumerate() {
        let should_attend = org.full.len() as i32;
        let attended = (should_attend * random.range(60, 95)) / 100;
        let kind = PartyMeetingKind::ALL.get(n % (2 * PartyMeetingKind::ALL.len())).copied();
        let kind = kind.unwrap_or(PartyMeetingKind::ThemeDay);
        let mode =
            PartyMeetingMode::ALL.get(n % PartyMeetingMode::ALL.len()).copied().unwrap_or(PartyMeetingMode::Onsite);
        let theme_day = kind == PartyMeetingKind::ThemeDay;
        let item = |kind, text: &&str| MeetingItem { kind, text: (**text).into() };
        // One in thirty left something out.
        let fixed = FIXED.iter().skip(usize::from(n % 30 == 15)).map(|t| item(ThemeItemKind::Fixed, t));
        let optional = OPTIONAL.iter().skip(n % 4).take(2).map(|t| item(ThemeItemKind::Optional, t));
        let at_home = (mode == PartyMeetingMode::HomeDelivery).then(|| (should_attend - attended).min(3));
        let meeting = PartyMeeting {
            party_organization_id: org.id,
            kind,
            held_on: random.day(ymd(2021, 1, 10), ymd(2021, 12, 25)),
            theme: Some(random.text(&["学习党史", "庆祝建党百年", "为民办实事", "我看新变化"]).into()),
            items: if theme_day { fixed.chain(optional).collect() } else { vec![] },
            should_attend,
            attended,
            home_delivered: at_home,
            excluded_reason: None,
            mode,
            minutes: None,
        };
        add(&mut meetings, org.division, meeting);
    }
    (items, meetings)
}

/// The scheme of 2021, and how branches did in it.
pub(super) fn evaluations(here: &Here<'_>) -> (Rows<EvaluationScheme>, Rows<Evaluation>) {
    let mut random = Random::new("evaluations");
    let (mut schemes, mut rows) = (vec![], vec![]);
    let scheme = EvaluationScheme::example();
    let id: Uuid = add(&mut schemes, CITY, scheme.clone());
    for (n, org) in here.branches(3).step_by(6).enumerate() {
        let status = EvaluationStatus::ALL.get(n % 7).copied().unwrap_or(EvaluationStatus::Published);
        let mut scores = || -> Vec<Score> {
            let score = |r: &mut Random| Rate(i64::from(r.range(140, 200)) * 500_000);
            scheme.dimensions.iter().map(|d| Score { dimension: d.code.clone(), score: score(&mut random) }).collect()
        };
        let judged = matches!(status, EvaluationStatus::Reviewed | EvaluationStatus::Published);
        let data = Evaluation {
            evaluation_scheme_id: id,
            party_organization_id: org.id,
            self_scores: if status == EvaluationStatus::Draft { vec![] } else { scores() },
            scores: if judged { scores() } else { vec![] },
            vetoes: if judged && n % 29 == 2 { vec!["discipline".into()] } else { vec![] },
            total: None,
            vetoed: false,
            synced_plan: status == EvaluationStatus::Published,
            synced_assessment: status == EvaluationStatus::Published,
            synced_reward: n % 5 == 0,
            remark: None,
            status,
        };
        add(&mut rows, org.division, data);
    }
    (schemes, rows)
}
