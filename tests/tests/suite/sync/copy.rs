//! A county's copy of what it may see, as a client of the feed would keep it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::client::Client;

/// The records by resource and id.
pub struct Copy {
    client: Client,
    /// What is known, each as the feed has shown it.
    pub records: BTreeMap<(String, String), Value>,
    /// Where to go on.
    pub cursor: Option<String>,
    /// Size of a page.
    pub limit: usize,
    /// The last position that was told.
    seq: i64,
}

impl Copy {
    pub fn new(client: Client) -> Self {
        Self { client, records: BTreeMap::new(), cursor: None, limit: 7, seq: 0 }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Begins with a snapshot.
    pub fn begin(&mut self) {
        let answer = self.client.get("/sync/snapshot").status(200);
        self.take(answer.text());
    }

    /// Takes a snapshot's text: manifest, records in order, trailer that fits.
    pub fn take(&mut self, text: &str) {
        let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
        let (manifest, trailer) = (&lines[0], lines.last().expect("a trailer"));
        assert_eq!((&manifest["kind"], &trailer["kind"]), (&"manifest".into(), &"trailer".into()));
        self.cursor = Some(manifest["start_cursor"].as_str().expect("a cursor").to_owned());
        self.seq = 0;
        let body = text.trim_end().rsplit_once('\n').map_or("", |(body, _)| body);
        let hash: String = Sha256::digest(format!("{body}\n")).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(trailer["sha256"], hash);
        let mut counts = BTreeMap::<&str, u64>::new();
        let order: Vec<&str> =
            manifest["entities"].as_array().expect("names").iter().filter_map(Value::as_str).collect();
        let mut place = 0;
        for line in lines.iter().filter(|l| l["kind"] == "record") {
            let entity = line["entity"].as_str().expect("a name");
            let its = order.iter().position(|name| *name == entity).expect("a resource of the manifest");
            assert!(its >= place, "{entity} comes too late");
            place = its;
            *counts.entry(entity).or_default() += 1;
            self.keep(line);
        }
        assert_eq!(trailer["counts"], serde_json::json!(counts));
        assert_eq!(trailer["lines"], counts.values().sum::<u64>());
    }

    /// Takes a snapshot that came in pieces: the last is whole, and of each other one the records remain.
    pub fn take_pieces(&mut self, pieces: &[String]) {
        let (last, broken) = pieces.split_last().expect("at least one");
        let manifest =
            |text: &str| -> Value { serde_json::from_str(text.lines().next().expect("a manifest")).expect("JSON") };
        for piece in broken {
            assert_eq!(manifest(piece)["start_cursor"], manifest(last)["start_cursor"], "one position for all pieces");
            for line in piece.lines() {
                let line: Value = serde_json::from_str(line).expect("JSON");
                if line["kind"] == "record" {
                    self.keep(&line);
                }
            }
        }
        self.take(last);
    }

    fn keep(&mut self, line: &Value) {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        self.records.insert((text(&line["entity"]), text(&line["data"]["id"])), line["data"].clone());
    }

    /// Pulls until the server says that nothing is missing. Answers what was told.
    pub fn pull(&mut self) -> Vec<Value> {
        let mut told = vec![];
        loop {
            let (more, consistent) = self.page(0);
            told.extend(more);
            if consistent {
                return told;
            }
        }
    }

    /// Pulls one page, and waits so many seconds for it. Answers what was told, and whether nothing is missing.
    pub fn page(&mut self, wait: u32) -> (Vec<Value>, bool) {
        let client = self.client.clone();
        self.page_by(&client, wait)
    }

    /// The same through another process of the service.
    pub fn page_by(&mut self, client: &Client, wait: u32) -> (Vec<Value>, bool) {
        let cursor = self.cursor.as_ref().map(|c| format!("&cursor={c}")).unwrap_or_default();
        let page = client.get(&format!("/sync/changes?limit={}&wait={wait}{cursor}", self.limit)).status(200);
        let told = page["changes"].as_array().expect("changes").clone();
        for change in &told {
            let its: i64 = change["seq"].as_str().and_then(|s| s.parse().ok()).expect("a number");
            assert!(its > self.seq, "positions grow, and none comes twice");
            self.seq = its;
            self.apply(change);
        }
        self.cursor = page["next_cursor"].as_str().map(str::to_owned);
        assert_eq!(page["has_more"] == true, page["consistent"] == false);
        (told, page["consistent"] == true)
    }

    fn apply(&mut self, change: &Value) {
        let text = |name: &str| change[name].as_str().expect("a text").to_owned();
        let key = (text("entity"), text("id"));
        match change["op"].as_str() {
            Some("upsert") => {
                assert_eq!(change["data"]["version"], change["version"]);
                self.records.insert(key, change["data"].clone());
            }
            Some("delete" | "leave") => {
                assert!(change.get("data").is_none());
                self.records.remove(&key);
            }
            other => panic!("{other:?}"),
        }
    }

    /// Claims that the copy is what its reader sees by other ways: the export, and the digest.
    #[track_caller]
    pub fn claim_right(&self, entities: &[&str]) {
        let wrong = self.wrong(entities);
        assert!(wrong.is_empty(), "the copy is wrong: {}", wrong.join("; "));
    }

    /// In what the copy differs from what its reader sees by other ways, record by record, and in its digest.
    pub fn wrong(&self, entities: &[&str]) -> Vec<String> {
        let mut wrong = vec![];
        for entity in entities {
            let there = self.client.get(&format!("/{entity}/export")).status(200).lines();
            let there: BTreeMap<String, Value> =
                there.into_iter().map(|r| (r["id"].as_str().expect("an id").to_owned(), r)).collect();
            let mine = self.records.iter().filter(|((e, _), _)| e == entity);
            let mine: BTreeMap<String, Value> = mine.map(|((_, id), r)| (id.clone(), r.clone())).collect();
            let ids: BTreeSet<&String> = mine.keys().chain(there.keys()).collect();
            for id in ids {
                let how = match (mine.get(id), there.get(id)) {
                    (mine, there) if mine == there => continue,
                    (None, _) => "is missing".to_owned(),
                    (_, None) => "should not be there".to_owned(),
                    (Some(mine), Some(there)) => format!("is {mine} and should be {there}"),
                };
                wrong.push(format!("{entity} {id} {how}"));
            }
            let digest = self.client.get(&format!("/sync/digest?entity={entity}")).status(200);
            let buckets: Vec<String> = (0..=255_u8).map(|b| bucket(&mine, b)).collect();
            if digest["count"] != mine.len() || digest["buckets"] != serde_json::json!(buckets) {
                wrong.push(format!("{entity}: another digest"));
            }
        }
        wrong
    }
}

fn bucket(records: &BTreeMap<String, Value>, bucket: u8) -> String {
    let mut hash = Sha256::new();
    for (id, record) in records.iter().filter(|(id, _)| id.ends_with(&format!("{bucket:02x}"))) {
        hash.update(format!("{id}:{}\n", record["version"]));
    }
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}
