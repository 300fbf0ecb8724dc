//! The measure of all ratios: an actix server that does nothing but answer typed JSON.
//!
//! No authentication, no database, no middleware, no headers of its own. It serialises, for each
//! request, plain structs with the fields and the values of a real answer, so that what it answers has
//! exactly the real size. It runs as a process of its own, with the server's number of workers and its
//! allocator, so that the scheduler treats both alike.
use crate::children::Child;
use crate::http;
use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_with::skip_serializing_none;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// A cadre as the server answers it. All texts: the cheapest form to serialise.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    id: String,
    division_code: String,
    version: i64,
    created_at: String,
    updated_at: String,
    name: String,
    former_name: Option<String>,
    sex: String,
    birth_date: String,
    id_number: Option<String>,
    ethnicity: String,
    native_place: Option<String>,
    marital_status: Option<String>,
    education: Option<String>,
    politics: Option<String>,
    unit_id: String,
    retire_type: String,
    status: String,
    void_reason: Option<String>,
    join_work_date: Option<String>,
    join_revolution_date: Option<String>,
    retire_date: Option<String>,
    died_on: Option<String>,
    post_at_retirement: Option<String>,
    rank_code: Option<String>,
    grade_code: Option<String>,
    treatment_level: Option<String>,
    treatment_doc: Option<String>,
    settlement: String,
    settled_place: Option<String>,
    receiving_unit: Option<String>,
    residence_address: Option<String>,
    residence_division: Option<String>,
    mobile: Option<String>,
    landline: Option<String>,
    emergency_contacts: Vec<Contact>,
    health_code: Option<String>,
    self_care: Option<String>,
    living_arrangement: Option<String>,
    disease_note: Option<String>,
    bank_card: Option<String>,
    specialties: Vec<String>,
    hobbies: Vec<String>,
    roles_played: Vec<String>,
    archive_place: Option<String>,
    special_groups: Vec<String>,
    pension_socialised: bool,
    local_medical_insurance: bool,
    party_relation_local: bool,
    archive_local: bool,
    masked: Option<Vec<String>>,
}

/// Whom to call.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contact {
    name: String,
    relation: Option<String>,
    phone: String,
}

/// A page of a list.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    items: Vec<Record>,
    next_page_token: Option<String>,
}

/// What the process is told. `laogan-bench` starts it itself.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Port to listen on
    #[arg(long)]
    port: u16,
    /// Real answers to take the values from: one record
    #[arg(long)]
    record: PathBuf,
    /// … one page of the list
    #[arg(long)]
    page: PathBuf,
    /// … and one of the filtered list
    #[arg(long)]
    filtered: PathBuf,
    /// Records in the answer that is as large as a batch's
    #[arg(long, default_value_t = 500)]
    batch: usize,
    /// Worker threads
    #[arg(long, default_value_t = 2)]
    workers: usize,
}

struct Answers {
    record: Record,
    page: Page,
    filtered: Page,
    batch: Page,
}

async fn record(answers: web::Data<Answers>) -> HttpResponse {
    HttpResponse::Ok().json(&answers.record)
}
async fn page(answers: web::Data<Answers>) -> HttpResponse {
    HttpResponse::Ok().json(&answers.page)
}
async fn filtered(answers: web::Data<Answers>) -> HttpResponse {
    HttpResponse::Ok().json(&answers.filtered)
}
async fn batch(answers: web::Data<Answers>) -> HttpResponse {
    HttpResponse::Ok().json(&answers.batch)
}

/// Serves until it is killed.
///
/// # Errors
/// When the answers cannot be read or the port is taken.
pub fn serve(options: &Options) -> Result<()> {
    let one: Record = answer(&options.record)?;
    let list: Page = answer(&options.page)?;
    let items = list.items.iter().cycle().take(options.batch).cloned().collect();
    let answers = web::Data::new(Answers {
        record: one,
        page: list,
        filtered: answer(&options.filtered)?,
        batch: Page { items, next_page_token: None },
    });
    let app = move || {
        App::new()
            .app_data(answers.clone())
            .route("/record", web::get().to(record))
            .route("/page", web::get().to(page))
            .route("/filtered", web::get().to(filtered))
            .route("/batch", web::get().to(batch))
    };
    let server = HttpServer::new(app).workers(options.workers).bind(("127.0.0.1", options.port))?;
    Ok(actix_web::rt::System::new().block_on(server.run())?)
}

/// Reads a real answer and makes sure that serialising it gives the same number of bytes.
fn answer<T: Serialize + DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read(path)?;
    let answer: T = serde_json::from_slice(&text)
        .with_context(|| format!("{}: the bare answer's struct needs the fields of the real one", path.display()))?;
    let bare = serde_json::to_vec(&answer)?.len();
    ensure!(bare.abs_diff(text.len()) <= text.len() / 100, "a bare answer of {bare} bytes for one of {}", text.len());
    Ok(answer)
}

/// Answers of the server that is measured.
pub struct Real {
    /// One record.
    pub record: Vec<u8>,
    /// A page of the list.
    pub page: Vec<u8>,
    /// A page of the filtered list.
    pub filtered: Vec<u8>,
}

/// The running process.
pub struct Bare {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Bytes of its record.
    pub record: usize,
    _child: Child,
}

impl Bare {
    /// Starts the process on real answers, which are written to `directory`, and a number of records that
    /// come to the size of a batch's answer.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(directory: &Path, answers: &Real, batch: usize) -> Result<Self> {
        let addr = crate::children::free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bare", "--port", &addr.port().to_string(), "--batch", &batch.to_string()]);
        for (name, bytes) in [("record", &answers.record), ("page", &answers.page), ("filtered", &answers.filtered)] {
            let file = directory.join(format!("{name}.json"));
            std::fs::write(&file, bytes)?;
            command.arg(format!("--{name}")).arg(file);
        }
        let mut child = Child::spawn("bare", command, &directory.join("bare.log"))?;
        child.wait_for(addr, "/record").await?;
        Ok(Self { addr, record: answers.record.len(), _child: child })
    }

    /// The request for one of its answers: `record`, `page`, `filtered` or `batch`.
    pub fn request(answer: &str) -> Vec<u8> {
        http::request("GET", &format!("/{answer}"), "", b"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Resource;

    /// The struct here follows the model: it knows each field of a full record and of a full page.
    #[test]
    fn a_real_record_fits_into_the_bare_one() -> Result<()> {
        let n = crate::data::COUNT_FOR_TESTS;
        for full in [domain::cadres::Cadre::example(), crate::data::Source::for_tests().cadre(n).1] {
            let mut value = serde_json::to_value(full)?;
            for (name, text) in [("id", "x"), ("division_code", "371722"), ("created_at", "x"), ("updated_at", "x")] {
                value[name] = text.into();
            }
            value["version"] = 1.into();
            let record: Record = serde_json::from_value(value.clone())?;
            assert_eq!(serde_json::to_vec(&record)?.len(), serde_json::to_vec(&value)?.len());
        }
        Ok(())
    }
}
