//! Articles: deeds of models, news, policies explained (稿件).
use super::some;
use crate::codes::{ArticleKind, ArticleStatus, PublicLevel, WithdrawalReason};
use crate::resource::{Module, Reference, Resource};
use crate::violations::in_order;
use crate::{Findings, Machine, NaiveDate, PartialDate, Rule, Terms, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// An article. One that names living cadres is published while each of them consents to publicity (PIPL art. 25, 29);
/// it is withdrawn when a consent ends.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Article {
    /// Kind.
    pub kind: ArticleKind,
    /// Title.
    #[schema(min_length = 2, max_length = 200)]
    pub title: String,
    /// What it says, in short.
    #[schema(max_length = 2000)]
    pub summary: Option<String>,
    /// The cadres whom it is about.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub subject_cadre_ids: Vec<Uuid>,
    /// The account on which it appears.
    pub media_account_id: Option<Uuid>,
    /// The medium in which it appears, where that is none of the accounts.
    #[schema(max_length = 100)]
    pub outlet: Option<String>,
    /// Level of the medium.
    pub outlet_level: PublicLevel,
    /// Where it is read.
    #[schema(max_length = 500, pattern = r"^https?://\S+$")]
    pub url: Option<String>,
    /// When it was published. Needed from then on.
    pub published_on: Option<NaiveDate>,
    /// When it was withdrawn, the last time. Needed there.
    pub withdrawn_on: Option<NaiveDate>,
    /// Why it was withdrawn. Needed there.
    pub withdrawal_reason: Option<WithdrawalReason>,
    /// Where it stands.
    #[serde(default = "in_draft")]
    pub status: ArticleStatus,
}

fn in_draft() -> ArticleStatus {
    ArticleStatus::Draft
}

impl Resource for Article {
    const NAME: &'static str = "article";
    const PATH: &'static str = "articles";
    const TITLE: (&'static str, &'static str) = ("宣传稿件", "article");
    const MODULE: Module = Module::Publicity;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: ArticleStatus {
        "publish" "发布" "Publish": [Draft] => Published,
            Terms::none()
                .sets(&["published_on", "url", "media_account_id", "outlet"])
                .needs(&["published_on"])
                .also(&[Rule::NoConsent]);
        "withdraw" "撤回" "Withdraw": [Published] => Withdrawn,
            Terms::none().sets(&["withdrawn_on", "withdrawal_reason"]).needs(&["withdrawn_on", "withdrawal_reason"]);
        "revise" "退回修改" "Take back for revision": [Withdrawn] => Draft, Terms::none();
    }));
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "subject_cadre_ids", expand: "", to: "cadres", ids: |a| &a.subject_cadre_ids },
        Reference {
            field: "media_account_id",
            expand: "media_account",
            to: "media-accounts",
            ids: |a| a.media_account_id.as_slice(),
        },
    ];

    fn example() -> Self {
        Self {
            kind: ArticleKind::ModelDeed,
            title: "红色画报进校园".into(),
            summary: Some("一位退休老干部办巡回展览的故事".into()),
            subject_cadre_ids: vec![some(3)],
            media_account_id: Some(some(20)),
            outlet: None,
            outlet_level: PublicLevel::City,
            url: Some("https://example.org/articles/1".into()),
            published_on: None,
            withdrawn_on: None,
            withdrawal_reason: None,
            status: ArticleStatus::Draft,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        for (i, id) in self.subject_cadre_ids.iter().enumerate() {
            if self.subject_cadre_ids.iter().take(i).any(|other| other == id) {
                found.error(format!("/subject_cadre_ids/{i}"), Rule::Twice);
            }
        }
        match self.status {
            ArticleStatus::Published => found.require(self.published_on.is_some(), "published_on", Rule::Required),
            ArticleStatus::Withdrawn => {
                in_order(&[("published_on", self.published_on), ("withdrawn_on", self.withdrawn_on)], found);
                found.require(self.withdrawn_on.is_some(), "withdrawn_on", Rule::Required);
                found.require(self.withdrawal_reason.is_some(), "withdrawal_reason", Rule::Required);
            }
            ArticleStatus::Draft => {}
        }
    }

    fn effective_on(&self) -> Option<PartialDate> {
        self.published_on.map(PartialDate::day)
    }
}

impl Article {
    /// Whether it is before the public.
    pub fn is_public(&self) -> bool {
        self.status == ArticleStatus::Published
    }
    /// Takes it from the public because a consent has ended.
    pub fn withdraw_for_consent(&mut self, on: NaiveDate) {
        self.status = ArticleStatus::Withdrawn;
        self.withdrawn_on = Some(self.published_on.map_or(on, |published| published.max(on)));
        self.withdrawal_reason = Some(WithdrawalReason::ConsentEnded);
    }
}

#[cfg(test)]
mod tests {
    use super::super::day;
    use super::*;

    #[test]
    fn what_is_withdrawn_for_a_consent_passes_its_own_check() {
        for (published, on, withdrawn) in
            [("2021-06-01", "2021-12-31", "2021-12-31"), ("2022-01-05", "2021-12-31", "2022-01-05")]
        {
            let mut article =
                Article { status: ArticleStatus::Published, published_on: Some(day(published)), ..Article::example() };
            article.withdraw_for_consent(day(on));
            let mut found = Findings::default();
            article.check(&mut found);
            assert_eq!((found.errors, article.withdrawn_on), (vec![], Some(day(withdrawn))));
        }
    }

    #[test]
    fn a_person_is_named_once() {
        let mut article = Article { subject_cadre_ids: vec![some(3), some(4), some(3)], ..Article::example() };
        let mut found = Findings::default();
        article.check(&mut found);
        assert_eq!(found.errors[0].pointer, "/subject_cadre_ids/2");
    }
}
