//! The fuzzer: every target of `crates/fuzz`, each for its share of the time.
//!
//! LLVM's libFuzzer does the work. Our crates are compiled with its counters by a wrapper around rustc, so
//! stable is enough, and everything else is taken as it was built for the tests.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::command::{Tool, on_path};
use crate::paths;
use crate::step::step;

/// For how long, and what.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// For how many minutes, all targets together
    #[arg(long, value_name = "MINUTES", default_value_t = 10.0)]
    minutes: f64,
    /// Only this target; may be given several times [default: all]
    #[arg(long, value_name = "NAME")]
    target: Vec<String>,
    /// Put what reached new code into the stored corpus, as few and small files as do
    #[arg(long)]
    keep: bool,
}

/// `cargo xtask fuzz`.
pub(crate) fn run(options: &Options) -> Result<()> {
    let fuzzer =
        build()?.context("takes a C++ compiler (c++, g++ or clang++): libFuzzer is built with it")?;
    let targets = chosen(&options.target)?;
    #[expect(clippy::cast_precision_loss, reason = "a handful of targets")]
    let seconds = (options.minutes * 60.0 / targets.len() as f64).ceil().max(1.0);
    for target in &targets {
        fuzz(&fuzzer, target, seconds)?;
        if options.keep {
            keep(&fuzzer, target)?;
        }
    }
    Ok(())
}

/// A few seconds for each target: it shows that the fuzzer works, and finds what is easily found.
pub(crate) fn briefly() -> Result<()> {
    match build()? {
        None => println!("- fuzz: not run: there is no C++ compiler"),
        Some(fuzzer) => chosen(&[])?.iter().try_for_each(|target| fuzz(&fuzzer, target, BRIEFLY))?,
    }
    Ok(())
}

fn build() -> Result<Option<PathBuf>> {
    if !["c++", "g++", "clang++"].iter().any(|name| on_path(name).is_some()) {
        return Ok(None);
    }
    let build = Tool::cargo()
        .args(["build", "-p", "beaconry-fuzz", "--features", "libfuzzer", "--bin", "fuzz"])
        .env("RUSTC_WORKSPACE_WRAPPER", paths::in_root("crates/fuzz/instrument.sh"));
    step("fuzz build", "the fuzzer, with counters in our crates", |step| step.run(build))?;
    Ok(Some(paths::in_target("debug/fuzz")))
}

/// Those that are asked for, of those that have a corpus: every target has.
fn chosen(asked_for: &[String]) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(stored(""))? {
        all.push(entry?.file_name().to_string_lossy().into_owned());
    }
    all.sort();
    match asked_for.iter().find(|name| !all.contains(name)) {
        Some(unknown) => bail!("--target: takes {}, got {unknown:?}", all.join(", ")),
        None if asked_for.is_empty() => Ok(all),
        None => Ok(asked_for.to_vec()),
    }
}

fn fuzz(fuzzer: &Path, target: &str, seconds: f64) -> Result<()> {
    let found = paths::in_target("xtask/fuzz").join(target);
    fs::create_dir_all(&found)?;
    let artifacts =
        format!("-artifact_prefix={}/crash-of-{target}-", paths::in_target("xtask/fuzz").display());
    let arguments = [format!("-max_total_time={seconds}"), artifacts];
    let tool = of(fuzzer, target).args(LIMITS).args(arguments).arg(&found).arg(stored(target));
    let doing = format!("random input for {target}, {seconds} s");
    step(&format!("fuzz {target}"), &doing, |step| {
        let output = step.run(tool)?;
        let done = output.lines().rev().find(|line| line.starts_with("Done "));
        println!("  {target}: {}", done.unwrap_or("the fuzzer does not say how much it did"));
        Ok(())
    })
}

/// As few files as reach the same code; what is large says little more than a small one.
fn keep(fuzzer: &Path, target: &str) -> Result<()> {
    let least = paths::in_target("xtask/fuzz").join(format!("{target}-least"));
    let _ = fs::remove_dir_all(&least);
    fs::create_dir_all(&least)?;
    let found = paths::in_target("xtask/fuzz").join(target);
    let merge = of(fuzzer, target).arg("-merge=1").args(LIMITS).arg(&least).arg(stored(target)).arg(found);
    step(&format!("fuzz keep {target}"), "the files that reach new code", |step| step.run(merge))?;
    let mut files: Vec<_> = fs::read_dir(&least)?.collect::<Result<_, _>>()?;
    files.retain(|file| file.metadata().is_ok_and(|metadata| metadata.len() <= MOST_BYTES));
    files.sort_by_key(|file| file.metadata().map_or(0, |metadata| metadata.len()));
    for file in files.iter().rev().take(MOST_FILES) {
        fs::copy(file.path(), stored(target).join(file.file_name()))?;
    }
    Ok(())
}

fn of(fuzzer: &Path, target: &str) -> Tool {
    Tool::new(fuzzer).env("BEACONRY_FUZZ_TARGET", target)
}

fn stored(target: &str) -> PathBuf {
    paths::in_root("crates/fuzz/corpus").join(target)
}

/// No input takes longer than seconds or more memory than a server has.
const LIMITS: [&str; 4] = ["-timeout=10", "-rss_limit_mb=1024", "-max_len=65536", "-print_final_stats=0"];
const BRIEFLY: f64 = 2.0;
const MOST_FILES: usize = 24;
const MOST_BYTES: u64 = 512;
