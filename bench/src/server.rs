//! The server under test: its process, a token for it, the records in it.
use crate::children::Child;
use crate::data::{County, Source, random_key};
use crate::http::{call, json, request};
use anyhow::{Context, Result, ensure};
use chrono::{SecondsFormat, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;
use tokio::process::Command;

/// Units in each county.
const UNITS: usize = 5;
/// Where the token is kept with the data, for a run with `--keep`.
const TOKEN: &str = "bench-token.txt";

/// The server's process.
pub struct Laogan {
    child: Child,
    /// Where and with what token it is asked.
    pub api: Api,
}

/// How to ask the server.
#[derive(Clone)]
pub struct Api {
    /// Its address.
    pub addr: SocketAddr,
    /// The header line with the token.
    authorization: String,
}

/// A record that exists, as far as the scenarios need it.
#[derive(Debug, Clone, Deserialize)]
pub struct Known {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u64,
}

#[derive(Deserialize)]
struct Login {
    access_token: String,
}
#[derive(Deserialize)]
struct Token {
    token: String,
}
#[derive(Deserialize)]
struct Id {
    id: String,
}
#[derive(Deserialize)]
struct Ids {
    items: Vec<Id>,
}
#[derive(Deserialize)]
struct Next {
    next_page_token: Option<String>,
}

impl Laogan {
    /// Starts the server on a directory, and on a PostgreSQL database if one is given, and gets a token.
    ///
    /// # Errors
    /// When it does not come up or refuses the administrator.
    pub async fn start(binary: &Path, directory: &Path, database: Option<&str>) -> Result<Self> {
        let addr = crate::children::free_address()?;
        let mut command = Command::new(binary);
        command.args(["serve", "--listen", &addr.to_string(), "--data-dir"]).arg(directory);
        // The load comes from one account; what counts it runs all the same.
        for class in ["GENERAL", "SYNC", "BULK"] {
            command.env(format!("LAOGAN_LIMIT_{class}"), "100000000/60");
        }
        command.env("LAOGAN_LIMIT_SIGN_IN", "100000000/60").env("LAOGAN_LIMIT_CONNECTIONS_PER_ADDRESS", "10000");
        // Whatever the caller's environment configures is not what is to be measured.
        for (name, _) in std::env::vars().filter(|(n, _)| n.starts_with("LAOGAN_") || n.starts_with("DATABASE_")) {
            command.env_remove(name);
        }
        command.env("LAOGAN_LOG", "warn");
        if let Some(url) = database {
            command.env("DATABASE_URL", url);
        }
        let mut child = Child::spawn("laogan", command, &directory.join("laogan.log"))?;
        child.wait_for(addr, "/health/ready").await?;
        let file = directory.join(TOKEN);
        let token = match std::fs::read_to_string(&file) {
            Ok(token) => token,
            Err(_) => {
                let token = token(addr, directory).await?;
                std::fs::write(&file, &token)?;
                token
            }
        };
        Ok(Self { child, api: Api { addr, authorization: bearer(&token) } })
    }

    /// Process id.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends the server in good order.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn stop(self) -> Result<()> {
        self.child.stop().await
    }
}

/// Signs in as the first administrator and makes a token such as a county's system has.
async fn token(addr: SocketAddr, directory: &Path) -> Result<String> {
    let file = directory.join("initial-admin.txt");
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let word = |name: &str| {
        let line = text.lines().find_map(|l| l.trim().strip_prefix(name)).map(str::trim);
        line.with_context(|| format!("no `{name}` in {}", file.display()))
    };
    let admin = Api { addr, authorization: sign_in(addr, word("username:")?, word("password:")?).await? };
    admin.token(domain::reference::heze::CITY).await
}

/// The header line of a user's access token.
async fn sign_in(addr: SocketAddr, username: &str, password: &str) -> Result<String> {
    let body = serde_json::to_vec(&json!({"username": username, "password": password}))?;
    let login = request("POST", "/api/v1/auth/login", "Content-Type: application/json\r\n", &body);
    let Login { access_token } = json(addr, &login).await?;
    Ok(bearer(&access_token))
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {}\r\n", token.trim())
}

impl Api {
    /// A GET request.
    pub fn get(&self, path: &str) -> Vec<u8> {
        request("GET", path, &self.authorization, b"")
    }
    /// A POST request with a key of its own.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>> {
        let headers =
            format!("{}Content-Type: application/json\r\nIdempotency-Key: {}\r\n", self.authorization, random_key()?);
        Ok(request("POST", path, &headers, body))
    }
    /// A PATCH request on a version.
    pub fn patch(&self, path: &str, version: u64, body: &[u8]) -> Vec<u8> {
        let headers =
            format!("{}Content-Type: application/merge-patch+json\r\nIf-Match: \"r{version}\"\r\n", self.authorization);
        request("PATCH", path, &headers, body)
    }

    /// The same server with a token for a division, made with this one.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn within(&self, division: &str) -> Result<Self> {
        Ok(Self { addr: self.addr, authorization: bearer(&self.token(division).await?) })
    }

    /// The same server with a token of another account of the city, made with this one.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn another(&self) -> Result<Self> {
        let (username, password) = self.user().await?;
        let signed_in = Self { addr: self.addr, authorization: sign_in(self.addr, &username, &password).await? };
        Ok(Self { authorization: bearer(&signed_in.token(domain::reference::heze::CITY).await?), ..signed_in })
    }

    /// A new user of the city: name and password.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn user(&self) -> Result<(String, String)> {
        let (username, password) = (format!("bench-{}", &random_key()?.to_string()[..8]), random_key()?.to_string());
        let city = domain::reference::heze::CITY;
        let user = json!({"division_code": city, "username": username, "display_name": "测试", "role": "city_admin"});
        let user: Id = json(self.addr, &self.post("/api/v1/users", &serde_json::to_vec(&user)?)?).await?;
        let path = format!("/api/v1/users/{}/password", user.id);
        call(self.addr, &self.post(&path, &serde_json::to_vec(&json!({"password": password}))?)?).await?;
        Ok((username, password))
    }

    async fn token(&self, division: &str) -> Result<String> {
        let expires = (Utc::now() + TimeDelta::days(300)).to_rfc3339_opts(SecondsFormat::Secs, true);
        let token = json!({
            "name": format!("bench-{}", random_key()?), "purpose": "Measurement of synthetic data", "scopes": ["*:*"],
            "division_code": division, "expires_at": expires,
        });
        let Token { token } = json(self.addr, &self.post("/api/v1/tokens", &serde_json::to_vec(&token)?)?).await?;
        Ok(token)
    }

    /// A source of records for this database: its units are made, or found where an earlier run made them.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn source(&self) -> Result<Source> {
        let mut counties = crate::data::counties();
        for county in &mut counties {
            self.units(county).await?;
        }
        Ok(Source::new(counties))
    }

    async fn units(&self, county: &mut County) -> Result<()> {
        let path = format!("/api/v1/units?limit={UNITS}&filter%5Bdivision_code%5D={}", county.code);
        let known: Ids = json(self.addr, &self.get(&path)).await?;
        let mut ids: Vec<String> = known.items.into_iter().map(|u| u.id).collect();
        for number in ids.len()..UNITS {
            let name = format!("{}第{}局", county.name, number + 1);
            let unit = json!({"division_code": county.code, "name": name, "kind": "organ"});
            let unit: Id = json(self.addr, &self.post("/api/v1/units", &serde_json::to_vec(&unit)?)?).await?;
            ids.push(unit.id);
        }
        county.units = ids.iter().map(|id| id.parse()).collect::<Result<_, _>>()?;
        Ok(())
    }

    /// All cadres there are, from the export; the first of them is one of average size.
    ///
    /// # Errors
    /// When the server refuses or a line is no record.
    pub async fn known(&self) -> Result<Vec<Known>> {
        let body = call(self.addr, &self.get(crate::export::PATH)).await?;
        let lines: Vec<&[u8]> = body.split(|b| *b == b'\n').filter(|l| !l.is_empty()).collect();
        let average = body.len() / lines.len().max(1);
        let typical = lines.iter().enumerate().min_by_key(|(_, l)| l.len().abs_diff(average)).map_or(0, |(i, _)| i);
        let read = lines.iter().map(|l| serde_json::from_slice(l).context("a line of the export"));
        let mut known: Vec<Known> = read.collect::<Result<_>>()?;
        if !known.is_empty() {
            known.swap(0, typical);
        }
        Ok(known)
    }

    /// Requests for the first pages of a list, as a client follows them.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn pages(&self, path: &str, most: usize) -> Result<Vec<Vec<u8>>> {
        let mut pages = vec![self.get(path)];
        while pages.len() < most {
            let Some(last) = pages.last() else { break };
            let Some(token) = json::<Next>(self.addr, last).await?.next_page_token else { break };
            pages.push(self.get(&format!("{path}&page_token={token}")));
        }
        ensure!(!pages.is_empty());
        Ok(pages)
    }
}
