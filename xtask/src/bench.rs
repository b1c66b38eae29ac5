//! Benchmarks: each prints a table, and fails only where records were lost or stored twice. Nothing here is timed
//! by a test.

use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Subcommand, ValueEnum};

use crate::browser::Browser;
use crate::build;
use crate::command::{Tool, on_path};
use crate::example::TOKEN;
use crate::package;
use crate::paths;
use crate::step::step;

/// What to measure.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// What the client costs a page, and which records arrive whatever happens
    Client(ClientOptions),
}

/// Which part of it, and where.
#[derive(Debug, Args)]
pub(crate) struct ClientOptions {
    /// The browser; the speed table needs Chromium
    #[arg(long, value_enum, default_value_t = Engine::Chromium)]
    browser: Engine,
    /// One of the two tables
    #[arg(long, value_enum)]
    only: Option<Table>,
    /// Only the faults whose name contains this
    #[arg(long)]
    fault: Option<String>,
}

/// The browsers that the end-to-end tests drive.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Engine {
    Chromium,
    Firefox,
}

/// The tables of the client.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Table {
    Speed,
    Delivery,
}

/// `cargo xtask bench`.
pub(crate) fn run(task: &Task) -> Result<()> {
    match task {
        Task::Client(options) => client(options),
    }
}

fn client(options: &ClientOptions) -> Result<()> {
    let browser = Browser::find_or_get()?;
    let built = build::everything()?;
    let firefox = ["firefox-esr", "firefox"].iter().find_map(|name| on_path(name));
    let script = Tool::new("node")
        .args(["--import", "tsx", "bench/client.ts"])
        .args(arguments(options))
        .in_folder(&paths::in_root("tests/e2e"))
        .env("BEACONRY_SERVER_BIN", &built.server)
        .env("BEACONRY_PACKAGE", package::folder())
        .env("BEACONRY_TOKEN", TOKEN)
        .env("BEACONRY_ENGINE", value_name(options.browser))
        .env("BEACONRY_CHROMIUM", &browser.chromium)
        .env("BEACONRY_FIREFOX", firefox.unwrap_or_default())
        .limit(LIMIT);
    step("bench client", "speed in one page, and delivery under every fault", |step| {
        if !step.run_shown(script)?.status.success() {
            bail!("records were lost or stored twice, or something could not be measured: see above");
        }
        Ok(())
    })
}

fn arguments(options: &ClientOptions) -> Vec<String> {
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
        let options = |only, fault: Option<&str>| ClientOptions {
            browser: Engine::Firefox,
            only,
            fault: fault.map(str::to_owned),
        };
        assert_eq!(arguments(&options(None, None)), [""; 0]);
        assert_eq!(
            arguments(&options(Some(Table::Delivery), Some("429"))),
            ["--only=delivery", "--fault=429"]
        );
        assert_eq!(value_name(Engine::Firefox), "firefox");
    }
}
