//! The routes of files, mounted and documented.
use super::kind::KINDS;
use super::{FileView, fetch, upload};
use crate::contract::{Operation, schemas};
use crate::routes::{BASE, Routes};
use domain::policy::Action;
use domain::{Problem, spec::SHA256};
use serde_json::{Map, Value, json};

const TAG: &str = "files";
const EXAMPLE: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// How fields that hold files are filled.
const NAMED: &str = "A record names a file by this hash, in a field with `x-file`. Whoever sees such a field of a record may fetch the file, and who has uploaded it until they have put it into a record; for everybody else it is not there.";

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    let file = schemas::register::<FileView>(&mut r.contract.schemas);
    let progress = schemas::register::<upload::Progress>(&mut r.contract.schemas);
    let one = format!("{BASE}/files/{{sha256}}");
    let parts = format!("{one}/parts");
    let info = json!({"sha256": EXAMPLE, "bytes": 48_211, "media_type": "application/pdf"});
    let op = |id: &str, action: Action, summary: &str| {
        let hash = json!({"type": "string", "pattern": SHA256, "example": EXAMPLE});
        Operation::new(id, TAG, summary).permit("files", action).fails(&[Problem::NotFound]).parameter(
            "path",
            "sha256",
            true,
            "SHA-256 of the content, in lower-case hexadecimal",
            hash,
        )
    };
    let sent = |o: Operation, example: &str| {
        let octets = json!({"schema": binary(), "example": example});
        o.content("application/octet-stream", octets).fails(&[
            Problem::RequestTimeout,
            Problem::PayloadTooLarge,
            Problem::UnsupportedMediaType,
            Problem::HashMismatch,
        ])
    };
    let put = op("put_file", Action::Create, "上传文件 · Upload a file")
        .says(format!("The whole content in one request. Sent again it is the same file, and the answer is 200. `Content-Type` is the file's own, or octets; what it is, its content says. Taken are: {}. {NAMED}", taken()))
        .header("Prefer", false, "`dry-run`: check everything, keep nothing", "dry-run");
    let put = sent(put, "%PDF-1.7 …").answers(200, "It was there already", &file, info.clone()).responds(
        201,
        "Uploaded",
        Some(json!({"application/json": {"schema": schemas::reference(&file), "example": info}})),
        &["Location", "Preference-Applied"],
    );
    r.add("PUT", &one, upload::put, put);
    for (method, id, summary) in
        [("GET", "get_file", "下载文件 · Fetch a file"), ("HEAD", "head_file", "文件信息 · What a file is")]
    {
        let fetched = op(id, Action::Read, summary)
            .says("Sent as an attachment, whole or one range of it.")
            .header("Range", false, "One range of bytes", "bytes=0-65535")
            .header("If-Range", false, "The `ETag` for which the range is meant", &format!("\"{EXAMPLE}\""))
            .header("If-None-Match", false, "An `ETag`; 304 where the caller has the file", &format!("\"{EXAMPLE}\""))
            .responds(200, "The content", Some(contents()), &["ETag", "Accept-Ranges", "Content-Disposition"])
            .responds(206, "The range", Some(contents()), &["ETag", "Content-Range", "Content-Disposition"])
            .silent(304, "The caller has it", &["ETag"])
            .fails(&[Problem::RangeNotSatisfiable]);
        r.add(method, &one, fetch::fetch, fetched);
    }
    r.add(
        "GET",
        &parts,
        upload::progress,
        op("get_file_upload", Action::Read, "上传进度 · How far the caller's upload has come").answers(
            200,
            "Where the next part begins",
            &progress,
            json!({"received": 32_768, "complete": false}),
        ),
    );
    let number = |least: i64| json!({"type": "integer", "format": "int64", "minimum": least});
    let part = op("add_file_part", Action::Create, "分段上传 · Upload a part of a file")
        .says("For bad lines: parts of any length, one after the other. After a break ask where the upload stands and go on there; what was sent already and comes again is skipped. The last part completes and verifies the file. Each uploader has an upload of a file to itself; it survives a restart of the server, and is forgotten after the days configured.")
        .parameter("query", "offset", true, "The byte of the file at which this part begins", number(0))
        .parameter("query", "size", true, "The length of the whole file", number(1))
        .parameter("query", "media_type", false, "The file's type", json!({"type": "string", "maxLength": 100, "example": "application/pdf"}));
    let part = sent(part, "…")
        .answers(200, "How far it has come", &progress, json!({"received": 48_211, "complete": true, "file": info}))
        .fails(&[Problem::UploadGap, Problem::UploadBusy]);
    r.add("POST", &parts, upload::add_part, part);
}

fn binary() -> Value {
    json!({"type": "string", "format": "binary"})
}

/// Content of any kind that is taken.
fn contents() -> Value {
    let each = KINDS.iter().map(|kind| (kind.media_type.to_owned(), json!({"schema": binary(), "example": "…"})));
    Value::Object(each.collect::<Map<_, _>>())
}

fn taken() -> String {
    KINDS.iter().map(|kind| kind.extension).collect::<Vec<_>>().join(", ")
}
