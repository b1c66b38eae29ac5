//! What it costs the server to know every stream it has heard of.

use std::process::Stdio;

use anyhow::{Result, bail};
use clap::Args;

use crate::command::Tool;
use crate::paths;

/// How much.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many streams; a million takes some seconds and 30 MB of disk
    #[arg(long, default_value_t = 50_000_000)]
    streams: u64,
}

/// `cargo xtask bench duplicates`.
pub(crate) fn run(options: &Options) -> Result<()> {
    let program = ["run", "--quiet", "--release", "-p", "beaconry-ingest", "--example", "duplicates", "--"];
    let folder = paths::in_target("xtask/duplicates");
    let tool = Tool::cargo().args(program).arg(options.streams.to_string()).arg(folder);
    let mut running = tool.spawn(Stdio::inherit(), Stdio::inherit())?;
    if !running.child().wait()?.success() {
        bail!("the streams could not be measured: see above");
    }
    Ok(())
}
