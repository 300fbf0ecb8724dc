//! The server under test: the same entry point as the binary `laogan`. It lives here because cargo tells a test the
//! path of its own package's binaries only, and builds them before it.

fn main() -> std::process::ExitCode {
    laogan_api::cli::main()
}
