//! Lists in any order, page by page.

use serde_json::Value;

use super::{each, resource::Resource, world::World};
use crate::support::{Case, Ctx, cases, response::Response};

pub fn tests() -> Vec<Case> {
    cases![
        a_list_has_each_record_once_whatever_the_page,
        every_order_goes_both_ways_and_over_pages,
        a_page_token_belongs_to_its_question_and_caller,
        the_count_is_exact,
    ]
}

fn a_list_has_each_record_once_whatever_the_page(ctx: &Ctx) {
    each(ctx, |world, r| {
        let mut made: Vec<String> = (0..5).map(|_| world.make(r).id()).collect();
        let whole = ids(&list(world, r, &[("limit", "500")]));
        made.retain(|id| !whole.contains(id));
        assert!(made.is_empty() && whole.len() >= 5, "{made:?} is not in the list");
        for limit in ["1", "2", "3"] {
            let pages = pages(world, r, &[("limit", limit)]);
            let most = limit.parse().unwrap();
            assert!(pages.iter().all(|page| (1..=most).contains(&page.items().len())), "a page of {limit}");
            assert_eq!(pages.iter().flat_map(ids).collect::<Vec<_>>(), whole);
        }
        let default = list(world, r, &[]);
        assert_eq!(ids(&default), whole[..whole.len().min(50)]);
    });
}

fn every_order_goes_both_ways_and_over_pages(ctx: &Ctx) {
    each(ctx, |world, r| {
        // Two records of each sort value at least, so that ties are broken somewhere.
        (0..5).for_each(|_| drop(world.make(r)));
        assert!(r.sorts.len() > 3 || r.sorts.iter().any(|key| key == "created_at"), "{:?}", r.sorts);
        for key in &r.sorts {
            let up = list(world, r, &[("limit", "500"), ("sort", key)]);
            let keys: Vec<(Value, String)> = up.items().iter().map(|item| (item[key].clone(), id(item))).collect();
            assert!(keys.iter().all(|(value, _)| !value.is_null()), "no record shows {key}");
            for pair in keys.windows(2) {
                assert!(in_order(&pair[0], &pair[1], key), "{pair:?} by {key}");
            }
            let order = ids(&up);
            let walked = |key: &str, limit: &str| -> Vec<String> {
                pages(world, r, &[("limit", limit), ("sort", key)]).iter().flat_map(ids).collect()
            };
            assert_eq!(walked(key, "2"), order, "over pages by {key}");
            let reversed: Vec<String> = order.into_iter().rev().collect();
            assert_eq!(walked(&format!("-{key}"), "3"), reversed, "backwards by {key}");
        }
    });
}

fn a_page_token_belongs_to_its_question_and_caller(ctx: &Ctx) {
    each(ctx, |world, r| {
        (0..3).for_each(|_| drop(world.make(r)));
        let first = list(world, r, &[("limit", "1"), ("sort", "created_at")]);
        let token = first["next_page_token"].as_str().expect("there is more").to_owned();
        let link = first.header("link").expect("a link to the next page").to_owned();
        let ask = |query: &[(&str, &str)]| world.client.request("GET", &r.url()).query(query).send();
        let same = ask(&[("sort", "created_at"), ("limit", "1"), ("page_token", &token)]).status(200);
        assert_ne!(ids(&same), ids(&first));
        let next =
            link.strip_prefix('<').and_then(|link| link.split_once(">; rel=\"next\"")).expect("a link").0.to_owned();
        assert_eq!(ids(&world.client.get(&next).status(200)), ids(&same));
        // Another page size is the same question.
        assert!(ids(&ask(&[("sort", "created_at"), ("limit", "2"), ("page_token", &token)]).status(200)).len() <= 2);
        let others: [&[(&str, &str)]; 5] = [
            &[("sort", "-created_at"), ("page_token", &token)],
            &[("page_token", &token)],
            &[("sort", "created_at"), ("filter[division_code]", "371722"), ("page_token", &token)],
            &[("sort", "created_at"), ("page_token", "bmV4dA")],
            &[("sort", "created_at"), ("page_token", &token[1..])],
        ];
        for other in others {
            ask(other).status(400).problem("page_token_mismatch");
        }
        let colleague = world.app.user("city_admin", "371700");
        let theirs = colleague.request("GET", &r.url()).query(&[("sort", "created_at"), ("page_token", &token)]);
        theirs.send().status(400).problem("page_token_mismatch");
    });
}

fn the_count_is_exact(ctx: &Ctx) {
    each(ctx, |world, r| {
        let count = |query: &[(&str, &str)]| {
            let page =
                world.client.request("GET", &r.url()).query(query).query(&[("count", "exact")]).send().status(200);
            page["count"].as_u64().unwrap_or_else(|| panic!("no count: {page}"))
        };
        // What every record refers to is made before it is counted.
        world.some(&r.path);
        let before = count(&[]);
        let made: Vec<String> = (0..3).map(|_| world.make(r).id()).collect();
        let grown = count(&[("limit", "1")]);
        assert!(grown >= before + 3, "{before} + 3 = {grown}");
        assert_eq!(ids(&list(world, r, &[("limit", "500")])).len() as u64, grown);
        world.client.delete_if(&r.one(&made[0]), "\"r1\"").status(204);
        assert_eq!(count(&[]), grown - 1);
        assert_eq!(count(&[("filter[external_id]", "none")]), 0);
        assert!(list(world, r, &[])["count"].is_null(), "nobody asked");
    });
}

fn list(world: &World, r: &Resource, query: &[(&str, &str)]) -> Response {
    world.client.request("GET", &r.url()).query(query).send().status(200)
}

/// All pages to the end.
fn pages(world: &World, r: &Resource, query: &[(&str, &str)]) -> Vec<Response> {
    let mut pages = vec![list(world, r, query)];
    while let Some(token) = pages[pages.len() - 1]["next_page_token"].as_str() {
        let token = token.to_owned();
        pages.push(list(world, r, &[query, &[("page_token", &token)]].concat()));
        assert!(pages.len() < 500, "the pages do not end");
    }
    pages
}

fn ids(page: &Response) -> Vec<String> {
    page.items().iter().map(id).collect()
}

fn id(record: &Value) -> String {
    record["id"].as_str().expect("an id").to_owned()
}

/// Whether two neighbours stand rightly. Instants are shown to the millisecond only, so that there a tie tells nothing.
fn in_order((a, one): &(Value, String), (b, other): &(Value, String), key: &str) -> bool {
    let (less, equal) = match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a < b, a == b),
        _ => (a.as_str() < b.as_str(), a == b),
    };
    less || equal && (one < other || key.ends_with("_at"))
}
