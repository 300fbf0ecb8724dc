//! What the numbers were measured on.
use crate::children::output;
use crate::postgres::Cluster;
use anyhow::Result;
use std::io::Write;
use std::path::Path;
use std::time::Instant;
use tokio::process::Command;

/// How often the disk is asked.
const PROBES: usize = 100;

/// One line: processor, memory, kernel, versions, date.
///
/// # Errors
/// When the system's tools cannot be run.
pub async fn describe(server: &Path, cluster: Option<&Cluster>) -> Result<String> {
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".into());
    let cores = std::thread::available_parallelism()?;
    let memory = kilobytes("/proc/meminfo", "MemTotal").unwrap_or_default() / 1_048_576;
    let one = async |program: &Path, option: &str| -> Result<String> {
        Ok(output(Command::new(program).arg(option)).await?.trim().to_owned())
    };
    let kernel = one(Path::new("uname"), "-sr").await?;
    let laogan = one(server, "--version").await?;
    let database = match cluster {
        None => {
            let text = one(Path::new("sqlite3"), "--version").await?;
            format!("sqlite3 {}", text.split(' ').next().unwrap_or_default())
        }
        Some(cluster) => format!(
            "PostgreSQL {}, {}",
            output(&mut cluster.psql("show server_version")).await?.trim(),
            cluster.settings().await?
        ),
    };
    let date = output(&mut Command::new("date")).await?;
    Ok(format!("{cores} × {processor}, {memory} GiB, {kernel}; {laogan}; {database}; {}", date.trim()))
}

/// How busy others keep the machine, and how long its disk takes to make 4 kB durable: a commit that
/// waits for the disk cannot be faster, whatever the server does. Measured before the run starts.
///
/// # Errors
/// When the directory cannot be written to.
pub fn quiet(directory: &Path) -> Result<String> {
    let load = std::fs::read_to_string("/proc/loadavg")?;
    let load = load.split(' ').next().unwrap_or_default();
    let path = directory.join("fsync-probe");
    let mut file = std::fs::File::create(&path)?;
    let mut times = Vec::with_capacity(PROBES);
    for _ in 0..PROBES {
        let start = Instant::now();
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    std::fs::remove_file(path)?;
    times.sort_by(f64::total_cmp);
    let (half, most) = (times[PROBES / 2], times[PROBES - 1]);
    Ok(format!("before the run: load {load}; fdatasync of 4 kB {half:.2} ms, at most {most:.1} ms in {PROBES}"))
}

/// Memory of a process: now and at its highest, in MiB.
pub fn memory(process: u32) -> Option<(u64, u64)> {
    let path = format!("/proc/{process}/status");
    Some((kilobytes(&path, "VmRSS")? / 1024, kilobytes(&path, "VmHWM")? / 1024))
}

/// Has the system count the highest memory of a process from now on.
///
/// # Errors
/// When the system does not let this process do it.
pub fn forget_highest(process: u32) -> Result<()> {
    Ok(std::fs::write(format!("/proc/{process}/clear_refs"), "5")?)
}

fn kilobytes(path: &str, name: &str) -> Option<u64> {
    field(path, name)?.split(' ').next()?.parse().ok()
}

/// The value of the first line `name : value` of a file in /proc.
fn field(path: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let mut lines = text.lines().filter_map(|l| l.split_once(':'));
    lines.find(|(n, _)| n.trim() == name).map(|(_, value)| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_process_has_memory() {
        let (now, most) = super::memory(std::process::id()).unwrap_or_default();
        assert!(now > 0 && most >= now);
    }
}
