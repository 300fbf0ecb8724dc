//! What a caller of another division sees: nothing that is not for all, and no trace of it.

use serde_json::{Value, json};

use super::{each, world::new_id};
use crate::support::{Case, Ctx, cases, client::Client, response::Response};

pub fn tests() -> Vec<Case> {
    cases![
        a_record_of_another_county_does_not_exist,
        nobody_writes_into_another_county,
        no_reference_leads_into_another_county,
        a_county_reads_what_is_for_it_and_writes_only_its_own,
        who_is_not_signed_in_sees_nothing,
    ]
}

const OWN: &str = "371722";
const OTHER: &str = "371721";

fn a_record_of_another_county_does_not_exist(ctx: &Ctx) {
    each(ctx, |world, r| {
        let body = world.body(r);
        let id = world.client.post(&r.url(), body.clone()).status(201).id();
        let one = r.one(&id);
        world.app.user("county_admin", OWN).get(&one).status(200);
        let other = world.app.user("county_admin", OTHER);
        if other.get(&one).status == 200 {
            // For all to read: then it is seen as it is, and still not written.
            assert_eq!(other.get(&one).json(), world.client.get(&one).json());
            other.get(&format!("{one}/history")).status(200);
            other.patch_if(&one, "\"r1\"", json!({})).status(403).problem("forbidden");
            other.delete_if(&one, "\"r1\"").status(403).problem("forbidden");
            other.put_if(&one, "\"r1\"", body).status(403).problem("forbidden");
            return;
        }
        let unknown = r.one(&new_id());
        let asks: [&dyn Fn(&str) -> Response; 4] = [
            &|one| other.get(one),
            &|one| other.get(&format!("{one}/history")),
            &|one| other.patch_if(one, "\"r1\"", json!({})),
            &|one| other.delete_if(one, "\"r1\""),
        ];
        for ask in asks {
            let hidden = ask(&one).status(404).problem("not_found");
            assert_eq!(without_request(&hidden), without_request(&ask(&unknown)));
        }
        let put = other.put_if(&one, "\"r1\"", body.clone());
        assert_eq!(without_request(&put), without_request(&other.put_if(&unknown, "\"r1\"", body)));
        assert_eq!(world.client.get(&one)["version"], 1);
        for query in ["limit=500", "limit=500&filter[division_code]=371722", "limit=500&filter[division_code]=371700"] {
            assert!(!sees(&other, &format!("{}?{query}", r.url()), &id), "in the list with {query}");
        }
        let own = world.of(other.clone(), OTHER).make(r).id();
        let export = other.get(&format!("{}/export", r.url())).status(200);
        assert!(export.text().contains(&own) && !export.text().contains(&id));
    });
}

fn nobody_writes_into_another_county(ctx: &Ctx) {
    each(ctx, |world, r| {
        let other = world.app.user("county_admin", OTHER);
        let body = world.body(r);
        assert_eq!(body["division_code"], OWN);
        let refused = [
            other.post(&r.url(), body.clone()),
            other.put(&r.one(&new_id()), body.clone()),
            other.post(&r.batch(), json!({"items": [body]})),
        ];
        for answer in refused {
            let answer = answer.status(403).problem("forbidden");
            let pointer = answer["errors"][0]["pointer"].as_str().unwrap_or_default();
            assert!(pointer.ends_with("/division_code"), "{answer}");
        }
        // What is said of no division is made in the caller's own.
        let neighbour = world.of(other.clone(), OTHER);
        let mut own = neighbour.body(r);
        own.as_object_mut().map(|own| own.remove("division_code"));
        assert_eq!(other.post(&r.url(), own).status(201)["division_code"], OTHER);
    });
}

fn no_reference_leads_into_another_county(ctx: &Ctx) {
    each(ctx, |world, r| {
        let neighbour = world.of(world.app.user("county_admin", OTHER), OTHER);
        for field in r.fields.iter().filter(|field| field.references.is_some()) {
            let target = world.resource(field.references.as_ref().unwrap());
            let hidden = world.make(target).id();
            if neighbour.client.get(&target.one(&hidden)).status == 200 {
                continue;
            }
            let refused = |id: &str| {
                let mut body = neighbour.body(r);
                body[&field.name] = if field.schema["type"] == "array" { json!([id]) } else { json!(id) };
                neighbour.client.post(&r.url(), body).status(422).problem("validation_failed")
            };
            assert_eq!(without_request(&refused(&hidden)), without_request(&refused(&new_id())));
        }
    });
}

fn a_county_reads_what_is_for_it_and_writes_only_its_own(ctx: &Ctx) {
    each(ctx, |world, r| {
        let city = world.of(world.client.clone(), "371700");
        let one = r.one(&city.make(r).id());
        let county = world.app.user("county_admin", OWN);
        let hidden = county.get(&one);
        if hidden.status == 404 {
            assert_eq!(without_request(&hidden), without_request(&county.get(&r.one(&new_id()))));
            county.patch_if(&one, "\"r1\"", json!({})).status(404).problem("not_found");
            county.delete_if(&one, "\"r1\"").status(404).problem("not_found");
        } else {
            hidden.status(200);
            county.patch_if(&one, "\"r1\"", json!({})).status(403).problem("forbidden");
            county.delete_if(&one, "\"r1\"").status(403).problem("forbidden");
        }
        assert_eq!(city.client.get(&one)["version"], 1);
    });
}

fn who_is_not_signed_in_sees_nothing(ctx: &Ctx) {
    each(ctx, |world, r| {
        let one = r.one(&world.some(&r.path));
        let body = world.body(r);
        let strangers = [
            world.app.anonymous(),
            world.app.anonymous().bearing("x"),
            world.app.anonymous().bearing("lg_pat_0000000000000000000000000000000000000000"),
            world.app.anonymous().bearing(&format!("{}x", world.client.bearer().expect("my token"))),
        ];
        for stranger in strangers {
            for answer in [
                stranger.get(&r.url()),
                stranger.get(&one),
                stranger.get(&format!("{one}/history")),
                stranger.get(&format!("{}/export", r.url())),
                stranger.post(&r.url(), body.clone()),
                stranger.post(&r.batch(), json!({"items": [body]})),
                stranger.put(&one, body.clone()),
                stranger.patch_if(&one, "\"r1\"", json!({})),
                stranger.delete_if(&one, "\"r1\""),
            ] {
                let answer = answer.status(401).problem("unauthenticated");
                assert!(answer.header("www-authenticate").is_some_and(|scheme| scheme.starts_with("Bearer")));
            }
        }
    });
}

fn sees(client: &Client, path: &str, id: &str) -> bool {
    client.get(path).status(200).items().iter().any(|item| item["id"] == id)
}

fn without_request(answer: &Response) -> Value {
    let mut body = answer.json().clone();
    body.as_object_mut().map(|body| body.remove("request_id"));
    body
}
