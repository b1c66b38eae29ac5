//! The proof behind the promise: every record that reached the spool is stored exactly once, or
//! named in the ledger.
//!
//! The real engine of the client runs against the real pipeline and journal of the server. Around
//! them everything is made up and hostile: tabs are closed and killed, several share one storage,
//! requests are lost, delayed, repeated and overtaken, answers are lost or come from somebody else,
//! the server is killed, its disk fails, the power is cut and takes unsynced bytes with it. All of
//! it is drawn from one seed, so a run that fails can be run again, step by step.
//!
//! After each run the journal is read and held against what was made; see [`check`].

pub mod check;
mod files;
mod network;
mod plan;
mod server;
mod tab;
mod world;

pub use check::{Failure, Summary};

/// Runs one seed.
///
/// # Errors
/// What was lost, stored twice, stored wrongly, or went over a bound.
pub fn run(seed: u64) -> Result<Summary, Failure> {
    world::World::new(seed).run()
}
