//! The audit over HTTP and on the command line.
//!
//! * [`trail`]: how events get into it. [`refusals`]: those that every refused request leaves.
//! * [`chain`]: what makes later changes show, kept going beside the requests; [`key`] signs it.
//! * [`search`]: reading it. [`report`]: what a verification says. [`witness`]: heads that others have seen.
//! * [`command`]: `laogan audit`.
pub mod chain;
pub mod command;
pub mod key;
pub mod refusals;
pub mod report;
mod routes;
mod search;
pub mod trail;
mod witness;

pub use routes::routes;

use crate::extract::{Guarded, Permit, Read};
use domain::Module;

/// What a permit to read the audit is for: the scope `audit:read`.
pub struct Audit;
impl Guarded for Audit {
    const NAME: &'static str = "audit";
    const AREA: Module = Module::Audit;
}

/// A caller that may read the audit.
pub type Auditor = Permit<Audit, Read>;
