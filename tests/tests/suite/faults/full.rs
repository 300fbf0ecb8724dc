//! The disk is full, and then it is not.
//!
//! Needs a file system of its own, small and in memory, and so the right to mount one: root has it.

use std::{
    fs,
    io::Write,
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    beneath::{Beneath, not_tested},
    claim_private,
};
use crate::{
    racing::records,
    support::{
        App, Case, Ctx, cases,
        client::Client,
        postgres::{Cluster, Settings},
        random, scratch,
    },
};

pub fn tests() -> Vec<Case> {
    [
        cases![sqlite: a_full_disk_is_a_503_and_space_is_noticed],
        cases![postgres: a_full_disk_of_postgres_is_a_503_and_space_is_noticed],
    ]
    .concat()
}

/// A small file system; dropped, it is gone.
struct Disk(PathBuf);

impl Disk {
    fn mount(megabytes: usize) -> Option<Self> {
        let dir = scratch::directory("disk");
        let size = format!("size={megabytes}m,mode=0777");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&dir).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(dir))
    }

    /// Takes all that is left.
    fn fill(&self) {
        let mut file = fs::File::options().create(true).append(true).open(self.filler()).expect("make the filler");
        // In ever smaller pieces, to the last byte.
        for size in [1 << 20, 1 << 16, 1 << 12, 1] {
            let piece = vec![0; size];
            while file.write_all(&piece).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.filler()).expect("remove the filler");
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
        scratch::remove(&self.0);
    }
}

fn a_full_disk_is_a_503_and_space_is_noticed(_: &Ctx) {
    let Some(disk) = Disk::mount(24) else {
        return not_tested("a full disk, for this user may not mount one");
    };
    let url = format!("sqlite://{}", disk.path().join("laogan.db").display());
    let app = App::start_with(crate::support::Engine::Sqlite, move |command| {
        command.env("DATABASE_URL", &url);
    });
    suffer(&app, &disk, Beneath::Sqlite(disk.path().join("laogan.db")), "database or disk is full");
}

/// The tables are on the small disk; the write-ahead log is elsewhere, for without it PostgreSQL ends, which is another
/// case.
fn a_full_disk_of_postgres_is_a_503_and_space_is_noticed(_: &Ctx) {
    let Some(disk) = Disk::mount(24) else {
        return not_tested("a full disk of PostgreSQL, for this user may not mount one");
    };
    let cluster = Cluster::start(Settings::default());
    let place = disk.path().join("tables");
    fs::create_dir(&place).expect("make a directory");
    let owner = fs::metadata(cluster.sql("postgres", "SHOW data_directory")).expect("the cluster's directory");
    chown(&place, Some(owner.uid()), Some(owner.gid())).expect("give it to the cluster");
    let url = cluster.empty_database();
    let name = url.rsplit('/').next().expect("a name");
    cluster.sql("postgres", &format!("CREATE TABLESPACE small LOCATION '{}'", place.display()));
    cluster.sql("postgres", &format!("ALTER DATABASE {name} SET TABLESPACE small"));
    let app = App::start_on(&url, |_| {});
    suffer(&app, &disk, Beneath::in_cluster(&cluster, &url), "No space left on device");
}

/// Writes until there is no room, reads in that state, and goes on once there is room again.
fn suffer(app: &App, disk: &Disk, beneath: Beneath, cause: &str) {
    let admin = app.admin();
    let unit = admin.post("/units", records::unit("磁盘已满")).status(201).id();
    let (number, name) = (records::id_number(79), "无处安放之人");
    let cadre = records::cadre(name, &unit, Some(&number));
    disk.fill();
    // A little room may be left in files that have grown before.
    let mut acknowledged = Vec::new();
    let deadline = Instant::now() + Duration::from_secs(15);
    let key = random();
    let mut refused = 0;
    while refused < 3 {
        assert!(Instant::now() < deadline, "the disk is full and nobody notices");
        match large_batch(&admin, &key, acknowledged.len()) {
            Some(ids) => acknowledged.extend(ids),
            None => refused += 1,
        }
    }
    // Reads go on, of all kinds, as does the server.
    admin.get(&format!("/units/{unit}")).status(200);
    admin.get("/units?count=exact&limit=500").status(200);
    assert_eq!(admin.get("/units/export").status(200).lines().len(), acknowledged.len() + 1);
    app.anonymous().get("/health/live").status(200);
    let person = random();
    let post = || admin.request("POST", "/cadres").key(&person).json(cadre.clone()).send();
    assert!([201, 503].contains(&post().status), "a small record may still find a place");

    disk.free();
    let ids = large_batch(&admin, &key, acknowledged.len()).expect("there is room again, and the server knows");
    acknowledged.extend(ids);
    post().status(201);
    assert_eq!(admin.get("/cadres").status(200).items().len(), 1);
    assert_eq!(admin.get("/units/export").status(200).lines().len(), acknowledged.len() + 1);
    for id in &acknowledged {
        admin.request("GET", &format!("/units/{id}")).unchecked().send().status(200);
    }
    beneath.claim_consistent();
    let stderr = app.stderr();
    assert!(stderr.contains(cause), "the cause is in the log:\n{stderr}");
    claim_private(&stderr, &[name, &number]);
}

/// Some hundred kilobytes at once; none if there is no room. The key is the same until it succeeds.
fn large_batch(admin: &Client, key: &str, turn: usize) -> Option<Vec<String>> {
    let long = "很长的名称".repeat(18);
    let items: Vec<Value> = (0..200).map(|n| records::unit(&format!("{long}{n}"))).collect();
    let request = admin.request("POST", "/units/batch").key(&format!("{key}-{turn}"));
    let answer = request.json(json!({"items": items})).send();
    if answer.status == 503 {
        let answer = answer.problem("unavailable");
        assert!(answer.header("retry-after").is_some(), "{answer}");
        return None;
    }
    let answer = answer.status(201);
    Some(answer.items().iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect())
}
