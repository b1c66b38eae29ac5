//! Shows the whole path: a real page, the real server, records arriving. With `--check` a browser does the
//! clicking and the end is a comparison of what the pages recorded with what the server stored.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use crate::browser::{Browser, Engine};
use crate::build::{self, Built};
use crate::child::{self, Running};
use crate::command::Tool;
use crate::example::{Addresses, TOKEN};
use crate::live;
use crate::paths;
use crate::server;
use crate::step::step;

/// How to show it.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Without a person: drive a browser through the app, kill the server in between, compare at the end
    #[arg(long)]
    check: bool,
}

/// `cargo xtask demo`.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.check { check() } else { show() }
}

/// `cargo xtask demo --check`.
pub(crate) fn check() -> Result<()> {
    let browser = Browser::find_or_get(Engine::Chromium)?;
    let addresses = Addresses::free()?;
    let built = build::everything_for(&addresses)?;
    let data = paths::in_target("demo/check");
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    let _app = server::start_app(&built.example, &addresses)?;
    step("demo --check", "a browser in the app, the server killed in between", |step| {
        let finished = step.run_shown(check_script(&browser, &built, &data, &addresses))?;
        if !finished.status.success() {
            bail!("what was recorded and what is stored differ, or the page could not be driven: see above");
        }
        Ok(())
    })
}

fn check_script(browser: &Browser, built: &Built, data: &PathBuf, addresses: &Addresses) -> Tool {
    let script = Tool::new("node")
        .args(["--import", "tsx", "demo-check.ts"])
        .in_folder(&paths::in_root("tests/e2e"))
        .env("BEACONRY_SERVER_BIN", &built.server)
        .env("BEACONRY_SERVER_PORT", addresses.server_port.to_string())
        .env("BEACONRY_DATA", data)
        .env("BEACONRY_TOKEN", TOKEN)
        .env("BEACONRY_APP_URL", addresses.app())
        .limit(CHECK_LIMIT);
    browser.named_in(script)
}

fn show() -> Result<()> {
    let addresses = Addresses::free()?;
    let built = build::everything_for(&addresses)?;
    let server = server::start(&built.server, &paths::in_target("demo/data"), &addresses)?;
    let app = server::start_app(&built.example, &addresses)?;
    println!("\nThe app:        {}", addresses.app());
    println!("The dashboard:  {}/admin", addresses.server());
    println!(
        "\nOpen the app in a browser and click about. Records are shown here as they are stored; Ctrl-C ends.\n"
    );
    let port = addresses.server_port;
    thread::spawn(move || {
        if let Err(error) = live::print_records(port) {
            eprintln!("the live feed cannot be read: {error:#}");
        }
    });
    wait([server, app])
}

/// Waits until a person stops the demo, or one of its programs ends without being asked.
fn wait<const N: usize>(mut programs: [Running; N]) -> Result<()> {
    while !child::is_stopped() {
        thread::sleep(Duration::from_millis(200));
        let ended = programs.iter_mut().find_map(|program| program.has_ended().then(|| program.name()));
        if let Some(name) = ended.filter(|_| !child::is_stopped()) {
            bail!("{name} ended by itself; what it printed is in target/xtask/logs/");
        }
    }
    println!("\nEnding what was started …");
    drop(programs);
    Ok(())
}

const CHECK_LIMIT: Duration = Duration::from_secs(600);
