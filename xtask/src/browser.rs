//! The browsers that tests and the demo drive, each with what speaks WebDriver for it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::command::{Tool, on_path};
use crate::debian;
use crate::geckodriver;
use crate::paths;
use crate::screen::Screen;
use crate::step::{step, up_to_date};

/// A browser that is not like the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// Chrome, Edge and most others.
    Chromium,
    /// Firefox, long-term.
    Firefox,
    /// What Safari has inside.
    Webkit,
}

/// The browsers of a run, as they are asked for on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Choice {
    /// Chromium
    Chromium,
    /// Firefox ESR
    Firefox,
    /// WebKitGTK, on a screen of its own
    Webkit,
    /// All three
    All,
}

/// A browser of this machine, with the driver that fits it.
#[derive(Debug)]
pub(crate) struct Browser {
    engine: Engine,
    program: PathBuf,
    driver: PathBuf,
    /// WebKitGTK shows its window; the others need none.
    screen: Option<Screen>,
}

impl Engine {
    /// Those that every run of the tests, and CI, is made in.
    pub(crate) const USUAL: [Self; 2] = [Self::Chromium, Self::Firefox];

    /// The name in summaries and on the command line, and what the end-to-end tests call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::Webkit => "webkit",
        }
    }
}

impl Choice {
    /// The engines that are meant.
    pub(crate) fn engines(self) -> &'static [Engine] {
        match self {
            Self::Chromium => &[Engine::Chromium],
            Self::Firefox => &[Engine::Firefox],
            Self::Webkit => &[Engine::Webkit],
            Self::All => &[Engine::Chromium, Engine::Firefox, Engine::Webkit],
        }
    }
}

impl Browser {
    /// The browser of this machine, installed where that is possible.
    pub(crate) fn find_or_get(engine: Engine) -> Result<Self> {
        let facts = engine.facts();
        if let Some(program) = engine.program() {
            up_to_date(facts.name);
            return Self::with_driver(engine, program);
        }
        if !debian::can_install() {
            bail!(facts.how_to_get);
        }
        let doing = format!("apt-get install {}", facts.packages.join(" "));
        let program = step(facts.name, &doing, |step| {
            debian::install(step, facts.packages).context(facts.how_to_get)?;
            engine.program().context(facts.how_to_get)
        })?;
        Self::with_driver(engine, program)
    }

    /// Which one it is.
    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    /// Tells the end-to-end tests where it is, and that it is the one to drive.
    pub(crate) fn named_in(&self, tool: Tool) -> Tool {
        let (program, driver) = (self.engine.facts().program, self.engine.facts().driver);
        let tool = tool
            .env("BEACONRY_ENGINE", self.engine.name())
            .env(program, &self.program)
            .env(driver, &self.driver);
        self.on_its_screen(tool)
    }

    /// Has wasm-bindgen's test runner start it; the driver gives each session an empty profile of its own.
    pub(crate) fn driven_by(&self, test_runner: Tool) -> Result<Tool> {
        let tool = test_runner
            .env(self.engine.facts().driver_for_test_runner, &self.driver)
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", self.write_webdriver_options()?);
        Ok(self.on_its_screen(tool))
    }

    fn with_driver(engine: Engine, program: PathBuf) -> Result<Self> {
        let driver = match engine.driver() {
            Some(driver) => driver,
            None if engine == Engine::Firefox => geckodriver::build()?,
            None => bail!(engine.facts().how_to_get),
        };
        let screen = (engine == Engine::Webkit).then(Screen::start).transpose()?;
        Ok(Self { engine, program, driver, screen })
    }

    fn on_its_screen(&self, tool: Tool) -> Tool {
        match &self.screen {
            Some(screen) => tool.env("DISPLAY", screen.name()),
            None => tool,
        }
    }

    fn write_webdriver_options(&self) -> Result<PathBuf> {
        let path = paths::in_target("xtask").join(format!("webdriver-{}.json", self.engine.name()));
        fs::create_dir_all(paths::in_target("xtask"))?;
        fs::write(&path, self.webdriver_options().to_string())?;
        Ok(path)
    }

    fn webdriver_options(&self) -> Value {
        match self.engine {
            Engine::Chromium => {
                json!({ "goog:chromeOptions": { "binary": self.program, "args": CHROMIUM_FLAGS } })
            }
            Engine::Firefox => {
                json!({ "moz:firefoxOptions": { "binary": self.program, "args": ["-headless"] } })
            }
            Engine::Webkit => {
                json!({ "webkitgtk:browserOptions": { "binary": self.program, "args": ["--automation"] } })
            }
        }
    }
}

/// What is to be known of a browser to find it.
struct Facts {
    name: &'static str,
    /// The variables by which a person names the browser and its driver, and the end-to-end tests find them.
    program: &'static str,
    driver: &'static str,
    /// The variable by which wasm-bindgen's test runner finds the driver.
    driver_for_test_runner: &'static str,
    /// Debian's packages.
    packages: &'static [&'static str],
    how_to_get: &'static str,
}

impl Engine {
    fn facts(self) -> &'static Facts {
        match self {
            Self::Chromium => &CHROMIUM,
            Self::Firefox => &FIREFOX,
            Self::Webkit => &WEBKIT,
        }
    }

    fn program(self) -> Option<PathBuf> {
        let named = named(self.facts().program);
        let found = || match self {
            Self::Chromium => {
                found(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
            }
            Self::Firefox => found(&["firefox-esr", "firefox"]),
            Self::Webkit => mini_browser(),
        };
        // A browser without its driver is installed again, with it.
        let is_whole = self == Self::Firefox || self.driver().is_some();
        let is_shown = self != Self::Webkit || Screen::can_start();
        named.or_else(found).filter(|_| is_whole && is_shown)
    }

    fn driver(self) -> Option<PathBuf> {
        named(self.facts().driver).or_else(|| match self {
            Self::Chromium => found(&["chromedriver", "chromium.chromedriver"]),
            Self::Firefox => found(&["geckodriver"]).or_else(geckodriver::built),
            Self::Webkit => found(&["WebKitWebDriver"]),
        })
    }
}

/// What the environment names.
fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|named| !named.is_empty()).map(PathBuf::from)
}

/// The first on the PATH, else where Debian puts it.
pub(crate) fn found(names: &[&str]) -> Option<PathBuf> {
    let in_usr_bin = |name: &&str| Some(Path::new("/usr/bin").join(name)).filter(|path| path.is_file());
    names.iter().find_map(|name| on_path(name)).or_else(|| names.iter().find_map(in_usr_bin))
}

/// The browser that comes with WebKitGTK is not on the PATH: it is there for its driver.
fn mini_browser() -> Option<PathBuf> {
    let homes = ["/usr/libexec", "/usr/lib64", "/usr/lib"].map(PathBuf::from);
    let below_lib = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    let homes = homes.into_iter().chain(below_lib);
    homes.map(|home| home.join("webkit2gtk-4.1/MiniBrowser")).find(|path| path.is_file())
}

const CHROMIUM: Facts = Facts {
    name: "Chromium",
    program: "BEACONRY_CHROMIUM",
    driver: "BEACONRY_CHROMEDRIVER",
    driver_for_test_runner: "CHROMEDRIVER",
    packages: &["chromium", "chromium-driver"],
    how_to_get: "Chromium or its chromedriver is missing: install both (on Debian `apt-get install chromium \
        chromium-driver`) or name them in BEACONRY_CHROMIUM and BEACONRY_CHROMEDRIVER",
};
const FIREFOX: Facts = Facts {
    name: "Firefox",
    program: "BEACONRY_FIREFOX",
    driver: "BEACONRY_GECKODRIVER",
    driver_for_test_runner: "GECKODRIVER",
    packages: &["firefox-esr"],
    how_to_get: "Firefox is missing: install it (on Debian `apt-get install firefox-esr`), name it in \
        BEACONRY_FIREFOX, or leave it out with `cargo xtask test --browser chromium`",
};
const WEBKIT: Facts = Facts {
    name: "WebKitGTK",
    program: "BEACONRY_MINIBROWSER",
    driver: "BEACONRY_WEBKITDRIVER",
    driver_for_test_runner: "SAFARIDRIVER",
    packages: &["webkit2gtk-driver", "libwebkit2gtk-4.1-0", "xvfb"],
    how_to_get: "WebKitGTK's MiniBrowser, its driver or Xvfb is missing: install them (on Debian `apt-get install \
        webkit2gtk-driver libwebkit2gtk-4.1-0 xvfb`) or name the first two in BEACONRY_MINIBROWSER and \
        BEACONRY_WEBKITDRIVER",
};

/// Headless, as root, and without calls of the browser's own into the network.
const CHROMIUM_FLAGS: [&str; 7] = [
    "headless=new",
    "no-sandbox",
    "disable-gpu",
    "no-first-run",
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
];
