//! The resources of a contract, read from its operations.

use serde_json::Value;

use crate::support::contract::{Contract, Operation};

/// Everything a test needs to know of a resource.
pub struct Resource {
    /// The segment behind the base path.
    pub path: String,
    /// The id of the operation that creates one.
    pub create: String,
    /// Its own fields, those of a request.
    pub fields: Vec<Field>,
    /// Fields of an answer that the server works out.
    pub derived: Vec<String>,
    /// The example of its create request.
    pub example: Value,
    /// Query parameters of its list that compare for equality: the name between the brackets.
    pub filters: Vec<String>,
    /// The other comparisons: field and operator.
    pub ranges: Vec<(String, String)>,
    pub sorts: Vec<String>,
    pub expansions: Vec<Expansion>,
}

/// One field of a request.
pub struct Field {
    pub name: String,
    pub schema: Value,
    pub required: bool,
    /// The path of the resource whose ids it holds.
    pub references: Option<String>,
}

/// A relation that a list can fetch beside its records.
pub struct Expansion {
    /// As the parameter names it.
    pub name: String,
    /// As the record names it; the same, if all is well.
    pub shown: String,
    /// The name of the schema of what is fetched.
    pub schema: String,
    /// Whether it fetches the records that refer to this one.
    pub many: bool,
}

impl Resource {
    /// A path is a resource if it can be listed and created, and one of it read, patched and deleted.
    pub fn all(contract: &Contract) -> Vec<Self> {
        let find = |id: String| contract.operations().iter().find(|operation| operation.id == id);
        let read = |create: &Operation| {
            let name = create.id.strip_prefix("create_")?;
            let list = contract.operation("GET", &create.path).filter(|list| list.id.starts_with("list_"))?;
            let one = format!("{}/{{id}}", create.path);
            for verb in ["get", "patch", "delete"] {
                find(format!("{verb}_{name}")).filter(|operation| operation.path == one)?;
            }
            Some(Self::read(contract.document(), create, list))
        };
        contract.operations().iter().filter(|operation| operation.method == "POST").filter_map(read).collect()
    }

    fn read(document: &Value, create: &Operation, list: &Operation) -> Self {
        let body = &create.definition["requestBody"]["content"]["application/json"];
        let input = resolve(document, &body["schema"]);
        let required: Vec<&str> = texts(&input["required"]);
        let field = |(name, schema): (&String, &Value)| {
            // The fields that all records have carry no class.
            schema["x-field-class"].as_str()?;
            let references = schema["x-references"].as_str().map(str::to_owned);
            let (name, required) = (name.clone(), required.contains(&name.as_str()));
            Some(Field { name, schema: schema.clone(), required, references })
        };
        let record = resolve(document, &create.definition["responses"]["201"]["content"]["application/json"]["schema"]);
        let properties = record["properties"].as_object().into_iter().flatten();
        let derived = properties.filter(|(_, schema)| schema["readOnly"] == true);
        let expansion = |name: &str| {
            let properties = record["properties"]["expanded"]["properties"].as_object().expect("what can be expanded");
            let plain = |text: &str| text.replace('-', "_");
            let found = properties.iter().find(|(shown, _)| plain(shown) == plain(name));
            let (shown, schema) = found.unwrap_or_else(|| panic!("{}: no schema of {name}", create.path));
            let many = schema["type"] == "array";
            let target = if many { &schema["items"] } else { schema };
            let schema = target["$ref"].as_str().and_then(|name| name.rsplit('/').next()).expect("a named schema");
            Expansion { name: name.to_owned(), shown: shown.clone(), schema: schema.to_owned(), many }
        };
        let parameters = list.definition["parameters"].as_array().expect("a list has parameters");
        let names: Vec<&str> = parameters.iter().filter_map(|parameter| parameter["name"].as_str()).collect();
        let inner = |name: &&str| Some(name.strip_prefix("filter[")?.strip_suffix(']')?.to_owned());
        let (ranges, filters): (Vec<String>, _) = names.iter().filter_map(inner).partition(|name| name.contains("]["));
        let ranges = ranges.iter().filter_map(|name| name.split_once("][")).map(|(f, o)| (f.to_owned(), o.to_owned()));
        let text = |name: &str| parameters.iter().find(|p| p["name"] == name).and_then(|p| p["description"].as_str());
        let sort = text("sort").expect("the sort parameter says by what");
        let expand = text("expand").map(|text| text.rsplit(": ").next().unwrap_or_default().split(", "));
        Self {
            create: create.id.clone(),
            path: create.path.rsplit('/').next().unwrap_or_default().to_owned(),
            fields: input["properties"].as_object().into_iter().flatten().filter_map(field).collect(),
            derived: derived.map(|(name, _)| name.clone()).collect(),
            example: body["example"].clone(),
            filters,
            ranges: ranges.collect(),
            // What stands between backticks, but for the sign that turns the order round.
            sorts: sort.split('`').skip(1).step_by(2).filter(|key| *key != "-").map(str::to_owned).collect(),
            expansions: expand.into_iter().flatten().map(expansion).collect(),
        }
    }

    pub fn url(&self) -> String {
        format!("/{}", self.path)
    }

    pub fn one(&self, id: &str) -> String {
        format!("/{}/{id}", self.path)
    }

    pub fn batch(&self) -> String {
        format!("/{}/batch", self.path)
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The name of the schema of its records.
    pub fn schema_name(&self, document: &Value) -> String {
        let created = &document["paths"][format!("/api/v1/{}", self.path)]["post"]["responses"]["201"];
        let name = created["content"]["application/json"]["schema"]["$ref"].as_str();
        name.and_then(|name| name.rsplit('/').next()).expect("a record has a named schema").to_owned()
    }
}

/// What a schema or response stands for if it is only a reference.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str().and_then(|target| target.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).expect("a reference leads somewhere"),
        None => value,
    }
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}
