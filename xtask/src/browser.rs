//! The Chromium that tests and the demo drive, and its chromedriver.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::command::on_path;
use crate::debian;
use crate::paths;
use crate::step::{step, up_to_date};

/// A Chromium with the driver that fits it.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The browser.
    pub(crate) chromium: PathBuf,
    /// What speaks WebDriver for it.
    pub(crate) chromedriver: PathBuf,
}

impl Browser {
    /// The browser of this machine, installed where that is possible.
    pub(crate) fn find_or_get() -> Result<Self> {
        if let Some(browser) = Self::find() {
            up_to_date("Chromium");
            return Ok(browser);
        }
        if !debian::can_install() {
            bail!(HOW_TO_GET);
        }
        step("Chromium", "apt-get install chromium chromium-driver", |step| {
            debian::install(step, &["chromium", "chromium-driver"]).context(HOW_TO_GET)?;
            Self::find().context(HOW_TO_GET)
        })
    }

    /// Writes the options with which wasm-bindgen's test runner starts the browser; the driver gives each
    /// session an empty profile of its own.
    pub(crate) fn write_webdriver_options(&self) -> Result<PathBuf> {
        let options = json!({ "goog:chromeOptions": { "binary": self.chromium, "args": FLAGS } });
        let path = paths::in_target("xtask/webdriver.json");
        fs::create_dir_all(paths::in_target("xtask"))?;
        fs::write(&path, options.to_string())?;
        Ok(path)
    }

    fn find() -> Option<Self> {
        let chromium = named_or_found("BEACONRY_CHROMIUM", &CHROMIUM)?;
        let chromedriver = named_or_found("BEACONRY_CHROMEDRIVER", &CHROMEDRIVER)?;
        Some(Self { chromium, chromedriver })
    }
}

/// What the environment names, else the first on the PATH, else where Debian puts it.
fn named_or_found(variable: &str, names: &[&str]) -> Option<PathBuf> {
    if let Some(named) = env::var_os(variable).filter(|named| !named.is_empty()) {
        return Some(named.into());
    }
    let in_usr_bin = |name: &&str| Some(Path::new("/usr/bin").join(name)).filter(|path| path.is_file());
    names.iter().find_map(|name| on_path(name)).or_else(|| names.iter().find_map(in_usr_bin))
}

const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const CHROMEDRIVER: [&str; 2] = ["chromedriver", "chromium.chromedriver"];
const HOW_TO_GET: &str = "Chromium or its chromedriver is missing: install both (on Debian \
    `apt-get install chromium chromium-driver`) or name them in BEACONRY_CHROMIUM and BEACONRY_CHROMEDRIVER";

/// Headless, as root, and without calls of the browser's own into the network.
const FLAGS: [&str; 7] = [
    "headless=new",
    "no-sandbox",
    "disable-gpu",
    "no-first-run",
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
];
