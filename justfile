# What developers do often. `just --list` shows it.

# Serve with Heze's demo data on 127.0.0.1:8080
serve:
    cargo run --release -- serve --demo

# All tests; on both engines where PostgreSQL is installed
test:
    cargo test --workspace

# Formatting and lints, as CI demands them
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Write openapi/ from the code; look at the difference before you commit it
contract:
    cargo run -- openapi --write
    git diff --stat openapi/

# Licences, advisories and sources of dependencies (needs cargo-deny)
deny:
    cargo deny check

# Speed of the release binary, as ratios
bench:
    cargo build --release
    cargo run --release -p laogan-bench

# Kill the server a few hundred times while it writes
kills count="200":
    LAOGAN_KILLS={{count}} cargo test --workspace --test suite -- faults::kill

# The tests that have a long form: synchronisation for so many minutes each, and sign-in and rights by the thousand
soak minutes="10":
    LAOGAN_SOAK={{minutes}} cargo test --workspace --test suite -- sync::
    LAOGAN_SOAK={{minutes}} cargo test --workspace --test suite -- faults::busy
    LAOGAN_SOAK={{minutes}} cargo test --workspace --test suite -- agents::storm
    LAOGAN_SOAK={{minutes}} cargo test --workspace --test suite -- identity::sessions
    LAOGAN_SOAK={{minutes}} cargo test --workspace --test suite -- matrix::an_explanation

# Fuzz a debug server from its contract for so many seconds (fetches schemathesis from PyPI); docs/FUZZING.md
fuzz seconds="300" examples="8":
    cargo build
    tests/fuzz/run.sh {{seconds}} {{examples}}

# The tests of files with so many rows (the dry run, the real one, the memory, the kills)
imports rows="50000":
    LAOGAN_IMPORT_ROWS={{rows}} cargo test --workspace --test suite -- exchange::

# Everything CI runs
ci:
    .ci/run
