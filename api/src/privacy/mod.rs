//! Personal data: the keys of what is stored sealed ([`keys`], [`commands`]), sensitive fields for a purpose
//! ([`reveal`]), and what a person may ask of us ([`person`]).
pub mod commands;
pub mod keys;
pub mod person;
pub mod reveal;
