//! A server as a process: starting it, and reading what it takes of the machine.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::connection::Connection;

/// A running server; killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// How long it took to the first answer.
    pub(crate) started_in: Duration,
}

/// CPU time that a server has taken.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cpu {
    /// Of all its threads, those that have ended too.
    pub(crate) all: Duration,
    /// Of the threads that do what no answer waits for.
    pub(crate) behind: Duration,
}

impl Server {
    /// Starts Beaconry on a data folder.
    pub(crate) fn beaconry(binary: &Path, data: &Path) -> Result<Self> {
        let mut command = on_its_core(binary);
        command.args(["serve", "--listen", "127.0.0.1:0", "--token", TOKEN, "--data"]).arg(data);
        let began = Instant::now();
        let mut server = Self::start(command)?;
        server.health()?;
        server.started_in = began.elapsed();
        Ok(server)
    }

    /// Starts one of the floors; one that appends if there is a file for it.
    pub(crate) fn floor(append_to: Option<&Path>) -> Result<Self> {
        let mut command = on_its_core(&std::env::current_exe()?);
        command.arg("floor");
        append_to.into_iter().for_each(|path| {
            command.arg("--append-to").arg(path);
        });
        Self::start(command)
    }

    fn start(mut command: Command) -> Result<Self> {
        let began = Instant::now();
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.with_context(|| format!("{command:?} could not be started"))?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        let address = line.split(READY).nth(1).and_then(|address| address.trim().parse().ok());
        let Some(address) = address else {
            let _ = child.kill();
            bail!("{command:?} said {line:?} instead of where it listens");
        };
        Ok(Self { child, address, started_in: began.elapsed() })
    }

    /// What it says of itself.
    pub(crate) fn health(&self) -> Result<serde_json::Value> {
        Connection::get(self.address, "/api/health")
    }

    /// Waits until everything that is stored can be found, and gives how much that is.
    pub(crate) fn drain(&self) -> Result<u64> {
        let began = Instant::now();
        loop {
            let health = self.health()?;
            if health["indexLag"] == 0 {
                return health["stored"].as_u64().context("health says nothing of what is stored");
            }
            if began.elapsed() > DRAIN_LIMIT {
                bail!("the index has not caught up in {} s: {health}", DRAIN_LIMIT.as_secs());
            }
            thread::sleep(DRAIN_LOOK);
        }
    }

    /// What it has taken of the CPU so far.
    pub(crate) fn cpu(&self) -> Result<Cpu> {
        let process = format!("/proc/{}", self.child.id());
        let mut cpu = Cpu { all: cpu_time(&format!("{process}/stat"))?, behind: Duration::ZERO };
        for thread in fs::read_dir(format!("{process}/task"))?.flatten() {
            let path = thread.path().display().to_string();
            // A thread may have ended since.
            if fs::read_to_string(format!("{path}/comm")).is_ok_and(|name| BEHIND.contains(&name.trim())) {
                cpu.behind += cpu_time(&format!("{path}/stat"))?;
            }
        }
        Ok(cpu)
    }

    /// The memory that it has now, in MiB.
    pub(crate) fn memory(&self) -> Result<f64> {
        self.mebibytes("VmRSS:")
    }

    /// The most memory that it ever had, in MiB.
    pub(crate) fn peak_memory(&self) -> Result<f64> {
        self.mebibytes("VmHWM:")
    }

    fn mebibytes(&self, what: &str) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(what)).context("no such line")?;
        let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl std::ops::Sub for Cpu {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self { all: self.all - before.all, behind: self.behind - before.behind }
    }
}

/// On the second core, where there are two and a way to ask for one: the load has the first.
fn on_its_core(binary: &Path) -> Command {
    let can_pin = Command::new("taskset").args(["--cpu-list", "1", "true"]).output();
    if !can_pin.is_ok_and(|output| output.status.success()) {
        return Command::new(binary);
    }
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", "1"]).arg(binary);
    command
}

/// `utime` and `stime` of a `stat` file, whose ticks are hundredths of a second on every Linux.
fn cpu_time(path: &str) -> Result<Duration> {
    ticks(&fs::read_to_string(path)?)
}

fn ticks(stat: &str) -> Result<Duration> {
    // The name before them may hold anything, brackets too.
    let (_, rest) = stat.rsplit_once(") ").context("a strange stat file")?;
    let ticks = rest.split(' ').skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// The threads that follow the journal: one indexes it, one compresses what is full of it.
const BEHIND: [&str; 2] = ["index", "sealer"];
/// How the line begins, of any of them, that says where it listens.
pub(crate) const READY: &str = "listening on http://";
pub(crate) const TOKEN: &str = "load";
const DRAIN_LIMIT: Duration = Duration::from_secs(1_200);
const DRAIN_LOOK: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ticks_of_user_and_system_are_read_whatever_the_name() {
        let stat = "42 (a) name) S 1 42 42 0 -1 4194304 10 0 0 0 150 25 9 9 20 0 1 0 5";
        assert_eq!(ticks(stat).unwrap(), Duration::from_millis(1_750));
    }
}
