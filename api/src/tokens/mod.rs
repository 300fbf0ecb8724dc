//! API tokens: made, listed, changed, rotated, revoked, checked; over HTTP and from the command line.
//!
//! * [`form`]: the text of a token. [`request`]: what it is to be. [`view`]: how it is shown.
//! * [`handlers`], [`own`], [`leaked`], [`usage`]: what is done with them. [`commands`]: the same from a terminal.
pub mod commands;
pub mod form;
pub mod handlers;
pub mod leaked;
pub mod own;
pub mod request;
pub mod routes;
pub mod usage;
pub mod view;

pub use form::{generate, hash};

use crate::extract::Guarded;
use domain::Module;

/// Permits for tokens.
pub struct Tokens;
impl Tokens {
    /// Name in scopes.
    pub const PATH: &'static str = "tokens";
}
impl Guarded for Tokens {
    const NAME: &'static str = Self::PATH;
    const AREA: Module = Module::Administration;
}

/// Synchronisation, as scopes name it.
struct Sync;
impl Sync {
    const PATH: &'static str = <crate::sync::Sync as Guarded>::NAME;
}
