//! The programs that we started: they end with us, each with what it started itself.
//!
//! Each leads a process group of its own, and is ended by the id of that group: a test that cargo runs ends when
//! cargo has to. On Ctrl-C, SIGTERM or SIGHUP every running program is asked to end; then whoever waits for it sees that it
//! ended, and nothing more is started. A second signal ends us at once.

use std::collections::BTreeSet;
use std::fmt;
use std::process::{self, Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::command::Tool;

/// A running program; dropping it ends it and its group.
#[must_use = "dropping it ends the program"]
pub(crate) struct Running {
    child: Child,
    name: String,
}

impl Running {
    /// Takes charge of a program.
    pub(crate) fn new(name: impl Into<String>, child: Child) -> Self {
        started().insert(child.id());
        Self { child, name: name.into() }
    }

    /// What a person calls it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The program itself, for its pipes and its status.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// True when it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks it to end, waits a moment, then ends it.
    fn end(&mut self) {
        if self.has_ended() {
            return;
        }
        ask_to_end(self.child.id());
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            if self.has_ended() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        signal("-KILL", self.child.id());
        self.child.wait().ok();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
        started().remove(&self.child.id());
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {})", self.name, self.child.id())
    }
}

/// From now on a signal ends what we started before it ends us.
pub(crate) fn end_all_on_signal() -> Result<()> {
    ctrlc::set_handler(|| {
        if STOPPED.swap(true, Ordering::SeqCst) {
            process::exit(130);
        }
        started().iter().copied().for_each(ask_to_end);
    })
    .context("Ctrl-C cannot be listened for")
}

/// True once a person, or the system, wants us to end.
pub(crate) fn is_stopped() -> bool {
    STOPPED.load(Ordering::SeqCst)
}

/// Before something new is started: nothing is, once we were told to end.
pub(crate) fn go_on() -> Result<()> {
    if is_stopped() {
        bail!("stopped");
    }
    Ok(())
}

/// Called before a program is started.
pub(crate) fn lead_a_group(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
}

fn ask_to_end(group: u32) {
    signal("-TERM", group);
}

fn signal(signal: &str, group: u32) {
    Tool::new("kill").args([signal, "--", &format!("-{group}")]).answer();
}

fn started() -> MutexGuard<'static, BTreeSet<u32>> {
    STARTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Known to the signal handler, hence for the whole process.
static STARTED: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());
static STOPPED: AtomicBool = AtomicBool::new(false);
const PATIENCE: Duration = Duration::from_secs(5);
