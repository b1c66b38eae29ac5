//! The simulator, optimised: many seeds, hours of them, or one again.

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
    /// Run for so many hours instead, and say from time to time how far it is
    #[arg(long, value_name = "HOURS", num_args = 0..=1, default_missing_value = "8", conflicts_with = "seeds")]
    long: Option<f64>,
    /// Print everything that happens in the first seed, and run no other
    #[arg(long, conflicts_with = "long")]
    trace: bool,
}

/// Runs the seeds and shows what the simulator says.
pub(crate) fn run(options: &Options) -> Result<()> {
    let tool = Tool::cargo().args(["run", "--quiet", "--release", "-p", "beaconry-simulation", "--"]);
    let mut running = tool.args(arguments(options)).spawn(Stdio::inherit(), Stdio::inherit())?;
    if !running.child().wait()?.success() {
        bail!("a seed fails: the lines above say which, and how to see what happens in it");
    }
    Ok(())
}

fn arguments(options: &Options) -> Vec<String> {
    let mut arguments = vec![format!("--seed={}", options.seed)];
    match options.long {
        Some(hours) => arguments.push(format!("--long={hours}")),
        None => arguments.push(format!("--seeds={}", options.seeds)),
    }
    if options.trace {
        arguments.push("--trace".to_owned());
    }
    arguments
}
