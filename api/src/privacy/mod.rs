//! Personal data: the keys of what is stored sealed, and who may see what under which conditions.
pub mod commands;
pub mod keys;
