//! The operations that every resource has, and how the contract tells them.
use super::{self as resource, BatchItem};
use crate::contract::Operation;
use crate::contract::operation::of;
use crate::contract::schemas::{self, Names};
use crate::exchange::{self, export};
use crate::listing::{DEFAULT_LIMIT, MAX_LIMIT, expansions};
use crate::privacy;
use crate::routes::{BASE, Routes};
use domain::Problem;
use domain::policy::Action;
use persistence::registry::{self, Kind};
use persistence::store::{COMMON_FILTERS, COMMON_SORTS};
use persistence::{Op, Store};
use serde_json::{Map, Value, json};

/// Everything every resource has.
pub fn routes<R: Store>(r: &mut Routes) {
    let told = Told::new(registry::of::<R>(), schemas::example::<R>(), schemas::example_input::<R>());
    told.schemas(&mut r.contract.schemas);
    let path = format!("{BASE}/{}", R::PATH);
    let one = format!("{path}/{{id}}");
    r.add("GET", &path, resource::list::<R>, told.list());
    r.add("POST", &path, resource::create::<R>, told.create());
    r.add("POST", &format!("{path}/batch"), resource::batch::<R>, told.batch());
    r.add("GET", &format!("{path}/export"), export::export::<R>, told.export());
    r.add("GET", &one, resource::get::<R>, told.get(R::MERGES));
    // What is only ever added is not changed by anybody.
    if !R::APPEND_ONLY {
        r.add("PUT", &one, resource::put::<R>, told.put());
        r.add("PATCH", &one, resource::patch::<R>, told.patch());
        r.add("DELETE", &one, resource::delete::<R>, told.delete());
    }
    resource::act::routes::<R>(r);
    r.add("GET", &format!("{one}/history"), resource::history::<R>, told.history());
    privacy::reveal::routes::<R>(r);
}

/// What the contract says of a resource's operations. Nothing here is compiled for each of them.
struct Told {
    kind: &'static Kind,
    names: Names,
    /// A record as an answer shows it.
    example: Value,
    /// The same as a request gives it.
    input: Value,
}

impl Told {
    fn new(kind: &'static Kind, example: Value, input: Value) -> Self {
        Self { kind, names: schemas::names(kind), example, input }
    }
    fn schemas(&self, all: &mut Map<String, Value>) {
        schemas::resource(self.kind, all);
        let batch_item = schemas::register::<BatchItem>(all);
        all.insert(
            "BatchAnswer".into(),
            schemas::page("The records made, in the order given", schemas::reference(&batch_item)),
        );
        let line = schemas::register::<persistence::journal::Line>(all);
        all.insert(
            "HistoryPage".into(),
            schemas::page("The changes of a record, oldest first", schemas::reference(&line)),
        );
    }
    fn of(&self, verb: &str, action: Action, zh: &str, en: &str) -> Operation {
        of(self.kind, verb, action, zh, en)
    }
    /// Says that an answer is the record.
    fn record(&self, status: u16, text: &str, o: Operation, headers: &[&str]) -> Operation {
        let schema = schemas::reference(&self.names.record);
        let content = json!({"application/json": {"schema": schema, "example": self.example}});
        o.responds(status, text, Some(content), headers)
    }
    fn list(&self) -> Operation {
        let page = json!({"items": [self.example], "next_page_token": "bmV4dA"});
        let sorts = COMMON_SORTS.iter().chain(self.kind.sorts).map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", ");
        let o = self
            .listed(self.of("list", Action::Read, "列出", "List"))
            .paged((DEFAULT_LIMIT, MAX_LIMIT), 2000)
            .parameter(
                "query",
                "sort",
                false,
                &format!("One of {sorts}; `-` before it for the greatest first. Ties are broken by id"),
                json!({"type": "string", "maxLength": 50}),
            )
            .parameter(
                "query",
                "count",
                false,
                "`exact` counts all that the conditions meet",
                json!({"type": "string", "enum": ["exact"]}),
            )
            .responds(
                200,
                "A page",
                Some(json!({"application/json": {"schema": schemas::reference(&self.names.page), "example": page}})),
                &["Link"],
            );
        self.shaped(o)
    }
    fn create(&self) -> Operation {
        let o = changing(self.of("create", Action::Create, "新增", "Create"));
        self.record(201, "Created", o, &["ETag", "Location", "Preference-Applied", "Idempotency-Replayed"])
            .header(
                "Idempotency-Key",
                false,
                "Needed where the body has no `id`; the same key and body give the first answer again",
                "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01",
            )
            .body(&self.names.input, self.input.clone())
            .silent(204, "Created, with `return=minimal`", &["ETag", "Location", "Preference-Applied"])
            .fails(&[Problem::AlreadyExists, Problem::IdempotencyKeyReused])
    }
    fn batch(&self) -> Operation {
        changing(self.of("batch_create", Action::Create, "批量新增", "Create many"))
            .says("All or none. Findings point below `/items/{n}`.")
            .header(
                "Idempotency-Key",
                true,
                "The same key and body give the first answer again",
                "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01",
            )
            .body(&self.names.batch, json!({"items": [self.input]}))
            .answers(
                201,
                "Created",
                "BatchAnswer",
                json!({"items": [{"id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "version": 1}]}),
            )
            .fails(&[Problem::AlreadyExists, Problem::IdempotencyKeyReused])
    }
    fn export(&self) -> Operation {
        exported(self.listed(self.of("export", Action::Read, "导出", "Export")), &self.names.record)
    }
    fn get(&self, merges: bool) -> Operation {
        let get = self
            .of("get", Action::Read, "读取", "Get")
            .id_in_path()
            .header("If-None-Match", false, "An `ETag`; 304 where the record still has it", "\"r17\"")
            .silent(304, "Not changed", &["ETag"]);
        let get = if merges { get.silent(308, "Merged into another record", &["Location"]) } else { get };
        self.shaped(self.record(200, "The record", get, &["ETag"]))
    }
    fn put(&self) -> Operation {
        let put = changing(self.of("put", Action::Update, "写入", "Create or replace"))
            .id_in_path()
            .header("If-Match", false, "The `ETag` of the record to replace", "\"r17\"")
            .header("If-None-Match", false, "`*`: create only", "*")
            .body(&self.names.input, self.input.clone())
            .silent(204, "Created or replaced, with `return=minimal`", &["ETag", "Location", "Preference-Applied"])
            .fails(&[Problem::AlreadyExists, Problem::PreconditionFailed, Problem::PreconditionRequired]);
        let put = self.record(200, "Replaced", put, &["ETag", "Preference-Applied"]);
        self.record(201, "Created", put, &["ETag", "Location", "Preference-Applied"])
    }
    fn patch(&self) -> Operation {
        let patch = changing(self.of("patch", Action::Update, "修改", "Patch"))
            .says("JSON merge patch (RFC 7396). With `update_mask` only the listed fields change, and a listed field that is absent is cleared.")
            .id_in_path()
            .parameter("query", "update_mask", false, "Names of fields, separated by commas", json!({"type": "string", "maxLength": 2000}))
            .header("If-Match", false, "The `ETag` of the record as the caller knows it; 428 without", "\"r17\"")
            .body_as("application/merge-patch+json", &self.names.patch, json!({}))
            .silent(204, "Changed, with `return=minimal`", &["ETag", "Preference-Applied"])
            .fails(&[Problem::AlreadyExists, Problem::PreconditionFailed, Problem::PreconditionRequired]);
        self.record(200, "Changed", patch, &["ETag", "Preference-Applied"])
    }
    fn delete(&self) -> Operation {
        changing(self.of("delete", Action::Delete, "删除", "Delete"))
            .says("The record stays as a tombstone for systems that synchronise.")
            .id_in_path()
            .header("If-Match", false, "The `ETag` of the record as the caller knows it; 428 without", "\"r17\"")
            .silent(204, "Deleted", &["Preference-Applied"])
            .fails(&[Problem::InUse, Problem::PreconditionFailed, Problem::PreconditionRequired])
    }
    fn history(&self) -> Operation {
        self.of("history", Action::Read, "变更历史", "History of").id_in_path().answers(
            200,
            "Its changes, oldest first",
            "HistoryPage",
            json!({"items": []}),
        )
    }
    /// Conditions a list or an export takes.
    fn listed(&self, mut o: Operation) -> Operation {
        if !self.kind.searched.is_empty() {
            o = o.parameter("query", "q", false, "What begins with, contains or is spelt like this: a part of a name, its pinyin or initials, the last digits of a phone number", json!({"type": "string", "maxLength": 100}));
        }
        let common: Value = json!({"type": "string", "maxLength": 200});
        for (field, ops) in COMMON_FILTERS.iter().chain(self.kind.filters) {
            let mut schema = (self.kind.spec)().field(field).map_or_else(|| common.clone(), |f| f.schema.clone());
            if let Some(schema) = schema.as_object_mut() {
                schema.remove("default");
                schema.remove("minLength");
            }
            for op in *ops {
                let name = if *op == Op::Eq {
                    format!("filter[{field}]")
                } else {
                    format!("filter[{field}][{}]", op.as_str())
                };
                let (text, schema) = match op {
                    Op::Present => ("Only records that have a value, or with `false` none", json!({"type": "boolean"})),
                    _ if *field == "division_code" => ("This division and all inside it", schema.clone()),
                    _ => ("Only records that meet this", schema.clone()),
                };
                o = o.parameter("query", &name, false, text, schema);
            }
        }
        o
    }

    /// Projection and expansion.
    fn shaped(&self, o: Operation) -> Operation {
        let names: Vec<String> = expansions(self.kind.path).iter().map(|e| e.name()).collect();
        let o = o.parameter("query", "fields", false, "Show only these fields, separated by commas, beside `id` and `version`; others are absent even where they are required otherwise", json!({"type": "string", "maxLength": 2000}));
        if names.is_empty() {
            return o;
        }
        o.parameter(
            "query",
            "expand",
            false,
            &format!("Fetch related records into `expanded`: {}", names.join(", ")),
            json!({"type": "string", "maxLength": 200}),
        )
    }
}

/// The forms of an export.
fn exported(o: Operation, record: &str) -> Operation {
    let lines = ("application/x-ndjson", json!({"schema": schemas::reference(record)}));
    let content = exchange::files("记录ID,行政区划\r\n", &[lines]);
    let one = |values: &[&str]| json!({"type": "string", "enum": values, "default": values.first()});
    o.says("Masked as lists are. A text that a spreadsheet would take for a formula has `'` before it; an import takes that away again. `headers`, `codes` and `encoding` are of CSV and XLSX only.")
        .parameter("query", "format", false, "One record a line as JSON, or a table", one(&["ndjson", "csv", "xlsx"]))
        .parameter("query", "headers", false, "Chinese titles, or the names of the fields", one(&["title", "field"]))
        .parameter("query", "codes", false, "Labels of codes, or the codes", one(&["label", "code"]))
        .parameter("query", "encoding", false, "Of a CSV file; the mark is what Excel knows UTF-8 by", one(&["utf-8-bom", "utf-8", "gbk"]))
        .responds(200, "One record a line", Some(content), &[])
}

/// Preferences of a write.
fn changing(o: Operation) -> Operation {
    o.header(
        "Prefer",
        false,
        "`dry-run`: check everything, change nothing; `return=minimal`: answer without the record",
        "dry-run",
    )
}
