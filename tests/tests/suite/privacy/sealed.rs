//! What somebody finds in a copy of the database who has no keys, and what an operator does with the keys.

use std::{
    fs,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use serde_json::{Value, json};

use crate::{
    faults::{beneath::not_tested, process::run},
    resources::make::{ID_NUMBER, SHAN, cadre, cadre_of, secret_cadre, unit, with},
    support::{App, Case, Ctx, Engine, cases, random},
    sync::outbox::Outbox,
};

pub fn tests() -> Vec<Case> {
    cases![
        a_copy_of_the_database_tells_nothing_sensitive,
        keys_go_over_beside_writers,
        a_start_without_the_keys_is_refused,
        a_person_is_found_again_under_whatever_key,
    ]
}

/// Texts that a stolen database must not hold in any of its tables, indexes or logs.
const SECRETS: [&str; 6] =
    [ID_NUMBER, "高血压三级", "6200000000000000001", "冠心病史", "糖尿病史", "6200000000000000777"];

/// All that lies on the disk for this database, the log of SQLite included.
pub fn on_disk(app: &App) -> Option<Vec<u8>> {
    let Some(url) = app.database() else {
        let file = |name| fs::read(app.data_dir().join(name)).unwrap_or_default();
        return Some([file("laogan.db"), file("laogan.db-wal")].concat());
    };
    match Command::new("pg_dump").args(["--dbname", url]).output() {
        Ok(dump) => {
            assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
            Some(dump.stdout)
        }
        Err(_) => {
            not_tested("what a dump of PostgreSQL tells, for there is no pg_dump");
            None
        }
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn a_copy_of_the_database_tells_nothing_sensitive(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let made = secret_cadre(&admin, SHAN);
    let (id, unit_id) = (made.id(), made["unit_id"].as_str().expect("a unit").to_owned());
    let mut outbox = Outbox::new(app.user("county_admin", SHAN));
    // In the history, a conflict, the quarantine, a batch, and under a key.
    admin.patch_if(&format!("/cadres/{id}"), "\"r1\"", json!({"disease_note": SECRETS[3]})).status(200);
    let op = outbox.patch("cadres", &id, 1, json!({"disease_note": SECRETS[4]}));
    assert_eq!(outbox.one(&op)["status"], "conflict");
    let op = outbox.create("cadres", json!({"id_number": ID_NUMBER, "bank_card": SECRETS[5], "name": "孔令武"}));
    assert_eq!(outbox.one(&op)["status"], "rejected");
    let other = |note: &str| with(cadre_of(&unit_id, SHAN), json!({"disease_note": note, "bank_card": SECRETS[5]}));
    admin.post("/cadres/batch", json!({"items": [other(SECRETS[1])]})).status(201);
    admin.request("POST", "/cadres").key(&random()).json(other(SECRETS[3])).send().status(201);
    // Somebody who reads the files while the server runs, and after it.
    for stop in [false, true] {
        if stop {
            assert!(app.terminate().success());
        }
        let Some(found) = on_disk(&app) else { continue };
        assert!(holds(&found, "孔令文"), "it is a copy of the database");
        for secret in SECRETS {
            assert!(!holds(&found, secret), "the database holds {secret}");
        }
    }
    app.restart();
    let seeing = app.token(&["cadres:read", "sync:*", "fields:sensitive"], SHAN);
    assert_eq!(seeing.get(&format!("/cadres/{id}")).status(200)["disease_note"], SECRETS[3]);
    assert_eq!(seeing.get("/sync/quarantine").status(200).items()[0]["op"]["set"]["bank_card"], SECRETS[5]);
    assert_eq!(seeing.get("/sync/conflicts").status(200).items()[0]["fields"][0]["yours"], SECRETS[4]);
}

fn laogan(app: &App, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = run(&mut app.cli(arguments));
    assert_eq!(code, Some(0), "{arguments:?}: {stderr}");
    stdout
}

/// Each key's id, state and number of values.
fn keys(app: &App) -> Vec<(String, String, i64)> {
    let listed = laogan(app, &["keys", "list"]);
    let words = listed.lines().map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    words
        .filter(|words| words.last().is_some_and(|last| last == "values"))
        .map(|words| (words[0].clone(), words[2].clone(), words[3].parse().expect("a number")))
        .collect()
}

fn keys_go_over_beside_writers(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let unit_id = unit(&admin, SHAN);
    let person = |n: u32| {
        with(
            cadre_of(&unit_id, SHAN),
            json!({"disease_note": format!("病史{n}"), "bank_card": format!("62000000000000{n:05}")}),
        )
    };
    let items: Vec<Value> = (0..450).map(person).collect();
    let made = admin.post("/cadres/batch", json!({"items": items})).status(201);
    let mut outbox = Outbox::new(app.token(&["sync:*", "cadres:*"], SHAN));
    let op = outbox.create("cadres", json!({"name": "孔令武", "bank_card": SECRETS[5]}));
    outbox.push(&[op]);
    // A state that is replaced is history, sealed as a whole.
    for made in &made.items()[..20] {
        let path = format!("/cadres/{}", made["id"].as_str().expect("an id"));
        admin.patch_if(&path, "\"r1\"", json!({"bank_card": SECRETS[5]})).status(200);
    }
    let before = keys(&app);
    assert_eq!((before.len(), before[0].1.as_str()), (1, "current"));
    assert!(before[0].2 >= 920, "two fields of each, and the history of those that were changed: {before:?}");
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut n = 1_000;
            while !over.load(Ordering::Relaxed) {
                n += 1;
                admin.post("/cadres", person(n)).status(201);
                let id = made["items"][(n % 450) as usize]["id"].as_str().expect("an id");
                let version = admin.get(&format!("/cadres/{id}")).status(200)["version"].clone();
                let change = json!({"bank_card": format!("62000000000000{n:05}")});
                admin.patch_if(&format!("/cadres/{id}"), &format!("\"r{version}\""), change).status(200);
            }
            n
        });
        laogan(&app, &["keys", "rotate"]);
        over.store(true, Ordering::Relaxed);
        assert!(writer.join().expect("the writer") > 1_001, "somebody wrote meanwhile");
    });
    let after = keys(&app);
    assert_eq!((after[0].1.as_str(), &after[1].0, after[1].2), ("current", &before[0].0, 0), "{after:?}");
    assert_ne!(after[0].0, before[0].0);
    // The current one stays, another that seals nothing more goes, and is kept for old backups.
    let (code, _, stderr) = run(&mut app.cli(&["keys", "retire", &after[0].0]));
    assert!(code == Some(1) && stderr.contains("rotate"), "{stderr}");
    laogan(&app, &["keys", "retire", &before[0].0]);
    assert!(app.data_dir().join(format!("keys/fields-retired-{}", before[0].0)).exists());
    let seeing = app.token(&["cadres:read", "sync:*", "fields:sensitive"], SHAN);
    for _ in 0..2 {
        let id = made["items"][0]["id"].as_str().expect("an id");
        assert_eq!(seeing.get(&format!("/cadres/{id}")).status(200)["disease_note"], "病史0");
        let shown = seeing.get("/cadres?limit=500").status(200);
        assert!(shown.items().iter().all(|item| item["bank_card"].as_str().is_some_and(|card| card.len() == 19)));
        assert_eq!(seeing.get("/sync/quarantine").status(200).items()[0]["op"]["set"]["bank_card"], SECRETS[5]);
        app.kill9();
        app.restart();
    }
}

fn a_start_without_the_keys_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    let id = secret_cadre(&app.admin(), SHAN).id();
    let file = app.data_dir().join("keys/fields");
    assert!(app.terminate().success());
    let kept = fs::read_to_string(&file).expect("the keys");
    // Lost: others would be made, and nothing that is there could be read.
    fs::remove_file(&file).expect("lose them");
    let (code, _, stderr) = run(&mut app.cli(&["keys", "list"]));
    assert!(code == Some(1) && stderr.contains("keys/fields") && stderr.contains("not at hand"), "{stderr}");
    fs::write(&file, "key today AAAA\n").expect("spoil them");
    let (code, _, stderr) = run(&mut app.cli(&["keys", "list"]));
    assert!(code == Some(1) && stderr.contains("line 1") && !stderr.contains("AAAA"), "{stderr}");
    // By way of the environment they are as good.
    let (code, _, stderr) = run(app.cli(&["keys", "list"]).env("LAOGAN_FIELD_KEYS", &kept));
    assert_eq!(code, Some(0), "{stderr}");
    fs::write(&file, kept).expect("put them back");
    Command::new("chmod").arg("644").arg(&file).status().expect("chmod");
    let (code, _, stderr) = run(&mut app.cli(&["keys", "list"]));
    assert!(code == Some(1) && stderr.contains("others can read"), "{stderr}");
    Command::new("chmod").arg("600").arg(&file).status().expect("chmod");
    app.restart();
    let seeing = app.token(&["cadres:read", "fields:sensitive"], SHAN);
    assert_eq!(seeing.get(&format!("/cadres/{id}")).status(200)["id_number"], ID_NUMBER);
}

fn a_person_is_found_again_under_whatever_key(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let id = secret_cadre(&admin, SHAN).id();
    let again = |by: &crate::support::client::Client| {
        let other = with(cadre_of(&unit(by, SHAN), SHAN), json!({"id_number": ID_NUMBER}));
        by.post("/cadres", other)
    };
    again(&admin).status(409).problem("duplicate_person");
    if ctx.engine == Engine::Sqlite {
        laogan(&app, &["keys", "rotate"]);
        again(&admin).status(409).problem("duplicate_person");
    }
    // Who left may be registered elsewhere, and comes back only if nobody has taken them.
    let one = format!("/cadres/{id}");
    admin.delete_if(&one, "\"r1\"").status(204);
    let taken = again(&admin).status(201).id();
    assert_ne!(taken, id);
    let without = cadre(&admin, SHAN, json!({})).id();
    let clash = admin.patch_if(
        &format!("/cadres/{without}"),
        "\"r1\"",
        json!({"id_number": ID_NUMBER, "birth_date": "1928-03-07"}),
    );
    clash.status(409).problem("duplicate_person");
}
