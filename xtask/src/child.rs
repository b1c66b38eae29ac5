//! A program that runs beside us and ends with us.

use std::fmt;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use crate::command::Tool;

/// A running program; dropping it ends it, by its own process id.
#[must_use = "dropping it ends the program"]
pub(crate) struct Running {
    child: Child,
    name: &'static str,
}

impl Running {
    /// Takes charge of a program.
    pub(crate) fn new(name: &'static str, child: Child) -> Self {
        Self { child, name }
    }

    /// What a person calls it.
    pub(crate) fn name(&self) -> &'static str {
        self.name
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
        Tool::new("kill").args(["-TERM", &self.child.id().to_string()]).answer();
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            if self.has_ended() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {})", self.name, self.child.id())
    }
}

const PATIENCE: Duration = Duration::from_secs(3);
