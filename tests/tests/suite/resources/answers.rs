//! What stands around the body of an answer: language, compression, ids, caching.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::json;

use super::make::{SHAN, unit};
use crate::support::{Case, Ctx, cases, response::Response};

pub fn tests() -> Vec<Case> {
    cases![
        messages_follow_the_language_of_the_reader,
        an_answer_is_compressed_for_who_can_read_it,
        every_answer_names_its_request,
        a_page_links_to_the_next,
        answers_about_persons_are_not_kept,
    ]
}

fn messages_follow_the_language_of_the_reader(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let ask = |language: Option<&str>| {
        let request = admin.request("POST", "/units").json(json!({"kind": "no_such_kind"}));
        let request = language.iter().fold(request, |request, language| request.header("accept-language", language));
        request.send().status(422).problem("validation_failed")
    };
    let text = |answer: &Response| {
        let error =
            answer["errors"].as_array().unwrap().iter().find(|e| e["pointer"] == "/kind").expect("the kind").clone();
        [&answer["title"], &answer["detail"], &error["message"]].map(|text| text.as_str().unwrap().to_owned())
    };
    let zh = text(&ask(None));
    assert_eq!(zh[0], "数据校验未通过");
    assert!(zh.iter().all(|text| !text.is_ascii()), "{zh:?}");
    let en = text(&ask(Some("en")));
    assert_eq!(en[0], "The data does not pass validation");
    assert!(en.iter().all(|text| text.is_ascii()), "{en:?}");
    for language in ["zh-CN", "zh", "zh-CN,en;q=0.5", "fr", "*", "fr-CA,zh;q=0.8", ";;;", "q=,,,"] {
        assert_eq!(text(&ask(Some(language))), zh, "{language}");
    }
    for language in ["en-GB", "EN-us", "fr,en;q=0.9", "en,zh;q=0.1", "zh;q=0.3, en;q=0.8"] {
        assert_eq!(text(&ask(Some(language))), en, "{language}");
    }
    let warned = json!({
        "division_code": SHAN, "unit_id": unit(&app.admin(), SHAN), "name": "某人", "birth_date": "1930", "ethnicity": "01",
        "retire_type": "tuixiu", "retire_date": "1970",
    });
    let warned = app.admin().request("POST", "/cadres").header("accept-language", "en").json(warned).send().status(201);
    let message = warned["warnings"][0]["message"].as_str().expect("a warning").to_owned();
    assert!(message.is_ascii() && message.contains("40"), "{message}");
}

fn an_answer_is_compressed_for_who_can_read_it(ctx: &Ctx) {
    let app = ctx.app();
    let ask = |path: &str, accept: &str| {
        app.admin().request("GET", path).header("accept-encoding", accept).send().status(200)
    };
    for path in ["/divisions?limit=500", "/divisions/export", "/codes"] {
        let plain = ask(path, "identity");
        assert_eq!(plain.header("content-encoding"), None);
        for (encoding, program) in [("gzip", "gzip"), ("zstd", "zstd")] {
            let packed = ask(path, encoding).has_header("content-encoding", encoding);
            assert!(packed.body.len() < plain.body.len() / 2, "{} of {}", packed.body.len(), plain.body.len());
            assert!(packed.header("vary").unwrap_or_default().to_lowercase().contains("accept-encoding"), "{packed}");
            let magic: &[u8] = if encoding == "gzip" { &[0x1f, 0x8b] } else { &[0x28, 0xb5, 0x2f, 0xfd] };
            assert!(packed.body.starts_with(magic));
            // Where the program is there, it reads what was sent.
            if let Some(text) = unpack(program, &packed.body) {
                assert_eq!(text, plain.body);
            }
        }
        assert_eq!(ask(path, "br;q=0, deflate;q=0, compress").header("content-encoding"), None);
    }
    let problem = app.admin().request("GET", "/cadres/x").header("accept-encoding", "gzip").send().status(404);
    assert_eq!(problem.content_type(), "application/problem+json");
}

fn unpack(program: &str, packed: &[u8]) -> Option<Vec<u8>> {
    let mut command = Command::new(program);
    let mut child = command.arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let (mut input, packed) = (child.stdin.take()?, packed.to_owned());
    let writer = std::thread::spawn(move || input.write_all(&packed));
    let output = child.wait_with_output().ok()?;
    writer.join().ok()?.ok()?;
    assert!(output.status.success(), "{program} cannot read it");
    Some(output.stdout)
}

fn every_answer_names_its_request(ctx: &Ctx) {
    let app = ctx.app();
    let ask = |path: &str, id: &str| app.admin().request("GET", path).header("x-request-id", id).send();
    for path in ["/units", "/units/x", "/no-such-path", "/health/live", "/docs/", "/api/v2/units"] {
        ask(path, "county-1.request_42").has_header("x-request-id", "county-1.request_42");
        let fresh = app.admin().get(path).header("x-request-id").expect("an id").to_owned();
        assert_eq!(fresh.len(), 36, "{fresh}");
    }
    let problem = ask("/units/x", "my-own-request").status(404).problem("not_found");
    assert_eq!(problem["request_id"], "my-own-request");
    // What could break a log line or a header is replaced.
    for odd in ["short", &"x".repeat(65), "with a blank", "a,b,c,d,e", "<script>x</script>", "${jndi:ldap}"] {
        let answer = ask("/units", odd);
        assert_ne!(answer.header("x-request-id"), Some(odd));
    }
    let admin = app.admin();
    let one = admin.request("POST", "/units").header("x-request-id", "the-one-that-made-it");
    let one = one.json(json!({"division_code": SHAN, "name": "某局", "kind": "organ"})).send().status(201);
    let history = app.admin().get(&format!("/units/{}/history", one.id())).status(200);
    assert_eq!(history.items()[0]["request_id"], "the-one-that-made-it");
}

fn a_page_links_to_the_next(ctx: &Ctx) {
    let app = ctx.app();
    let query = [("limit", "10"), ("sort", "-code"), ("filter[level]", "county")];
    let mut page = app.admin().request("GET", "/divisions").query(&query).send().status(200);
    let mut codes: Vec<String> = Vec::new();
    loop {
        codes.extend(page.items().iter().map(|item| item["code"].as_str().unwrap().to_owned()));
        let Some(link) = page.header("link") else { break };
        let next =
            link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).expect("a link").to_owned();
        assert_eq!(next.matches("page_token=").count(), 1, "{next}");
        page = app.admin().get(&next).status(200);
    }
    assert!(page["next_page_token"].is_null());
    let mut sorted = codes.clone();
    sorted.sort_by(|a, b| b.cmp(a));
    sorted.dedup();
    assert!(codes.len() > 20 && codes == sorted, "{codes:?}");
}

fn answers_about_persons_are_not_kept(ctx: &Ctx) {
    let app = ctx.app();
    for path in ["/cadres", "/users", "/me", "/units/x", "/users/export"] {
        app.admin().get(path).has_header("cache-control", "no-store").has_header("x-content-type-options", "nosniff");
    }
    for path in ["/codes", "/problems", "/openapi.json", "/.well-known/jwks.json"] {
        let answer = app.anonymous().get(path).status(200);
        assert!(answer.header("cache-control").is_some_and(|value| value.starts_with("public")), "{answer}");
    }
}
