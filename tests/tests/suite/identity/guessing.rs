//! Who guesses passwords is slowed, learns nothing, and keeps nobody out.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread::{self, sleep},
    time::{Duration, Instant},
};

use serde_json::json;

use super::{behind_a_proxy, login, login_from, user_path};
use crate::support::{App, Case, Ctx, cases, postgres::Cluster, random, response::Response};

const SHAN: &str = "371722";

pub fn tests() -> Vec<Case> {
    [
        cases![
            an_account_is_slowed_from_everywhere_and_its_owner_comes_in,
            nobody_is_locked_out_for_ever,
            many_at_once_do_not_slip_through,
            an_administrator_forgets_the_failures,
            a_network_is_slowed,
            an_unknown_name_is_not_told_from_a_known_one,
            a_flood_is_told_to_come_again,
            a_password_that_guessers_try_first_is_refused,
        ],
        cases![postgres: a_hash_of_another_cost_is_renewed_at_sign_in],
    ]
    .concat()
}

fn seconds(blocked: &Response) -> u64 {
    blocked.header("retry-after").and_then(|s| s.parse().ok()).unwrap_or_else(|| panic!("when? {blocked}"))
}

/// 600 tries from 600 networks, in the long form 10,000 from as many, for as long as the owner signs in ten times from where he has been before.
fn an_account_is_slowed_from_everywhere_and_its_owner_comes_in(ctx: &Ctx) {
    let app = behind_a_proxy(ctx);
    let each = crate::support::soak().map_or(150, |_| 2500);
    let (name, password) = app.new_user("county_admin", SHAN);
    login_from(&app, "10.0.0.1", &name, &password).status(200);
    let (looked_at, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let started = Instant::now();
    thread::scope(|scope| {
        for part in 0..4 {
            let (app, name, looked_at, refused) = (&app, &name, &looked_at, &refused);
            scope.spawn(move || {
                for n in 0..each {
                    let from = format!("198.{}.{}.7", 10 * part + n / 250, n % 250);
                    let answer = login_from(app, &from, name, "wrong password");
                    match answer.status {
                        401 => looked_at.fetch_add(1, Ordering::Relaxed),
                        429 => {
                            assert!((1..=300).contains(&seconds(&answer)), "{answer}");
                            refused.fetch_add(1, Ordering::Relaxed)
                        }
                        _ => panic!("{answer}"),
                    };
                }
            });
        }
        // Another address of the same network; and never is he told to wait.
        (0..10).for_each(|n| drop(login_from(&app, &format!("10.0.0.{}", 100 + n), &name, &password).status(200)));
    });
    let (looked_at, refused) = (looked_at.into_inner(), refused.into_inner());
    // Ten are free, and then the pause doubles each time.
    let most = 10 + 2 + started.elapsed().as_secs().ilog2().max(1) as usize;
    assert!(looked_at <= most && refused >= 4 * each - most, "{looked_at} tries were looked at, {refused} refused");
    assert!(looked_at >= 10, "{looked_at} tries were looked at");
    // From elsewhere he waits like everybody.
    login_from(&app, "203.0.113.1", &name, &password).status(429).problem("too_many_requests");
}

fn nobody_is_locked_out_for_ever(ctx: &Ctx) {
    let app = behind_a_proxy(ctx);
    let (name, password) = app.new_user("county_admin", SHAN);
    for n in 0..11 {
        login_from(&app, &format!("198.51.{n}.1"), &name, "wrong password").status(401).problem("login_failed");
    }
    let blocked = login_from(&app, "203.0.113.1", &name, &password).status(429).problem("too_many_requests");
    // What is refused unseen does not make it longer.
    assert!((1..=2).contains(&seconds(&blocked)), "{blocked}");
    assert_eq!(blocked["retryable"], true);
    sleep(Duration::from_secs(seconds(&blocked)));
    login_from(&app, "203.0.113.1", &name, &password).status(200);
    // And what was before is forgiven.
    for n in 0..10 {
        login_from(&app, &format!("198.52.{n}.1"), &name, "wrong password").status(401);
    }
    login_from(&app, "203.0.114.1", &name, &password).status(200);
}

fn many_at_once_do_not_slip_through(ctx: &Ctx) {
    let app = behind_a_proxy(ctx);
    let (name, _) = app.new_user("county_admin", SHAN);
    let looked_at = AtomicUsize::new(0);
    thread::scope(|scope| {
        for n in 0..40 {
            let (app, name, looked_at) = (&app, &name, &looked_at);
            scope.spawn(move || {
                let answer = login_from(app, &format!("198.{n}.1.1"), name, "wrong password");
                assert!(matches!(answer.status, 401 | 429 | 503), "{answer}");
                looked_at.fetch_add(usize::from(answer.status == 401), Ordering::Relaxed);
            });
        }
    });
    let looked_at = looked_at.into_inner();
    assert!(looked_at <= 12, "{looked_at} of 40 were looked at");
}

fn an_administrator_forgets_the_failures(ctx: &Ctx) {
    let app = behind_a_proxy(ctx);
    let (name, password) = app.new_user("county_admin", SHAN);
    let user = app.login(&name, &password);
    let unlock = format!("{}/unlock", user_path(&user));
    let fail = || (0..12).for_each(|n| drop(login_from(&app, &format!("198.51.{n}.1"), &name, "wrong password")));
    fail();
    login_from(&app, "203.0.113.1", &name, &password).status(429);
    app.user("county_admin", "371721").post(&unlock, json!({})).status(404).problem("not_found");
    app.user("auditor", SHAN).post(&unlock, json!({})).status(403).problem("forbidden");
    app.admin().post(&unlock, json!({})).status(204);
    login_from(&app, "203.0.113.1", &name, &password).status(200);
    fail();
    login_from(&app, "203.0.115.1", &name, &password).status(429);
    assert!(app.cli(&["user", "unlock", "--username", &name]).status().unwrap().success());
    login_from(&app, "203.0.115.1", &name, &password).status(200);
    assert!(!app.cli(&["user", "unlock", "--username", "nobody-at-all"]).status().unwrap().success());
}

/// Names are tried one after the other from one network, as one does who has a list of them.
fn a_network_is_slowed(ctx: &Ctx) {
    let app = behind_a_proxy(ctx);
    let (name, password) = app.new_user("county_admin", SHAN);
    let mut tried = 0;
    let blocked = loop {
        let answer =
            login_from(&app, &format!("198.51.100.{}", tried % 250), &format!("n-{}", random()), "wrong password");
        if answer.status == 429 {
            break answer;
        }
        answer.status(401);
        tried += 1;
        assert!(tried <= 130, "a network is slowed after 100 failures");
    };
    assert!(tried >= 100 && seconds(&blocked) <= 60, "after {tried}: {blocked}");
    // Its neighbour is another network.
    login_from(&app, "198.51.101.1", &name, &password).status(200);
}

/// Status, body and time. Without the work that is done for nobody, an unknown name would answer in a tenth of the time.
fn an_unknown_name_is_not_told_from_a_known_one(ctx: &Ctx) {
    let app = behind_a_proxy(ctx);
    let names: Vec<String> = (0..5).map(|_| app.new_user("auditor", SHAN).0).collect();
    let mut times = [vec![], vec![]];
    for round in 0..25 {
        let known = names[round % names.len()].clone();
        for (kind, name) in [known, format!("nobody-{}", random())].into_iter().enumerate() {
            let started = Instant::now();
            let answer = login_from(&app, &format!("10.{kind}.{round}.1"), &name, "wrong password").status(401);
            times[kind].push(started.elapsed());
            answer.problem("login_failed");
        }
    }
    let [known, unknown] = times.map(|mut t| {
        t.sort();
        t[t.len() / 2]
    });
    assert!(unknown > known * 6 / 10 && known > unknown * 6 / 10, "known {known:?}, unknown {unknown:?}");
    // An unknown name is slowed as a known one is.
    let nobody = format!("nobody-{}", random());
    (0..12).for_each(|n| drop(login_from(&app, &format!("198.51.{n}.1"), &nobody, "wrong password")));
    login_from(&app, "203.0.113.1", &nobody, "wrong password").status(429).problem("too_many_requests");
}

fn a_flood_is_told_to_come_again(ctx: &Ctx) {
    let app = behind_a_proxy(ctx);
    let (turned_away, looked_at) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for n in 0..120 {
            let (app, turned_away, looked_at) = (&app, &turned_away, &looked_at);
            scope.spawn(move || {
                let answer = login_from(app, &format!("198.{n}.1.1"), &format!("n-{}", random()), "wrong password");
                match answer.status {
                    401 => looked_at.fetch_add(1, Ordering::Relaxed),
                    503 => {
                        assert!(seconds(&answer) >= 1);
                        turned_away.fetch_add(1, Ordering::Relaxed)
                    }
                    _ => panic!("{answer}"),
                };
            });
        }
    });
    assert_eq!(turned_away.into_inner() + looked_at.into_inner(), 120);
    // All is well afterwards, and who was turned away is not counted as one who guessed.
    app.admin().get("/me").status(200);
}

fn a_password_that_guessers_try_first_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    let (name, _) = app.new_user("county_admin", SHAN);
    let users = app.admin().request("GET", "/users").query(&[("filter[username]", &name)]).send();
    let path = format!("/users/{}/password", users.items()[0]["id"].as_str().unwrap());
    let own = format!("{}2026!", name.trim_end_matches(|c: char| !c.is_alphabetic()));
    for weak in
        ["password123", "1234567890", "Qwertyuiop1", "woaini1314520", "aaaaaaaaaaaaaaaa", "zyxwvutsrqponm", &own]
    {
        let refused = app.admin().post(&path, json!({"password": weak})).status(422).problem("validation_failed");
        refused.error_at("/password", "password_common");
    }
    app.admin().post(&path, json!({"password": "马、电池和订书钉的故事"})).status(204);
    login(&app, &name, "马、电池和订书钉的故事").status(200);
}

/// The cost stands in the hash, which a copy of the database shows.
fn a_hash_of_another_cost_is_renewed_at_sign_in(ctx: &Ctx) {
    let file = crate::support::scratch::directory("cost").join("laogan.toml");
    std::fs::write(&file, "").unwrap();
    let config = file.clone();
    let app = ctx.app_with(move |command| {
        command.env("LAOGAN_CONFIG", &config);
    });
    let (name, password) = app.new_user("county_admin", SHAN);
    let (other, _) = app.new_user("county_admin", SHAN);
    assert_eq!(costs(&app), "m=19456,t=2,p=1 3");
    assert!(app.terminate().success());
    std::fs::write(&file, "password_memory_kib = 20480\npassword_passes = 3\n").unwrap();
    app.restart();
    login(&app, &name, "wrong password").status(401);
    login(&app, &other, "wrong password").status(401);
    login(&app, &name, &password).status(200);
    assert_eq!(costs(&app), "m=19456,t=2,p=1 2; m=20480,t=3,p=1 1");
    login(&app, &name, &password).status(200);
    std::fs::write(&file, "password_memory_kib = 8\n").unwrap();
    assert!(app.terminate().success());
    let refused = app.cli(&["serve", "--listen", "127.0.0.1:0", "--config"]).arg(&file).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("password_memory_kib 8"), "{refused:?}");
}

/// The costs of the stored hashes, and how many have each.
fn costs(app: &App) -> String {
    let cluster = Cluster::shared().expect("the shared cluster");
    let hashes = cluster.sql(app.database().expect("a database"), "SELECT password_hash FROM credentials");
    let mut costs = std::collections::BTreeMap::new();
    for hash in hashes.lines() {
        *costs.entry(hash.split('$').nth(3).expect("parameters").to_owned()).or_insert(0) += 1;
    }
    costs.iter().map(|(cost, n)| format!("{cost} {n}")).collect::<Vec<_>>().join("; ")
}
