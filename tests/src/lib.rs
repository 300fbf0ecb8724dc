//! Black-box tests of the laogan process over HTTP, on both engines.
//!
//! This library is empty: the tests and their harness are in `tests/suite`, one binary, because only an integration
//! test is told where cargo has put the server under test. `cargo test -p laogan-tests` runs them;
//! `-- sqlite::`, `-- postgres::cadres` choose among them.
