//! Records and readers that change their division: by a transfer that both counties agree to, and beneath the server
//! where many moves in a moment are wanted.

use std::{collections::BTreeMap, time::Instant};

use serde_json::{Value, json};

use super::{Dice, change, copy::Copy, county, numbered, transferred};
use crate::{
    faults::beneath::{Beneath, not_tested},
    resources::make::{CAO, CITY, SHAN, cadre},
    support::{App, Case, Ctx, Engine, cases, client::Client, soak},
};

pub fn tests() -> Vec<Case> {
    cases![
        a_transfer_leaves_here_and_comes_there_whole,
        a_person_who_comes_back_is_whole_again,
        wherever_people_go_no_county_sees_what_another_wrote,
        a_reader_whose_division_changes_begins_anew,
    ]
}

const JUNAN: &str = "371723";

/// Who reads, and all that was ever said to it.
struct Reader {
    copy: Copy,
    heard: String,
}

impl Reader {
    fn new(app: &App, division: &str) -> Self {
        Self { copy: Copy::new(county(app, division)), heard: String::new() }
    }

    /// What was told of this record.
    fn pull(&mut self, id: &str) -> Vec<String> {
        let told = self.copy.pull();
        told.iter().for_each(|change| self.heard.push_str(&change.to_string()));
        let its = told.iter().filter(|change| change["id"] == *id);
        its.map(|change| change["op"].as_str().expect("an op").to_owned()).collect()
    }
}

/// By the steps of a transfer, changed there before the giving county asks, and merged there with another record.
fn a_transfer_leaves_here_and_comes_there_whole(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let (mut shan, mut cao) = (Reader::new(&app, SHAN), Reader::new(&app, CAO));
    let (giving, receiving) = (app.user("county_admin", SHAN), app.user("county_admin", CAO));
    let person = cadre(&admin, SHAN, json!({"mobile": "13800000001"}));
    let (id, from) = (person.id(), person["unit_id"].clone());
    let there = json!({"name": "曹县某某局", "kind": "organ", "division_code": CAO});
    let there = admin.post("/units", there).status(201).id();
    let told = |reader: &mut Reader, id: &str| {
        numbered(&admin);
        reader.pull(id)
    };
    assert_eq!((told(&mut shan, &id), told(&mut cao, &id)), (vec!["upsert".to_owned()], vec![]));
    let transfer = json!({
        "cadre_id": id, "cadre_name": "孔令文", "direction": "internal", "reason": "resettle", "from_unit_id": from,
        "to_division": CAO, "applied_on": "2021-12-20", "status": "submitted", "division_code": SHAN,
    });
    let transfer = format!("/cadre-transfers/{}", giving.post("/cadre-transfers", transfer).status(201).id());
    let step = |by: &Client, verb: &str, body: Value| by.post(&format!("{transfer}/{verb}"), body).status(200);
    step(&giving, "approve", json!({}));
    step(&receiving, "accept", json!({"to_unit_id": there, "accepted_on": "2021-12-25"}));
    step(&giving, "complete", json!({"effective_date": "2022-01-01"}));
    change(&receiving, "cadres", &id, json!({"mobile": "13800000002"}));
    assert_eq!(told(&mut shan, &id), ["leave"]);
    assert!(!shan.heard.contains("13800000002"), "what the other county wrote");
    assert_eq!(told(&mut cao, &id), ["upsert"]);
    let here = &cao.copy.records[&("cadres".to_owned(), id.clone())];
    assert_eq!((&here["mobile"], &here["birth_date"]), (&json!("13800000002"), &person["birth_date"]));
    // It was there twice.
    let double = cadre(&admin, CAO, json!({"status": "void", "void_reason": "重复", "landline": "0530-0000001"})).id();
    assert_eq!(told(&mut cao, &double), ["upsert"]);
    receiving.post(&format!("/cadres/{double}/merge"), json!({"into": id})).status(200);
    assert_eq!(told(&mut cao, &double), ["delete"]);
    assert_eq!(cao.copy.records[&("cadres".to_owned(), id.clone())]["landline"], "0530-0000001");
    assert_eq!((told(&mut shan, &id), told(&mut shan, &double)), (vec![], vec![]));
    assert!(!shan.heard.contains("0530-0000001"));
    for reader in [&shan, &cao] {
        reader.copy.claim_right(&["cadres", "units", "cadre-transfers"]);
    }
}

/// From A to B, changed there before A asks, back again, changed and moved once more, deleted far away.
fn a_person_who_comes_back_is_whole_again(ctx: &Ctx) {
    let app = ctx.app();
    let (admin, beneath) = (app.admin(), Beneath::of(&app));
    let (mut shan, mut cao) = (Reader::new(&app, SHAN), Reader::new(&app, CAO));
    let id = cadre(&admin, SHAN, json!({"mobile": "13800000001"})).id();
    let writes = |mobile: &str| change(&admin, "cadres", &id, json!({"mobile": mobile}));
    let told = |reader: &mut Reader| {
        numbered(&admin);
        reader.pull(&id)
    };
    assert_eq!((told(&mut shan), told(&mut cao)), (vec!["upsert".to_owned()], vec![]));
    if !transferred(&beneath, &id, 1, SHAN, CAO) {
        return not_tested("transfers on SQLite, for there is no sqlite3");
    }
    writes("13800000002");
    assert_eq!(told(&mut shan), ["leave"]);
    // The other county gets the whole of it, not what has changed.
    assert_eq!(told(&mut cao), ["upsert"]);
    assert_eq!(cao.copy.records[&("cadres".to_owned(), id.clone())]["name"], "孔令文");
    transferred(&beneath, &id, 3, CAO, SHAN);
    assert_eq!((told(&mut shan), told(&mut cao)), (vec!["upsert".to_owned()], vec!["leave".to_owned()]));
    assert!(shan.heard.contains("13800000002"), "what was written there belongs to the person who came");
    // There and back while nobody asks: it has left, and here it is.
    transferred(&beneath, &id, 4, SHAN, CAO);
    writes("13800000003");
    transferred(&beneath, &id, 6, CAO, SHAN);
    assert_eq!(told(&mut shan), ["leave", "upsert"]);
    assert_eq!(told(&mut cao), ["leave"]);
    assert!(!cao.heard.contains("13800000003"), "it was gone before the county asked");
    // Away for good, and deleted there: the first county hears of the move alone.
    transferred(&beneath, &id, 7, SHAN, CAO);
    writes("13800000004");
    let etag = admin.get(&format!("/cadres/{id}")).status(200).etag();
    admin.delete_if(&format!("/cadres/{id}"), &etag).status(204);
    assert_eq!(told(&mut shan), ["leave"]);
    assert_eq!(told(&mut cao), ["delete"]);
    assert!(!shan.heard.contains("13800000004"));
    for reader in [&shan, &cao] {
        reader.copy.claim_right(&["cadres", "units"]);
    }
}

/// Three counties, people who move between them and are changed wherever they are, readers who ask at any time. What
/// is written about a person bears the mark of the county; a county hears the marks of those who were there when it
/// asked, and of nobody else.
fn wherever_people_go_no_county_sees_what_another_wrote(ctx: &Ctx) {
    let deadline = soak().map(|long| Instant::now() + long);
    let app = ctx.app();
    let (admin, beneath) = (app.admin(), Beneath::of(&app));
    let mut dice = Dice(uuid::Uuid::now_v7().as_u128() as u64);
    let counties = [SHAN, CAO, JUNAN];
    let mut readers: Vec<Reader> = counties.iter().map(|county| Reader::new(&app, county)).collect();
    // Where each is, and its version.
    let mut people: BTreeMap<String, (usize, i64)> =
        (0..6).map(|n| (cadre(&admin, counties[n % 3], json!({})).id(), (n % 3, 1))).collect();
    let ids: Vec<String> = people.keys().cloned().collect();
    let mut turn = 0;
    while turn < 60 || deadline.is_some_and(|deadline| Instant::now() < deadline) {
        turn += 1;
        let id = &ids[dice.below(6) as usize];
        let (place, version) = people.get_mut(id).expect("a person");
        if dice.below(2) == 0 {
            let to = (*place + 1 + dice.below(2) as usize) % 3;
            if !transferred(&beneath, id, *version, counties[*place], counties[to]) {
                return not_tested("transfers on SQLite, for there is no sqlite3");
            }
            *place = to;
        } else {
            // A secret of this moment: only who asks before the next move may hear it.
            change(&admin, "cadres", id, json!({"residence_address": format!("第{turn}号@{}", counties[*place])}));
        }
        *version += 1;
        if dice.below(3) == 0 {
            numbered(&admin);
            let reader = dice.below(3) as usize;
            readers[reader].pull("");
            claim_own(&admin, &mut readers[reader], counties[reader]);
        }
    }
    numbered(&admin);
    for (reader, county) in readers.iter_mut().zip(counties) {
        reader.pull("");
        claim_own(&admin, reader, county);
        reader.copy.claim_right(&["cadres", "units"]);
    }
}

/// All that was just heard is of people who are here now.
fn claim_own(admin: &Client, reader: &mut Reader, county: &str) {
    let here: Vec<Value> =
        admin.get(&format!("/cadres?limit=500&filter[division_code]={county}")).status(200).items().to_vec();
    let known: Vec<&Value> = reader.copy.records.iter().filter(|((e, _), _)| e == "cadres").map(|(_, r)| r).collect();
    assert_eq!(known.len(), here.len());
    for mark in reader.heard.split("residence_address\":\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        let its = here.iter().any(|person| person["residence_address"] == mark);
        assert!(its, "{county} was told {mark}, which is written of nobody there");
    }
    reader.heard.clear();
}

/// The same system with the same token, before and after its user is given less, or more. A user stays in its division,
/// as far as the API goes; so that, too, is done beneath it.
fn a_reader_whose_division_changes_begins_anew(ctx: &Ctx) {
    let app = ctx.app();
    let (admin, beneath) = (app.admin(), Beneath::of(&app));
    let secret = cadre(&admin, CAO, json!({"mobile": "13800000005"})).id();
    cadre(&admin, SHAN, json!({}));
    numbered(&admin);
    let reader = county(&app, CITY);
    let me = reader.get("/me").status(200)["user_id"].as_str().expect("an id").to_owned();
    let mut copy = Copy::new(reader.clone());
    for division in [SHAN, CITY, CAO] {
        copy.pull();
        copy.claim_right(&["cadres", "units"]);
        let cursor = copy.cursor.take().expect("a cursor");
        let its = if ctx.engine == Engine::Sqlite { format!("X'{}'", me.replace('-', "")) } else { format!("'{me}'") };
        let moved = format!("UPDATE users SET division_code = '{division}' WHERE id = {its}");
        if beneath.try_sql(&moved).is_none() {
            return not_tested("readers whose division changes, for there is no sqlite3");
        }
        // What the server remembers of its callers it asks anew after any change of a user.
        change(&admin, "users", &me, json!({"display_name": format!("系统@{division}")}));
        for path in ["changes", "events"] {
            let gone = reader.get(&format!("/sync/{path}?cursor={cursor}")).status(410);
            gone.problem("cursor_gone").error_at("/cursor", "scope_changed");
        }
        copy.records.clear();
        let begun = reader.get("/sync/snapshot").status(200);
        assert_eq!(begun.text().contains(&secret), division != SHAN);
        copy.take(begun.text());
    }
    copy.pull();
    copy.claim_right(&["cadres", "units"]);
}
