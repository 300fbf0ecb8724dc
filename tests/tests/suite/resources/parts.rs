//! Callers who see less than a division: a unit, a party organization, oneself, the public.

use serde_json::{Value, json};

use super::make::{CITY, SHAN, branch, cadre, cadre_of, ids, member, unit};
use crate::support::{App, Case, Ctx, cases, client::Client};

pub fn tests() -> Vec<Case> {
    cases![
        a_unit_keeps_its_own_cadres,
        an_organization_keeps_what_is_below_it,
        a_cadre_reads_what_is_about_oneself,
        the_public_reads_what_is_for_everybody,
        nobody_leaves_a_part_by_writing,
        who_is_moved_to_another_unit_sees_it_on_the_next_request,
    ]
}

/// The user a caller is.
fn of(app: &App, caller: &Client) -> Value {
    let me = caller.get("/me").status(200)["user_id"].as_str().expect("an id").to_owned();
    app.admin().get(&format!("/users/{me}")).status(200).json().clone()
}
fn id_of(user: &Value, field: &str) -> String {
    user[field].as_str().unwrap_or_else(|| panic!("no {field}: {user}")).to_owned()
}

/// Every way in which a record could be seen, and is not.
fn hidden(caller: &Client, path: &str, id: &str) {
    let one = format!("{path}/{id}");
    for path in [one.clone(), format!("{one}/history")] {
        let answer = caller.get(&path);
        assert!(matches!(answer.status, 403 | 404), "{answer}");
    }
    for way in ["", "/export", "?count=exact", "?filter[division_code]=371722", "?sort=-updated_at"] {
        let answer = caller.get(&format!("{path}{way}"));
        assert!(answer.status == 403 || !answer.text().contains(id), "{answer}");
    }
}

fn a_unit_keeps_its_own_cadres(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let user = app.user("unit_user", SHAN);
    let own_unit = id_of(&of(&app, &user), "unit_id");
    let own = admin.post("/cadres", cadre_of(&own_unit, SHAN)).status(201).id();
    let other = cadre(&admin, SHAN, json!({})).id();
    assert_eq!(ids(&user.get("/cadres")), [&own]);
    assert_eq!(user.get("/cadres?count=exact")["count"], 1);
    user.get(&format!("/cadres/{own}")).status(200);
    hidden(&user, "/cadres", &other);
    for path in ["derived", "party-age"] {
        user.get(&format!("/cadres/{other}/{path}")).status(404).problem("not_found");
    }
    // What is about its cadres, through them.
    let home = branch(&admin, SHAN, json!({})).id();
    let of_own = member(&admin, SHAN, &own, &home, json!({})).status(201).id();
    let of_other = member(&admin, SHAN, &other, &home, json!({})).status(201).id();
    assert_eq!(ids(&user.get("/party-memberships")), [&of_own]);
    hidden(&user, "/party-memberships", &of_other);
    let seen = user.get(&format!("/party-memberships/{of_own}?expand=cadre,party_organization")).status(200);
    assert_eq!(seen["expanded"]["cadre"]["id"], own);
    assert!(seen["expanded"]["party_organization"].is_null(), "the branch is not its own: {seen}");
    // It keeps its cadres, and deletes none.
    let one = format!("/cadres/{own}");
    user.patch_if(&one, "\"r1\"", json!({"native_place": "山东单县"})).status(200);
    user.delete_if(&one, "\"r2\"").status(403).problem("forbidden");
    user.post("/cadres", cadre_of(&own_unit, SHAN)).status(201);
    user.get("/sync/changes").status(403).problem("forbidden");
    user.get("/users").status(403).problem("forbidden");
}

fn an_organization_keeps_what_is_below_it(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let user = app.user("party_org_user", SHAN);
    let top = id_of(&of(&app, &user), "party_organization_id");
    let below = branch(&admin, SHAN, json!({"parent_id": top, "kind": "general_branch"})).id();
    let deeper = branch(&admin, SHAN, json!({"parent_id": below})).id();
    let other = branch(&admin, SHAN, json!({})).id();
    let mut expected = vec![top.as_str(), &below, &deeper];
    expected.sort_unstable();
    assert_eq!(ids(&user.get("/party-organizations")), expected);
    hidden(&user, "/party-organizations", &other);
    let (inside, outside) = (cadre(&admin, SHAN, json!({})).id(), cadre(&admin, SHAN, json!({})).id());
    let membership = member(&admin, SHAN, &inside, &deeper, json!({})).status(201).id();
    member(&admin, SHAN, &outside, &other, json!({})).status(201);
    assert_eq!(ids(&user.get("/party-memberships")), [&membership]);
    assert_eq!(ids(&user.get("/cadres")), [&inside]);
    hidden(&user, "/cadres", &outside);
    user.patch_if(&format!("/cadres/{inside}"), "\"r1\"", json!({"hobbies": ["门球"]})).status(403);
    user.patch_if(&format!("/party-memberships/{membership}"), "\"r1\"", json!({"floating": true})).status(200);
    user.patch_if(&format!("/party-organizations/{other}"), "\"r1\"", json!({"name": "某党支部"})).status(404);
}

fn a_cadre_reads_what_is_about_oneself(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let user = app.user("cadre_self", SHAN);
    let me = id_of(&of(&app, &user), "cadre_id");
    let other = cadre(&admin, SHAN, json!({})).id();
    let home = branch(&admin, SHAN, json!({})).id();
    let of_me = member(&admin, SHAN, &me, &home, json!({})).status(201).id();
    member(&admin, SHAN, &other, &home, json!({})).status(201);
    assert_eq!(ids(&user.get("/cadres")), [&me]);
    hidden(&user, "/cadres", &other);
    assert_eq!(ids(&user.get("/party-memberships")), [&of_me]);
    assert_eq!(ids(&user.get("/party-organizations")), [&home]);
    user.get(&format!("/cadres/{me}/party-age")).status(200);
    let one = format!("/cadres/{me}");
    user.patch_if(&one, "\"r1\"", json!({"native_place": "山东单县"})).status(403).problem("forbidden");
    user.get("/benefit-standards").status(200);
}

fn the_public_reads_what_is_for_everybody(ctx: &Ctx) {
    let app = ctx.app();
    let user = app.user("app_public", SHAN);
    let (some, cadre) = (unit(&app.admin(), SHAN), cadre(&app.admin(), SHAN, json!({})).id());
    assert!(!user.get("/divisions").status(200).items().is_empty());
    hidden(&user, "/units", &some);
    hidden(&user, "/cadres", &cadre);
}

fn nobody_leaves_a_part_by_writing(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let user = app.user("unit_user", SHAN);
    let (own_unit, other_unit) = (id_of(&of(&app, &user), "unit_id"), unit(&admin, SHAN));
    let count = || admin.get("/cadres?count=exact")["count"].as_i64();
    let before = count();
    let foreign = cadre_of(&other_unit, SHAN);
    user.post("/cadres", foreign.clone()).status(422).error_at("/unit_id", "unknown_reference");
    user.post("/cadres/batch", json!({"items": [foreign]})).status(422);
    user.post("/cadres", cadre_of(&own_unit, CITY)).status(403).problem("forbidden");
    assert_eq!(count(), before);
    let own = admin.post("/cadres", cadre_of(&own_unit, SHAN)).status(201).id();
    let one = format!("/cadres/{own}");
    user.patch_if(&one, "\"r1\"", json!({"unit_id": other_unit})).status(422).error_at("/unit_id", "unknown_reference");
    user.put_if(&one, "\"r1\"", cadre_of(&other_unit, SHAN)).status(422);
    // What is for all of the county is not a unit's to set.
    let standard = json!({"kind": "nursing", "scope": "lixiu", "amount": "500.00", "valid_from": "2021-01-01"});
    user.post("/benefit-standards", standard).status(403).problem("forbidden");
    assert_eq!(admin.get(&one)["version"], 1);
    // Nor may a record be about nobody of its own.
    let keeper = app.user("party_org_user", SHAN);
    let (person, elsewhere) = (cadre(&admin, SHAN, json!({})).id(), branch(&admin, SHAN, json!({})).id());
    let refused = member(&keeper, SHAN, &person, &elsewhere, json!({}));
    assert!(matches!(refused.status, 403 | 422), "{refused}");
}

fn who_is_moved_to_another_unit_sees_it_on_the_next_request(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let user = app.user("unit_user", SHAN);
    let account = of(&app, &user);
    let first = admin.post("/cadres", cadre_of(&id_of(&account, "unit_id"), SHAN)).status(201).id();
    let second = cadre(&admin, SHAN, json!({}));
    assert_eq!(ids(&user.get("/cadres")), [&first]);
    let one = format!("/users/{}", id_of(&account, "id"));
    let unit = second["unit_id"].as_str().expect("a unit");
    admin.patch_if(&one, "\"r1\"", json!({"unit_id": unit})).status(200);
    assert_eq!(ids(&user.get("/cadres")), [&second.id()]);
}
