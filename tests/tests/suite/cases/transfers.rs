//! Cases 36 and 37: transfers, and what goes along with a cadre.
use super::make::{cadre, start, warnings, with};
use crate::support::{App, Case, Ctx, cases, client::Client, response::Response};
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![
        case_36_an_open_item_keeps_a_transfer_from_being_completed,
        case_37_a_transfer_accepted_in_january_counts_in_the_old_unit_in_december,
        a_transfer_moves_the_cadre_and_what_goes_along,
        each_side_of_a_transfer_does_its_own,
        a_cadre_leaves_the_city_and_another_comes,
        a_rejected_transfer_leaves_the_cadre_in_care,
    ]
}

pub(super) const SHAN: &str = "371722";
pub(super) const CAO: &str = "371721";

/// A step that must succeed.
#[track_caller]
pub(super) fn step(client: &Client, path: &str, verb: &str, body: Value) -> Response {
    client.post(&format!("{path}/{verb}"), body).status(200)
}

pub(super) struct Two {
    pub(super) app: App,
    pub(super) city: Client,
    pub(super) shan: Client,
    pub(super) cao: Client,
    pub(super) unit: String,
    cao_unit: String,
}

/// Two counties with a unit each.
pub(super) fn two(ctx: &Ctx) -> Two {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let there = json!({"name": "曹县某某局", "kind": "organ", "division_code": CAO});
    let cao_unit = city.post("/units", there).status(201).id();
    let (shan, cao) = (app.user("county_admin", SHAN), app.user("county_admin", CAO));
    Two { app, city, shan, cao, unit, cao_unit }
}

impl Two {
    pub(super) fn person(&self, change: Value) -> String {
        self.shan.post("/cadres", cadre(&self.unit, change)).status(201).id()
    }
    /// A transfer to Cao County, submitted.
    pub(super) fn submitted(&self, person: &str, applied_on: &str) -> Response {
        let transfer = json!({
            "cadre_id": person, "cadre_name": "试验者", "direction": "internal", "reason": "resettle",
            "from_unit_id": self.unit, "to_division": CAO, "applied_on": applied_on, "status": "submitted",
            "division_code": SHAN,
        });
        self.shan.post("/cadre-transfers", transfer).status(201)
    }
    /// Approved here and accepted there.
    fn accepted(&self, transfer: &str, day: &str) {
        step(&self.shan, transfer, "approve", json!({}));
        step(&self.cao, transfer, "accept", json!({"to_unit_id": self.cao_unit, "accepted_on": day}));
    }
    pub(super) fn stock(&self, division: &str, as_of: &str) -> Response {
        self.city.get(&format!("/cadres/stock?division={division}&as_of={as_of}")).status(200)
    }
}

pub(super) fn path(resource: &str, id: &str) -> String {
    format!("/{resource}/{id}")
}

fn case_36_an_open_item_keeps_a_transfer_from_being_completed(ctx: &Ctx) {
    let two = two(ctx);
    let person = two.person(json!({}));
    let open = json!({"cadre_id": person, "hospital": "单县某某医院", "period_from": "2021-11-01", "period_to": "2021-11-09",
        "amount": "3200.00", "submitted_on": "2021-11-20", "division_code": SHAN});
    let open = path("medical-claims", &two.shan.post("/medical-claims", open).status(201).id());
    let made = two.submitted(&person, "2021-12-20");
    assert_eq!(warnings(&made), ["open_item"], "201, pending, with what blocks it");
    assert_eq!(two.shan.get(&path("cadres", &person))["status"], "transfer_pending");
    let transfer = path("cadre-transfers", &made.id());
    let blockers = two.cao.get(&format!("{transfer}/blockers")).status(200);
    assert_eq!(blockers["items"], json!([{"resource": "medical-claims", "count": 1}]));
    two.accepted(&transfer, "2021-12-25");
    let complete = json!({"effective_date": "2022-01-01"});
    two.shan
        .post(&format!("{transfer}/complete"), complete.clone())
        .status(409)
        .problem("transfer_blocked")
        .error_at("/cadre_id", "open_item");
    // Through a change of the state it is the same.
    let etag = two.shan.get(&transfer).etag();
    two.shan
        .patch_if(&transfer, &etag, with(json!({"status": "done"}), complete.clone()))
        .status(409)
        .problem("transfer_blocked");
    let acknowledged = two.shan.request("POST", &format!("{transfer}/complete")).prefer("dry-run");
    acknowledged.json(with(complete.clone(), json!({"handover_ack": true}))).send().status(200);
    // Or it is settled.
    let pool = json!({"kind": "allotment", "year": 2021, "amount": "5000.00", "booked_on": "2021-01-05"});
    two.shan.post("/medical-pool-entries", pool).status(201);
    step(&two.shan, &open, "audit", json!({"audited_on": "2021-12-26", "allowed_amount": "3000.00"}));
    step(&two.shan, &open, "approve", json!({"approved_on": "2021-12-27"}));
    two.shan.post(&format!("{transfer}/complete"), complete.clone()).status(409).problem("transfer_blocked");
    step(&two.shan, &open, "pay", json!({"paid_on": "2021-12-28"}));
    step(&two.shan, &transfer, "complete", complete);
    assert_eq!(two.cao.get(&path("cadres", &person)).status(200)["status"], "in_care");
    // The claim goes along; what was paid stays in the pool that paid it.
    assert_eq!(two.cao.get(&open).status(200)["status"], "paid");
    let pools = two.city.get("/medical-pools?year=2021").status(200);
    let held = |p: &Value| (p["division_code"].clone(), p["balance"].clone());
    assert_eq!(pools.items().iter().map(held).collect::<Vec<_>>(), [(json!(SHAN), json!("2000.00"))]);
}

fn case_37_a_transfer_accepted_in_january_counts_in_the_old_unit_in_december(ctx: &Ctx) {
    let two = two(ctx);
    let person = two.person(json!({}));
    let transfer = path("cadre-transfers", &two.submitted(&person, "2021-12-20").id());
    two.accepted(&transfer, "2022-01-05");
    step(&two.shan, &transfer, "complete", json!({"effective_date": "2022-01-05"}));
    for (division, as_of, total) in
        [(SHAN, "2021-12-31", 1), (CAO, "2021-12-31", 0), (SHAN, "2022-01-05", 0), (CAO, "2022-01-05", 1)]
    {
        assert_eq!(two.stock(division, as_of)["total"], total, "{division} on {as_of}");
    }
    let (gave, took) = (two.stock(SHAN, "2022-12-31"), two.stock(CAO, "2022-12-31"));
    assert_eq!((&gave["opening"], &gave["moved_out"], &gave["added"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!((&took["opening"], &took["moved_in"], &took["added"]), (&json!(0), &json!(1), &json!(0)));
    assert_eq!(two.stock("371700", "2021-12-31")["total"], 1);
    two.cao.get("/cadres/stock?division=371722").status(404);
}

fn a_transfer_moves_the_cadre_and_what_goes_along(ctx: &Ctx) {
    let two = two(ctx);
    let person = two.person(json!({}));
    let family = json!({"cadre_id": person, "relation": "spouse", "name": "试验者之妻", "division_code": SHAN});
    let family = path("cadre-family-members", &two.shan.post("/cadre-family-members", family).status(201).id());
    let transfer = path("cadre-transfers", &two.submitted(&person, "2021-12-20").id());
    // On the way the other side sees the letter and not the person.
    two.cao.get(&transfer).status(200);
    two.cao.get(&path("cadres", &person)).status(404);
    let inbox = two.cao.get("/cadre-transfers?filter[status]=submitted").status(200);
    assert_eq!(inbox.items().len(), 1);
    two.app.user("county_admin", "371723").get(&transfer).status(404);
    two.accepted(&transfer, "2021-12-25");
    step(&two.shan, &transfer, "complete", json!({"effective_date": "2022-01-01"}));
    for one in [path("cadres", &person), family] {
        two.shan.get(&one).status(404);
        assert_eq!(two.cao.get(&one).status(200)["division_code"], CAO);
    }
    assert_eq!(two.cao.get(&path("cadres", &person))["unit_id"], json!(two.cao_unit));
    two.shan.get(&transfer).status(200);
    // The feed: it leaves here and is there.
    let told = |client: &Client| {
        let page = client.get("/sync/changes?entities=cadres&limit=2000").status(200);
        let its = page["changes"].as_array().unwrap().iter().filter(|c| c["id"] == person.as_str());
        its.map(|c| c["op"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told(&two.shan).last().map(String::as_str), Some("leave"));
    assert_eq!(told(&two.cao), ["upsert"]);
}

fn each_side_of_a_transfer_does_its_own(ctx: &Ctx) {
    let two = two(ctx);
    let person = two.person(json!({}));
    let transfer = path("cadre-transfers", &two.submitted(&person, "2021-12-20").id());
    let refused = |client: &Client, verb: &str, body: Value| {
        client.post(&format!("{transfer}/{verb}"), body).status(403).problem("forbidden");
    };
    refused(&two.cao, "approve", json!({}));
    step(&two.shan, &transfer, "approve", json!({"letter_no": "介〔2021〕1号"}));
    two.shan.post(&format!("{transfer}/accept"), json!({})).status(422).error_at("/to_unit_id", "required");
    refused(&two.shan, "accept", json!({"to_unit_id": two.cao_unit}));
    refused(&two.cao, "cancel", json!({"closing_reason": "不是本方"}));
    // The receiving side changes nothing but its own words.
    let etag = two.cao.get(&transfer).etag();
    two.cao.patch_if(&transfer, &etag, json!({"letter_no": "另一号"})).status(403).problem("forbidden");
    two.cao.delete_if(&transfer, &etag).status(403).problem("forbidden");
    two.cao
        .post(&format!("{transfer}/accept"), json!({"to_unit_id": two.unit}))
        .status(422)
        .error_at("/to_unit_id", "same_unit");
    step(&two.cao, &transfer, "accept", json!({"to_unit_id": two.cao_unit}));
    refused(&two.cao, "complete", json!({"effective_date": "2022-01-01"}));
    let etag = two.shan.get(&transfer).etag();
    two.shan
        .patch_if(&transfer, &etag, json!({"to_division": "371723"}))
        .status(422)
        .error_at("/to_division", "settled");
    // A second way at the same time is none.
    let again = json!({
        "cadre_id": person, "cadre_name": "试验者", "direction": "out", "reason": "move", "from_unit_id": two.unit,
        "outside_place": "济南市", "applied_on": "2021-12-21", "status": "submitted", "division_code": SHAN,
    });
    two.shan.post("/cadre-transfers", again).status(409).problem("already_exists");
}

fn a_cadre_leaves_the_city_and_another_comes(ctx: &Ctx) {
    let two = two(ctx);
    let person = two.person(json!({}));
    let way = |direction: &str, person: &str| {
        json!({
            "cadre_id": person, "cadre_name": "试验者", "direction": direction, "reason": "move",
            "from_unit_id": two.unit, "outside_place": "济南市", "applied_on": "2021-03-01", "division_code": SHAN,
        })
    };
    let through = |direction: &str, person: &str, accept: Value| {
        let transfer =
            path("cadre-transfers", &two.shan.post("/cadre-transfers", way(direction, person)).status(201).id());
        step(&two.shan, &transfer, "submit", json!({}));
        step(&two.shan, &transfer, "approve", json!({}));
        step(&two.shan, &transfer, "accept", accept);
        step(&two.shan, &transfer, "complete", json!({"effective_date": "2021-04-01"}));
    };
    through("out", &person, json!({}));
    assert_eq!(two.shan.get(&path("cadres", &person))["status"], "transferred_out");
    assert_eq!(
        (two.stock(SHAN, "2021-03-31")["total"].clone(), two.stock(SHAN, "2021-04-01")["total"].clone()),
        (json!(1), json!(0))
    );
    let comes = two.person(json!({"name": "来者甲", "status": "pre_registered"}));
    let other = json!({"name": "单县另一局", "kind": "organ", "division_code": SHAN});
    let other = two.shan.post("/units", other).status(201).id();
    through("in", &comes, json!({"to_unit_id": other}));
    let cadre = two.shan.get(&path("cadres", &comes)).status(200);
    assert_eq!((&cadre["status"], &cadre["unit_id"]), (&json!("in_care"), &json!(other)));
    assert_eq!(two.stock(SHAN, "2021-12-31")["moved_in"], 1);
}

fn a_rejected_transfer_leaves_the_cadre_in_care(ctx: &Ctx) {
    let two = two(ctx);
    let person = two.person(json!({}));
    let transfer = path("cadre-transfers", &two.submitted(&person, "2021-12-20").id());
    step(&two.shan, &transfer, "approve", json!({}));
    two.cao.post(&format!("{transfer}/reject"), json!({})).status(422).error_at("/closing_reason", "required");
    step(&two.cao, &transfer, "reject", json!({"closing_reason": "材料不全"}));
    assert_eq!(two.shan.get(&path("cadres", &person))["status"], "in_care");
    two.shan.post(&format!("{transfer}/submit"), json!({})).status(409).problem("wrong_state");
    // Another may begin.
    two.submitted(&person, "2021-12-28");
}
