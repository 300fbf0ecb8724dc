//! The processes of a run. None outlives it.
use crate::http;
use anyhow::{Context, Result, bail, ensure};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::process::Command;

/// An address on this machine that nobody uses.
///
/// # Errors
/// When there is none.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// A process that is killed when this is dropped.
pub struct Child {
    name: &'static str,
    process: tokio::process::Child,
    log: PathBuf,
}

impl Child {
    /// Starts a process whose output goes to a file.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(name: &'static str, mut command: Command, log: &Path) -> Result<Self> {
        let out = std::fs::File::create(log)?;
        command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out).kill_on_drop(true);
        let process = command.spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name, process, log: log.into() })
    }

    /// Its process id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.process.id()
    }

    /// Waits until it answers a request with 2xx.
    ///
    /// # Errors
    /// When it ends or a minute passes; with what it logged.
    pub async fn wait_for(&mut self, addr: SocketAddr, path: &str) -> Result<()> {
        let request = http::request("GET", path, "", b"");
        for _ in 0..1200 {
            if http::call(addr, &request).await.is_ok() {
                return Ok(());
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("{} ended with {status}: {}", self.name, self.logged());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("{} did not become ready: {}", self.name, self.logged());
    }

    /// Asks it to end and waits, so that it can put its data in order; kills it when it does not.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn stop(mut self) -> Result<()> {
        if let Some(id) = self.id() {
            // A signal by the tool that the system has for it: this program has no unsafe code to call kill(2).
            Command::new("kill").args(["-TERM", &id.to_string()]).status().await?;
        }
        match tokio::time::timeout(Duration::from_secs(15), self.process.wait()).await {
            Ok(status) => drop(status?),
            Err(_) => self.process.kill().await?,
        }
        Ok(())
    }

    /// Waits for it to end by itself.
    ///
    /// # Errors
    /// When it fails; with what it logged.
    pub async fn succeeded(mut self) -> Result<()> {
        let status = self.process.wait().await?;
        ensure!(status.success(), "{} ended with {status}: {}", self.name, self.logged());
        Ok(())
    }

    fn logged(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        text.chars().rev().take(2000).collect::<Vec<_>>().into_iter().rev().collect()
    }
}

/// Runs a tool to its end and gives its standard output.
///
/// # Errors
/// When it cannot be started or fails; with what it said.
pub async fn output(command: &mut Command) -> Result<String> {
    let tool = command.as_std().get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).kill_on_drop(true);
    let Output { status, stdout, stderr } =
        command.output().await.with_context(|| format!("cannot run {tool}; is it installed?"))?;
    ensure!(status.success(), "{tool} ended with {status}: {}", String::from_utf8_lossy(&stderr));
    Ok(String::from_utf8_lossy(&stdout).into_owned())
}
