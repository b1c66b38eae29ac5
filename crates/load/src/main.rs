//! `load`: sends records to a server as many browsers would, and prints what they cost it.
//!
//! The server runs as a process of its own, on one core where there are two, and the load on the other;
//! what it costs is read from `/proc`. Beside it stand two floors with the same HTTP stack: a server
//! that drops every body, and one that only appends it, with one fdatasync for all that wait.

// Printing is what a benchmark is for; the lint guards the libraries.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod batches;
mod connection;
mod fill;
mod floor;
mod measure;
mod samples;
mod senders;
mod server;
mod table;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Load for the server.
#[derive(Debug, Parser)]
#[command(name = "load", arg_required_else_help = true)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the tables: what a record costs the server, and its memory and its start
    Measure(measure::Options),
    /// Send to a server that is running already, for example to profile it
    Send(senders::Options),
    /// Write a data folder with many records in journal and index
    Fill(fill::Options),
    /// Serve as one of the floors
    #[command(hide = true)]
    Floor(floor::Options),
}

fn main() -> ExitCode {
    let done: Result<()> = match Options::parse().command {
        Command::Measure(options) => measure::run(&options),
        Command::Send(options) => senders::run(&options),
        Command::Fill(options) => fill::run(&options),
        Command::Floor(options) => floor::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error:#}");
            ExitCode::FAILURE
        }
    }
}
