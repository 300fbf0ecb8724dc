//! What has happened to a record.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{each, patch::changes, world::World};
use crate::support::{Case, Ctx, cases};

pub fn tests() -> Vec<Case> {
    cases![a_history_tells_each_change_and_who_did_it]
}

fn a_history_tells_each_change_and_who_did_it(ctx: &Ctx) {
    each(ctx, |world, r| {
        let body = world.full(r);
        // What can be changed is tried on another record: trying makes records that it refers to.
        let twin = world.client.post(&r.url(), world.full(r)).status(201).id();
        let found = changes(world, r, &r.one(&twin), &body, 3);
        let one = r.one(&world.client.post(&r.url(), body.clone()).status(201).id());
        let me = format!("user:{}", world.client.get("/me")["user_id"].as_str().expect("my id"));
        let mut requests = Vec::new();
        for (n, (field, value)) in found.iter().enumerate() {
            let etag = format!("\"r{}\"", n + 1);
            let dry = world.client.request("PATCH", &one).if_match(&etag).prefer("dry-run").json(json!({field: value}));
            if dry.send().status == 200 {
                let done = world.client.patch_if(&one, &etag, json!({field: value})).status(200);
                requests.push((field, done.header("x-request-id").expect("an id").to_owned()));
            } else {
                break;
            }
        }
        assert!(!requests.is_empty(), "nothing could be changed");
        let lines = numbered(world, &format!("{one}/history"));
        assert_eq!(lines.len(), 1 + requests.len());
        assert_eq!((&lines[0]["op"], &lines[0]["changed_fields"]), (&json!("create"), &json!([])));
        for (line, (field, request)) in lines[1..].iter().zip(&requests) {
            assert_eq!((&line["op"], &line["changed_fields"]), (&json!("update"), &json!([field])));
            assert_eq!(line["request_id"], json!(request));
        }
        for (n, line) in lines.iter().enumerate() {
            assert_eq!((&line["version"], &line["actor"]), (&json!(n + 1), &json!(me)));
        }
        // Nobody else has written since the record was made, so that its numbers follow each other.
        let seqs: Vec<u64> = lines.iter().map(|line| line["seq"].as_str().unwrap().parse().unwrap()).collect();
        assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "{seqs:?}");
        let values = lines.iter().map(Value::to_string).collect::<String>();
        let secret =
            body.as_object().into_iter().flatten().find(|(_, value)| value.as_str().is_some_and(|t| !t.is_ascii()));
        assert!(secret.is_none_or(|(_, value)| !values.contains(value.as_str().unwrap())), "a history has no values");
    });
}

/// The lines of a history, once all are numbered.
fn numbered(world: &World, path: &str) -> Vec<Value> {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let lines = world.client.get(path).status(200).items().to_vec();
        if lines.iter().all(|line| line["seq"].is_string()) {
            return lines;
        }
        assert!(Instant::now() < deadline, "still without a number: {lines:?}");
        sleep(Duration::from_millis(20));
    }
}
