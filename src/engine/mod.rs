//! What to keep, when to write it down, when to send it, when to forget it.
//!
//! [`Engine::handle`] takes one [`Input`] and the time, and returns the [`Command`]s that follow
//! from it; whoever called performs them, in order. A failure of theirs comes back as an input.
//!
//! The promise that everything here serves: a record that was given a place in the stream is either
//! acknowledged by the server, or still in the spool, or counted in the [`Ledger`] with its reason.

mod admission;
mod allowance;
mod backoff;
mod call;
mod chunk;
mod client;
mod command;
mod config;
mod consent;
mod delivery;
mod flush;
mod holdback;
mod ledger;
mod life;
mod queue;
mod random;
mod recovery;
mod reply;
mod sampling;
mod schedule;
mod session;
mod settle;
mod spool;
#[cfg(test)]
mod tests;

pub use allowance::{Allowance, LOCAL_BYTES};
pub use call::Call;
pub use client::{Engine, Start};
pub use command::{Command, Input, SendId};
pub use config::{Config, ConfigError, Given, UserIds};
pub use consent::Consent;
pub use flush::FlushCause;
pub use ledger::Ledger;
pub use random::Random;
pub use reply::Reply;
pub use session::Session;
pub use settle::{Settled, Ticket};

/// Milliseconds: a span, or a time since 1970.
pub type Millis = u64;
