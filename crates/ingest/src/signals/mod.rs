//! What the server says of itself: a line in the log and a number in `/metrics`, always both.
//!
//! Everything worth telling is a struct here; [`Signal::emit`] writes its line and counts it, so that no
//! place can do one and forget the other. What comes with every request is logged at `debug` or below.
//!
//! Numbers follow the OpenMetrics conventions: base units, `_total` for what only grows, and nothing as a
//! label that a stranger could make up. Keys are labels, since only their owner makes them; streams, apps
//! and addresses are not. Each number is described in `docs/server.md`.
//!
//! They are those of the process: one server runs in it, as one log does.

mod accounts;
mod gauges;
mod intake;
mod metrics;
mod process;
mod server;
mod start;
mod storage;
mod upkeep;

pub(crate) use accounts::{KeyAccount, key_accounts};
pub(crate) use gauges::Gauges;
pub(crate) use intake::{BatchPutOff, BatchReceived, BatchSettled, GroupCommitted, GroupNotCommitted};
pub(crate) use metrics::{CONTENT_TYPE, text};
pub(crate) use process::{resident_bytes, started_at};
pub(crate) use server::{
    ConnectionEndedBadly, ConnectionMadeRoom, ConnectionOpen, ConnectionWithoutTls, ConnectionsNotAccepted,
    QuestionFailed, RequestAnswered, RequestRefused, StoppedBadly, StoppedLate,
};
pub(crate) use start::SettingDoubted;
pub(crate) use storage::{
    IndexGroupWritten, IndexLeftBehind, IndexMadeAnew, IndexNotWritten, JournalDamaged, JournalMended,
    JournalSynced, StreamsMadeAnew, StreamsNotMerged, StreamsNotWritten, StreamsWritten,
};
pub(crate) use upkeep::{NearlyFull, PersonForgotten, ReadAgain, RecordsRemoved, SegmentDone, UpkeepFailed};

/// Something that happened and is worth telling.
pub(crate) trait Signal {
    /// Tells it.
    fn emit(self);
}

/// How an error is handed to the log.
type Cause<'a> = &'a (dyn std::error::Error + 'static);
