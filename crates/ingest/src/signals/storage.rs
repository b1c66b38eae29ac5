//! Journal, index and the table of streams.

use std::time::Duration;

use super::metrics::{OfTable, metrics};
use super::{Cause, Signal};

/// A write of the journal is durable.
#[derive(Debug)]
pub(crate) struct JournalSynced {
    pub(crate) took: Duration,
}

impl Signal for JournalSynced {
    fn emit(self) {
        tracing::trace!(took = ?self.took, "the journal is synced");
        metrics().sync_seconds.observe(self.took.as_secs_f64());
    }
}

/// A write that nobody was told of was cut off the end of the journal.
#[derive(Debug)]
pub(crate) struct JournalMended {
    pub(crate) bytes: u64,
}

impl Signal for JournalMended {
    fn emit(self) {
        tracing::warn!(bytes = self.bytes, "an unfinished write was cut off the journal's end");
        metrics().mended_bytes.inc_by(self.bytes);
    }
}

/// The journal has damaged places. How many is measured; see [`Gauges`](super::Gauges).
#[derive(Debug)]
pub(crate) struct JournalDamaged {
    pub(crate) lines: u64,
}

impl Signal for JournalDamaged {
    fn emit(self) {
        tracing::warn!(lines = self.lines, "the journal has damaged lines, see damaged.jsonl");
    }
}

/// A group of lines can be found.
#[derive(Debug)]
pub(crate) struct IndexGroupWritten {
    pub(crate) lines: u64,
    pub(crate) took: Duration,
}

impl Signal for IndexGroupWritten {
    fn emit(self) {
        tracing::trace!(lines = self.lines, took = ?self.took, "a group is indexed");
        metrics().index_seconds.observe(self.took.as_secs_f64());
    }
}

/// A group of lines cannot be found yet, and is tried again.
#[derive(Debug)]
pub(crate) struct IndexNotWritten<'a> {
    pub(crate) error: Cause<'a>,
}

impl Signal for IndexNotWritten<'_> {
    fn emit(self) {
        tracing::error!(error = self.error, "the index could not be written, trying again");
        metrics().index_failures.inc();
    }
}

/// The server ends before the index has caught up.
#[derive(Debug)]
pub(crate) struct IndexLeftBehind<'a> {
    /// Why, if it is not for want of time.
    pub(crate) error: Option<Cause<'a>>,
}

impl Signal for IndexLeftBehind<'_> {
    fn emit(self) {
        const WHAT: &str = "the index stays behind; the next start catches up";
        match self.error {
            Some(error) => tracing::warn!(error, "{WHAT}"),
            None => tracing::info!("{WHAT}"),
        }
        metrics().unclean_stops.inc();
    }
}

/// The index is made from the journal again.
#[derive(Debug)]
pub(crate) struct IndexMadeAnew<'a> {
    /// Why, if it is not that it does not fit the journal.
    pub(crate) error: Option<Cause<'a>>,
}

impl Signal for IndexMadeAnew<'_> {
    fn emit(self) {
        match self.error {
            Some(error) => tracing::warn!(error, "the index cannot be used and is made anew"),
            None => tracing::warn!("the index does not fit the journal and is made anew"),
        }
        metrics().rebuilds.get_or_create(&OfTable { table: "index" }).inc();
    }
}

/// Changed streams are in their table.
#[derive(Debug)]
pub(crate) struct StreamsWritten {
    pub(crate) streams: usize,
    pub(crate) took: Duration,
}

impl Signal for StreamsWritten {
    fn emit(self) {
        tracing::debug!(streams = self.streams, took = ?self.took, "changed streams are written");
        metrics().streams_seconds.observe(self.took.as_secs_f64());
    }
}

/// Changed streams are not in their table, and are tried again.
#[derive(Debug)]
pub(crate) struct StreamsNotWritten<'a> {
    pub(crate) error: Cause<'a>,
}

impl Signal for StreamsNotWritten<'_> {
    fn emit(self) {
        tracing::error!(error = self.error, "changed streams could not be written, trying again");
        metrics().streams_failures.inc();
    }
}

/// The table of streams was written, but not put in order.
#[derive(Debug)]
pub(crate) struct StreamsNotMerged<'a> {
    pub(crate) error: Cause<'a>,
}

impl Signal for StreamsNotMerged<'_> {
    fn emit(self) {
        tracing::warn!(error = self.error, "the table of streams was not merged, trying again later");
        metrics().streams_failures.inc();
    }
}

/// The table of streams is made from the journal again.
#[derive(Debug)]
pub(crate) struct StreamsMadeAnew<'a> {
    /// Why, if it is not that it does not fit the journal.
    pub(crate) error: Option<Cause<'a>>,
}

impl Signal for StreamsMadeAnew<'_> {
    fn emit(self) {
        match self.error {
            Some(error) => tracing::warn!(error, "the table of streams cannot be used and is made anew"),
            None => tracing::warn!("the table of streams does not fit the journal and is made anew"),
        }
        metrics().rebuilds.get_or_create(&OfTable { table: "streams" }).inc();
    }
}
