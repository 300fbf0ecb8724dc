//! Computed answers about benefits and care: what is due to a cadre, what the medical pools hold, who waits for a contact.
mod entitlements;
mod pairs;
mod pools;

use crate::routes::Routes;

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    entitlements::routes(r);
    pools::routes(r);
    pairs::routes(r);
}
