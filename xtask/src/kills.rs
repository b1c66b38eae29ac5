//! SIGKILL for the real server, many times, under load: what was acknowledged has to be there, once.

use std::process::Stdio;

use anyhow::{Result, bail};
use clap::Args;

use crate::command::Tool;

/// How often.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many kills: under load, while a start recovers, while the index is made anew
    #[arg(long, default_value_t = 100)]
    count: u64,
}

/// Runs the test of the server with so many kills, and shows its table.
pub(crate) fn run(options: &Options) -> Result<()> {
    let tool = Tool::cargo()
        .args([
            "test",
            "--quiet",
            "-p",
            "beaconry-ingest",
            "--test",
            "server",
            "--",
            "--nocapture",
            "--exact",
        ])
        .arg("kills::kills_at_any_moment_lose_nothing_and_repeat_nothing")
        .env("BEACONRY_KILLS", options.count.to_string());
    let mut running = tool.spawn(Stdio::inherit(), Stdio::inherit())?;
    if !running.child().wait()?.success() {
        bail!("the lines above say what was lost or repeated; the data folder is kept in target/tmp/kills");
    }
    Ok(())
}
