//! The attacks that take long: the tests of the server that are left out of an ordinary run.

use std::process::Stdio;

use anyhow::{Result, bail};
use clap::Args;

use crate::command::Tool;

/// Which attacks.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only those whose name holds this
    #[arg(value_name = "NAME", default_value = "attacks")]
    name: String,
}

/// `cargo xtask attack`: one after the other, so that each has the machine for itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    let test = ["test", "-p", "beaconry-ingest", "--test", "server", "--"];
    let alone = ["--ignored", "--test-threads", "1", "--nocapture"];
    let tool = Tool::cargo().args(test).arg(&options.name).args(alone);
    let mut running = tool.spawn(Stdio::inherit(), Stdio::inherit())?;
    if !running.child().wait()?.success() {
        bail!("an attack got through: the lines above say which, and what it did");
    }
    Ok(())
}
