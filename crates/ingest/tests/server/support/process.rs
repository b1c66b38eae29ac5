//! The server as a process.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Batch, Folder, KEY, Reply, Request, eventually};

/// A running server; killed when the test ends.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    out: BufReader<ChildStdout>,
}

impl Server {
    pub(crate) fn start(folder: &Folder) -> Self {
        Self::start_with(folder, &["--token", KEY])
    }

    pub(crate) fn start_with(folder: &Folder, options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_beaconry"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path()).args(options);
        Self::start_command(command)
    }

    /// With room for so few open files and connections that a test can use it up.
    pub(crate) fn start_with_few_descriptors(folder: &Folder) -> Self {
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -n 256; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_beaconry")])
            .args(["serve", "--listen", "127.0.0.1:0", "--token", KEY, "--data"])
            .arg(folder.path());
        Self::start_command(command)
    }

    pub(crate) fn start_command(mut command: Command) -> Self {
        Self::start_logging(&mut command, Stdio::null())
    }

    /// Lets it write its log somewhere.
    pub(crate) fn start_logging(command: &mut Command, log: impl Into<Stdio>) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        out.read_line(&mut ready).unwrap();
        let address = ready.trim_end().strip_prefix("beaconry is listening on http");
        let address = address.and_then(|rest| rest.trim_start_matches('s').strip_prefix("://"));
        let address = address.unwrap_or_else(|| panic!("not ready: {ready:?}")).parse().unwrap();
        Self { child, address, out }
    }

    pub(crate) fn send(&self, request: &Request) -> Reply {
        request.send(self.address).unwrap()
    }

    /// Sends a batch and expects it to be taken apart, whatever becomes of its records.
    pub(crate) fn store(&self, batch: &Batch) -> Value {
        let reply = self.send(&Request::batch(batch.to_json()));
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()
    }

    pub(crate) fn get(&self, target: &str) -> Value {
        let reply = self.send(&Request::get(target));
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()
    }

    /// Waits until everything that is stored can be found, and says how much that is.
    pub(crate) fn indexed(&self) -> u64 {
        eventually("the index catches up", || {
            let health = self.get("/api/health");
            (health["indexLag"] == 0).then(|| health["indexed"].as_u64().unwrap())
        })
    }

    /// Every stored record, oldest first, page by page.
    pub(crate) fn all_events(&self) -> Vec<Value> {
        self.indexed();
        let mut events = Vec::new();
        let mut target = "/api/events?limit=1000".to_owned();
        loop {
            let page = self.get(&target);
            events.extend(page["events"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_u64() else { break };
            target = format!("/api/events?limit=1000&before={next}");
        }
        events.reverse();
        events
    }

    /// What the server sees of the file system.
    pub(crate) fn root(&self) -> PathBuf {
        format!("/proc/{}/root", self.child.id()).into()
    }

    /// The most memory that the process ever had, in KiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The rest of what it printed when it was ready.
    pub(crate) fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line
    }

    /// SIGKILL: no chance to put anything in order.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, without waiting for what comes of it.
    pub(crate) fn tell_to_stop(&self) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
    }

    /// SIGTERM, and what came of it.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.tell_to_stop();
        eventually("the server ends", || self.child.try_wait().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command that is expected to end by itself.
pub(crate) fn run_to_end(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beaconry"));
    command.args(arguments).envs(environment.iter().copied());
    to_end(command)
}

/// The same, of a command that was put together elsewhere.
pub(crate) fn to_end(mut command: Command) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while child.try_wait().unwrap().is_none() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    // Without effect on one that has ended; one that has not is no success.
    let _ = child.kill();
    child.wait_with_output().unwrap()
}

/// Runs a command again and again, and kills it after each of these milliseconds. Where in its work the
/// kill comes does not matter, as long as it comes in many places.
pub(crate) fn kill_after_each(pauses: &[u64], arguments: &[&str]) {
    for pause in pauses {
        let mut killed = Command::new(env!("CARGO_BIN_EXE_beaconry"))
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(*pause));
        let _ = killed.kill();
        killed.wait().unwrap();
    }
}
