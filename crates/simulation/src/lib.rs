//! The proof behind the promise: every record that reached the spool is stored exactly once, or
//! named in the ledger.
//!
//! The real engine of the client runs against the real pipeline and journal of the server. Around
//! them everything is made up and hostile: tabs are closed, killed, shut down, put to sleep and into
//! the back/forward cache, and now and then the whole browser is killed; several with clocks that
//! differ by days share two storages and the locks over them, the first of which has a quota, refuses,
//! and is damaged by strangers, while the second comes late or goes for good; users change their minds
//! about consent, the server about its flag and its rates; requests are lost, delayed, repeated and overtaken, answers are lost or come
//! from somebody else; the server is killed, replaced and in moods, its disk fails and fills, the
//! power is cut and takes unsynced bytes with it. All of it is drawn from one seed, so a run that
//! fails can be run again, step by step.
//!
//! After each run the journal is read and held against what was made; see [`check`]. Two scenarios
//! are apart: a thousand tabs that come back at once, [`storm`], and pages that come and go without a
//! network, [`hoard`].

pub mod check;
mod clock;
mod files;
pub mod hoard;
mod host;
mod journal;
mod many;
mod mood;
mod network;
mod origin;
mod plan;
mod recent;
mod server;
mod storage;
pub mod storm;
mod tab;
mod trace;
mod world;

pub use check::{Failure, Summary};
pub use many::run_many;

/// Runs one seed.
///
/// # Errors
/// What was lost, stored twice, stored wrongly, or went over a bound.
pub fn run(seed: u64) -> Result<Summary, Failure> {
    world::World::new(seed).run()
}

/// Runs one seed and returns also the last `lines` things that happened in it.
pub fn run_traced(seed: u64, lines: usize) -> (Result<Summary, Failure>, Vec<String>) {
    world::World::new(seed).run_traced(lines)
}
