//! A named step: says what it does, shows that it moves, how long it took, and why it failed.
//!
//! On a terminal the last line that the running program printed is shown beside a spinner; elsewhere a step is
//! one line at its start and one at its end. The whole output is in `target/xtask/logs/`.

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};

use crate::command::{Finished, Tool, last_lines, open_log};
use crate::paths;
use crate::stamp::Stamp;

/// A step that is running.
#[derive(Debug)]
pub(crate) struct Step {
    log: File,
    log_path: PathBuf,
    bar: ProgressBar,
}

/// Runs a step and says how long it took.
pub(crate) fn step<T>(name: &str, doing: &str, action: impl FnOnce(&mut Step) -> Result<T>) -> Result<T> {
    let started = Instant::now();
    let (log, log_path) = open_log(name)?;
    let bar = spinner(name, doing);
    if bar.is_hidden() {
        println!("… {name}: {doing}");
    }
    let mut step = Step { log, log_path, bar };
    let done = action(&mut step);
    step.bar.finish_and_clear();
    let took = seconds(started.elapsed());
    match &done {
        Ok(_) => println!("✓ {name}: {doing} ({took})"),
        Err(_) => println!("✗ {name}: {doing} ({took})"),
    }
    done.with_context(|| format!("step `{name}` failed"))
}

/// Runs a step, unless it ran before with the same inputs and its results are still there.
pub(crate) fn step_unless_current(
    name: &str,
    doing: &str,
    stamp: &Stamp,
    action: impl FnOnce(&mut Step) -> Result<()>,
) -> Result<()> {
    if stamp.is_current() {
        up_to_date(name);
        return Ok(());
    }
    stamp.forget()?;
    step(name, doing, action)?;
    stamp.record()
}

/// Says that there is nothing to do.
pub(crate) fn up_to_date(name: &str) {
    println!("= {name}: up to date");
}

/// A duration as a person reads it.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

impl Step {
    /// Runs a program quietly; what it printed. Where it fails, its last lines are shown.
    pub(crate) fn run(&mut self, tool: Tool) -> Result<String> {
        let bar = self.bar.clone();
        let finished = tool.finish(&mut self.log, |line| bar.set_message(line.to_owned()))?;
        if finished.status.success() {
            return Ok(finished.text);
        }
        self.bar.suspend(|| eprintln!("{}", last_lines(&finished.text, 40)));
        bail!("{}; all of its output is in {}", finished.status, paths::shown(&self.log_path))
    }

    /// Runs a program, shows every line as it comes, and leaves the judgement to the caller.
    pub(crate) fn run_shown(&mut self, tool: Tool) -> Result<Finished> {
        let bar = self.bar.clone();
        tool.finish(&mut self.log, |line| bar.suspend(|| println!("  {line}")))
    }

    /// Runs a program quietly; whether it ended well.
    pub(crate) fn try_run(&mut self, tool: Tool) -> Result<bool> {
        let bar = self.bar.clone();
        let finished = tool.finish(&mut self.log, |line| bar.set_message(line.to_owned()))?;
        Ok(finished.status.success())
    }
}

fn spinner(name: &str, doing: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    let template = format!("{{spinner}} {name}: {doing} {{elapsed}} {{wide_msg}}");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
