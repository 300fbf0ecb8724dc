//! What is computed about party organizations: overdue elections and those to prepare, what was held against what is
//! due, members whose record lacks something, and how organizations rank in an evaluation.
pub mod members;
pub mod obligations;
mod ranking;
pub mod terms;

use crate::routes::Routes;

/// Mounts and documents it.
pub fn routes(r: &mut Routes) {
    terms::routes(r);
    obligations::routes(r);
    members::routes(r);
    ranking::routes(r);
}
