//! Where a run keeps its data, and what it remembers of it.
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Records that one run may make beyond the generated ones. The next run on the same data begins after
/// them, even if this one is killed before it could say how many there were.
const ALLOWANCE: u64 = 2_000_000;

/// The directory of one engine's data. It is removed at the end unless it is kept.
pub struct Place {
    directory: PathBuf,
    kept: bool,
}

/// What is in the data.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Records that were generated.
    pub rows: u64,
    /// The number of the next record that can be made.
    pub next: u64,
}

impl Place {
    /// A directory below `base`: always the same one when it is kept, one of its own otherwise. Kept data
    /// that is not complete or has another number of rows is made anew.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(base: &Path, engine: &str, rows: u64, kept: bool) -> Result<Self> {
        let run = if kept { "kept".into() } else { format!("run-{}", std::process::id()) };
        let place = Self { directory: base.join(run).join(engine), kept };
        if place.state().is_none_or(|s| s.rows != rows) {
            place.remove();
        }
        std::fs::create_dir_all(&place.directory).with_context(|| place.directory.display().to_string())?;
        Ok(place)
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.directory
    }

    /// What an earlier run left here.
    pub fn state(&self) -> Option<State> {
        serde_json::from_slice(&std::fs::read(self.file()).ok()?).ok()
    }

    /// Remembers that the data is complete, and which numbers this run may use up.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn remember(&self, rows: u64, first: u64) -> Result<()> {
        let state = State { rows, next: first + ALLOWANCE };
        Ok(std::fs::write(self.file(), serde_json::to_vec(&state)?)?)
    }

    fn file(&self) -> PathBuf {
        self.directory.join("bench-state.json")
    }

    fn remove(&self) {
        // What is not there need not be removed; what cannot be removed shows when it is made again.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.kept {
            self.remove();
            if let Some(run) = self.directory.parent() {
                // Fails while the other engine's directory is in it.
                let _ = std::fs::remove_dir(run);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_data_is_found_again_unless_it_differs() -> Result<()> {
        let base = std::env::temp_dir().join(format!("laogan-bench-place-{}", std::process::id()));
        let place = Place::new(&base, "sqlite", 10, true)?;
        assert_eq!(place.state(), None);
        place.remember(10, 10)?;
        drop(place);
        assert_eq!(Place::new(&base, "sqlite", 10, true)?.state(), Some(State { rows: 10, next: 10 + ALLOWANCE }));
        assert_eq!(Place::new(&base, "sqlite", 11, true)?.state(), None);
        let own = Place::new(&base, "sqlite", 10, false)?;
        let path = own.path().to_owned();
        assert!(path.exists());
        drop(own);
        assert!(!path.exists() && base.exists());
        Ok(std::fs::remove_dir_all(base)?)
    }
}
