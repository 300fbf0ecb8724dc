//! Records found by what people know of them.

use serde_json::json;

use crate::resources::make::{CAO, CITY, SHAN, cadre, names};
use crate::support::{Case, Ctx, cases, client::Client};

pub fn tests() -> Vec<Case> {
    cases![
        a_person_is_found_by_name_pinyin_and_initials,
        a_person_is_found_by_the_last_digits_of_a_phone,
        nothing_hidden_is_found,
        what_is_found_follows_the_record,
        what_is_undone_leaves_nothing_to_be_found_by,
    ]
}

fn found(by: &Client, path: &str, q: &str) -> Vec<String> {
    let list = by.request("GET", path).query(&[("q", q), ("sort", "name")]).send().status(200);
    names(&list).into_iter().map(str::to_owned).collect()
}

fn a_person_is_found_by_name_pinyin_and_initials(ctx: &Ctx) {
    let app = ctx.app();
    let by = app.admin();
    for name in ["张三丰", "单志远", "万俟卓", "吕布", "章三"] {
        cadre(&by, SHAN, json!({"name": name}));
    }
    for q in ["张三丰", "三丰", "zhangsanfeng", "zhang sanfeng", "ZSF", "zhangsanf"] {
        assert_eq!(found(&by, "/cadres", q), ["张三丰"], "{q}");
    }
    for (q, name) in [
        ("shanzhiyuan", "单志远"),
        ("danzhi", "单志远"),
        ("szy", "单志远"),
        ("moqi", "万俟卓"),
        ("lvbu", "吕布"),
        ("lubu", "吕布"),
    ] {
        assert_eq!(found(&by, "/cadres", q), [name], "{q}");
    }
    let mut both = found(&by, "/cadres", "zs");
    both.sort();
    assert_eq!(both, ["张三丰", "章三"]);
    assert_eq!(found(&by, "/cadres", "zhang san").len(), 2);
    assert_eq!(found(&by, "/cadres", "hangsan"), [""; 0]);
    by.post("/units", json!({"division_code": SHAN, "name": "菏泽市单县水利局", "kind": "organ"})).status(201);
    for q in ["shuiliju", "slj", "水利", "hzs"] {
        assert_eq!(found(&by, "/units", q), ["菏泽市单县水利局"], "{q}");
    }
}

fn a_person_is_found_by_the_last_digits_of_a_phone(ctx: &Ctx) {
    let app = ctx.app();
    let by = app.admin();
    cadre(&by, SHAN, json!({"name": "张三丰", "mobile": "13800000831", "landline": "0530-7654321"}));
    cadre(&by, SHAN, json!({"name": "孔令武", "mobile": "13800001831"}));
    assert_eq!(found(&by, "/cadres", "0831"), ["张三丰"]);
    assert_eq!(found(&by, "/cadres", "13800000831"), ["张三丰"]);
    assert_eq!(found(&by, "/cadres", "654321"), ["张三丰"]);
    for q in ["831", "1380", "83"] {
        assert_eq!(found(&by, "/cadres", q), [""; 0], "{q}");
    }
}

fn nothing_hidden_is_found(ctx: &Ctx) {
    let app = ctx.app();
    cadre(&app.admin(), SHAN, json!({"name": "张三丰", "mobile": "13800000831"}));
    for q in ["张三丰", "zsf", "0831"] {
        assert_eq!(found(&app.user("county_admin", SHAN), "/cadres", q).len(), 1, "{q}");
        assert_eq!(found(&app.user("county_admin", CAO), "/cadres", q).len(), 0, "{q}");
        // Who sees no personal field finds nobody by one.
        let auditor = app.user("auditor", CITY);
        auditor.request("GET", "/cadres").query(&[("q", q)]).send().status(403).error_at("/q", "field_hidden");
        let person = app.user("cadre_self", SHAN);
        assert_eq!(found(&person, "/cadres", q).len(), 0, "{q}: somebody else");
    }
}

fn what_is_found_follows_the_record(ctx: &Ctx) {
    let app = ctx.app();
    let by = app.admin();
    let made = cadre(&by, SHAN, json!({"name": "张三丰", "mobile": "13800000831"}));
    let path = format!("/cadres/{}", made.id());
    let changed = by.patch_if(&path, &made.etag(), json!({"name": "章三丰", "mobile": "13900000999"})).status(200);
    for (q, n) in [("张三丰", 0), ("zhangsanfeng", 1), ("章", 1), ("0831", 0), ("0999", 1), ("三丰", 1)] {
        assert_eq!(found(&by, "/cadres", q).len(), n, "{q}");
    }
    by.delete_if(&path, &changed.etag()).status(204);
    assert_eq!(found(&by, "/cadres", "章").len(), 0);
    // Many at once, and again after a restart.
    let unit = crate::resources::make::unit(&by, SHAN);
    let one = |n: usize| {
        crate::resources::make::with(crate::resources::make::cadre_of(&unit, SHAN), json!({"name": format!("李四{n}")}))
    };
    by.post("/cadres/batch", json!({"items": (0..30).map(one).collect::<Vec<_>>()})).status(201);
    assert_eq!(found(&by, "/cadres", "lisi").len(), 30);
    app.kill9();
    app.restart();
    assert_eq!(found(&by, "/cadres", "李四1").len(), 11);
}

/// What records are found by is stored at the end of a transaction: what was undone within it must not be.
fn what_is_undone_leaves_nothing_to_be_found_by(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, unit) = crate::sync::push::outbox(&app);
    let by = app.admin();
    let named =
        |name: &str| crate::resources::make::with(crate::resources::make::cadre_of(&unit, SHAN), json!({"name": name}));
    let made = outbox.create("cadres", named("张三丰"));
    let id = made["id"].as_str().unwrap().to_owned();
    outbox.push(&[made]);
    let path = format!("/cadres/{id}");
    let only_as = |name: &str| {
        for (q, n) in [("张三丰", usize::from(name == "张三丰")), ("章", usize::from(name == "章三丰")), ("王五", 0)]
        {
            assert_eq!(found(&by, "/cadres", q).len(), n, "{q}, when the name is {name}");
        }
    };
    by.request("PATCH", &path).if_match("\"r1\"").prefer("dry-run").json(json!({"name": "王五"})).send().status(200);
    only_as("张三丰");
    // All or none, and none it is: the first is undone when the second fails.
    let renamed = outbox.patch("cadres", &id, 1, json!({"name": "王五"}));
    let wrong = outbox.create("cadres", named(""));
    let answer = outbox.client().post("/sync/push?atomic=all", outbox.body(&[renamed, wrong])).status(200);
    assert_eq!(answer["results"][0]["status"], "blocked", "{answer}");
    only_as("张三丰");
    // Undone and done in one transaction.
    let wrong = outbox.create("cadres", named(""));
    let renamed = outbox.patch("cadres", &id, 1, json!({"name": "章三丰"}));
    outbox.push(&[wrong, renamed]);
    only_as("章三丰");
}
