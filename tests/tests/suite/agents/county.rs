//! A county's own instance and its agent.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command};

use serde_json::{Value, json};

use crate::{
    faults::process::run,
    resources::make::{cadre_of, unit},
    support::{App, Engine, client::Client, scratch},
};

/// What a county exchanges.
const SCOPES: [&str; 10] = [
    "sync:*",
    "divisions:*",
    "units:*",
    "cadres:*",
    "party-organizations:*",
    "party-memberships:*",
    "commendation-campaigns:*",
    "honors:*",
    "benefit-standards:*",
    "fields:sensitive",
];
/// The resources among them.
const ENTITIES: [&str; 7] =
    ["divisions", "units", "cadres", "party-organizations", "party-memberships", "honors", "benefit-standards"];

pub struct County {
    pub app: App,
    pub division: String,
    /// The agent's token.
    pub token: PathBuf,
}

impl County {
    /// A fresh instance, with an account of its own at the city and a token that an administrator there has made for it.
    pub fn of(city: &App, division: &str) -> Self {
        let (account, _) = city.new_user("sync_client", division);
        let scopes = SCOPES.join(",");
        let arguments =
            ["token", "create", "--name", "agent", "--user", &account, "--scopes", &scopes, "--expires-in", "30d"];
        let (code, token, stderr) = run(&mut city.cli(&arguments));
        assert_eq!(code, Some(0), "{stderr}");
        let root = division.to_owned();
        let app = App::start_with(Engine::Sqlite, move |command| {
            command.env("LAOGAN_ROOT_DIVISION", &root);
        });
        let file = scratch::directory("tokens").join("token");
        fs::write(&file, token).expect("write the token");
        Self { app, division: division.to_owned(), token: file }
    }

    pub fn command(&self, remote: &str, more: &[&str]) -> Command {
        let mut command = self.app.cli(&["sync", "--remote", remote, "--token-file"]);
        command.arg(&self.token).args(more);
        command
    }
    /// One cycle that must succeed; what it says.
    #[track_caller]
    pub fn sync(&self, remote: &str) -> String {
        let (code, stdout, stderr) = run(&mut self.command(remote, &["--once"]));
        assert_eq!(code, Some(0), "{stdout}{stderr}");
        format!("{stdout}{stderr}")
    }
    /// A cycle, and the proof that nothing had to be mended.
    #[track_caller]
    pub fn claim_alike(&self, city: &App) {
        self.claim_alike_over(city, &city.url());
    }
    /// The same over a link that the agent knows the city by.
    #[track_caller]
    pub fn claim_alike_over(&self, city: &App, remote: &str) {
        let (code, stdout, stderr) = run(&mut self.command(remote, &["--verify"]));
        assert!(code == Some(0) && stdout.contains(" 0 of them mended"), "{stdout}{stderr}");
        let (ours, theirs) = (records(&self.app.admin()), records(&city.user("county_admin", &self.division)));
        for (key, theirs) in &theirs {
            assert_eq!(ours.get(key), Some(theirs), "{key:?} at {}", self.division);
        }
        let more: Vec<_> = ours.keys().filter(|key| !theirs.contains_key(*key)).collect();
        assert!(more.is_empty(), "{more:?} is at {} only", self.division);
    }

    /// A cadre that is made here.
    pub fn cadre(&self, fields: Value) -> String {
        let admin = self.app.admin();
        let mut cadre = cadre_of(&unit(&admin, &self.division), &self.division);
        for (name, value) in fields.as_object().expect("fields") {
            cadre[name] = value.clone();
        }
        admin.post("/cadres", cadre).status(201).id()
    }
}

/// Changes a record as it is now; again, where somebody was faster.
#[track_caller]
pub fn change(by: &Client, id: &str, fields: Value) {
    let one = format!("/cadres/{id}");
    loop {
        let etag = by.get(&one).status(200).etag();
        let answer = by.patch_if(&one, &etag, fields.clone());
        if answer.status != 412 {
            answer.status(200);
            return;
        }
    }
}

/// Everything that is exchanged, as a caller sees it, without what each server counts for itself.
pub fn records(by: &Client) -> BTreeMap<(String, String), Value> {
    let mut all = BTreeMap::new();
    for entity in ENTITIES {
        for mut record in by.get(&format!("/{entity}/export")).status(200).lines() {
            for own in ["version", "created_at", "updated_at"] {
                record[own] = json!(null);
            }
            all.insert((entity.to_owned(), record["id"].as_str().expect("an id").to_owned()), record);
        }
    }
    all
}
