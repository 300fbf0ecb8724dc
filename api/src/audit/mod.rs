//! The audit over HTTP.
//!
//! * [`trail`]: how events get into it. [`refusals`]: those that every refused request leaves.
pub mod refusals;
pub mod trail;
