//! Measures what the client costs a page, and which records arrive whatever happens.

use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::browser::{Browser, Choice, Engine};
use crate::build;
use crate::command::Tool;
use crate::example::TOKEN;
use crate::package;
use crate::paths;
use crate::step::step;

/// Which part of it, and where.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The browser, Chromium when none is named; the speed table needs Chromium
    #[arg(long, value_enum)]
    browser: Option<Choice>,
    /// One of the tables; the start-up alone is a part of the speed table
    #[arg(long, value_enum)]
    only: Option<Table>,
    /// Only the faults whose name contains this
    #[arg(long)]
    fault: Option<String>,
}

/// The tables of the client.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Table {
    Speed,
    Hooks,
    StartUp,
    Delivery,
}

/// `cargo xtask bench client`.
pub(crate) fn run(options: &Options) -> Result<()> {
    let engines = options.browser.map_or(&[Engine::Chromium][..], Choice::engines);
    engines.iter().try_for_each(|engine| measure(*engine, options))
}

fn measure(engine: Engine, options: &Options) -> Result<()> {
    let browser = Browser::find_or_get(engine)?;
    let built = build::everything()?;
    let script = Tool::new("node")
        .args(["--import", "tsx", "bench/client.ts"])
        .args(arguments(options))
        .in_folder(&paths::in_root("tests/e2e"))
        .env("BEACONRY_SERVER_BIN", &built.server)
        .env("BEACONRY_PACKAGE", package::folder())
        .env("BEACONRY_TOKEN", TOKEN)
        .limit(LIMIT);
    step(
        &format!("bench client {}", engine.name()),
        "speed in one page, delivery under every fault",
        |step| {
            if !step.run_shown(browser.named_in(script))?.status.success() {
                bail!("records were lost or stored twice, or something could not be measured: see above");
            }
            Ok(())
        },
    )
}

fn arguments(options: &Options) -> Vec<String> {
    let mut arguments = Vec::new();
    arguments.extend(options.only.map(|table| format!("--only={}", value_name(table))));
    arguments.extend(options.fault.as_ref().map(|fault| format!("--fault={fault}")));
    arguments
}

/// The word by which a value is given on the command line.
fn value_name(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Twice what it takes on a machine with two busy cores.
const LIMIT: Duration = Duration::from_secs(1_500);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_what_the_script_is_told() {
        let options =
            |only, fault: Option<&str>| Options { browser: None, only, fault: fault.map(str::to_owned) };
        assert_eq!(arguments(&options(None, None)), [""; 0]);
        assert_eq!(
            arguments(&options(Some(Table::Delivery), Some("429"))),
            ["--only=delivery", "--fault=429"]
        );
        assert_eq!(arguments(&options(Some(Table::StartUp), None)), ["--only=start-up"]);
    }
}
