//! `laogan files`: what nobody names is removed, and what is there is checked.
use super::blobs::Blobs;
use super::{gc, staging};
use crate::cli::{self, Failure};
use crate::config::Config;
use clap::Subcommand;
use persistence::files::{self, File};
use std::sync::Arc;

/// Files read from the database at a time.
const PAGE: i64 = 500;

/// What to do with the files.
#[derive(Subcommand)]
pub enum FilesCommand {
    /// Remove what no record has named for as many days as are configured; the server does so every hour
    Gc {
        /// Only tell how much that is
        #[arg(long)]
        dry_run: bool,
    },
    /// Look whether the content of every file is there, as after a restore
    Check {
        /// Read every content and compare its hash
        #[arg(long)]
        content: bool,
    },
}

/// Runs a command.
///
/// # Errors
/// A text for the terminal, and whether another try may succeed.
pub async fn run(config: &Config, command: FilesCommand) -> cli::Outcome {
    let _shared = crate::backup::InUse::shared(config)?;
    let db = crate::server::open(config).await?;
    let blobs = Arc::new(Blobs::open(&config.files).map_err(Failure::final_)?);
    match command {
        FilesCommand::Gc { dry_run } => {
            let cleared = gc::run(&db, &blobs, &config.files, dry_run).await?;
            let done = if dry_run { "would be removed" } else { "removed" };
            cli::say(&format!(
                "{} files of {} bytes {done}, {} leftovers",
                cleared.files, cleared.bytes, cleared.leftovers
            ));
            Ok(())
        }
        FilesCommand::Check { content } => {
            let (mut after, mut there, mut wrong) = (String::new(), 0_usize, 0_usize);
            loop {
                let from = after.clone();
                let page = db.read_long(move |c| files::after(c, &from, PAGE)).await?;
                let Some(last) = page.last() else { break };
                after.clone_from(&last.sha256);
                for file in page {
                    let (store, sha256) = (Arc::clone(&blobs), file.sha256.clone());
                    let checked = tokio::task::spawn_blocking(move || sound(&store, &file, content)).await;
                    let checked = checked.map_err(|e| Failure::final_(e.to_string()))?;
                    match checked.map_err(|e| Failure::later(format!("{}: {e}", blobs.place())))? {
                        true => there += 1,
                        false => {
                            wrong += 1;
                            cli::say(&format!("missing or damaged: {sha256}"));
                        }
                    }
                }
            }
            cli::say(&format!("{there} files are there, {wrong} are not"));
            if wrong == 0 { Ok(()) } else { Err(Failure::final_(format!("{wrong} files are missing or damaged"))) }
        }
    }
}

fn sound(blobs: &Blobs, file: &File, content: bool) -> std::io::Result<bool> {
    let bytes = file.bytes.unsigned_abs();
    if blobs.length(&file.sha256)? != Some(bytes) {
        return Ok(false);
    }
    if !content {
        return Ok(true);
    }
    let Some(mut reader) = blobs.content(&file.sha256, 0, bytes)? else { return Ok(false) };
    Ok(staging::digest_of(&mut reader)? == file.sha256)
}
