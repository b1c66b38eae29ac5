//! Benchmarks: each prints a table, and fails only where records were lost or stored twice. Nothing here is timed
//! by a test.

use anyhow::Result;
use clap::Subcommand;

use crate::client;
use crate::duplicates;
use crate::ingest;
use crate::peers;
use crate::storage;

/// What to measure.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// What the client costs a page, and which records arrive whatever happens
    Client(client::Options),
    /// What a record costs the server, beside two floors; its memory, and its start
    Ingest(ingest::Options),
    /// How soon after a write a value survives the death of the whole browser
    Storage(storage::Options),
    /// What it costs the server to know every stream: memory, disk and time
    Duplicates(duplicates::Options),
    /// What an app downloads with Beaconry, and with others of its kind
    Peers,
}

/// `cargo xtask bench`.
pub(crate) fn run(task: &Task) -> Result<()> {
    match task {
        Task::Client(options) => client::run(options),
        Task::Ingest(options) => ingest::run(options),
        Task::Storage(options) => storage::run(options),
        Task::Duplicates(options) => duplicates::run(options),
        Task::Peers => peers::run(),
    }
}
