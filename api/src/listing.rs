//! Query strings of lists: filters, search, order, page, projection, expansion. And page tokens.
use crate::app::App;
use crate::auth::Identity;
use crate::error::{ApiError, Result};
use crate::sealed;
use actix_web::{HttpRequest, web};
use domain::policy::Action;
use domain::{Problem, Rule, Uuid, Violation};
use persistence::registry::{self, Kind};
use persistence::{Condition, Cursor, Op, Query, Sort};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Items in a page where nothing is said.
pub const DEFAULT_LIMIT: i64 = 50;
/// Items in a page at most.
pub const MAX_LIMIT: i64 = 500;
/// Related records an expansion fetches at most, for each item.
pub const MAX_EXPANDED: i64 = 50;

/// What a list request asks.
pub struct Listing {
    /// The page's question.
    pub query: Query,
    /// Which fields to show; all if `None`.
    pub fields: Option<Vec<String>>,
    /// What to fetch beside each item.
    pub expand: Vec<Expansion>,
    /// Whether to count all that the conditions meet.
    pub count: bool,
    /// Hash of the question and the caller, which a page token is bound to.
    binding: String,
}

/// A relation to fetch beside an item.
#[derive(Clone, Copy)]
pub enum Expansion {
    /// The record a field names: field, name, the other resource.
    One(&'static str, &'static str, &'static Kind),
    /// The records whose field names the item: the other resource and its field.
    Many(&'static Kind, &'static str),
}
impl Expansion {
    /// The name in `expand` and in the answer's `expanded`.
    pub fn name(&self) -> String {
        match self {
            Expansion::One(_, name, _) => (*name).to_owned(),
            Expansion::Many(kind, _) => kind.path.replace('-', "_"),
        }
    }
    /// The resource that is fetched.
    pub fn kind(&self) -> &'static Kind {
        match self {
            Expansion::One(_, _, kind) | Expansion::Many(kind, _) => kind,
        }
    }
}

/// The relations a resource can expand: what it refers to, and what refers to it.
pub fn expansions(path: &str) -> Vec<Expansion> {
    let own = registry::find(path).map(|k| k.references.as_slice()).unwrap_or_default();
    let one = own
        .iter()
        .filter(|(_, name, _)| !name.is_empty())
        .filter_map(|(field, name, to)| registry::find(to).map(|kind| Expansion::One(field, name, kind)));
    let others = registry::all().iter().filter(|k| k.path != path && k.path != "users");
    let many = others.flat_map(|kind| {
        let field = kind.references.iter().find(|(_, name, to)| *to == path && !name.is_empty());
        field.map(|(field, ..)| Expansion::Many(kind, field))
    });
    one.chain(many).collect()
}

/// The name and value pairs of a query string.
pub fn pairs(req: &HttpRequest) -> Result<Vec<(String, String)>> {
    web::Query::<Vec<(String, String)>>::from_query(req.query_string())
        .map(web::Query::into_inner)
        .map_err(|_| ApiError::parameter("query", Rule::Pattern))
}

fn bad(name: &str, rule: Rule) -> Violation {
    Violation::new(format!("/{name}"), rule)
}

impl Listing {
    /// Reads the query string of a list.
    ///
    /// # Errors
    /// `invalid_parameter` with a finding for each parameter that is not valid.
    pub fn read(kind: &Kind, app: &App, caller: &Identity, req: &HttpRequest) -> Result<Self> {
        Self::of(kind, app, caller, &pairs(req)?)
    }
    /// The same of its pairs.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn of(kind: &Kind, app: &App, caller: &Identity, pairs: &[(String, String)]) -> Result<Self> {
        let mut found = vec![];
        let mut query = Query::all(DEFAULT_LIMIT);
        let (mut fields, mut expand, mut count, mut token) = (None, vec![], false, None);
        for (name, value) in pairs {
            if value.chars().any(char::is_control) {
                found.push(bad(name, Rule::ControlCharacter));
                continue;
            }
            match name.as_str() {
                "limit" => match value.parse() {
                    Ok(n) if (1..=MAX_LIMIT).contains(&n) => query.limit = n,
                    Ok(n) if n > MAX_LIMIT => found.push(bad(name, Rule::TooLarge).with("max", MAX_LIMIT)),
                    _ => found.push(bad(name, Rule::TooSmall).with("min", 1)),
                },
                "page_token" => token = Some(value.clone()),
                "sort" => match sort(kind, value) {
                    Some(sort) => query.sort = sort,
                    None => found.push(bad(name, Rule::UnknownSort)),
                },
                "q" if kind.searched.is_empty() => found.push(bad(name, Rule::UnknownParameter)),
                "q" if value.chars().count() > 100 => found.push(bad(name, Rule::TooLong).with("max", 100)),
                "q" => query.q = Some(value.trim().to_owned()).filter(|q| !q.is_empty()),
                "fields" => fields = Some(projection(kind, value, &mut found)),
                "expand" => expansion(kind, value, &mut expand, &mut found),
                "count" if value == "exact" => count = true,
                "count" => found.push(bad(name, Rule::UnknownCode).with("set", "exact")),
                filter if filter.starts_with("filter[") => match condition(kind, filter, value) {
                    Ok(condition) => query.conditions.push(condition),
                    Err(v) => found.push(v),
                },
                _ => found.push(bad(name, Rule::UnknownParameter)),
            }
        }
        if !found.is_empty() {
            return Err(ApiError::of(Problem::InvalidParameter, found));
        }
        // What is fetched beside a record needs the same permit as if it were asked for by itself.
        if expand.iter().map(Expansion::kind).any(|k| !caller.may(k.path, k.module, Action::Read)) {
            return Err(ApiError::new(Problem::Forbidden));
        }
        query.sight = caller.sight();
        let hidden = hidden(kind, &query);
        if !hidden.is_empty() {
            return Err(ApiError::of(Problem::Forbidden, hidden));
        }
        let binding = binding(kind.path, caller, pairs);
        let mut listing = Self { query, fields, expand, count, binding };
        if let Some(token) = token {
            listing.query.after = Some(listing.open(app, &token)?);
        }
        Ok(listing)
    }

    /// The token for the page after `cursor`.
    pub fn token(&self, app: &App, cursor: &Cursor) -> String {
        let position = Position { v: cursor.value.clone(), i: cursor.id, b: self.binding.clone() };
        sealed::seal(app, "page-token", &position)
    }

    /// The position in a token that was made for this question and caller.
    fn open(&self, app: &App, token: &str) -> Result<Cursor> {
        let position: Option<Position> = sealed::open(app, "page-token", token);
        match position.filter(|p| p.b == self.binding) {
            Some(position) => Ok(Cursor { value: position.v, id: position.i }),
            None => Err(ApiError::new(Problem::PageTokenMismatch)),
        }
    }
}

/// What is inside a page token.
#[derive(Serialize, Deserialize)]
struct Position {
    v: Value,
    i: Uuid,
    b: String,
}

/// Hash of everything a page token is bound to: the question without page and limit, and the caller.
fn binding(path: &str, caller: &Identity, pairs: &[(String, String)]) -> String {
    let mut asked: Vec<_> =
        pairs.iter().filter(|(n, _)| !matches!(n.as_str(), "page_token" | "limit" | "count")).collect();
    asked.sort();
    sealed::binding(&serde_json::json!([path, caller.user_id, caller.division, caller.sight().as_str(), asked]))
}

/// What a question asks of fields that who asks may not see: the answer would tell of them.
fn hidden(kind: &Kind, query: &Query) -> Vec<Violation> {
    let seen = |field: &str| !kind.hides(field, query.sight);
    let conditions = query.conditions.iter().filter(|c| !seen(&c.field)).map(|c| c.refused(Rule::FieldHidden));
    let mut found: Vec<Violation> = conditions.collect();
    if !seen(&query.sort.key) {
        found.push(bad("sort", Rule::FieldHidden));
    }
    if query.q.is_some() && !kind.searched.iter().any(|field| seen(field)) {
        found.push(bad("q", Rule::FieldHidden));
    }
    found
}

fn sort(kind: &Kind, text: &str) -> Option<Sort> {
    let (descending, key) = text.strip_prefix('-').map_or((false, text), |key| (true, key));
    let known = persistence::store::COMMON_SORTS.contains(&key) || kind.sorts.contains(&key);
    known.then(|| Sort { key: key.to_owned(), descending })
}

/// `filter[field]` or `filter[field][op]`.
fn condition(kind: &Kind, name: &str, value: &str) -> std::result::Result<Condition, Violation> {
    let inner = name.strip_prefix("filter[").and_then(|n| n.strip_suffix(']')).unwrap_or_default();
    let (field, op) = inner.split_once("][").map_or((inner, Some(Op::Eq)), |(f, o)| (f, Op::parse(o)));
    let known = persistence::store::COMMON_FILTERS.iter().chain(kind.filters).find(|(f, _)| *f == field);
    match (known, op) {
        (Some((_, ops)), Some(op)) if ops.contains(&op) => {
            Ok(Condition { field: field.to_owned(), op, value: value.to_owned() })
        }
        _ => Err(bad(name, Rule::UnknownFilter)),
    }
}

fn projection(kind: &Kind, text: &str, found: &mut Vec<Violation>) -> Vec<String> {
    let spec = (kind.spec)();
    let common = ["id", "division_code", "version", "created_at", "updated_at", "external_ref", "masked"];
    let mut names = vec!["id".to_owned(), "version".to_owned()];
    for name in text.split(',').map(str::trim).filter(|n| !n.is_empty()) {
        if !common.contains(&name) && spec.field(name).is_none() {
            found.push(bad("fields", Rule::UnknownField));
        }
        names.push(name.to_owned());
    }
    names
}

fn expansion(kind: &Kind, text: &str, expand: &mut Vec<Expansion>, found: &mut Vec<Violation>) {
    let known = expansions(kind.path);
    for name in text.split(',').map(str::trim).filter(|n| !n.is_empty()) {
        match known.iter().find(|e| e.name() == name) {
            Some(e) => expand.push(*e),
            None => found.push(bad("expand", Rule::UnknownExpand)),
        }
    }
}

/// Leaves only the named fields of an item.
pub fn project(item: &mut Value, fields: Option<&[String]>) {
    if let (Value::Object(map), Some(fields)) = (item, fields) {
        map.retain(|name, _| name == "expanded" || fields.iter().any(|f| f == name));
    }
}
