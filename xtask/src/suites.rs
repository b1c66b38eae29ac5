//! The suites of tests, and how each is run.

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::bindgen::Bindgen;
use crate::browser::{Browser, Engine};
use crate::build::Built;
use crate::command::Tool;
use crate::example::{Addresses, TOKEN};
use crate::node::npm;
use crate::package;
use crate::paths;
use crate::rust_app;
use crate::step::step;
use crate::summary::Counts;
use crate::toolchain::Toolchain;

/// A set of tests with one runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// All crates on this machine
    Rust,
    /// The client's browser half in real browsers
    Wasm,
    /// The TypeScript of the npm package
    Package,
    /// The dashboard
    Dashboard,
    /// The real server, real tabs, real kills
    E2e,
    /// What arrives under faults of network, server and browser
    Delivery,
    /// The packed package in the hands of strangers: bundlers, frameworks, Node
    Packaging,
}

/// What suites run with.
#[derive(Debug)]
pub(crate) struct Bench {
    /// The compiler for wasm.
    pub(crate) toolchain: Toolchain,
    /// The runner of wasm tests.
    pub(crate) bindgen: Bindgen,
    /// The browsers of those suites that need one.
    pub(crate) browsers: Vec<Browser>,
    /// What was built.
    pub(crate) built: Built,
    /// The addresses for which the example was built.
    pub(crate) addresses: Addresses,
}

impl Suite {
    /// All suites, the quickest to fail first.
    pub(crate) const ALL: [Self; 7] =
        [Self::Rust, Self::Package, Self::Dashboard, Self::Wasm, Self::E2e, Self::Packaging, Self::Delivery];

    /// The name in summaries and on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Wasm => "wasm",
            Self::Package => "package",
            Self::Dashboard => "dashboard",
            Self::E2e => "e2e",
            Self::Delivery => "delivery",
            Self::Packaging => "packaging",
        }
    }

    /// The browsers in which the suite runs, one run for each, when these are asked for.
    pub(crate) fn engines(self, asked_for: &[Engine]) -> Vec<Engine> {
        match self {
            Self::Rust | Self::Package => Vec::new(),
            // The pages of the one are not the client's, and bundlers differ where browsers do not: one browser shows it.
            Self::Dashboard | Self::Packaging => vec![Engine::Chromium],
            Self::Wasm | Self::E2e | Self::Delivery => asked_for.to_vec(),
        }
    }

    /// The runs of the suite, when these browsers are asked for.
    pub(crate) fn runs(self, asked_for: &[Engine]) -> Vec<Run> {
        let engines = self.engines(asked_for);
        if engines.is_empty() {
            return vec![Run { suite: self, engine: None }];
        }
        engines.into_iter().map(|engine| Run { suite: self, engine: Some(engine) }).collect()
    }
}

/// A suite, and the browser in which it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// The tests.
    pub(crate) suite: Suite,
    /// The browser; none where tests need none.
    pub(crate) engine: Option<Engine>,
}

impl Run {
    /// The name in summaries.
    pub(crate) fn name(self) -> String {
        match self.engine {
            Some(engine) if !matches!(self.suite, Suite::Dashboard | Suite::Packaging) => {
                format!("{} {}", self.suite.name(), engine.name())
            }
            _ => self.suite.name().to_owned(),
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
        Ok(match self.suite {
            Suite::Rust => {
                ("cargo test --workspace", Tool::cargo().args(["test", "--workspace", "--no-fail-fast"]))
            }
            Suite::Wasm => ("wasm-bindgen tests in a real browser", self.wasm_tests(bench)?),
            Suite::Package => ("npm test -w pkg-template", npm_test("test", "pkg-template", bench)),
            Suite::Dashboard => {
                ("npm test -w www", self.browser(bench)?.named_in(npm_test("test", "www", bench)))
            }
            Suite::E2e => ("end-to-end tests in a real browser", self.end_to_end_tests(bench)?),
            Suite::Packaging => (
                "the package in bundlers, frameworks and Node",
                self.browser(bench)?.named_in(npm_test("test", "tests/packaging", bench)),
            ),
            Suite::Delivery => {
                let tests = npm_test("test:delivery", "tests/e2e", bench);
                ("every fault, in a real browser", self.browser(bench)?.named_in(tests))
            }
        })
    }

    fn wasm_tests(self, bench: &Bench) -> Result<Tool> {
        let tests = bench
            .toolchain
            .cargo("test")
            .args(["-p", "beaconry", "--test", "web", "--features", "npm"])
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", bench.bindgen.test_runner())
            .env("WASM_BINDGEN_TEST_TIMEOUT", "180");
        self.browser(bench)?.driven_by(tests)
    }

    /// Some tests are about the server or the dashboard, and need no second browser.
    fn end_to_end_tests(self, bench: &Bench) -> Result<Tool> {
        let browser = self.browser(bench)?;
        if browser.engine() != Engine::Chromium {
            return Ok(browser.named_in(npm_test("test:engine", "tests/e2e", bench)));
        }
        let rust_app = rust_app::build(bench.toolchain, &bench.bindgen, &bench.addresses)?;
        let tests = npm_test("test", "tests/e2e", bench).env("BEACONRY_RUST_APP_DIST", rust_app);
        Ok(browser.named_in(tests))
    }

    fn browser(self, bench: &Bench) -> Result<&Browser> {
        let browser = bench.browsers.iter().find(|browser| Some(browser.engine()) == self.engine);
        browser.with_context(|| format!("{} runs without a browser", self.name()))
    }
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
    fn a_suite_that_drives_a_page_runs_in_each_browser_and_says_in_which() {
        let names = |suite: Suite| suite.runs(&Engine::USUAL).into_iter().map(Run::name).collect::<Vec<_>>();
        assert_eq!(names(Suite::Wasm), ["wasm chromium", "wasm firefox"]);
        assert_eq!(names(Suite::E2e), ["e2e chromium", "e2e firefox"]);
        assert_eq!(
            (names(Suite::Rust), names(Suite::Dashboard)),
            (vec!["rust".into()], vec!["dashboard".into()])
        );
    }

    #[test]
    fn a_run_of_no_test_has_failed_though_it_ended_well() {
        assert_eq!(judged(Some(Counts::default()), true).failed, 1);
        let skipped = Counts { skipped: 4, ..Counts::default() };
        assert_eq!(judged(Some(skipped), true), Counts { failed: 1, ..skipped });
    }
}
