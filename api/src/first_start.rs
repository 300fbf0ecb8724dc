//! What the first start makes: the divisions of the model, and an administrator with a random password.
use crate::auth::keys::{random, write_secret};
use crate::auth::passwords;
use crate::config::Config;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::administration::User;
use domain::input::Draft;
use domain::policy::Role;
use domain::reference::{Division, heze};
use domain::{DivisionCode, Problem, Scope, Utc, Uuid};
use persistence::write::{create, create_many};
use persistence::{Database, Error, Query, Stamp, Store, identity};
use std::path::PathBuf;

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
    administrator(db, &config.division, &file).await?;
    Ok(file.exists().then_some(file))
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
            Ok(create_many(tx, &Scope::System, &home, drafts)?.len())
        })
        .await?;
    if made > 0 {
        tracing::info!(divisions = made, "divisions loaded");
    }
    Ok(())
}

async fn administrator(db: &Database, division: &DivisionCode, file: &std::path::Path) -> persistence::Result<()> {
    if db.read(|c| User::count(c, &Scope::System, &Query::all(1))).await? > 0 {
        return Ok(());
    }
    let password: String = BASE64_URL_SAFE_NO_PAD.encode(random().map_err(Error::Internal)?).chars().take(24).collect();
    // A file left by an earlier database is out of date.
    let _ = std::fs::remove_file(file);
    write_secret(file, &format!("username: admin\npassword: {password}\n")).map_err(Error::internal)?;
    let hash = passwords::hash_now(&password).map_err(Error::Internal)?;
    let made = new_user(db, "admin", "系统初始管理员", Role::CityAdmin, division, &hash, "first-start").await;
    match made {
        // Another server was first; its data directory has the password.
        Err(Error::Refused(Problem::AlreadyExists, _)) => std::fs::remove_file(file).map_err(Error::internal),
        other => other.map(drop),
    }
}

/// Makes a user with a password, in one transaction.
///
/// # Errors
/// As [`create`].
pub async fn new_user(
    db: &Database,
    username: &str,
    display_name: &str,
    role: Role,
    division: &DivisionCode,
    password_hash: &str,
    job: &str,
) -> persistence::Result<Uuid> {
    let data =
        User { username: username.into(), display_name: display_name.into(), role, unit_id: None, disabled: false };
    let draft = domain::input::draft::<User>(serde_json::Value::Object(domain::input::to_map(&data)))
        .map_err(Error::Invalid)?;
    let (home, hash, stamp) = (division.clone(), password_hash.to_owned(), Stamp::system(job, Utc::now()));
    db.write(stamp, false, move |tx| {
        tx.begin()?;
        let made = create::<User>(tx, &Scope::System, &home, draft, None)?;
        let now = tx.stamp.now;
        identity::set_password(tx, made.record.meta.id, &hash, now)?;
        Ok(made.record.meta.id)
    })
    .await
}
