//! A start with secrets that are none is refused, with a text that says what to do.

use std::{fs, os::unix::fs::PermissionsExt};

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use crate::support::{App, Case, Ctx, cases};

pub fn tests() -> Vec<Case> {
    [
        cases![a_secret_that_is_lost_is_missed],
        cases![sqlite: a_secret_that_can_be_guessed_is_refused, a_signing_key_that_is_known_is_refused],
    ]
    .concat()
}

/// What the start says when it fails.
fn refusal(app: &App) -> String {
    let output = app.cli(&["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

fn a_secret_that_can_be_guessed_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    assert!(app.terminate().success());
    let file = app.data_dir().join("keys/secret");
    let good = fs::read(&file).unwrap();
    let counting: Vec<u8> = (1..33).collect();
    let known = [
        vec![0; 32],
        counting,
        b"change-me-change-me-change-me-12".to_vec(),
        Sha256::digest(b"secret").to_vec(),
        Sha256::digest(b"password1").to_vec(),
        vec![7; 16],
        vec![],
    ];
    for secret in known {
        fs::write(&file, BASE64_STANDARD.encode(&secret)).unwrap();
        let text = refusal(&app);
        assert!(text.contains("secret") && text.contains("32 random bytes"), "{text}");
        assert!(secret.is_empty() || !text.contains(&BASE64_STANDARD.encode(&secret)), "{text}");
    }
    fs::write(&file, good).unwrap();
    let keys = fs::metadata(app.data_dir().join("keys")).unwrap().permissions().mode();
    assert_eq!(keys & 0o077, 0, "the directory is its owner's");
    app.restart();
    app.admin().get("/me").status(200);
}

/// The first key of RFC 8032's tests.
fn a_signing_key_that_is_known_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    assert!(app.terminate().success());
    let file = app.data_dir().join("keys/signing-ed25519.pem");
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
    fs::write(&file, pem).unwrap();
    let text = refusal(&app);
    assert!(text.contains("signing-ed25519.pem") && text.contains("known"), "{text}");
}

/// A start without the old secret would make every token void and say nothing.
fn a_secret_that_is_lost_is_missed(ctx: &Ctx) {
    let app = ctx.app();
    let token = app.token(&["cadres:read"], "371722");
    token.get("/cadres").status(200);
    assert!(app.terminate().success());
    let file = app.data_dir().join("keys/secret");
    let good = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let text = refusal(&app);
    assert!(text.contains("keys/secret") && text.contains("laogan secret accept"), "{text}");
    // A fresh one lies there by now; the old one takes its place.
    let fresh = fs::read(&file).unwrap();
    assert_ne!(fresh, good);
    fs::write(&file, &good).unwrap();
    app.restart();
    token.get("/cadres").status(200);
    assert!(app.terminate().success());
    fs::write(&file, &fresh).unwrap();
    refusal(&app);
    assert!(app.cli(&["secret", "accept"]).status().unwrap().success());
    app.restart();
    token.get("/cadres").status(401).problem("unauthenticated");
    let text = fs::read_to_string(app.data_dir().join("initial-admin.txt")).unwrap();
    let password = text.lines().find_map(|line| line.strip_prefix("password: ")).unwrap();
    app.login("admin", password).get("/cadres").status(200);
}
