//! The server of Beaconry: it takes records in, never loses one that it has acknowledged, and
//! answers questions about them.
//!
//! # One record's way
//! A body arrives at an [ingest route](routes) and is capped, inflated and checked for key and
//! origin ([`extract`]). The [`pipeline`] makes records of it, each encoded as it will be stored.
//! The [`intake`] drops what is stored already ([`duplicates`]) and puts the rest into the
//! [`journal`]; after one fdatasync for everybody who waits, the client is told. The [`index`]
//! follows the journal and can be made from it again at any time; the [`query`] routes read it, and
//! [`live`] subscribers are told what it has taken in. Full files of the journal are compressed by the
//! [`sealer`].
//!
//! # Who knows what
//! `pipeline` knows no HTTP and no files, `journal` and `intake` see files only through a port and
//! have neither clock nor threads (but for the committer's), `routes` translate and decide nothing.

pub mod cli;
mod clock;
pub mod commands;
pub mod config;
pub mod control;
pub mod duplicates;
pub mod edge;
pub mod extract;
pub mod index;
pub mod intake;
pub mod journal;
pub mod keys;
pub mod live;
pub mod login;
pub mod operations;
pub mod pipeline;
pub mod query;
pub mod routes;
pub mod sealer;
pub mod server;
mod signals;
pub mod state;
pub mod uploads;

/// The commit that this was built from, where the build knows it.
const COMMIT: &str = env!("BEACONRY_COMMIT");
