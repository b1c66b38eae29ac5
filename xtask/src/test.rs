//! Runs the tests and ends in lines that can be counted.

use anyhow::{Result, bail};
use clap::Args;

use crate::browser::Browser;
use crate::build;
use crate::example::Addresses;
use crate::setup;
use crate::suites::{Bench, Suite};
use crate::summary::Counts;

/// Which tests to run.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The suites to run; all when none is named
    suites: Vec<Suite>,
}

/// How every suite ended.
#[derive(Debug)]
pub(crate) struct Report {
    suites: Vec<(Suite, Counts)>,
}

/// `cargo xtask test`.
pub(crate) fn run(options: &Options) -> Result<()> {
    let report = if options.suites.is_empty() { report(&Suite::ALL)? } else { report(&options.suites)? };
    report.print();
    report.into_result()
}

/// Sets up, builds and runs the given suites, all of them even when one fails.
pub(crate) fn report(suites: &[Suite]) -> Result<Report> {
    let bench = bench()?;
    let run = |suite: &Suite| Ok((*suite, suite.run(&bench)?));
    Ok(Report { suites: suites.iter().map(run).collect::<Result<_>>()? })
}

impl Report {
    /// One line for each suite, and the sum alone on the last line.
    pub(crate) fn print(&self) {
        println!();
        for (suite, counts) in &self.suites {
            println!("{}: {counts}", suite.name());
        }
        println!("{}", self.sum());
    }

    /// An error when a test failed.
    pub(crate) fn into_result(self) -> Result<()> {
        let failed: Vec<_> = self.suites.iter().filter(|(_, counts)| counts.failed > 0).collect();
        if failed.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = failed.iter().map(|(suite, _)| suite.name()).collect();
        bail!("tests failed in: {}; again with `cargo xtask test {}`", names.join(", "), names.join(" "))
    }

    fn sum(&self) -> Counts {
        let mut sum = Counts::default();
        for (_, counts) in &self.suites {
            sum += *counts;
        }
        sum
    }
}

fn bench() -> Result<Bench> {
    let browser = Browser::find_or_get()?;
    let addresses = Addresses::free()?;
    let built = build::everything_for(&addresses)?;
    let (toolchain, bindgen) = setup::build_tools()?;
    Ok(Bench { toolchain, bindgen, browser, built, addresses })
}
