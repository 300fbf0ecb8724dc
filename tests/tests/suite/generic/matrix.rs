//! Who may do what to which record, asked of the server itself: every operation of the contract, by every kind of
//! caller, on the record of its county, of another county, a deleted one, and one that never was. What comes out
//! is `openapi/authz-matrix.txt`, which is committed: a change of rights is a change of that file.

use std::{collections::HashMap, fmt::Write, panic::resume_unwind, thread};

use serde_json::{Value, json};

use super::{
    resource::Resource,
    world::{World, new_id},
};
use crate::support::{App, Case, Ctx, cases, client::Client, contract::Operation, soak};

pub fn tests() -> Vec<Case> {
    cases![the_rights_are_those_of_the_committed_matrix, an_explanation_agrees_with_what_happens]
}

const CITY: &str = "371700";
const OWN: &str = "371722";
const OTHER: &str = "371721";
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/authz-matrix.txt");
/// Set, it has the file written instead of compared.
const WRITE: &str = "LAOGAN_MATRIX";

const HEAD: &str = "\
# Who may do what, as the server answers. Made by `LAOGAN_MATRIX=write cargo test --workspace --test suite -- matrix`.
# A cell of four is about a record of county 371722, of county 371721, a deleted one and an unknown one; a cell of two
# about a new record in 371722 and in 371721; a cell of one about the operation as a whole.
#   +  permitted (the request may still be refused for what it says)   1  401   3  403   0  404
# reader is an API token of county 371722 with `*:read`; sync one of its system with all scopes; unit, org and self
# are users of 371722 who see a unit, an organization, a cadre of their own; disabled is a user who was disabled.
";

/// Callers by their names in the file.
fn callers(app: &App) -> Vec<(&'static str, Client)> {
    let disabled = app.user("county_admin", OWN);
    let id = disabled.get("/me").status(200)["user_id"].as_str().expect("an id").to_owned();
    app.admin().patch_if(&format!("/users/{id}"), "\"r1\"", json!({"disabled": true})).status(200);
    vec![
        ("anonymous", app.anonymous()),
        ("disabled", disabled),
        ("county_a", app.user("county_admin", OWN)),
        ("county_b", app.user("county_admin", OTHER)),
        ("reader", app.token(&["*:read"], OWN)),
        ("sync", app.user("sync_client", OWN)),
        ("city", app.user("city_admin", CITY)),
        ("auditor", app.user("auditor", OWN)),
        ("security", app.user("security_admin", OWN)),
        ("sys", app.user("sys_admin", OWN)),
        ("unit", app.user("unit_user", OWN)),
        ("org", app.user("party_org_user", OWN)),
        ("self", app.user("cadre_self", OWN)),
        ("public", app.user("app_public", OWN)),
    ]
}

/// The records that requests are about.
struct Targets {
    own: String,
    other: String,
    deleted: String,
}

fn the_rights_are_those_of_the_committed_matrix(ctx: &Ctx) {
    let world = World::new(ctx.app());
    let callers = callers(&world.app);
    let (here, there) = (world.of(world.app.admin(), OWN), world.of(world.app.admin(), OTHER));
    let mut targets = HashMap::new();
    for r in world.resources.iter() {
        let make = |w: &World| w.client.post(&r.url(), w.body(r)).status(201).id();
        let (own, other, deleted) = (make(&here), make(&there), make(&here));
        world.client.delete_if(&r.one(&deleted), "\"r1\"").status(204);
        targets.insert(r.path.as_str(), Targets { own, other, deleted });
    }
    let mut text = HEAD.to_owned();
    let operations = world.client.contract().operations();
    let width = operations.iter().map(|o| o.id.len()).max().unwrap_or_default();
    let bodies: Bodies = world.resources.iter().map(|r| (r.path.as_str(), [here.spare(r), there.spare(r)])).collect();
    // Each caller asks beside the others: no request changes a record.
    let resources: &[Resource] = &world.resources;
    let columns: Vec<Vec<String>> = thread::scope(|scope| {
        let ask_all = |(name, caller)| {
            let (bodies, targets) = (&bodies, &targets);
            scope.spawn(move || {
                operations.iter().map(|o| cell(o, (name, caller), subject(o, resources), bodies, targets)).collect()
            })
        };
        let all: Vec<_> = callers.iter().map(|(name, caller)| ask_all((*name, caller))).collect();
        all.into_iter().map(|column| column.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    for (n, operation) in operations.iter().enumerate() {
        let mut line = format!("{:width$}", operation.id);
        for ((name, _), column) in callers.iter().zip(&columns) {
            write!(line, " {name}:{}", column[n]).expect("a text grows");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if std::env::var_os(WRITE).is_some() {
        return std::fs::write(FILE, text).expect("the matrix can be written");
    }
    let committed = std::fs::read_to_string(FILE).unwrap_or_default();
    let differ: Vec<String> = text
        .lines()
        .filter(|line| !committed.lines().any(|c| c == *line))
        .map(|line| format!("now:  {line}"))
        .chain(committed.lines().filter(|c| !text.lines().any(|l| l == *c)).map(|c| format!("file: {c}")))
        .collect();
    assert!(differ.is_empty(), "the rights have changed; {WRITE}=write if that is meant:\n{}", differ.join("\n"));
}

/// Bodies of new records, by resource: of the callers' county and of the other one.
type Bodies<'r> = HashMap<&'r str, [Value; 2]>;

/// What an operation answers to a caller.
fn cell(
    operation: &Operation,
    (name, caller): (&str, &Client),
    about: Subject<'_>,
    bodies: &Bodies<'_>,
    targets: &HashMap<&str, Targets>,
) -> String {
    match about {
        Subject::One(r) => {
            let t = &targets[r.path.as_str()];
            let ids = [t.own.as_str(), &t.other, &t.deleted, &new_id()].map(str::to_owned);
            let answers: Vec<_> =
                ids.iter().map(|id| ask_one(&bodies[r.path.as_str()][0], operation, caller, id)).collect();
            alike(&answers[1], &answers[3]);
            answers.iter().map(|(sign, _)| *sign).collect()
        }
        Subject::New(r) => bodies[r.path.as_str()].iter().map(|body| ask_new(body, operation, caller)).collect(),
        // What ends the caller's own session would end the test's.
        Subject::Caller if name != "anonymous" && name != "disabled" => "+".to_owned(),
        Subject::Caller | Subject::Whole => ask(operation, caller).to_string(),
    }
}

/// Triples of caller, operation and record that a run without a long form tries.
const TRIPLES: usize = 700;

fn an_explanation_agrees_with_what_happens(ctx: &Ctx) {
    let world = World::new(ctx.app());
    let callers = callers(&world.app);
    let admin = world.app.admin();
    // Whom the administrator asks about: the user, or the token that has no user of its own.
    let subjects: Vec<Value> = callers
        .iter()
        .map(|(name, caller)| match *name {
            "anonymous" | "disabled" => Value::Null,
            "reader" => json!({"token_id": caller.get("/tokens/self").status(200)["token_id"]}),
            _ => json!({"user_id": caller.get("/me").status(200)["user_id"]}),
        })
        .collect();
    let (here, there) = (world.of(world.app.admin(), OWN), world.of(world.app.admin(), OTHER));
    let targets: Vec<(&Resource, [String; 4])> = world
        .resources
        .iter()
        .map(|r| {
            let make = |w: &World| w.client.post(&r.url(), w.body(r)).status(201).id();
            let ids = [make(&here), make(&there), make(&here), new_id()];
            world.client.delete_if(&r.one(&ids[2]), "\"r1\"").status(204);
            (r, ids)
        })
        .collect();
    let about: Vec<_> = world
        .client
        .contract()
        .operations()
        .iter()
        .filter_map(|o| match subject(o, &world.resources) {
            // A password, a reveal, a merge ask for more than a right: what they need in their bodies comes first.
            Subject::One(r) if o.id.ends_with(r.create.trim_start_matches("create")) => {
                (o.method != "POST" || o.definition["requestBody"]["required"] != true).then_some((o, r))
            }
            _ => None,
        })
        .collect();
    assert!(about.len() >= 50, "the contract has only {} operations on records", about.len());
    let triples = if soak().is_some() { 10_000 } else { TRIPLES };
    let mut random = Random(0x5eed);
    for _ in 0..triples {
        let (operation, r) = about[random.below(about.len())];
        let who = random.below(callers.len());
        let ids = &targets.iter().find(|(t, _)| t.path == r.path).expect("a target").1;
        let id = &ids[random.below(4)];
        let Some(subject) = subjects[who].as_object() else { continue };
        let mut question =
            json!({"method": operation.method, "path": operation.path.replace("{id}", id), "division_code": OWN});
        subject.iter().for_each(|(name, value)| question[name] = value.clone());
        let told = admin.post("/authz/explain", question).status(200);
        let (happens, _) = ask_one(&here.spare(r), operation, &callers[who].1, id);
        let expected = sign(u16::try_from(told["status"].as_u64().expect("a status")).expect("a status"));
        assert_eq!(happens, expected, "{} {} by {}: {told}", operation.id, id, callers[who].0);
        assert_eq!(told["operation"], operation.id);
    }
}

/// Chance that always falls the same way.
struct Random(u64);
impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % n as u64).expect("a small number")
    }
}

/// What an operation is about.
enum Subject<'r> {
    One(&'r Resource),
    New(&'r Resource),
    /// The caller's own session or credentials.
    Caller,
    Whole,
}

fn subject<'r>(operation: &Operation, resources: &'r [Resource]) -> Subject<'r> {
    let path = operation.path.strip_prefix("/api/v1/").unwrap_or_default();
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let tag = operation.definition["tags"][0].as_str();
    match resources.iter().find(|r| r.path == first) {
        Some(r) if rest.starts_with("{id}") => Subject::One(r),
        Some(r) if operation.method == "POST" && matches!(rest, "" | "batch") => Subject::New(r),
        None if tag == Some("auth") && operation.definition["security"].as_array().is_some_and(|s| !s.is_empty()) => {
            if operation.method == "GET" {
                Subject::Whole
            } else {
                Subject::Caller
            }
        }
        None if path.contains("/self/") || first == "sessions" && operation.method != "GET" => Subject::Caller,
        _ => Subject::Whole,
    }
}

/// The sign of an answer; a server that fails is no answer.
fn sign(status: u16) -> char {
    match status {
        401 => '1',
        403 => '3',
        404 => '0',
        status => {
            assert!(status < 500 && status != 429, "an answer {status}");
            '+'
        }
    }
}

/// What is hidden answers as what never was, so that nobody learns what there is.
fn alike((sign, hidden): &(char, Value), (_, unknown): &(char, Value)) {
    if *sign == '0' {
        let told = |body: &Value| {
            (body["code"].clone(), body["title"].clone(), body["detail"].clone(), body["errors"].clone())
        };
        assert_eq!(told(hidden), told(unknown));
    }
}

fn ask_one(body: &Value, operation: &Operation, caller: &Client, id: &str) -> (char, Value) {
    let path = operation.path.replace("{id}", id);
    let request = caller.request(&operation.method, &path).prefer("dry-run");
    let answer = match operation.method.as_str() {
        "GET" => request.send(),
        // Without a version it creates what is not there.
        "PUT" => request.json(body.clone()).send(),
        "DELETE" => request.if_match("\"r1\"").send(),
        "PATCH" => request.if_match("\"r1\"").json(json!({})).send(),
        // What is refused for what it lacks tells nothing of rights: the contract's example lacks nothing.
        _ if path.ends_with("/reveal") || path.ends_with("/erase") => {
            request.json(operation.definition["requestBody"]["content"]["application/json"]["example"].clone()).send()
        }
        _ => request.json(json!({})).send(),
    };
    let body = if answer.status == 404 { answer.json().clone() } else { Value::Null };
    (sign(answer.status), body)
}

fn ask_new(body: &Value, operation: &Operation, caller: &Client) -> char {
    let body = if operation.path.ends_with("/batch") { json!({"items": [body]}) } else { body.clone() };
    sign(caller.request("POST", &operation.path).prefer("dry-run").json(body).send().status)
}

fn ask(operation: &Operation, caller: &Client) -> char {
    let mut path = operation.path.clone();
    while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
        path.replace_range(from..=to, &new_id());
    }
    // A feed that is not refused would wait, or never end.
    let cursor = operation.definition["parameters"].as_array().into_iter().flatten().any(|p| p["name"] == "cursor");
    let request = caller.request(&operation.method, &path).prefer("dry-run");
    let request = if cursor { request.query(&[("cursor", "none")]) } else { request };
    let answer =
        if operation.definition["requestBody"].is_object() { request.json(json!({})).send() } else { request.send() };
    sign(answer.status)
}
