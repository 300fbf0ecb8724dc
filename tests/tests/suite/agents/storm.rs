//! Many counties and one city, links that break at any byte, and processes that are killed.

use std::{
    collections::BTreeMap,
    process::Stdio,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread::{scope, sleep},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    county::{County, records},
    wire::{Wire, dice},
};
use crate::{
    resources::make::{SHAN, cadre_of, unit},
    support::{
        App, Case, Ctx, cases,
        client::{Client, Remote},
    },
    sync::outbox::Outbox,
};

pub fn tests() -> Vec<Case> {
    cases![all_become_alike_whatever_breaks, what_is_sent_until_it_is_answered_is_done_once]
}

/// The counties of the model that are in force, and one that has two instances.
const COUNTIES: [&str; 11] =
    ["371702", "371703", "371721", "371722", "371723", "371724", "371725", "371726", "371728", "371773", "371722"];

/// Minutes of the long form.
fn soak() -> Option<u64> {
    std::env::var("LAOGAN_SOAK").ok().and_then(|text| text.parse().ok())
}

/// A client that sends each push, and each creation with a key, until an answer comes through; a third of the
/// connections break, and each request is sent by three hands at once.
fn what_is_sent_until_it_is_answered_is_done_once(ctx: &Ctx) {
    let city = ctx.app();
    let unit = unit(&city.admin(), SHAN);
    let wire = Wire::to(&city.url());
    let system = city.user("sync_client", SHAN);
    let remote = Remote::other(&wire.url, None);
    let through = Client::anonymous(&remote).bearing(system.bearer().expect("a token"));
    let mut outbox = Outbox::new(system.clone());
    wire.breaks(33);
    let answered = |path: &str, key: &str, body: &Value| loop {
        let request = through.request("POST", path).key(key).json(body.clone());
        match request.unchecked().try_send() {
            Ok(answer) if answer.status < 400 => return answer.status,
            // Another hand holds it just now.
            Ok(answer) if matches!(answer.status, 409 | 503) => continue,
            Ok(answer) => panic!("{answer}"),
            Err(_) => continue,
        }
    };
    let rounds = if soak().is_some() { 300 } else { 12 };
    // A few connections that are kept may hold for long: it goes on until some have broken.
    let mut turn = 0;
    while turn < rounds || wire.cuts() < 3 {
        let ops: Vec<Value> = (0..5).map(|_| outbox.create("cadres", cadre_of(&unit, SHAN))).collect();
        let (push, mut single) = (outbox.body(&ops), cadre_of(&unit, SHAN));
        single["mobile"] = json!(format!("138{turn:08}"));
        let key = uuid::Uuid::now_v7().to_string();
        scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| answered("/sync/push", &key, &push));
                scope.spawn(|| answered("/cadres", &key, &single));
            }
        });
        turn += 1;
        assert!(turn < 100 * rounds, "no connection breaks");
    }
    let found = city.admin().get("/cadres?count=exact&limit=1").status(200);
    assert_eq!(found["count"], turn * 6);
    assert_eq!(system.get("/sync/quarantine").items().len(), 0);
    assert_eq!(system.get("/sync/state").status(200)["expected_op_seq"], outbox.next);
}

/// What was acknowledged at an instance: the last value of a field that only its writer there sets.
type Acknowledged = BTreeMap<(String, String), Value>;

fn all_become_alike_whatever_breaks(ctx: &Ctx) {
    let (counties, time) = match soak() {
        Some(minutes) => (11, Duration::from_secs(60 * minutes)),
        None => (3, Duration::from_secs(8)),
    };
    let city = ctx.app();
    let counties: Vec<(County, Wire)> =
        COUNTIES[..counties].iter().map(|d| (County::of(&city, d), Wire::to(&city.url()))).collect();
    let (over, writes, kills) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let acknowledged: Vec<Acknowledged> = scope(|scope| {
        let mut writers = vec![];
        for (place, (county, wire)) in counties.iter().enumerate() {
            wire.breaks(25);
            // Two instances of one county set different fields, or nobody could say whose value is the last.
            let again = COUNTIES[..place].contains(&county.division.as_str());
            let (theirs, ours) = if again { ("archive_place", "native_place") } else { ("landline", "mobile") };
            writers.push(scope.spawn(|| write(&county.app, &county.division, theirs, &over, &writes)));
            // The city's people work on the same records, in another field.
            writers.push(scope.spawn(|| write(&city, &county.division, ours, &over, &writes)));
            scope.spawn({
                let (over, kills) = (&over, &kills);
                move || {
                    while !over.load(Ordering::Relaxed) {
                        let mut agent = county.command(&wire.url, &["--wait", "0"]);
                        let agent = agent.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
                        let mut agent = agent.expect("start an agent");
                        sleep(Duration::from_millis(300 + dice(3_000)));
                        let _ = agent.kill();
                        let _ = agent.wait();
                        kills.fetch_add(1, Ordering::Relaxed);
                        // Now and then the county's server as well.
                        if place % 3 == 0 && dice(6) == 0 {
                            county.app.kill9();
                            county.app.restart();
                            kills.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
        let until = Instant::now() + time;
        while Instant::now() < until {
            sleep(Duration::from_millis(1_500 + dice(2_000)));
            city.kill9();
            kills.fetch_add(1, Ordering::Relaxed);
            sleep(Duration::from_millis(dice(300)));
            city.restart();
            counties.iter().for_each(|(_, wire)| wire.leads_to(&city.url()));
        }
        over.store(true, Ordering::Relaxed);
        writers.into_iter().map(|w| w.join().expect("a writer")).collect()
    });
    let cuts: u64 = counties.iter().map(|(_, wire)| wire.cuts()).sum();
    // The lines are mended; twice, for what one sends late another takes.
    counties.iter().for_each(|(_, wire)| wire.breaks(0));
    for _ in 0..2 {
        for (county, wire) in &counties {
            county.sync(&wire.url);
        }
    }
    for (county, wire) in &counties {
        county.claim_alike_over(&city, &wire.url);
    }
    let there = records(&city.admin());
    let mut checked = 0;
    for ((id, field), value) in acknowledged.into_iter().flatten() {
        assert_eq!(there.get(&("cadres".into(), id.clone())).map(|r| &r[&field]), Some(&value), "{field} of {id}");
        checked += 1;
    }
    let quarantined = city.admin().get("/sync/quarantine").status(200).items().len();
    assert_eq!(quarantined, 0);
    assert!(checked > 0);
    if soak().is_some() {
        eprintln!(
            "{} counties, {} s: {} writes acknowledged, {checked} last values found again, {} processes killed, {cuts} connections cut",
            counties.len(),
            time.as_secs(),
            writes.load(Ordering::Relaxed),
            kills.load(Ordering::Relaxed)
        );
    }
}

/// Makes records and changes one field of them, through every restart; what was acknowledged last.
fn write(app: &App, division: &str, field: &str, over: &AtomicBool, writes: &AtomicU64) -> Acknowledged {
    let by = loop {
        // The server may be down just now.
        if let Ok(by) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| app.admin())) {
            break by;
        }
    };
    let mut known = Acknowledged::new();
    let mut turn = 0;
    while !over.load(Ordering::Relaxed) {
        turn += 1;
        let value = json!(match field {
            "mobile" => format!("138{turn:08}"),
            "landline" => format!("0530-{turn:07}"),
            _ => format!("第{turn}处"),
        });
        sleep(Duration::from_millis(10 + dice(60)));
        if turn % 3 == 1 {
            let id = uuid::Uuid::now_v7();
            let unit = uuid::Uuid::now_v7().to_string();
            let made = json!({"id": unit, "division_code": division, "name": "某局", "kind": "organ"});
            if !done(&by, "/units", made) {
                continue;
            }
            let mut cadre = cadre_of(&unit, division);
            (cadre["id"], cadre[field]) = (json!(id), value.clone());
            if done(&by, "/cadres", cadre) {
                known.insert((id.to_string(), field.to_owned()), value);
                writes.fetch_add(1, Ordering::Relaxed);
            }
            continue;
        }
        // Any record of the division, whoever made it.
        let list = by.request("GET", &format!("/cadres?limit=20&sort=-updated_at&filter[division_code]={division}"));
        let Some(list) = list.unchecked().try_send().ok().filter(|list| list.status == 200) else { continue };
        let Some(record) = list.items().get(dice(20) as usize % list.items().len().max(1)) else { continue };
        let (id, version) = (record["id"].as_str().expect("an id").to_owned(), record["version"].clone());
        let etag = format!("\"r{version}\"");
        // An answer that does not come leaves open which value stands.
        let before = known.remove(&(id.clone(), field.to_owned()));
        let patch = by.request("PATCH", &format!("/cadres/{id}")).if_match(&etag).json(json!({field: value}));
        match patch.unchecked().try_send() {
            Ok(answer) if answer.status == 200 => {
                known.insert((id, field.to_owned()), value);
                writes.fetch_add(1, Ordering::Relaxed);
            }
            Ok(answer) if answer.status < 500 => {
                known.extend(before.map(|value| ((id, field.to_owned()), value)));
            }
            _ => {}
        }
    }
    known
}

fn done(by: &crate::support::client::Client, path: &str, body: Value) -> bool {
    by.request("POST", path).json(body).unchecked().try_send().is_ok_and(|answer| answer.status < 300)
}
