//! The users of the system itself.
mod users;
pub use users::User;
