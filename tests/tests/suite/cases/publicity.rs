//! Case 44: nothing is published about a living person without consent, and it is withdrawn when the consent ends.
use super::make::{cadre, start, with};
use crate::{
    faults::beneath::Beneath,
    support::{App, Case, Ctx, cases, client::Client},
    sync::outbox::{Outbox, statuses},
};
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![
        case_44_an_article_about_a_living_cadre_needs_consent,
        case_44_a_revoked_consent_withdraws_the_article,
        a_consent_that_expires_or_is_deleted_withdraws_too,
        a_consent_revoked_offline_withdraws_when_it_is_pushed,
        of_the_dead_no_consent_is_asked,
        another_consent_keeps_the_article,
        merged_records_keep_the_article_and_the_consent,
        time_ends_a_consent_without_a_word,
    ]
}

const SHAN: &str = "371722";

struct Press {
    app: App,
    city: Client,
    unit: String,
}

impl Press {
    fn new(ctx: &Ctx) -> Self {
        let app = ctx.app();
        let (city, unit) = start(&app);
        Self { app, city, unit }
    }
    fn person(&self, change: Value) -> String {
        self.city.post("/cadres", cadre(&self.unit, change)).status(201).id()
    }
    fn consent(&self, person: &str, change: Value) -> String {
        let plain =
            json!({"cadre_id": person, "purpose": "publicity", "granted_on": "2021-06-01", "division_code": SHAN});
        self.city.post("/consents", with(plain, change)).status(201).id()
    }
    /// A draft about these people.
    fn draft(&self, about: &[&str]) -> String {
        let article = json!({
            "kind": "model_deed", "title": "银发生辉", "subject_cadre_ids": about, "outlet_level": "city",
            "division_code": SHAN,
        });
        format!("/articles/{}", self.city.post("/articles", article).status(201).id())
    }
    #[track_caller]
    fn published(&self, about: &[&str]) -> String {
        let article = self.draft(about);
        self.city.post(&format!("{article}/publish"), json!({"published_on": "2021-07-01"})).status(200);
        article
    }
    fn status(&self, article: &str) -> Value {
        self.city.get(article).status(200)["status"].clone()
    }
    #[track_caller]
    fn change_consent(&self, consent: &str, change: Value) {
        let one = format!("/consents/{consent}");
        let etag = self.city.get(&one).status(200).etag();
        self.city.patch_if(&one, &etag, change).status(200);
    }
}

fn case_44_an_article_about_a_living_cadre_needs_consent(ctx: &Ctx) {
    let p = Press::new(ctx);
    let (agrees, does_not) = (p.person(json!({})), p.person(json!({"name": "另一人"})));
    p.consent(&agrees, json!({}));
    // To photographs, of another time, and not in force any more: none of them is one.
    p.consent(&does_not, json!({"purpose": "photo"}));
    p.consent(&does_not, json!({"revoked_on": "2021-06-20"}));
    p.consent(&does_not, json!({"expires_on": "2021-12-31"}));
    let article = p.draft(&[&agrees, &does_not]);
    let publish = |article: &str| p.city.post(&format!("{article}/publish"), json!({"published_on": "2021-07-01"}));
    let refused = publish(&article).status(409).problem("consent_required");
    refused.error_at("/subject_cadre_ids/1", "no_consent");
    assert_eq!(p.status(&article), "draft");
    // Whichever way it would become public.
    let etag = p.city.get(&article).etag();
    let public = json!({"status": "published", "published_on": "2021-07-01"});
    p.city.patch_if(&article, &etag, public.clone()).status(409).problem("consent_required");
    let made = json!({"kind": "news", "title": "一则消息", "subject_cadre_ids": [does_not], "outlet_level": "city", "division_code": SHAN});
    p.city.post("/articles", with(made, public)).status(409).problem("consent_required");
    // Nor may somebody be put into what is public.
    let alone = p.published(&[&agrees]);
    let etag = p.city.get(&alone).etag();
    p.city
        .patch_if(&alone, &etag, json!({"subject_cadre_ids": [agrees, does_not]}))
        .status(409)
        .problem("consent_required");
    // Before the consent was given it may not have been published either.
    let early = p.draft(&[&agrees]);
    let early = p.city.post(&format!("{early}/publish"), json!({"published_on": "2021-05-31"})).status(409);
    early.problem("consent_required").error_at("/subject_cadre_ids/0", "no_consent");
    // With it, it is published.
    p.consent(&does_not, json!({}));
    publish(&article).status(200);
}

fn case_44_a_revoked_consent_withdraws_the_article(ctx: &Ctx) {
    let p = Press::new(ctx);
    let (person, other) = (p.person(json!({})), p.person(json!({"name": "另一人"})));
    let consent = p.consent(&person, json!({}));
    p.consent(&other, json!({}));
    let (both, alone, of_other) = (p.published(&[&other, &person]), p.published(&[&person]), p.published(&[&other]));
    let draft = p.draft(&[&person]);
    p.change_consent(&consent, json!({"evidence": "补充说明"}));
    assert_eq!(p.status(&both), "published", "a word about it ends nothing");
    p.change_consent(&consent, json!({"revoked_on": "2021-12-01"}));
    assert_eq!(
        [&both, &alone, &of_other, &draft].map(|a| p.status(a)),
        ["withdrawn", "withdrawn", "published", "draft"]
    );
    let withdrawn = p.city.get(&both);
    assert_eq!(withdrawn["withdrawal_reason"], "consent_ended");
    assert!(withdrawn["withdrawn_on"].is_string());
    // Both lines are of one request: who revoked has withdrawn.
    let line = |path: &str| p.city.get(&format!("{path}/history")).status(200).items().last().unwrap().clone();
    let (cause, effect) = (line(&format!("/consents/{consent}")), line(&both));
    assert_eq!((&effect["actor"], &effect["request_id"]), (&cause["actor"], &cause["request_id"]));
    // With a new consent it is revised and published again.
    let again = json!({"published_on": "2021-12-10"});
    p.city.post(&format!("{alone}/revise"), json!({})).status(200);
    p.city.post(&format!("{alone}/publish"), again.clone()).status(409).problem("consent_required");
    p.consent(&person, json!({"granted_on": "2021-12-08"}));
    p.city.post(&format!("{alone}/publish"), again).status(200);
}

fn a_consent_that_expires_or_is_deleted_withdraws_too(ctx: &Ctx) {
    let p = Press::new(ctx);
    let person = p.person(json!({}));
    let consent = p.consent(&person, json!({}));
    let article = p.published(&[&person]);
    p.change_consent(&consent, json!({"expires_on": "2199-12-31"}));
    assert_eq!(p.status(&article), "published");
    p.change_consent(&consent, json!({"expires_on": "2021-12-31"}));
    assert_eq!(p.status(&article), "withdrawn");
    let second = p.consent(&person, json!({}));
    let article = p.published(&[&person]);
    p.city.delete_if(&format!("/consents/{second}"), "\"r1\"").status(204);
    assert_eq!(p.status(&article), "withdrawn");
    // A consent that turns out to be for something else is none.
    let third = p.consent(&person, json!({}));
    let article = p.published(&[&person]);
    p.change_consent(&third, json!({"purpose": "share"}));
    assert_eq!(p.status(&article), "withdrawn");
}

fn a_consent_revoked_offline_withdraws_when_it_is_pushed(ctx: &Ctx) {
    let p = Press::new(ctx);
    let person = p.person(json!({}));
    let (one, two) = (p.consent(&person, json!({})), p.consent(&person, json!({})));
    let article = p.published(&[&person]);
    let mut outbox = Outbox::new(p.app.user("sync_client", SHAN));
    let revoked = outbox.patch("consents", &one, 1, json!({"revoked_on": "2021-12-01"}));
    assert_eq!(statuses(&outbox.push(&[revoked])), ["applied"]);
    assert_eq!(p.status(&article), "published", "another one is in force");
    let gone = outbox.op("delete", "consents", json!({"id": two, "base_version": 1}));
    assert_eq!(statuses(&outbox.push(&[gone])), ["applied"]);
    assert_eq!(p.status(&article), "withdrawn");
    // What was published offline without a consent is refused.
    let public = json!({
        "kind": "model_deed", "title": "银发生辉", "subject_cadre_ids": [person], "outlet_level": "county",
        "status": "published", "published_on": "2021-12-20",
    });
    let made = outbox.create("articles", public);
    let result = outbox.one(&made);
    assert_eq!((&result["status"], &result["problem"]["code"]), (&json!("rejected"), &json!("consent_required")));
}

fn of_the_dead_no_consent_is_asked(ctx: &Ctx) {
    let p = Press::new(ctx);
    let person = p.person(json!({"status": "deceased", "died_on": "2021-05-20"}));
    let article = p.published(&[&person]);
    let consent = p.consent(&person, json!({}));
    p.city.delete_if(&format!("/consents/{consent}"), "\"r1\"").status(204);
    assert_eq!(p.status(&article), "published");
}

fn another_consent_keeps_the_article(ctx: &Ctx) {
    let p = Press::new(ctx);
    let person = p.person(json!({}));
    let (one, _) = (p.consent(&person, json!({})), p.consent(&person, json!({"granted_on": "2021-06-15"})));
    let article = p.published(&[&person]);
    p.change_consent(&one, json!({"revoked_on": "2021-12-01"}));
    assert_eq!(p.status(&article), "published");
}

fn merged_records_keep_the_article_and_the_consent(ctx: &Ctx) {
    let p = Press::new(ctx);
    let (kept, twin) = (p.person(json!({})), p.person(json!({})));
    p.consent(&twin, json!({}));
    let article = p.published(&[&twin]);
    p.city.post(&format!("/cadres/{twin}/merge"), json!({"into": kept})).status(200);
    let now = p.city.get(&article).status(200);
    assert_eq!((&now["status"], &now["subject_cadre_ids"]), (&json!("published"), &json!([kept])));
    let consents = p.city.get(&format!("/consents?filter[cadre_id]={kept}")).status(200);
    assert_eq!(consents.items().len(), 1);
}

/// A server that is started looks at once, and then every hour, what time has ended meanwhile.
fn time_ends_a_consent_without_a_word(ctx: &Ctx) {
    let p = Press::new(ctx);
    let (person, other) = (p.person(json!({})), p.person(json!({"name": "另一人"})));
    let consent = p.consent(&person, json!({"expires_on": "2199-12-31"}));
    p.consent(&other, json!({}));
    let (ending, staying) = (p.published(&[&person]), p.published(&[&other]));
    // The day on which it ends, brought nearer: nothing is written through the server.
    let past = "UPDATE consents SET expires_on = '2021-12-31' WHERE expires_on IS NOT NULL";
    if Beneath::of(&p.app).try_sql(past).is_none() {
        return;
    }
    assert_eq!(p.city.get(&format!("/consents/{consent}"))["expires_on"], "2021-12-31");
    p.app.terminate();
    p.app.restart();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while p.status(&ending) != "withdrawn" {
        assert!(std::time::Instant::now() < deadline, "still public");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(p.city.get(&ending)["withdrawal_reason"], "consent_ended");
    assert_eq!(p.status(&staying), "published");
}
