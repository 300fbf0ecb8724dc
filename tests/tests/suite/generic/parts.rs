//! Callers of a part of a division: of a resource that nobody thought of they see nothing.

use super::each;
use crate::support::{Case, Ctx, cases};

pub fn tests() -> Vec<Case> {
    cases![who_has_a_part_of_a_division_sees_nothing_else_of_it]
}

const CITY: &str = "371700";
const COUNTY: &str = "371722";

fn who_has_a_part_of_a_division_sees_nothing_else_of_it(ctx: &Ctx) {
    each(ctx, |world, r| {
        let of_city = world.of(world.app.admin(), CITY);
        let shared = of_city.client.post(&r.url(), of_city.body(r)).status(201).id();
        let county = world.app.user("county_admin", COUNTY);
        if county.get(&r.one(&shared)).status == 200 {
            // What a city makes for its counties is for all of them.
            return;
        }
        let here = world.of(world.app.admin(), COUNTY);
        let id = here.client.post(&r.url(), here.body(r)).status(201).id();
        for role in ["unit_user", "party_org_user", "cadre_self", "app_public"] {
            let caller = world.app.user(role, COUNTY);
            for path in [r.one(&id), format!("{}/history", r.one(&id))] {
                let answer = caller.get(&path);
                assert!(matches!(answer.status, 403 | 404), "{role}: {answer}");
            }
            for path in [r.url(), format!("{}/export", r.url())] {
                let answer = caller.get(&path);
                assert!(
                    answer.status == 403 || answer.status == 200 && !answer.text().contains(&id),
                    "{role}: {answer}"
                );
            }
            let patched = caller.patch_if(&r.one(&id), "\"r1\"", serde_json::json!({}));
            assert!(matches!(patched.status, 403 | 404), "{role}: {patched}");
        }
    });
}
