//! Every developer command of this repository: `cargo xtask help`.
//!
//! A command is a list of named steps. Each step says what it does and how long it took, does nothing when its
//! result is already there, and ends in one line that says what is missing and how to get it. Nothing here asks
//! for a tool that it can get by itself, and nothing is installed outside `target/` and `node_modules/`, except
//! the wasm target of rustup and, where this runs as root on Debian, packages by apt.

// Printing is what a developer command is for; the lint guards the libraries.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod attack;
mod bench;
mod bindgen;
mod browser;
mod build;
mod bundle;
mod child;
mod ci;
mod client;
mod command;
mod debian;
mod demo;
mod duplicates;
mod example;
mod fuzz;
mod geckodriver;
mod glue;
mod ingest;
mod kills;
mod live;
mod names;
mod node;
mod package;
mod page;
mod paths;
mod peers;
mod rust_app;
mod screen;
mod server;
mod setup;
mod simulate;
mod size;
mod stamp;
mod step;
mod storage;
mod suites;
mod summary;
mod test;
#[cfg(test)]
mod tidy;
mod toolchain;
mod types;
mod wasm;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// What was typed after `cargo xtask`.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Every developer command of Beaconry",
    after_help = AFTER_HELP,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

/// The commands, in the order in which a newcomer meets them.
#[derive(Debug, Subcommand)]
enum Task {
    /// Build everything and show it at work: server, example app, records arriving
    Demo(demo::Options),
    /// Set up what is missing and run all tests
    Test(test::Options),
    /// Get what the other commands need: wasm target, wasm-bindgen, npm packages, Chromium, Firefox
    Setup,
    /// Build the wasm, the npm package, the dashboard, the server and the example app
    Build,
    /// Run the simulator on many seeds, or on one again
    Simulate(simulate::Options),
    /// Feed random input to everything that reads what strangers wrote
    Fuzz(fuzz::Options),
    /// Attack the server for longer than the tests do: floods, and thousands of slow connections
    Attack(attack::Options),
    /// Kill the real server under load, many times, and count what is lost or stored twice
    Kills(kills::Options),
    /// Write the schema and the TypeScript types of the wire contract anew, from crates/protocol
    Types,
    /// Measure what a browser downloads and compare it with bench/size-budget.json
    Size(size::Options),
    /// Measure: each benchmark prints a table
    #[command(subcommand)]
    Bench(bench::Task),
    /// What CI runs: format, lints, docs, tests, size, and the demo without a person
    Ci,
}

fn main() -> ExitCode {
    let task = Cli::parse().command;
    match child::end_all_on_signal().and_then(|()| run(task)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Demo(options) => demo::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Setup => setup::everything(),
        Task::Build => build::everything().map(drop),
        Task::Simulate(options) => simulate::run(&options),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Attack(options) => attack::run(&options),
        Task::Kills(options) => kills::run(&options),
        Task::Types => types::run(),
        Task::Size(options) => size::run(&options),
        Task::Bench(task) => bench::run(&task),
        Task::Ci => ci::run(),
    }
}

const AFTER_HELP: &str = "\
Start with `cargo xtask demo`. It needs cargo and Node.js 20 or newer; it gets the rest by itself.

Tests that drive a page run in Chromium and Firefox. `cargo xtask test wasm e2e --browser webkit` runs them in
WebKitGTK, `--browser all` in all three.

What a step printed is kept in target/xtask/logs/.

Environment:
  BEACONRY_WASM_TOOLCHAIN  rustup or debian: how the wasm target is had (default: whichever works)
  BEACONRY_CHROMIUM        the Chromium to use (default: the one on the PATH)
  BEACONRY_CHROMEDRIVER    its chromedriver (default: the one on the PATH)
  BEACONRY_FIREFOX         the Firefox to use (default: the one on the PATH)
  BEACONRY_GECKODRIVER     its driver (default: the one on the PATH, else built into target/tools)
  BEACONRY_MINIBROWSER     WebKitGTK's browser, for `--browser webkit` (default: where Debian and Fedora put it)
  BEACONRY_WEBKITDRIVER    its driver (default: the WebKitWebDriver on the PATH)";
