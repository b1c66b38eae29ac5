//! The simulator, optimised: a long run, or one seed again.

use std::process::Stdio;

use anyhow::{Result, bail};
use clap::Args;

use crate::command::Tool;

/// Which seeds.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The first seed
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many seeds
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
}

/// Runs the seeds and shows what the simulator says.
pub(crate) fn run(options: &Options) -> Result<()> {
    let tool = Tool::cargo().args(["run", "--quiet", "--release", "-p", "beaconry-simulation", "--"]).args([
        "--seed",
        &options.seed.to_string(),
        "--seeds",
        &options.seeds.to_string(),
    ]);
    let mut running = tool.spawn(Stdio::inherit(), Stdio::inherit())?;
    if !running.child().wait()?.success() {
        bail!("a seed fails: the line above says which, and how to run it again");
    }
    Ok(())
}
