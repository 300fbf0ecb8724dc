//! What the law gives the person whose data this is: that who sees it says why ([`reveal`]), that the person is told
//! who did ([`report`]), and that it is removed for good ([`erasure`]).
pub mod erasure;
pub mod report;
pub mod reveal;

use crate::registry::{self, Kind};
use domain::Module;

/// The field that names the person a record is about. Any other reference to a person only mentions them.
pub const ABOUT: &str = "cadre_id";

/// The resources whose records are about a person. Users are not: an account is the system's, not the person's.
fn about_persons() -> impl DoubleEndedIterator<Item = &'static Kind> {
    let about = |k: &&Kind| k.references.iter().any(|(field, _, to)| *field == ABOUT && *to == "cadres");
    registry::all().iter().filter(|k| k.module != Module::Administration).filter(about)
}
