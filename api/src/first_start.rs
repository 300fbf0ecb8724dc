//! What the first start makes: the divisions of the model, and an administrator with a random password.
use crate::auth::keys::{Keys, random, write_secret};
use crate::auth::passwords;
use crate::cli::Failure;
use crate::config::Config;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::administration::User;
use domain::input::Draft;
use domain::policy::Role;
use domain::reference::{Division, heze};
use domain::{DivisionCode, Scope, Utc, Uuid};
use persistence::write::{create, create_many};
use persistence::{Database, Error, Query, Stamp, Store, Tx, identity};
use std::path::{Path, PathBuf};

/// File with the first administrator's name and password.
pub const ADMIN_FILE: &str = "initial-admin.txt";

/// Makes what is missing. Several servers may start at once on one database: one is first, the others see
/// that it was. Answers the file with the administrator's password, if it is there.
///
/// # Errors
/// What the store or the file system says.
pub async fn prepare(db: &Database, config: &Config) -> persistence::Result<Option<PathBuf>> {
    divisions(db).await?;
    let file = config.data_dir.join(ADMIN_FILE);
    administrator(db, config, &file).await?;
    Ok(file.exists().then_some(file))
}

/// Refuses to go on with another secret than the one that tokens, sessions and second factors were made with: they
/// would all be void, and nobody would know why.
///
/// # Errors
/// A text for the terminal; what the store says.
pub async fn know_secret(db: &Database, keys: &Keys, config: &Config) -> Result<(), Failure> {
    let check = keys.check();
    let stamp = Stamp::system("first-start", Utc::now());
    if db.write(stamp, false, move |tx| identity::knows_secret(tx, &check)).await? {
        return Ok(());
    }
    Err(Failure::final_(format!(
        "{}: not the secret this database was used with; put the old file back from its backup. If it is lost, \
         `laogan secret accept` ends all sessions, API tokens and second factors and goes on with this one",
        config.data_dir.join("keys").join("secret").display()
    )))
}

async fn divisions(db: &Database) -> persistence::Result<()> {
    let made = db
        .write(Stamp::system("first-start", Utc::now()), false, |tx| {
            tx.serialize("first-start")?;
            if Division::count(tx.conn, &Scope::System, &Query::all(1))? > 0 {
                return Ok(0);
            }
            let drafts: Vec<Draft<Division>> = heze::divisions()
                .into_iter()
                .map(|(id, data)| Draft {
                    id: Some(id),
                    division_code: Some(data.code.clone()),
                    external_ref: None,
                    data,
                    warnings: vec![],
                })
                .collect();
            let home = DivisionCode::parse(heze::CITY).ok_or_else(|| Error::internal("the model's city"))?;
            Ok(create_many(tx, &Scope::System, &home, drafts, &[])?.len())
        })
        .await?;
    if made > 0 {
        tracing::info!(divisions = made, "divisions loaded");
    }
    Ok(())
}

/// The file is written under the lock and before the commit. So of servers that start at once, in one
/// directory or in several, the one that makes the administrator leaves the password; and where it is killed
/// in between, the next start replaces the file.
async fn administrator(db: &Database, config: &Config, file: &Path) -> persistence::Result<()> {
    if db.read(|c| User::count(c, &Scope::System, &Query::all(1))).await? > 0 {
        return Ok(());
    }
    let password: String = BASE64_URL_SAFE_NO_PAD.encode(random().map_err(Error::Internal)?).chars().take(24).collect();
    let hash = passwords::hash_now(config.password_cost, &password).map_err(Error::Internal)?;
    let draft = user_draft(User::new("admin", "系统初始管理员", Role::CityAdmin))?;
    let (home, file) = (config.division.clone(), file.to_owned());
    db.write(Stamp::system("first-start", Utc::now()), false, move |tx| {
        tx.serialize("first-start")?;
        if User::count(tx.conn, &Scope::System, &Query::all(1))? > 0 {
            return Ok(());
        }
        // A file left by an earlier database is out of date.
        let _ = std::fs::remove_file(&file);
        write_secret(&file, &format!("username: admin\npassword: {password}\n")).map_err(Error::internal)?;
        user_with_password(tx, &home, draft, Some(&hash)).map(drop)
    })
    .await
}

/// Makes a user, in one transaction with the password. Without one nobody signs in: an account of a system.
///
/// # Errors
/// As [`create`].
pub async fn new_user(
    db: &Database,
    user: User,
    division: &DivisionCode,
    password_hash: Option<String>,
    job: &str,
) -> persistence::Result<Uuid> {
    let (draft, home) = (user_draft(user)?, division.clone());
    let stamp = Stamp::system(job, Utc::now());
    db.write(stamp, false, move |tx| user_with_password(tx, &home, draft, password_hash.as_deref())).await
}

fn user_draft(user: User) -> persistence::Result<Draft<User>> {
    domain::input::draft::<User>(serde_json::Value::Object(domain::input::to_map(&user))).map_err(Error::Invalid)
}

fn user_with_password(
    tx: &mut Tx<'_>,
    home: &DivisionCode,
    draft: Draft<User>,
    hash: Option<&str>,
) -> persistence::Result<Uuid> {
    tx.begin()?;
    let made = create::<User>(tx, &Scope::System, home, draft, None)?;
    let now = tx.stamp.now;
    if let Some(hash) = hash {
        identity::set_password(tx, made.record.meta.id, hash, now)?;
    }
    Ok(made.record.meta.id)
}
