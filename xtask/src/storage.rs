//! Measures how soon after a write a browser's stores outlive the browser.

use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use crate::browser::{Browser, Choice, Engine};
use crate::command::Tool;
use crate::node;
use crate::paths;
use crate::step::step;

/// Where, and how often.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The browser; Chromium and Firefox, one after the other, when none is named
    #[arg(long, value_enum)]
    browser: Option<Choice>,
    /// How often each age is tried; a round takes about three minutes
    #[arg(long, default_value_t = 3)]
    rounds: u32,
}

/// `cargo xtask bench storage`.
pub(crate) fn run(options: &Options) -> Result<()> {
    node::require()?;
    node::install_packages()?;
    let engines = options.browser.map_or(&Engine::USUAL[..], Choice::engines);
    engines.iter().try_for_each(|engine| measure(*engine, options.rounds))
}

fn measure(engine: Engine, rounds: u32) -> Result<()> {
    let browser = Browser::find_or_get(engine)?;
    let script = Tool::new("node")
        .args(["--import", "tsx", "storage/measure.ts", engine.name(), &rounds.to_string()])
        .in_folder(&paths::in_root("tests/e2e"))
        .limit(LIMIT * rounds.max(1));
    step(&format!("bench storage {}", engine.name()), "a browser that writes, and is killed", |step| {
        if !step.run_shown(browser.named_in(script))?.status.success() {
            bail!("the browser could not be measured: see above");
        }
        Ok(())
    })
}

/// For one round; it takes half of this on a machine that is busy.
const LIMIT: Duration = Duration::from_secs(600);
