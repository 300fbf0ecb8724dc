//! Laogan's HTTP API and command line.
//!
//! * [`routes`]: THE list. What is in it is mounted and documented; there is no other way to either.
//! * [`resource`]: the handlers every resource shares; [`listing`] reads their query strings.
//! * [`extract`]: what a handler may ask for: a [`extract::Permit`], a body, preconditions, preferences.
//! * [`auth`]: sign-in, keys, who a caller is. [`tokens`]: API tokens.
//! * [`error`]: every failure becomes a problem answer in one place; [`observe`] renders and logs it.
//! * [`audit`]: what happened, for those who answer for it. [`address`]: where a request comes from.
//! * [`limits`]: what one caller may take of the server.
//! * [`sync`]: the change feed, snapshots, digests; [`sealed`]: positions that clients carry.
//! * [`exchange`]: files of records. [`jobs`]: long work that outlives a request.
//! * [`contract`]: the OpenAPI documents.
//! * [`privacy`]: personal data. [`files`]: what records name by its hash.
//! * [`bootstrap`], [`me`]: what an app on a phone begins with, and what a cadre is told about itself.
//! * [`reports`]: figures and the annual report.
//! * [`derived`], [`party`], [`education`], `people`, `activities`, `service`, `care`, [`system`]: other computed answers
//!   ([`computed`] is what they share) and the server's own endpoints.
//! * [`backup`], [`cli`], [`config`], [`server`], [`first_start`], [`demo`]: the process.

mod activities;
pub mod address;
pub mod agent;
pub mod app;
pub mod audit;
pub mod auth;
pub mod authz;
pub mod backup;
pub mod bootstrap;
mod care;
pub mod cli;
pub mod computed;
pub mod config;
pub mod contract;
pub mod demo;
pub mod derived;
pub mod education;
pub mod error;
pub mod exchange;
pub mod extract;
pub mod files;
pub mod first_start;
pub mod jobs;
pub mod limits;
pub mod listing;
pub mod me;
pub mod metrics;
pub mod observe;
pub mod party;
mod people;
pub mod privacy;
pub mod progress;
pub mod reports;
pub mod resource;
pub mod routes;
pub mod sealed;
pub mod server;
mod service;
mod settings;
pub mod sync;
pub mod system;
pub mod tokens;
pub mod worklists;
