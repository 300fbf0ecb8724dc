//! Where the keys of sealed fields come from: a file of mode 0600 in the data directory, made at the first start, or
//! the environment.
use crate::auth::keys::{private, read_or_make, replace_secret, write_secret};
use crate::config::Config;
use persistence::sealed::{Keyring, Keys};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

/// The environment variable with the content of the file, for installations that keep secrets elsewhere.
pub const VARIABLE: &str = "LAOGAN_FIELD_KEYS";

/// The file.
pub fn file(config: &Config) -> PathBuf {
    config.data_dir.join("keys").join("fields")
}

/// Today, as a key remembers it.
pub fn today() -> String {
    persistence::tx::business_day(domain::Utc::now()).to_string()
}

/// The keys of this installation, made where there are none. What is written to the file later, a running process
/// sees within a second.
///
/// # Errors
/// A text for the terminal: an unreadable file, one that others can read, or one that holds no keys.
pub fn ring(config: &Config) -> Result<Keyring, String> {
    if let Ok(text) = std::env::var(VARIABLE) {
        let keys = Keys::parse(&text).map_err(|e| format!("{VARIABLE}: {e}"))?;
        return Ok(Keyring::new(keys, None));
    }
    let path = file(config);
    crate::auth::keys::directory(&config.data_dir)?;
    let text = read_or_make(&path, || Ok(Keys::generate(&today())?.to_text()))?;
    let keys = Keys::parse(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    let seen = Mutex::new(changed(&path));
    let source = move || {
        let now = changed(&path);
        let mut seen = seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if now.is_none() || *seen == now {
            return None;
        }
        *seen = now;
        match read(&path) {
            Ok(keys) => Some(keys),
            Err(e) => {
                tracing::error!(cause = %e, "the keys were changed and cannot be read; the old ones stay in use");
                None
            }
        }
    };
    Ok(Keyring::new(keys, Some(Box::new(source))))
}

/// When the file was last written.
fn changed(path: &Path) -> Option<(SystemTime, u64)> {
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

/// The keys in the file.
///
/// # Errors
/// As [`ring`].
pub fn read(path: &Path) -> Result<Keys, String> {
    private(path)?;
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Keys::parse(&text).map_err(|e| format!("{}: {e}", path.display()))
}

/// Changes the keys in the file, alone and in one step: whoever reads it meanwhile finds the old ones or the new.
///
/// # Errors
/// As [`ring`], and those of `change`.
pub fn change<T>(config: &Config, change: impl FnOnce(&mut Keys) -> Result<T, String>) -> Result<T, String> {
    if std::env::var_os(VARIABLE).is_some() {
        return Err(format!("the keys are in {VARIABLE}: change them where it is set, and start the servers again"));
    }
    let path = file(config);
    let told = |e: std::io::Error| format!("{}: {e}", path.display());
    let lock = path.with_extension("lock");
    let lock = std::fs::File::options().create(true).truncate(false).write(true).open(lock).map_err(told)?;
    lock.lock().map_err(told)?;
    let mut keys = read(&path)?;
    let changed = change(&mut keys)?;
    replace_secret(&path, &keys.to_text()).map_err(told)?;
    Ok(changed)
}

/// Keeps the line of a key that is no longer in use, for old backups; its file.
///
/// # Errors
/// What the file system says.
pub fn keep(config: &Config, id: &str, line: &str) -> Result<PathBuf, String> {
    let path = config.data_dir.join("keys").join(format!("fields-retired-{id}"));
    match write_secret(&path, line) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(format!("{}: {e}", path.display())),
        _ => Ok(path),
    }
}
