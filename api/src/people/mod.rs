//! Answers about cadres that are computed from many records: how many there were, birthdays, doubles; what a
//! transfer waits for; what follows a death.
mod deaths;
mod population;

use crate::routes::Routes;

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    population::routes(r);
    deaths::routes(r);
}
