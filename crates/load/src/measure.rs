//! The tables: what a record costs, how much memory there is, how long a start takes.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};

use crate::fill;
use crate::senders::{self, send};
use crate::server::{Server, TOKEN};
use crate::table::{Run, print_head};

/// What is measured.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The server's binary
    #[arg(long)]
    server: PathBuf,
    /// Where data folders may be made, on the disk that is to be measured
    #[arg(long)]
    scratch: PathBuf,
    /// Seconds of load for each row
    #[arg(long, default_value_t = 8.0)]
    seconds: f64,
    /// Seconds of load for the row of minutes
    #[arg(long, default_value_t = 180.0)]
    long_seconds: f64,
    /// Records on disk for the start, 1.2 KB each
    #[arg(long, default_value_t = 10_000_000)]
    records: u64,
    /// One of the tables
    #[arg(long, value_enum)]
    only: Option<Table>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Table {
    /// Every size of batch, with both floors
    Cost,
    /// Minutes of batches of 10
    Long,
    /// Idle, and at 10,000 records a second
    Memory,
    /// The first answer with many records on disk
    Start,
}

/// Prints the tables.
pub(crate) fn run(options: &Options) -> Result<()> {
    fs::create_dir_all(&options.scratch)?;
    let wants = |table| options.only.is_none_or(|only| only == table);
    if wants(Table::Cost) {
        print_head();
        for batch in [1, 10, 100] {
            for connections in [16, 64] {
                options.cost(connections, batch)?;
            }
        }
    }
    if wants(Table::Long) {
        println!("\nBatches of 10, for {} s:", options.long_seconds);
        print_head();
        options.beaconry(16, 10, options.long_seconds)?.print();
    }
    if wants(Table::Memory) {
        options.memory()?;
    }
    if wants(Table::Start) {
        options.start()?;
    }
    Ok(())
}

impl Options {
    fn cost(&self, connections: u64, batch: u64) -> Result<()> {
        self.floor("floor: drops the body", None, connections, batch)?.print();
        let file = self.scratch.join("floor.log");
        remove(&file)?;
        self.floor("floor: appends it, fdatasync", Some(&file), connections, batch)?.print();
        remove(&file)?;
        self.beaconry(connections, batch, self.seconds)?.print();
        Ok(())
    }

    fn floor(&self, name: &'static str, file: Option<&Path>, connections: u64, batch: u64) -> Result<Run> {
        let server = Server::floor(file)?;
        let load = load(&server, connections, batch, self.seconds);
        let before = server.cpu()?;
        let sent = send(&load)?;
        let cpu = server.cpu()? - before;
        Ok(Run { name, connections, batch, sent, cpu, drained_in: None, peak_memory: server.peak_memory()? })
    }

    fn beaconry(&self, connections: u64, batch: u64, seconds: f64) -> Result<Run> {
        let data = self.new_folder("cost")?;
        let server = Server::beaconry(&self.server, &data)?;
        let load = load(&server, connections, batch, seconds);
        let before = server.cpu()?;
        let began = Instant::now();
        let sent = send(&load)?;
        let stored = server.drain()?;
        let drained_in = Some(began.elapsed());
        ensure!(stored == sent.records, "{} were acknowledged, {stored} are stored", sent.records);
        let cpu = server.cpu()? - before;
        let peak_memory = server.peak_memory()?;
        drop(server);
        remove(&data)?;
        Ok(Run { name: "beaconry", connections, batch, sent, cpu, drained_in, peak_memory })
    }

    fn memory(&self) -> Result<()> {
        let data = self.new_folder("memory")?;
        let server = Server::beaconry(&self.server, &data)?;
        thread::sleep(Duration::from_secs(2));
        println!("\nmemory, idle: {:.1} MiB", server.memory()?);
        let load = senders::Options { rate: Some(RATE), ..load(&server, 16, 10, self.seconds * 4.0) };
        let before = server.cpu()?;
        let sent = send(&load)?;
        server.drain()?;
        let cpu = server.cpu()? - before;
        println!(
            "memory, {:.0} records a second for {:.0} s: at most {:.1} MiB; {:.0} % of a core; p50 {:.1} ms, p99 {:.1} ms",
            sent.records as f64 / sent.time.as_secs_f64(),
            sent.time.as_secs_f64(),
            server.peak_memory()?,
            cpu.all.as_secs_f64() / sent.time.as_secs_f64() * 100.0,
            sent.p50.as_secs_f64() * 1e3,
            sent.p99.as_secs_f64() * 1e3,
        );
        drop(server);
        remove(&data)
    }

    fn start(&self) -> Result<()> {
        // Made once, since it takes minutes.
        let data = self.scratch.join(format!("filled-{}", self.records));
        if !data.join(FILLED).exists() {
            remove(&data)?;
            fill::run(&fill::Options { data: data.clone(), records: self.records })?;
            fs::write(data.join(FILLED), "")?;
        }
        for round in 1..=3 {
            let server = Server::beaconry(&self.server, &data)?;
            println!(
                "start with {} records on disk, round {round}: {:.0} ms to the first answer; {:.1} MiB",
                server.health()?["stored"],
                server.started_in.as_secs_f64() * 1e3,
                server.memory()?,
            );
        }
        Ok(())
    }

    fn new_folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.scratch.join(name);
        remove(&folder)?;
        Ok(folder)
    }
}

fn load(server: &Server, connections: u64, batch: u64, seconds: f64) -> senders::Options {
    senders::Options { to: server.address, token: TOKEN.to_owned(), connections, batch, seconds, rate: None }
}

/// Removes a file or folder, if it is there.
fn remove(path: &Path) -> Result<()> {
    if path.is_dir() {
        fs::remove_dir_all(path)?;
    } else if path.exists() {
        fs::remove_file(path)?;
    }
    Ok(())
}

const RATE: u64 = 10_000;
/// Says in a filled folder that it is whole.
const FILLED: &str = "filled";
