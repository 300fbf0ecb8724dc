//! The command line beside a running server: what it changes bites within a second.

use std::{
    fs,
    io::Write,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use super::process::run;
use crate::support::{App, Case, Ctx, SERVER, cases, clean_command, client::Client, random, scratch};

const SOON: Duration = Duration::from_millis(1000);

pub fn tests() -> Vec<Case> {
    [
        cases![
            a_user_made_on_the_command_line_signs_in,
            a_token_made_on_the_command_line_works_until_it_is_revoked,
            mistakes_are_told_with_the_right_exit_code,
        ],
        cases![once: the_contract_is_checked_against_its_files],
    ]
    .concat()
}

/// `laogan user create` with this password.
fn create_user(app: &App, name: &str, role: &str, password: &str) -> (Option<i32>, String, String) {
    let mut command =
        app.cli(&["user", "create", "--username", name, "--role", role, "--division", "371722", "--password-stdin"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("run it");
    writeln!(child.stdin.take().expect("its input"), "{password}").expect("tell the password");
    let output = child.wait_with_output().expect("run it");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn a_user_made_on_the_command_line_signs_in(ctx: &Ctx) {
    let app = ctx.app();
    // The server has looked at its users before.
    app.admin().get("/me").status(200);
    let (name, password) = (format!("clerk-{}", random()), format!("密码 Kx7-{}", random()));
    let (code, id, stderr) = create_user(&app, &name, "county_admin", &password);
    assert_eq!(code, Some(0), "{stderr}");
    let clerk = app.login(&name, &password);
    let me = clerk.get("/me").status(200);
    assert_eq!((me["user_id"].as_str(), me["division_code"].as_str()), (Some(id.as_str()), Some("371722")));
    let lines = app.admin().get(&format!("/users/{id}/history")).status(200);
    assert_eq!(lines.items()[0]["actor"], "system:cli", "the journal knows where it came from");
    assert!(!format!("{stderr}{}", app.stderr()).contains(&password), "a password is nobody's business");
}

fn a_token_made_on_the_command_line_works_until_it_is_revoked(ctx: &Ctx) {
    let app = ctx.app();
    let create = [
        "token",
        "create",
        "--name",
        "exchange",
        "--scopes",
        "units:read,cadres:read",
        "--expires-in",
        "30d",
        "--division",
        "371722",
    ];
    let (code, secret, stderr) = run(&mut app.cli(&create));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(!stderr.contains(secret.trim()), "the token goes to standard output alone");
    let caller = app.anonymous().bearing(secret.trim());
    caller.get("/units").status(200);
    caller.post("/units", serde_json::json!({"name": "无权", "kind": "organ"})).status(403);

    let (code, listed, stderr) = run(&mut app.cli(&["token", "list"]));
    assert_eq!(code, Some(0), "{stderr}");
    let line = listed.lines().find(|line| line.contains("exchange")).expect("a line for the token");
    assert!(line.contains("  active  ") && line.contains("371722"), "{line}");
    assert!(!listed.contains(secret.trim()), "the secret is shown once");
    let id = line.split_whitespace().next().expect("an id");

    // It is in use while it is revoked, so the server remembers its holder.
    caller.get("/units").status(200);
    let (code, _, stderr) = run(&mut app.cli(&["token", "revoke", id]));
    assert_eq!(code, Some(0), "{stderr}");
    let took = until_refused(&caller);
    assert!(took < SOON, "it took {took:?}");
    let (_, listed, _) = run(&mut app.cli(&["token", "list"]));
    assert!(listed.lines().any(|line| line.contains(id) && line.contains("  revoked  ")), "{listed}");
    // Again: nothing to do, and no harm.
    assert_eq!(run(&mut app.cli(&["token", "revoke", id])).0, Some(0));
    caller.get("/units").status(401);
}

fn until_refused(caller: &Client) -> Duration {
    let started = Instant::now();
    loop {
        match caller.get("/units").status {
            401 => return started.elapsed(),
            200 => assert!(started.elapsed() < 5 * SOON, "it still works"),
            other => panic!("neither allowed nor refused: {other}"),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn mistakes_are_told_with_the_right_exit_code(ctx: &Ctx) {
    let app = ctx.app();
    let nobody = uuid::Uuid::now_v7().to_string();
    let token = |scopes: &str, life: &str, user: &str| {
        ["token", "create", "--name", "t", "--scopes", scopes, "--expires-in", life, "--user", user]
            .map(str::to_owned)
            .to_vec()
    };
    let revoke = vec!["token".to_owned(), "revoke".into(), nobody];
    let mistakes = [
        (
            1,
            "role",
            vec![
                "user".into(),
                "create".into(),
                "--username".into(),
                "xyz".into(),
                "--role".into(),
                "king".into(),
                "--password-stdin".into(),
            ],
        ),
        (1, "scopes", token("castles:read", "1d", "admin")),
        (1, "--expires-in", token("units:read", "soon", "admin")),
        (1, "expires_at", token("units:read", "9000d", "admin")),
        (1, "--user", token("units:read", "1d", "nobody")),
        (1, "not found", revoke),
        (2, "unexpected argument", vec!["token".into(), "list".into(), "--all".into()]),
        (2, "subcommand", vec!["token".into()]),
    ];
    for (expected, word, arguments) in mistakes {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (code, stdout, stderr) = run(&mut app.cli(&arguments));
        assert_eq!(code, Some(expected), "{arguments:?}: {stderr}");
        assert!(stderr.contains(word) && !stderr.contains("panicked"), "{arguments:?}: {stderr}");
        assert_eq!(stdout, "", "{arguments:?}");
    }
    let (code, _, stderr) = create_user(&app, "short", "auditor", "short");
    assert_eq!(code, Some(1), "{stderr}");
    let (code, _, stderr) = create_user(&app, "admin", "auditor", "long enough for anybody");
    assert_eq!(code, Some(1), "the name is taken: {stderr}");
    app.admin().get("/me").status(200);
}

fn the_contract_is_checked_against_its_files(_: &Ctx) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    let check = |dir: &Path| run(clean_command(SERVER).args(["openapi", "--check"]).current_dir(dir));
    let (code, _, stderr) = check(root);
    assert_eq!(code, Some(0), "`laogan openapi --write` after a change of the contract: {stderr}");

    let dir = scratch::directory("contract");
    let (code, _, stderr) = check(&dir);
    assert_eq!(code, Some(1), "no files are no contract: {stderr}");
    fs::create_dir(dir.join("openapi")).expect("make a directory");
    for entry in fs::read_dir(root.join("openapi")).expect("openapi/").flatten() {
        fs::copy(entry.path(), dir.join("openapi").join(entry.file_name())).expect("copy a file");
    }
    fs::create_dir(dir.join("docs")).expect("make a directory");
    fs::copy(root.join("docs/STATES.md"), dir.join("docs/STATES.md")).expect("copy a file");
    assert_eq!(check(&dir).0, Some(0));
    for entry in fs::read_dir(dir.join("openapi")).expect("openapi/").flatten() {
        let (path, name) = (entry.path(), entry.file_name().into_string().expect("a name"));
        // The matrix of rights is compared by a test of its own.
        if !name.ends_with(".json") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("read it");
        fs::write(&path, text.replacen("cadres", "cadrez", 1)).expect("change it");
        let (code, _, stderr) = check(&dir);
        assert_eq!(code, Some(1), "{name}: {stderr}");
        assert!(stderr.contains(&name), "it names {name}: {stderr}");
        fs::write(&path, text).expect("change it back");
    }
    assert_eq!(check(&dir).0, Some(0));
    scratch::remove(&dir);
}
