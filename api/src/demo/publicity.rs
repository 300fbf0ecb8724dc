//! Official accounts, consents, articles in every state, and what the media report.
use super::organizations::Organizations;
use super::persons::{Named, Person};
use super::places::PLACES;
use super::random::{Random, days_after, id, ymd};
use super::{Rows, draft};
use domain::codes::*;
use domain::publicity::*;
use domain::reference::heze;
use domain::{NaiveDate, PartialDate, Resource, Uuid};
use std::collections::HashSet;

/// All of it.
#[derive(Default)]
pub(super) struct Publicity {
    pub accounts: Rows<MediaAccount>,
    pub consents: Rows<Consent>,
    pub articles: Rows<Article>,
    pub reports: Rows<MediaReport>,
}

impl Publicity {
    /// How many records there are.
    pub fn len(&self) -> usize {
        self.accounts.len() + self.consents.len() + self.articles.len() + self.reports.len()
    }
}

/// The accounts of the report, and two that are closed.
const ACCOUNTS: [(&str, PublicLevel, Option<i32>, bool); 5] = [
    ("离退休干部工作", PublicLevel::National, None, true),
    ("山东老干部", PublicLevel::Province, None, true),
    ("菏泽老干部", PublicLevel::City, Some(21_600), true),
    ("菏泽老干部之家(旧号)", PublicLevel::City, Some(1_900), false),
    ("单县老干部之窗(旧号)", PublicLevel::County, Some(640), false),
];

/// All of it, about these persons but for those who have died since.
pub(super) fn publicity(persons: &[Person], organizations: &Organizations, died: &[(Uuid, Uuid)]) -> Publicity {
    let mut maker = Maker { random: Random::new("publicity"), all: Publicity::default() };
    maker.accounts();
    let died: HashSet<Uuid> = died.iter().map(|(person, _)| *person).collect();
    let lives = |p: &&Person| p.status == CadreStatus::InCare && !died.contains(&p.id);
    let named = persons.iter().filter(|p| p.named == Some(Named::CollectorOf82));
    let others = persons.iter().filter(lives).filter(|p| p.named.is_none()).step_by(101);
    for (n, person) in named.chain(others).enumerate() {
        maker.about(n, person);
    }
    if let Some(person) = persons.iter().find(|p| p.status == CadreStatus::Deceased) {
        maker.article(person.place, &[person.id], Some(ymd(2021, 6, 18)), ArticleStatus::Published);
    }
    for at in [0, 1, 4] {
        maker.article(at, &[], Some(ymd(2021, 9, 9)), ArticleStatus::Published);
    }
    maker.reports(organizations);
    maker.all
}

struct Maker {
    random: Random,
    all: Publicity,
}

fn add<R: Resource>(rows: &mut Rows<R>, division: &str, data: R) -> Uuid {
    let id = id(R::PATH, rows.len());
    rows.push(draft(id, division, data));
    id
}

fn code(place: usize) -> &'static str {
    PLACES.get(place).map_or(heze::CITY, |p| p.code)
}

impl Maker {
    fn accounts(&mut self) {
        for (name, level, followers, open) in ACCOUNTS {
            let data = MediaAccount {
                name: name.into(),
                platform: MediaPlatform::Wechat,
                level,
                unit_id: None,
                account: None,
                followers,
                opened_on: PartialDate::parse("2016"),
                closed_on: (!open).then(|| ymd(2019, 12, 31)),
                open,
            };
            add(&mut self.all.accounts, heze::CITY, data);
        }
    }

    /// A consent of a person and an article about the person, in a state that goes with it.
    fn about(&mut self, n: usize, person: &Person) {
        let granted_on = self.random.day(ymd(2021, 1, 10), ymd(2021, 6, 30));
        let consent = Consent {
            cadre_id: person.id,
            purpose: ConsentPurpose::Publicity,
            granted_on,
            revoked_on: None,
            expires_on: None,
            evidence: Some("书面同意书在档".into()),
            evidence_files: vec![],
        };
        let published = Some(days_after(granted_on, 30));
        let (consent, status) = match n % 8 {
            1 => (Some(Consent { revoked_on: Some(ymd(2021, 11, 15)), ..consent }), ArticleStatus::Withdrawn),
            2 => (Some(Consent { expires_on: Some(ymd(2021, 12, 1)), ..consent }), ArticleStatus::Withdrawn),
            3 => (None, ArticleStatus::Draft),
            4 => (Some(Consent { purpose: ConsentPurpose::Photo, ..consent }), ArticleStatus::Draft),
            5 => (Some(Consent { expires_on: Some(ymd(2022, 1, 15)), ..consent }), ArticleStatus::Published),
            _ => (Some(consent), ArticleStatus::Published),
        };
        if let Some(consent) = consent {
            add(&mut self.all.consents, code(person.place), consent);
        }
        self.article(person.place, &[person.id], published.filter(|_| status != ArticleStatus::Draft), status);
    }

    fn article(&mut self, at: usize, about: &[Uuid], published_on: Option<NaiveDate>, status: ArticleStatus) {
        let n = self.all.articles.len();
        let withdrawn = status == ArticleStatus::Withdrawn;
        let city = self.all.accounts.iter().find(|a| a.data.name == "菏泽老干部").and_then(|a| a.id);
        let kind = match about {
            [] if n.is_multiple_of(2) => ArticleKind::Policy,
            [] => ArticleKind::News,
            _ => ArticleKind::ModelDeed,
        };
        let title = match kind {
            ArticleKind::ModelDeed => {
                self.random.text(&["银发生辉", "小区里的老书记", "退而不休为乡亲", "红色故事讲给孩子听"])
            }
            ArticleKind::News => "全市老年大学秋季开学",
            ArticleKind::Policy => "敬老优待政策问答",
        };
        let data = Article {
            kind,
            title: format!("{title}({})", n + 1),
            summary: None,
            subject_cadre_ids: about.to_vec(),
            media_account_id: city,
            outlet: None,
            outlet_level: PublicLevel::City,
            url: published_on.map(|_| format!("https://example.org/articles/{}", n + 1)),
            published_on,
            withdrawn_on: withdrawn.then(|| ymd(2021, 12, 2)),
            withdrawal_reason: withdrawn.then_some(WithdrawalReason::ConsentEnded),
            status,
        };
        add(&mut self.all.articles, code(at), data);
    }

    /// On the branches in the compounds of 单县, and on the applicants of 巨野.
    fn reports(&mut self, organizations: &Organizations) {
        let branches: Vec<Uuid> = organizations
            .levels
            .iter()
            .flatten()
            .filter(|o| {
                o.data.kind == PartyOrganizationKind::ResidentialBranch
                    && o.division_code.as_ref().is_some_and(|d| d.as_str() == "371722")
            })
            .filter_map(|o| o.id)
            .collect();
        let outlets = [
            ("齐鲁某报", PublicLevel::Province, "支部建在小区里"),
            ("山东某新闻网", PublicLevel::Province, "老党员当起小区“主心骨”"),
            ("菏泽某日报", PublicLevel::City, "106个小区有了党支部"),
            ("菏泽某电视台", PublicLevel::City, "小区治理新路子"),
            ("菏泽某晚报", PublicLevel::City, "银发先锋进小区"),
        ];
        for (n, (outlet, level, title)) in outlets.into_iter().enumerate() {
            let on = days_after(ymd(2021, 5, 10), n as u64 * 30);
            let branch = branches.get(n * 20).copied();
            self.report("371722", (outlet, level, title), "小区党支部", (on, branch));
        }
        for (outlet, level) in [("菏泽某日报", PublicLevel::City), ("巨野某融媒", PublicLevel::County)] {
            self.report(
                "371724",
                (outlet, level, "九旬老人递交入党申请书"),
                "离休干部申请入党",
                (ymd(2021, 6, 22), None),
            );
        }
        // Of the year before.
        self.report(
            "371722",
            ("菏泽某日报", PublicLevel::City, "小区有了党支部"),
            "小区党支部",
            (ymd(2020, 10, 8), None),
        );
    }

    fn report(
        &mut self,
        division: &str,
        (outlet, level, title): (&str, PublicLevel, &str),
        subject: &str,
        (reported_on, branch): (NaiveDate, Option<Uuid>),
    ) {
        let n = self.all.reports.len() + 1;
        let data = MediaReport {
            outlet: outlet.into(),
            level,
            title: title.into(),
            url: Some(format!("https://example.org/reports/{n}")),
            reported_on,
            subject: subject.into(),
            party_organization_id: branch,
            unit_id: None,
        };
        add(&mut self.all.reports, division, data);
    }
}
