//! How a start goes that meets another start, or something that it must not accept.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    time::Duration,
};

use super::process::{Process, first_administrator, run};
use crate::{
    racing::records,
    support::{Case, Ctx, SERVER, cases, clean_command, postgres::Cluster, scratch},
};

pub fn tests() -> Vec<Case> {
    [
        cases![postgres: two_first_starts_on_one_database_make_one_service, two_first_starts_in_one_directory_keep_the_password],
        cases![
            sqlite:
            a_command_beside_a_first_start_finds_its_database,
            a_key_that_others_can_read_is_refused,
            a_key_that_is_none_is_refused
        ],
        cases![once: a_database_that_does_not_answer_is_worth_another_try, an_address_that_is_none_is_refused],
    ]
    .concat()
}

/// Each with a data directory of its own but for the keys, which they share as they share the database: one makes
/// the administrator and has the password.
fn two_first_starts_on_one_database_make_one_service(_: &Ctx) {
    let cluster = Cluster::shared().expect("the shared cluster");
    for _ in 0..3 {
        let url = cluster.empty_database();
        let data = [scratch::directory("data"), scratch::directory("data")];
        fs::create_dir(data[0].join("keys")).expect("make the directory of the keys");
        symlink(data[0].join("keys"), data[1].join("keys")).expect("share it");
        let mut both: Vec<Process> = data.iter().map(|data| Process::serve(data, Some(&url))).collect();
        let clients: Vec<_> = both.iter_mut().map(Process::ready).collect();
        let with_password = |data: &Path| data.join("initial-admin.txt").exists();
        assert_eq!(data.iter().filter(|data| with_password(data)).count(), 1, "one has made the administrator");
        let maker = data.iter().position(|data| with_password(data)).expect("one");
        let admin = first_administrator(&clients[maker], &data[maker]);
        assert_eq!(admin.get("/users").status(200).items().len(), 1);
        let codes = cluster.sql(&url, "SELECT count(*) - count(DISTINCT code) FROM divisions WHERE deleted_at IS NULL");
        assert_eq!(codes, "0", "each division once");
        drop(both);
        cluster.drop_database(&url);
    }
}

/// With one data directory between them, as on one machine or a shared volume: the password that is in the file is
/// the one that works, on both.
fn two_first_starts_in_one_directory_keep_the_password(_: &Ctx) {
    let cluster = Cluster::shared().expect("the shared cluster");
    for _ in 0..3 {
        let (url, data) = (cluster.empty_database(), scratch::directory("data"));
        let mut both = [Process::serve(&data, Some(&url)), Process::serve(&data, Some(&url))];
        let clients: Vec<_> = both.iter_mut().map(Process::ready).collect();
        for client in &clients {
            let admin = first_administrator(client, &data);
            admin.post("/units", records::unit("同时启动")).status(201);
            assert_eq!(admin.get("/users").status(200).items().len(), 1);
        }
        drop(both);
        cluster.drop_database(&url);
    }
}

/// A script that starts the server and makes a user at once, without waiting in between.
fn a_command_beside_a_first_start_finds_its_database(_: &Ctx) {
    for _ in 0..5 {
        let data = scratch::directory("data");
        let mut server = Process::serve(&data, None);
        let mut create = clean_command(SERVER);
        create.args(["token", "create", "--name", "t", "--scopes", "units:read", "--expires-in", "1h", "--data-dir"]);
        let (code, token, stderr) = run(create.arg(&data));
        // Either may find the other in the middle of making the file: then it says so, and the next try succeeds.
        let token = match code {
            Some(75) => run(&mut create).1,
            _ => token,
        };
        assert!(token.starts_with("lg_pat_"), "{code:?}: {stderr}");
        if server.has_ended().is_some_and(|status| status.code() == Some(75)) {
            server = Process::serve(&data, None);
        }
        let client = server.ready();
        client.bearing(token.trim()).get("/units").status(200);
        let admin = first_administrator(&client, &data);
        assert_eq!(admin.get("/users").status(200).items().len(), 1);
    }
}

fn a_key_that_others_can_read_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    assert!(app.terminate().success());
    for (name, mode) in [("signing-ed25519.pem", 0o644), ("secret", 0o640)] {
        let key = app.data_dir().join("keys").join(name);
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).expect("open the key");
        let (code, _, stderr) = run(&mut app.cli(&["serve", "--listen", "127.0.0.1:0"]));
        assert_eq!(code, Some(1), "{stderr}");
        assert!(stderr.contains(name) && stderr.contains("chmod 600"), "it says which, and what to do: {stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("close the key");
    }
    app.restart();
    app.admin().get("/me").status(200);
}

fn a_key_that_is_none_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    assert!(app.terminate().success());
    let broken = [
        ("signing-ed25519.pem", "not a key"),
        ("secret", "dG9vIHNob3J0"),
        ("secret", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ];
    for (name, text) in broken {
        let key = app.data_dir().join("keys").join(name);
        let good = fs::read(&key).expect("the key");
        fs::write(&key, text).expect("break the key");
        let (code, _, stderr) = run(&mut app.cli(&["serve", "--listen", "127.0.0.1:0"]));
        assert_eq!(code, Some(1), "{stderr}");
        assert!(stderr.contains("keys") && !stderr.contains(text), "it says where, not what: {stderr}");
        fs::write(&key, good).expect("mend the key");
    }
}

/// 75 is `EX_TEMPFAIL`: a supervisor may try again.
fn a_database_that_does_not_answer_is_worth_another_try(_: &Ctx) {
    let data = scratch::directory("data");
    let mut serve = clean_command(SERVER);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data);
    serve.env("DATABASE_URL", "postgres://nobody:geheim@127.0.0.1:1/nothing");
    let (code, stdout, stderr) = run(&mut serve);
    assert_eq!(code, Some(75), "{stderr}");
    assert!(stderr.contains("Connection refused"), "it says why: {stderr}");
    assert!(!stderr.contains("geheim") && !stdout.contains("geheim"), "but not the password: {stderr}");
}

fn an_address_that_is_none_is_refused(_: &Ctx) {
    let data = scratch::directory("data");
    for listen in ["nonsense", "127.0.0.1", "127.0.0.1:99999", ""] {
        let (code, _, stderr) = run(clean_command(SERVER).args(["serve", "--listen", listen, "--data-dir"]).arg(&data));
        assert!(matches!(code, Some(1 | 2)), "{code:?}: {stderr}");
        assert!(stderr.contains("--listen"), "it names the option: {stderr}");
    }
    // An address that somebody else has.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
    let address = taken.local_addr().expect("an address").to_string();
    let mut serve = clean_command(SERVER);
    serve.args(["serve", "--listen", &address, "--data-dir"]).arg(&data);
    let mut process = Process::spawn(serve);
    assert_eq!(process.ended(Duration::from_secs(20)).code(), Some(1), "{}", process.stderr());
    assert!(process.stderr().contains(&address), "{}", process.stderr());
}
