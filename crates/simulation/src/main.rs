//! `simulate`: many seeds, or one of them again.
#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use std::process::ExitCode;
use std::time::Instant;

use beaconry_simulation::Summary;
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

/// Runs the real client engine against the real server pipeline and journal under faults drawn from
/// a seed, and checks that every record is stored exactly once or named as discarded.
#[derive(Debug, Parser)]
#[command(
    name = "simulate",
    after_help = "A failure prints its seed; `simulate --seed N --seeds 1` runs it again."
)]
struct Options {
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many seeds to run.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let began = Instant::now();
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} seeds {eta} left");
    let bar =
        ProgressBar::new(options.seeds).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut total = Summary::default();
    for seed in options.seed..options.seed + options.seeds {
        match beaconry_simulation::run(seed) {
            Ok(summary) => total.add(&summary),
            Err(failure) => {
                bar.abandon();
                println!("{failure}\nrun it again with: cargo xtask simulate --seed {seed} --seeds 1");
                return ExitCode::FAILURE;
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    println!("{} seeds in {:.1} s: {total}", options.seeds, began.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}
