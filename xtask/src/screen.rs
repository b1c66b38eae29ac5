//! A screen that nobody sees, for a browser that cannot do without one.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::browser::found;
use crate::child::Running;
use crate::command::{Tool, open_log};

/// A running Xvfb; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Screen {
    name: String,
    _server: Running,
}

impl Screen {
    /// True when Xvfb is installed.
    pub(crate) fn can_start() -> bool {
        found(&["Xvfb"]).is_some()
    }

    /// Starts Xvfb on a number that is free, and waits until it says which.
    pub(crate) fn start() -> Result<Self> {
        let xvfb = found(&["Xvfb"]).context("Xvfb is missing: on Debian `apt-get install xvfb`")?;
        let (log, _) = open_log("xvfb")?;
        let screen = Tool::new(xvfb).args(["-displayfd", "1", "-screen", "0", SIZE, "-nolisten", "tcp"]);
        let mut server = screen.spawn(Stdio::piped(), log)?;
        let stdout = server.child().stdout.take().context("Xvfb has no standard output")?;
        let mut number = String::new();
        // It ends without a word when it cannot start: then this ends too.
        BufReader::new(stdout).read_line(&mut number)?;
        let number = number.trim();
        number.parse::<u32>().context("Xvfb did not start: see target/xtask/logs/xvfb.log")?;
        Ok(Self { name: format!(":{number}"), _server: server })
    }

    /// What programs find it by.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

const SIZE: &str = "1280x800x24";
