//! What a file is, by its content, and which kinds are taken: what offices and phones make and every reader can show.
//! Programs, scripts, pages and archives are not, nor documents with macros.
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// A kind that is taken.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its media type.
    pub media_type: &'static str,
    /// How names of such files end.
    pub extension: &'static str,
    /// What else it is called when it is sent.
    also: &'static [&'static str],
}

macro_rules! kinds {
    ($($media_type:literal $extension:literal $also:expr;)+) => {
        /// All kinds that are taken.
        pub const KINDS: &[Kind] = &[$(Kind { media_type: $media_type, extension: $extension, also: &$also }),+];
    };
}
kinds! {
    "application/pdf" "pdf" ["application/x-pdf"];
    "image/jpeg" "jpg" ["image/jpg", "image/pjpeg"];
    "image/png" "png" [];
    "image/webp" "webp" [];
    // The national format of official documents (GB/T 33190).
    "application/ofd" "ofd" ["application/x-ofd"];
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document" "docx" [];
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" "xlsx" [];
    "application/vnd.openxmlformats-officedocument.presentationml.presentation" "pptx" [];
    "application/vnd.oasis.opendocument.text" "odt" [];
    "application/vnd.oasis.opendocument.spreadsheet" "ods" [];
    "application/vnd.oasis.opendocument.presentation" "odp" [];
    "application/msword" "doc" ["application/vnd.ms-word", "application/wps-office.wps", "application/wps-office.doc"];
    "application/vnd.ms-excel" "xls" ["application/wps-office.et", "application/wps-office.xls"];
    "application/vnd.ms-powerpoint" "ppt" ["application/wps-office.dps", "application/wps-office.ppt"];
    "text/plain" "txt" [];
}

impl Kind {
    /// The kind with this media type.
    pub fn of(media_type: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.media_type == media_type)
    }
    /// Whether a declared type means it. Who says octets says nothing.
    pub fn is(&self, declared: &str) -> bool {
        let declared = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(declared.as_str(), "" | "application/octet-stream")
            || declared == self.media_type
            || self.also.contains(&declared.as_str())
    }
}

/// What a content turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// A kind that is taken.
    Taken(&'static Kind),
    /// Another, by its media type.
    Other(&'static str),
    /// A document that runs.
    Active,
}

const UNKNOWN: &str = "application/octet-stream";

/// How much of the beginning is looked at.
const HEAD: usize = 1 << 16;

/// Looks at a file.
///
/// # Errors
/// When it cannot be read.
pub fn sniff(path: &Path) -> io::Result<Found> {
    let mut file = File::open(path)?;
    let mut head = Vec::with_capacity(HEAD);
    Read::by_ref(&mut file).take(HEAD as u64).read_to_end(&mut head)?;
    if head.starts_with(b"PK\x03\x04") {
        return zipped(&mut file, &head);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Ok(compound(file));
    }
    let found = infer::get(&head).map(|t| t.mime_type());
    Ok(match found {
        Some(media_type) => Kind::of(media_type).map_or(Found::Other(media_type), Found::Taken),
        None if is_text(&head) => taken("text/plain"),
        None => Found::Other(UNKNOWN),
    })
}

fn taken(media_type: &'static str) -> Found {
    Kind::of(media_type).map_or(Found::Other(media_type), Found::Taken)
}

/// Text of whatever encoding has no control characters but those that lay it out, and no script tells so at once.
fn is_text(head: &[u8]) -> bool {
    let plain = |b: &u8| *b >= 0x20 && *b != 0x7f || matches!(b, b'\t' | b'\n' | b'\r' | 0x0c);
    !head.is_empty() && !head.starts_with(b"#!") && head.iter().all(plain)
}

/// Old office documents are small file systems.
fn compound(file: File) -> Found {
    let Ok(inside) = cfb::CompoundFile::open(file) else { return Found::Other("application/x-ole-storage") };
    if ["/Macros", "/_VBA_PROJECT_CUR", "/VBA"].iter().any(|macros| inside.exists(macros)) {
        return Found::Active;
    }
    let streams = [
        ("/WordDocument", "application/msword"),
        ("/Workbook", "application/vnd.ms-excel"),
        ("/Book", "application/vnd.ms-excel"),
        ("/PowerPoint Document", "application/vnd.ms-powerpoint"),
    ];
    let found = streams.iter().find(|(stream, _)| inside.is_stream(stream));
    found.map_or(Found::Other("application/x-ole-storage"), |(_, media_type)| taken(media_type))
}

/// New office documents are archives: what is in them tells which.
fn zipped(file: &mut File, head: &[u8]) -> io::Result<Found> {
    let Some(names) = names(file)? else { return Ok(Found::Other("application/zip")) };
    let has = |name: &str| names.iter().any(|n| n == name);
    if names.iter().any(|n| n.ends_with("vbaProject.bin") || n.starts_with("Basic/") || n.starts_with("Scripts/")) {
        return Ok(Found::Active);
    }
    if has("OFD.xml") {
        return Ok(taken("application/ofd"));
    }
    if has("[Content_Types].xml") {
        let parts = [
            ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            ("ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ];
        if let Some((_, media_type)) = parts.iter().find(|(part, _)| has(part)) {
            return Ok(taken(media_type));
        }
    }
    // The first entry of an open document, stored as it is, is its media type: `mimetype` behind a header of 30 bytes.
    let said = head.get(30..).and_then(|rest| rest.strip_prefix(b"mimetype"));
    let open = KINDS.iter().find(|kind| {
        kind.extension.starts_with("od") && said.is_some_and(|said| opens_with(said, kind.media_type.as_bytes()))
    });
    Ok(open.map_or(Found::Other("application/zip"), Found::Taken))
}

/// The text, and behind it the header of the next entry.
fn opens_with(said: &[u8], text: &[u8]) -> bool {
    said.strip_prefix(text).is_some_and(|rest| rest.starts_with(b"PK"))
}

/// The most of an archive's list that is read.
const LIST: u64 = 4 << 20;

/// The names in an archive, as its list at the end has them; nothing where there is no such list.
fn names(file: &mut File) -> io::Result<Option<Vec<String>>> {
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(65_557);
    let mut tail = vec![];
    file.seek(SeekFrom::Start(from))?;
    file.take(65_557).read_to_end(&mut tail)?;
    let Some(end) = tail.windows(4).rposition(|w| w == b"PK\x05\x06") else { return Ok(None) };
    let number = |bytes: &[u8], at: usize, count: usize| {
        let digits = bytes.get(at..at + count)?;
        Some(digits.iter().rev().fold(0_u64, |sum, b| sum << 8 | u64::from(*b)))
    };
    let (Some(size), Some(start)) = (number(&tail, end + 12, 4), number(&tail, end + 16, 4)) else { return Ok(None) };
    if size > LIST || start + size > length {
        return Ok(None);
    }
    let mut list = vec![];
    file.seek(SeekFrom::Start(start))?;
    file.take(size).read_to_end(&mut list)?;
    let (mut at, mut names) = (0, vec![]);
    while list.get(at..at + 4) == Some(b"PK\x01\x02") {
        let sizes = [28, 30, 32].map(|offset| number(&list, at + offset, 2).and_then(|n| usize::try_from(n).ok()));
        let [Some(name), Some(extra), Some(comment)] = sizes else { return Ok(None) };
        let Some(text) = list.get(at + 46..at + 46 + name) else { return Ok(None) };
        names.push(String::from_utf8_lossy(text).replace('\\', "/"));
        at += 46 + name + extra + comment;
    }
    Ok(Some(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(content: &[u8]) -> Found {
        let path = std::env::temp_dir().join(format!("laogan-kind-{}", domain::Uuid::now_v7()));
        std::fs::write(&path, content).unwrap();
        let found = sniff(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        found
    }
    /// An archive of empty entries; the first one holds the text.
    fn archive(names: &[&str], text: &str) -> Vec<u8> {
        let (mut all, mut list) = (vec![], vec![]);
        for (i, name) in names.iter().enumerate() {
            let (at, content) = (all.len() as u32, if i == 0 { text } else { "" });
            let lengths = [(content.len() as u32).to_le_bytes(), (content.len() as u32).to_le_bytes()].concat();
            let name_length = (name.len() as u16).to_le_bytes();
            all.extend([b"PK\x03\x04".as_slice(), &[0; 14], &lengths, &name_length, &[0; 2], name.as_bytes()].concat());
            all.extend(content.as_bytes());
            list.extend(
                [b"PK\x01\x02".as_slice(), &[0; 16], &lengths, &name_length, &[0; 12], &at.to_le_bytes()].concat(),
            );
            list.extend(name.as_bytes());
        }
        let (start, size) = ((all.len() as u32).to_le_bytes(), (list.len() as u32).to_le_bytes());
        [all, list, [b"PK\x05\x06".as_slice(), &[0; 8], &size, &start, &[0; 2]].concat()].concat()
    }
    fn type_of(content: &[u8]) -> &'static str {
        match found(content) {
            Found::Taken(kind) => kind.media_type,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_offices_and_phones_make_is_taken() {
        assert_eq!(type_of(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), "application/pdf");
        assert_eq!(type_of(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"), "image/jpeg");
        assert_eq!(type_of(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"), "image/png");
        assert_eq!(type_of(b"RIFF\x24\x00\x00\x00WEBPVP8 "), "image/webp");
        assert_eq!(type_of("同意。\r\n".as_bytes()), "text/plain");
        assert_eq!(type_of(b"\xcd\xac\xd2\xe2"), "text/plain", "GBK");
        let docx = type_of(&archive(&["[Content_Types].xml", "word/document.xml"], ""));
        assert!(docx.ends_with("wordprocessingml.document"));
        assert_eq!(type_of(&archive(&["OFD.xml", "Doc_0/Document.xml"], "")), "application/ofd");
        let odt = "application/vnd.oasis.opendocument.text";
        assert_eq!(type_of(&archive(&["mimetype", "content.xml"], odt)), odt);
        let mut doc = cfb::CompoundFile::create(io::Cursor::new(vec![])).unwrap();
        doc.create_stream("/WordDocument").unwrap();
        assert_eq!(type_of(&doc.into_inner().into_inner()), "application/msword");
    }

    #[test]
    fn what_runs_is_not() {
        let refused = [
            b"\x7fELF\x02\x01\x01\x00".as_slice(),
            b"MZ\x90\x00\x03\x00\x00\x00",
            b"#!/bin/sh\nrm -rf /\n",
            b"<!DOCTYPE html><script>alert(1)</script>",
            b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"\x00\x01\x02\x03",
            b"",
            &archive(&["META-INF/MANIFEST.MF", "Main.class"], ""),
            &archive(&["notes.txt"], ""),
        ];
        for content in refused {
            assert!(matches!(found(content), Found::Other(_)), "{content:?}");
        }
        let with_macros = archive(&["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"], "");
        assert_eq!(found(&with_macros), Found::Active);
        let mut doc = cfb::CompoundFile::create(io::Cursor::new(vec![])).unwrap();
        doc.create_stream("/WordDocument").unwrap();
        doc.create_storage("/Macros").unwrap();
        assert_eq!(found(&doc.into_inner().into_inner()), Found::Active);
    }

    #[test]
    fn a_broken_archive_breaks_nothing() {
        let good = archive(&["[Content_Types].xml", "word/document.xml"], "");
        for cut in 4..good.len() {
            let _ = found(&good[..cut]);
            let mut bent = good.clone();
            bent[cut] ^= 0xff;
            let _ = found(&bent);
        }
    }

    #[test]
    fn a_declared_type_means_what_it_says() {
        let jpeg = Kind::of("image/jpeg").unwrap();
        assert!(jpeg.is("image/JPEG") && jpeg.is("image/jpg") && jpeg.is("application/octet-stream") && jpeg.is(""));
        assert!(!jpeg.is("image/png"));
        assert!(Kind::of("text/plain").unwrap().is("text/plain; charset=utf-8"));
    }
}
