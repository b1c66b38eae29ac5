//! Runs the tests and ends in lines that can be counted.

use anyhow::{Result, bail};
use clap::Args;

use crate::browser::{Browser, Choice, Engine};
use crate::build;
use crate::example::Addresses;
use crate::setup;
use crate::suites::{Bench, Run, Suite};
use crate::summary::Counts;

/// Which tests to run.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The suites to run; all when none is named
    suites: Vec<Suite>,
    /// The browser for `wasm` and `e2e`; Chromium and Firefox, one after the other, when none is named
    #[arg(long, value_enum)]
    browser: Option<Choice>,
}

/// How every run ended.
#[derive(Debug)]
pub(crate) struct Report {
    runs: Vec<(Run, Counts)>,
}

/// `cargo xtask test`.
pub(crate) fn run(options: &Options) -> Result<()> {
    let suites = if options.suites.is_empty() { &Suite::ALL[..] } else { &options.suites };
    let report = report(suites, options.browser.map_or(&Engine::USUAL, Choice::engines))?;
    report.print();
    report.into_result()
}

/// Sets up, builds and runs the given suites in the given browsers, all of them even when one fails.
pub(crate) fn report(suites: &[Suite], engines: &[Engine]) -> Result<Report> {
    let runs: Vec<Run> = suites.iter().flat_map(|suite| suite.runs(engines)).collect();
    let bench = bench(&runs)?;
    let run = |run: Run| Ok((run, run.run(&bench)?));
    Ok(Report { runs: runs.into_iter().map(run).collect::<Result<_>>()? })
}

impl Report {
    /// One line for each run, and the sum alone on the last line.
    pub(crate) fn print(&self) {
        println!();
        for (run, counts) in &self.runs {
            println!("{}: {counts}", run.name());
        }
        println!("{}", self.sum());
    }

    /// An error when a test failed.
    pub(crate) fn into_result(self) -> Result<()> {
        let failed: Vec<Run> =
            self.runs.iter().filter(|(_, counts)| counts.failed > 0).map(|(run, _)| *run).collect();
        if failed.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = failed.iter().map(|run| run.name()).collect();
        bail!("tests failed in: {}; again with {}", names.join(", "), again(&failed))
    }

    fn sum(&self) -> Counts {
        let mut sum = Counts::default();
        for (_, counts) in &self.runs {
            sum += *counts;
        }
        sum
    }
}

/// The commands that run these again, and nothing else.
fn again(failed: &[Run]) -> String {
    let command = |run: &Run| match run.engine {
        Some(engine) => format!("`cargo xtask test {} --browser {}`", run.suite.name(), engine.name()),
        None => format!("`cargo xtask test {}`", run.suite.name()),
    };
    failed.iter().map(command).collect::<Vec<_>>().join(", ")
}

fn bench(runs: &[Run]) -> Result<Bench> {
    let browsers = browsers(runs)?;
    let addresses = Addresses::free()?;
    let built = build::everything_for(&addresses)?;
    let (toolchain, bindgen) = setup::build_tools()?;
    Ok(Bench { toolchain, bindgen, browsers, built, addresses })
}

/// Each browser that a run needs, once.
fn browsers(runs: &[Run]) -> Result<Vec<Browser>> {
    let is_needed = |engine: &Engine| runs.iter().any(|run| run.engine == Some(*engine));
    let engines = Choice::All.engines().iter().copied();
    engines.filter(is_needed).map(Browser::find_or_get).collect()
}
