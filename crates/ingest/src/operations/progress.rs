//! How far long work is, told to whoever waits for it.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Is told how far work is.
pub trait Progress: Sync {
    /// `done` of `total` parts of a step are done: bytes, or records. Another `what` begins another step.
    fn tell(&self, what: &str, done: u64, total: u64);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn tell(&self, _what: &str, _done: u64, _total: u64) {}
}

/// Tells the person at the terminal by a bar on standard error, or a log by one line a step.
#[derive(Debug)]
pub struct Bar(Mutex<Step>);

#[derive(Debug)]
struct Step {
    what: String,
    bar: ProgressBar,
    is_terminal: bool,
}

impl Bar {
    /// Shows nothing before it is told something.
    pub fn new() -> Self {
        let is_terminal = io::stderr().is_terminal();
        Self(Mutex::new(Step { what: String::new(), bar: ProgressBar::hidden(), is_terminal }))
    }
}

impl Default for Bar {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for Bar {
    fn tell(&self, what: &str, done: u64, total: u64) {
        let mut step = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if step.what != what {
            step.begin(what);
        }
        step.bar.set_length(total);
        step.bar.set_position(done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).bar.finish_and_clear();
    }
}

impl Step {
    fn begin(&mut self, what: &str) {
        self.bar.finish_and_clear();
        what.clone_into(&mut self.what);
        if !self.is_terminal {
            // A log that cannot be written is no reason to stop.
            let _ = writeln!(io::stderr(), "{what} …");
            return;
        }
        self.bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            self.bar.set_style(style);
        }
        self.bar.set_message(what.to_owned());
    }
}

const TEMPLATE: &str = "{msg} {wide_bar} {percent} %, {eta} left";
