//! What holds for every resource, driven by the contract alone: no code here names one.
//!
//! * `resource` reads from the contract what resources there are; `values` makes values of a schema.
//! * `world` makes valid records of any of them, and learns by trying what must be unique.
//! * The topics are the rest. A resource that is added to the server is tested by them without a line here.

mod batch;
mod create;
mod delete;
mod demo;
mod dry_run;
mod filter;
mod foreign;
mod history;
mod masking;
mod matrix;
mod paging;
mod parts;
mod patch;
mod put;
mod read;
mod refuse;
pub mod resource;
mod scope;
mod steps;
mod values;
pub mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use resource::Resource;
use world::World;

use crate::support::{Case, Ctx, report};

pub fn tests() -> Vec<Case> {
    [
        create::tests(),
        read::tests(),
        matrix::tests(),
        paging::tests(),
        filter::tests(),
        patch::tests(),
        parts::tests(),
        put::tests(),
        delete::tests(),
        batch::tests(),
        dry_run::tests(),
        history::tests(),
        refuse::tests(),
        foreign::tests(),
        masking::tests(),
        scope::tests(),
        steps::tests(),
        demo::tests(),
    ]
    .concat()
}

/// Resources that a contract without a mistake has at least: an empty list would pass every test.
const AT_LEAST: usize = 9;

/// Makes a claim about each resource of the contract on one server, and says for which ones it does not hold.
pub fn each(ctx: &Ctx, claim: impl Fn(&World, &Resource)) {
    let world = World::new(ctx.app());
    let resources = world.resources.clone();
    assert!(resources.len() >= AT_LEAST, "the contract has only {} resources", resources.len());
    let holds = |resource: &&Resource| catch_unwind(AssertUnwindSafe(|| claim(&world, resource))).is_ok();
    let broken: Vec<&str> = resources.iter().filter(|r| !holds(r)).map(|r| r.path.as_str()).collect();
    if !broken.is_empty() {
        report::note(format!("{} of {} resources", broken.len(), resources.len()));
        panic!("it does not hold for {broken:?}");
    }
}
