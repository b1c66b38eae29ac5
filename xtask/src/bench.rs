//! Benchmarks: each prints a table. Nothing here is timed by a test.

use anyhow::Result;
use clap::Subcommand;

use crate::storage;

/// What to measure.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// How soon after a write a value survives the death of the whole browser
    Storage(storage::Options),
}

/// `cargo xtask bench`.
pub(crate) fn run(task: &Task) -> Result<()> {
    match task {
        Task::Storage(options) => storage::run(options),
    }
}
