//! Laogan's storage: one set of functions over SQLite and PostgreSQL.
//!
//! * [`conn`]: one connection over two engines; `on!` compiles a body for both.
//! * [`statement`]: SQL as fixed texts and bound values; [`rows`]: what it gives, as cells. [`value`]: how a Rust type is
//!   stored; [`mod@sql`]: how both engines bind and read it.
//! * [`store`]: what any resource's storage can do, and `resource_store!`, the macro that provides it.
//!   One file a module of resources holds the blocks.
//! * `select`: the statements that read records; `belonging`: what narrow scopes see of them. [`shown`]: records from their rows straight to JSON, for readers.
//! * [`tx`]: one unit of work. [`write`]: create, replace, patch, delete, the same for all resources; [`steps`]: from state to state. [`fills`] works out what follows
//!   from other rows, [`rules`] judges by them, [`effects`] changes them.
//! * [`people`], [`activities`], [`service`], [`care`], [`benefits`]: questions about many records of a division.
//!   [`figures`]: what a figure of the annual report is made of, and reports that were frozen.
//! * [`journal`], [`sequencer`], [`ledger`]: what commits with every write, and how the feed gets its numbers.
//!   [`feed`]: the journal as one reader sees it. [`push`]: what clients made offline.
//! * [`database`]: connections, the SQLite writer thread ([`writer`]), the PostgreSQL pool.
//! * [`audit`]: what else happened, and the chain over both.
//! * [`agent`]: what a county's instance keeps about its synchronisation with the city's server.
//! * [`backup`]: a copy of the database, and its way back.
//! * [`erase`]: a record's data removed for good. [`files`]: which files there are, and who may fetch them.
//! * [`sealed`]: what is stored of sensitive fields. [`privacy`]: revealed for a purpose, reported to the person, removed.
//! * [`search`]: what records are found by. [`jobs`]: long work that outlives a request; [`import`]: rows of a file.
//! * [`registry`]: resources without their types, for expansion, references and sync.

#[macro_use]
pub mod conn;
pub mod activities;
mod administration;
pub mod agent;
pub mod audit;
pub mod backup;
mod belonging;
pub mod benefits;
mod cadres;
pub mod care;
pub mod database;
pub mod education;
pub mod effects;
pub mod erase;
pub mod error;
pub mod feed;
pub mod field;
pub mod figures;
pub mod files;
pub mod fills;
pub mod honors;
pub mod identity;
pub mod import;
pub mod jobs;
pub mod journal;
pub mod ledger;
pub mod migrate;
pub mod party;
pub mod people;
mod persons;
pub mod privacy;
mod publicity;
pub mod push;
pub mod query;
pub mod reference;
pub mod references;
pub mod registry;
mod resource_store;
pub mod rows;
pub mod rules;
pub mod sealed;
pub mod search;
mod select;
pub mod sequencer;
pub mod service;
pub mod shown;
pub mod sql;
mod staff;
pub mod statement;
pub mod steps;
pub mod store;
pub mod tokens;
pub mod tx;
pub mod value;
pub mod write;
pub mod writer;

pub use conn::{Conn, Engine};
pub use database::Database;
pub use error::{Error, Result};
pub use query::{Condition, Cursor, Op, Page, Query, Sort};
pub use select::visible;
pub use store::Store;
pub use tx::{Stamp, Tx};
