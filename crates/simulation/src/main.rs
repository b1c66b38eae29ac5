//! `simulate`: many seeds, or one of them again.

use std::fmt::Display;
use std::io::{Write, stdout};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use beaconry_simulation::{Failure, Summary, run_many, run_traced};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

/// Runs the real client engine against the real server pipeline and journal under faults drawn from
/// a seed, and checks that every record is stored exactly once or named as discarded.
#[derive(Debug, Parser)]
#[command(
    name = "simulate",
    after_help = "A failure prints its seed; `simulate --seed N --seeds 1 --trace` shows what happens in it."
)]
struct Options {
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many seeds to run.
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// Run for so many hours instead of so many seeds.
    #[arg(long, value_name = "HOURS", num_args = 0..=1, default_missing_value = "8", conflicts_with = "seeds")]
    long: Option<f64>,
    /// Print everything that happens in the first seed, and run no other.
    #[arg(long, conflicts_with = "long")]
    trace: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = match (options.trace, options.long) {
        (true, _) => trace(options.seed),
        (false, Some(hours)) => run_long(options.seed, Duration::from_secs_f64(hours.max(0.0) * 3_600.0)),
        (false, None) => run_seeds(options.seed, options.seeds),
    };
    match outcome {
        Ok(total) => {
            say(total);
            ExitCode::SUCCESS
        }
        Err(failures) => {
            failures.first().into_iter().for_each(explain);
            ExitCode::FAILURE
        }
    }
}

fn run_seeds(first: u64, count: u64) -> Result<Summary, Vec<Failure>> {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} seeds, {per_sec}, {eta} left");
    let bar = ProgressBar::new(count).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let began = Instant::now();
    let outcome = run_many(first..first.saturating_add(count), || bar.inc(1));
    bar.finish_and_clear();
    say(format_args!("{} seeds in {:.1} s", bar.position(), began.elapsed().as_secs_f64()));
    outcome
}

/// Goes on from block to block, and says after each how far it is.
fn run_long(first: u64, limit: Duration) -> Result<Summary, Vec<Failure>> {
    let began = Instant::now();
    let done = AtomicU64::new(0);
    let mut total = Summary::default();
    while began.elapsed() < limit {
        let block = first + done.load(Ordering::Relaxed);
        let summary = run_many(block..block + BLOCK, || {
            done.fetch_add(1, Ordering::Relaxed);
        })?;
        total.add(&summary);
        let (seeds, seconds) = (done.load(Ordering::Relaxed), began.elapsed().as_secs());
        say(format_args!(
            "{seconds:>7} s  {seeds:>9} seeds, {} a second, up to {}",
            seeds / seconds.max(1),
            block + BLOCK - 1
        ));
    }
    Ok(total)
}

fn trace(seed: u64) -> Result<Summary, Vec<Failure>> {
    let (outcome, lines) = run_traced(seed, usize::MAX);
    lines.iter().for_each(say);
    outcome.map_err(|failure| vec![failure])
}

fn explain(failure: &Failure) {
    let (_, lines) = run_traced(failure.seed, LAST_LINES);
    say("the last of what happened:");
    lines.iter().for_each(say);
    say(format_args!("{failure}\nsee all of it with: cargo xtask simulate --seed {} --trace", failure.seed));
}

/// Prints a line; whoever reads it may have stopped, as `head` does.
fn say(line: impl Display) {
    let _ = writeln!(stdout(), "{line}");
}

/// Seeds between two lines of a long run.
const BLOCK: u64 = 5_000;
const LAST_LINES: usize = 40;
