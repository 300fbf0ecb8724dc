//! A server and a caller who can make a valid record of any resource.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    resource::Resource,
    values::{fresh, others},
};
use crate::support::{App, client::Client, response::Response};

pub struct World {
    pub app: Rc<App>,
    pub client: Client,
    pub resources: Rc<Vec<Resource>>,
    /// Where its records belong; the division of the examples if nothing is said.
    division: Option<String>,
    /// A record of each resource for others to refer to.
    shared: RefCell<HashMap<String, String>>,
    /// A body of each resource for requests that create nothing.
    spare: RefCell<HashMap<String, Value>>,
    learned: Rc<RefCell<HashMap<String, Learned>>>,
    count: Rc<Cell<u32>>,
}

/// What trying has told of a resource.
#[derive(Clone, Default)]
struct Learned {
    /// How a second record differs from the first.
    ways: Vec<Way>,
    /// Optional fields that the example lacks and the server takes; none until it was asked.
    extra: Option<Vec<(String, Value)>>,
}

#[derive(Clone)]
enum Way {
    Vary(String),
    Drop(String),
}

impl World {
    pub fn new(app: App) -> Self {
        let client = app.admin();
        let resources = Rc::new(Resource::all(client.contract()));
        Self {
            app: Rc::new(app),
            client,
            resources,
            division: None,
            shared: RefCell::default(),
            spare: RefCell::default(),
            learned: Rc::default(),
            count: Rc::new(Cell::new(1)),
        }
    }

    /// The same server, seen and filled by somebody who works for another division.
    pub fn of(&self, client: Client, division: &str) -> Self {
        Self {
            app: self.app.clone(),
            client,
            resources: self.resources.clone(),
            division: Some(division.to_owned()),
            shared: RefCell::default(),
            spare: RefCell::default(),
            learned: self.learned.clone(),
            count: self.count.clone(),
        }
    }

    pub fn resource(&self, path: &str) -> &Resource {
        self.resources.iter().find(|r| r.path == path).unwrap_or_else(|| panic!("there is no resource {path}"))
    }

    /// A number that was not given before.
    pub fn next(&self) -> u32 {
        self.count.set(self.count.get() + 1);
        self.count.get()
    }

    /// A new record, made from the example.
    pub fn make(&self, r: &Resource) -> Response {
        let body = self.body(r);
        self.client.post(&r.url(), body).status(201)
    }

    /// The id of a record that others may refer to.
    pub fn some(&self, path: &str) -> String {
        if let Some(id) = self.shared.borrow().get(path) {
            return id.clone();
        }
        let id = self.make(self.resource(path)).id();
        self.shared.borrow_mut().insert(path.to_owned(), id.clone());
        id
    }

    /// The body of a record that can be created now: the example, its references real, its unique fields its own.
    pub fn body(&self, r: &Resource) -> Value {
        if !self.learned.borrow().contains_key(&r.path) {
            self.learn(r);
        }
        let ways = self.learned.borrow()[&r.path].ways.clone();
        ways.iter().fold(self.example(r), |body, way| self.apply(r, body, way).expect("it was possible before"))
    }

    /// The same with every optional field that the example lacks and the server takes beside it.
    pub fn full(&self, r: &Resource) -> Value {
        let mut body = self.body(r);
        let known = self.learned.borrow()[&r.path].extra.clone();
        if let Some(extra) = known {
            extra.into_iter().for_each(|(name, value)| body[name] = value);
            return body;
        }
        let mut extra = Vec::new();
        for field in r.fields.iter().filter(|field| r.example[&field.name].is_null()) {
            let values = match &field.references {
                Some(to) => vec![self.reference(&field.schema, self.some(to))],
                None => others(&field.schema, &Value::Null, 1),
            };
            for value in values.into_iter().take(4) {
                let mut tried = body.clone();
                tried[&field.name] = value.clone();
                if self.accepts(r, &tried) {
                    body = tried;
                    extra.push((field.name.clone(), value));
                    break;
                }
            }
        }
        self.learned.borrow_mut().get_mut(&r.path).expect("it was learned").extra = Some(extra);
        body
    }

    /// The body of a record that could be created and is not: for dry runs, and for what is refused. Always the same.
    pub fn spare(&self, r: &Resource) -> Value {
        if let Some(body) = self.spare.borrow().get(&r.path) {
            return body.clone();
        }
        let body = self.full(r);
        self.spare.borrow_mut().insert(r.path.clone(), body.clone());
        body
    }

    /// A body in which this field refers to that record, whatever else must give way for it.
    pub fn referring(&self, r: &Resource, field: &str, id: &str) -> Option<Value> {
        let mut body = self.body(r);
        let field = r.field(field)?;
        body[&field.name] = self.reference(&field.schema, id.to_owned());
        if field.required {
            return Some(body);
        }
        let give_way = |other: &str| {
            let mut less = body.clone();
            less.as_object_mut()?.remove(other)?;
            Some(less)
        };
        let rivals = r.fields.iter().filter(|f| f.references.is_some() && !f.required && f.name != field.name);
        let tries = std::iter::once(Some(body.clone())).chain(rivals.map(|f| give_way(&f.name)));
        tries.flatten().find(|body| self.accepts(r, body))
    }

    /// Whether the server would create it.
    pub fn accepts(&self, r: &Resource, body: &Value) -> bool {
        self.dry(r, body).status == 201
    }

    /// A field of references holds one id, or a list of them.
    fn reference(&self, schema: &Value, id: String) -> Value {
        if schema["type"] == "array" { json!([id]) } else { json!(id) }
    }

    fn dry(&self, r: &Resource, body: &Value) -> Response {
        self.client.request("POST", &r.url()).prefer("dry-run").json(body.clone()).send()
    }

    /// The example with references to records that are there. Those to its own kind are left out.
    fn example(&self, r: &Resource) -> Value {
        let mut body = r.example.clone();
        for field in &r.fields {
            match &field.references {
                Some(to) if *to == r.path => {
                    body.as_object_mut().map(|body| body.remove(&field.name));
                }
                Some(to) if body[&field.name].is_string() => body[&field.name] = json!(self.some(to)),
                Some(to) => match body[&field.name].as_array().map(Vec::len) {
                    Some(count) => body[&field.name] = (0..count).map(|_| self.some(to)).collect(),
                    None => {
                        body.as_object_mut().map(|body| body.remove(&field.name));
                    }
                },
                None => {}
            }
        }
        if let Some(division) = &self.division {
            body["division_code"] = json!(division);
        }
        body
    }

    /// Creates the example once, and finds out what keeps the server from taking it a second time.
    fn learn(&self, r: &Resource) {
        let first = self.client.post(&r.url(), self.example(r)).status(201).id();
        self.shared.borrow_mut().entry(r.path.clone()).or_insert(first);
        let mut learned = Learned::default();
        let mut body = self.example(r);
        let mut refused = self.dry(r, &body);
        while refused.status != 201 {
            assert!(refused.status == 409 && learned.ways.len() < 5, "a second example is refused: {refused}");
            (body, refused, learned.ways) = self.way_out(r, &body, &refused, learned.ways);
        }
        self.learned.borrow_mut().insert(r.path.clone(), learned);
    }

    /// The first change of one field that leads past this refusal: of a field it names, then of any.
    fn way_out(
        &self,
        r: &Resource,
        body: &Value,
        refused: &Response,
        mut ways: Vec<Way>,
    ) -> (Value, Response, Vec<Way>) {
        let pointers = pointers(refused);
        let named = |name: &&String| pointers.iter().any(|pointer| pointer[1..] == ***name);
        let names: Vec<&String> = r.fields.iter().map(|field| &field.name).collect();
        let (first, rest): (Vec<&String>, Vec<&String>) = names.into_iter().partition(named);
        let tries = first.into_iter().chain(rest).flat_map(|name| [Way::Vary(name.clone()), Way::Drop(name.clone())]);
        for way in tries {
            let Some(changed) = self.apply(r, body.clone(), &way) else { continue };
            let answer = self.dry(r, &changed);
            let other = answer["code"] != refused["code"] || self::pointers(&answer) != pointers;
            if answer.status == 201 || answer.status == 409 && other {
                ways.push(way);
                return (changed, answer, ways);
            }
        }
        panic!("no change of one field leads past it: {refused}");
    }

    fn apply(&self, r: &Resource, mut body: Value, way: &Way) -> Option<Value> {
        match way {
            Way::Drop(name) => {
                let optional = r.field(name).is_some_and(|field| !field.required);
                body.as_object_mut().filter(|_| optional)?.remove(name)?;
            }
            Way::Vary(name) => {
                let field = r.field(name)?;
                let now = body.get(name)?.clone();
                body[name] = match &field.references {
                    Some(to) if *to != r.path => self.reference(&field.schema, self.make(self.resource(to)).id()),
                    Some(_) => return None,
                    None => fresh(&field.schema, &now, self.next())?,
                };
            }
        }
        Some(body)
    }
}

/// A new id, as a client makes one offline.
pub fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// Where a problem sees its errors.
pub fn pointers(answer: &Response) -> Vec<String> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().filter_map(|error| Some(error["pointer"].as_str()?.to_owned())).collect()
}

/// Claims that there is an error at this field, or inside it.
#[track_caller]
pub fn error_within(answer: &Response, pointer: &str) {
    let inside = |at: &String| at == pointer || at.strip_prefix(pointer).is_some_and(|rest| rest.starts_with('/'));
    assert!(pointers(answer).iter().any(inside), "expected an error at {pointer}: {answer}");
}

/// The fields of a record that its caller does not see as they are.
pub fn masked(record: &Value) -> Vec<&str> {
    record["masked"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Claims that a record shows what was sent, where it shows it at all.
#[track_caller]
pub fn shows(record: &Value, sent: &Value) {
    for (name, value) in sent.as_object().expect("an object was sent") {
        if masked(record).contains(&name.as_str()) {
            assert_ne!(&record[name], value, "{name} is named as masked and is not");
        } else {
            assert_eq!(&record[name], value, "{name} is not as it was sent");
        }
    }
}

/// A record without what a write adds to its answer and what every write changes.
pub fn essence(record: &Value) -> Map<String, Value> {
    let mut fields = record.as_object().expect("a record").clone();
    for name in ["version", "updated_at", "warnings", "expanded"] {
        fields.remove(name);
    }
    fields
}
