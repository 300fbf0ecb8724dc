//! A county's copy of what it may see, as a client of the feed would keep it.

use std::collections::BTreeMap;

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
}

impl Copy {
    pub fn new(client: Client) -> Self {
        Self { client, records: BTreeMap::new(), cursor: None, limit: 7 }
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
            let id = line["data"]["id"].as_str().expect("an id").to_owned();
            self.records.insert((entity.to_owned(), id), line["data"].clone());
        }
        assert_eq!(trailer["counts"], serde_json::json!(counts));
        assert_eq!(trailer["lines"], counts.values().sum::<u64>());
    }

    /// Pulls until the server says that nothing is missing. Answers what was told.
    pub fn pull(&mut self) -> Vec<Value> {
        let mut told = vec![];
        let mut seq = 0;
        loop {
            let cursor = self.cursor.as_ref().map(|c| format!("&cursor={c}")).unwrap_or_default();
            let page = self.client.get(&format!("/sync/changes?limit={}{cursor}", self.limit)).status(200);
            for change in page["changes"].as_array().expect("changes") {
                let its: i64 = change["seq"].as_str().and_then(|s| s.parse().ok()).expect("a number");
                assert!(its > seq, "positions grow");
                seq = its;
                self.apply(change);
                told.push(change.clone());
            }
            self.cursor = page["next_cursor"].as_str().map(str::to_owned);
            assert_eq!(page["has_more"] == true, page["consistent"] == false);
            if page["consistent"] == true {
                return told;
            }
        }
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
    pub fn claim_right(&self, entities: &[&str]) {
        for entity in entities {
            let there = self.client.get(&format!("/{entity}/export")).status(200).lines();
            let there: BTreeMap<String, Value> =
                there.into_iter().map(|r| (r["id"].as_str().expect("an id").to_owned(), r)).collect();
            let mine = self.records.iter().filter(|((e, _), _)| e == entity);
            let mine: BTreeMap<String, Value> = mine.map(|((_, id), r)| (id.clone(), r.clone())).collect();
            assert_eq!(mine, there, "{entity}");
            let digest = self.client.get(&format!("/sync/digest?entity={entity}")).status(200);
            assert_eq!(digest["count"], mine.len());
            let buckets: Vec<String> = (0..=255_u8).map(|b| bucket(&mine, b)).collect();
            assert_eq!(digest["buckets"], serde_json::json!(buckets), "{entity}");
        }
    }
}

fn bucket(records: &BTreeMap<String, Value>, bucket: u8) -> String {
    let mut hash = Sha256::new();
    for (id, record) in records.iter().filter(|(id, _)| id.ends_with(&format!("{bucket:02x}"))) {
        hash.update(format!("{id}:{}\n", record["version"]));
    }
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}
