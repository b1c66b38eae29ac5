//! The suites of tests, and how each is run.

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;

use crate::bindgen::Bindgen;
use crate::browser::Browser;
use crate::build::Built;
use crate::command::Tool;
use crate::example::{Addresses, TOKEN};
use crate::node::npm;
use crate::package;
use crate::paths;
use crate::step::step;
use crate::summary::Counts;
use crate::toolchain::Toolchain;

/// A set of tests with one runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// All crates on this machine
    Rust,
    /// The client's browser half in headless Chromium
    Wasm,
    /// The TypeScript of the npm package
    Package,
    /// The dashboard
    Dashboard,
    /// The real server, real tabs, real kills
    E2e,
    /// What arrives under faults of network, server and browser
    Delivery,
}

/// What suites run with.
#[derive(Debug)]
pub(crate) struct Bench {
    /// The compiler for wasm.
    pub(crate) toolchain: Toolchain,
    /// The runner of wasm tests.
    pub(crate) bindgen: Bindgen,
    /// The browser of wasm and end-to-end tests.
    pub(crate) browser: Browser,
    /// What was built.
    pub(crate) built: Built,
    /// The addresses for which the example was built.
    pub(crate) addresses: Addresses,
}

impl Suite {
    /// All suites, the quickest to fail first.
    pub(crate) const ALL: [Self; 6] =
        [Self::Rust, Self::Package, Self::Dashboard, Self::Wasm, Self::E2e, Self::Delivery];

    /// The name in summaries and on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Wasm => "wasm",
            Self::Package => "package",
            Self::Dashboard => "dashboard",
            Self::E2e => "e2e",
            Self::Delivery => "delivery",
        }
    }

    /// Runs the suite and shows its output. A failing suite is an answer, not an error; so is one that ran no
    /// test, or says nothing that can be counted.
    pub(crate) fn run(self, bench: &Bench) -> Result<Counts> {
        let (doing, tool) = self.command(bench)?;
        step(&format!("test {}", self.name()), doing, |step| {
            let finished = step.run_shown(tool)?;
            let counts = Counts::in_output(&finished.text);
            if !counts.is_some_and(Counts::has_run) {
                println!("  no test ran that could be counted: the suite has failed");
            }
            Ok(judged(counts, finished.status.success()))
        })
    }

    fn command(self, bench: &Bench) -> Result<(&'static str, Tool)> {
        Ok(match self {
            Self::Rust => {
                ("cargo test --workspace", Tool::cargo().args(["test", "--workspace", "--no-fail-fast"]))
            }
            Self::Wasm => ("wasm-bindgen tests in headless Chromium", wasm_tests(bench)?),
            Self::Package => ("npm test -w pkg-template", npm_test("test", "pkg-template", bench)),
            Self::Dashboard => ("npm test -w www", npm_test("test", "www", bench)),
            Self::E2e => ("npm test -w tests/e2e", npm_test("test", "tests/e2e", bench)),
            Self::Delivery => {
                ("npm run test:delivery -w tests/e2e", npm_test("test:delivery", "tests/e2e", bench))
            }
        })
    }
}

fn wasm_tests(bench: &Bench) -> Result<Tool> {
    let options: PathBuf = bench.browser.write_webdriver_options()?;
    Ok(bench
        .toolchain
        .cargo("test")
        .args(["-p", "beaconry", "--test", "web"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", bench.bindgen.test_runner())
        .env("CHROMEDRIVER", &bench.browser.chromedriver)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", options)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "180"))
}

/// The same environment for all: a test that needs no server does not look for one.
fn npm_test(script: &str, workspace: &str, bench: &Bench) -> Tool {
    npm()
        .args(["run", script, "-w", workspace])
        .env("BEACONRY_SERVER_BIN", &bench.built.server)
        .env("BEACONRY_SERVER_PORT", bench.addresses.server_port.to_string())
        .env("BEACONRY_TOKEN", TOKEN)
        .env("BEACONRY_DATA", paths::in_target("e2e"))
        .env("BEACONRY_APP_DIST", bench.built.example.join("dist"))
        .env("BEACONRY_PACKAGE", package::folder())
        .env("BEACONRY_APP_PORT", bench.addresses.app_port.to_string())
        .env("BEACONRY_ENGINE", "chromium")
        .env("BEACONRY_CHROMIUM", &bench.browser.chromium)
}

/// A run that ended badly has failed, whatever it counted; one in which no test ran too.
fn judged(counts: Option<Counts>, ended_well: bool) -> Counts {
    let mut counts = counts.unwrap_or_default();
    if counts.failed == 0 && !(ended_well && counts.has_run()) {
        counts.failed = 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_a_summary_or_with_a_bad_end_has_failed() {
        let passed = Counts { passed: 2, ..Counts::default() };
        assert_eq!(judged(Some(passed), true), passed);
        assert_eq!(judged(Some(passed), false).failed, 1);
        assert_eq!(judged(None, true).failed, 1);
        let failed = Counts { failed: 3, ..Counts::default() };
        assert_eq!(judged(Some(failed), false), failed);
    }

    #[test]
    fn a_run_of_no_test_has_failed_though_it_ended_well() {
        assert_eq!(judged(Some(Counts::default()), true).failed, 1);
        let skipped = Counts { skipped: 4, ..Counts::default() };
        assert_eq!(judged(Some(skipped), true), Counts { failed: 1, ..skipped });
    }
}
