//! `cargo xtask bench ingest`: what a record costs the server.
//!
//! The load, the floors and the tables are the binary of `crates/load`; it is built here beside the server,
//! both optimised, and given a core of its own where there are two.

use std::process::Stdio;

use anyhow::{Result, bail};
use clap::Args;

use crate::browser::found;
use crate::command::Tool;
use crate::paths;
use crate::step::step;

/// How long, how much, and which table.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Seconds of load for each row
    #[arg(long, default_value_t = 8.0)]
    seconds: f64,
    /// Seconds of load for the row of minutes
    #[arg(long, default_value_t = 180.0)]
    long_seconds: f64,
    /// Records on disk for the start, 1.2 KB each; the folder is kept in target/bench for the next time
    #[arg(long, default_value_t = 10_000_000)]
    records: u64,
    /// One of the tables: cost, long, memory or start
    #[arg(long, value_parser = ["cost", "long", "memory", "start"])]
    only: Option<String>,
}

/// Builds both binaries and shows what the load prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    step("bench ingest", "the server and its load, optimised", |step| {
        let build = ["build", "--release", "-p", "beaconry-ingest", "-p", "beaconry-load"];
        step.run(Tool::cargo().args(build)).map(drop)
    })?;
    let load = on_first_core().args(arguments(options));
    let mut running = load.spawn(Stdio::inherit(), Stdio::inherit())?;
    if !running.child().wait()?.success() {
        bail!("the measurement broke off: see above");
    }
    Ok(())
}

/// The load on the first core; it puts the servers on the second.
fn on_first_core() -> Tool {
    let binary = paths::in_target("release/load");
    match found(&["taskset"]) {
        Some(taskset) => Tool::new(taskset).args(["--cpu-list", "0"]).arg(binary),
        None => Tool::new(binary),
    }
}

fn arguments(options: &Options) -> Vec<String> {
    let mut arguments = vec![
        "measure".to_owned(),
        format!("--server={}", paths::in_target("release/beaconry").display()),
        format!("--scratch={}", paths::in_target("bench").display()),
        format!("--seconds={}", options.seconds),
        format!("--long-seconds={}", options.long_seconds),
        format!("--records={}", options.records),
    ];
    arguments.extend(options.only.as_ref().map(|table| format!("--only={table}")));
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_what_the_load_is_told() {
        let options =
            Options { seconds: 2.5, long_seconds: 60.0, records: 1_000, only: Some("memory".to_owned()) };
        let told = arguments(&options);
        assert_eq!(told[0], "measure");
        assert_eq!(told[3..], ["--seconds=2.5", "--long-seconds=60", "--records=1000", "--only=memory"]);
    }
}
