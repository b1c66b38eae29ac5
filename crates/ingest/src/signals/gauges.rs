//! What is measured when somebody asks.

use std::sync::atomic::{AtomicI64, AtomicU64};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::metrics::metrics;
use crate::duplicates::{Places, Totals};

/// How far everything is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Gauges {
    /// Records in the journal.
    pub(crate) journal_records: u64,
    /// Its bytes on disk.
    pub(crate) journal_bytes: u64,
    /// Its segments.
    pub(crate) journal_segments: u64,
    /// Damaged places in it.
    pub(crate) damaged_lines: u64,
    /// Records that can be found.
    pub(crate) indexed_records: u64,
    /// Encoded records that wait for the disk.
    pub(crate) queued_bytes: u64,
    /// Streams in memory.
    pub(crate) hot_streams: u64,
    /// The table of streams on disk.
    pub(crate) streams_bytes: u64,
    /// What all streams add up to.
    pub(crate) totals: Totals,
    /// Whether records are not taken, or cannot be found.
    pub(crate) is_failing: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfState {
    state: &'static str,
}

type Number = Gauge<i64, AtomicI64>;

#[derive(Debug, Default)]
pub(super) struct GaugeCells {
    healthy: Number,
    journal_records: Number,
    journal_bytes: Number,
    journal_segments: Number,
    damaged_lines: Number,
    indexed_records: Number,
    index_lag: Number,
    queued_bytes: Number,
    hot_streams: Number,
    streams_bytes: Number,
    streams: Family<OfState, Number>,
    highest_places: Number,
    places: Family<OfState, Number>,
    pub(super) started: Number,
    pub(super) resident_bytes: Number,
    pub(super) open_files: Number,
    pub(super) cpu_seconds: Counter<f64, AtomicU64>,
}

impl Gauges {
    /// Puts them where the next reader of all numbers finds them.
    pub(crate) fn set(&self) {
        let cells = &metrics().gauges;
        set(&cells.healthy, u64::from(!self.is_failing));
        set(&cells.journal_records, self.journal_records);
        set(&cells.journal_bytes, self.journal_bytes);
        set(&cells.journal_segments, self.journal_segments);
        set(&cells.damaged_lines, self.damaged_lines);
        set(&cells.indexed_records, self.indexed_records);
        set(&cells.index_lag, self.journal_records.saturating_sub(self.indexed_records));
        set(&cells.queued_bytes, self.queued_bytes);
        set(&cells.hot_streams, self.hot_streams);
        set(&cells.streams_bytes, self.streams_bytes);
        let Totals { streams, closed, implausible, places } = self.totals;
        for (state, count) in [("open", streams - closed), ("closed", closed), ("implausible", implausible)] {
            set(&cells.streams.get_or_create(&OfState { state }), count);
        }
        let Places { highest, stored, reported, missing } = places;
        set(&cells.highest_places, highest);
        for (state, count) in [("stored", stored), ("reported", reported), ("missing", missing)] {
            set(&cells.places.get_or_create(&OfState { state }), count);
        }
    }
}

pub(super) fn set(cell: &Number, value: u64) {
    cell.set(i64::try_from(value).unwrap_or(i64::MAX));
}

impl GaugeCells {
    pub(super) fn register(&self, to: &mut Registry) {
        to.register("healthy", "1 while records are taken and can be found", self.healthy.clone());
        to.register(
            "journal_records",
            "Number of the last record in the journal",
            self.journal_records.clone(),
        );
        let (help, unit) = ("What the journal takes on disk", Unit::Bytes);
        to.register_with_unit("journal_size", help, unit, self.journal_bytes.clone());
        to.register("journal_segments", "Files of the journal", self.journal_segments.clone());
        to.register("journal_damaged_lines", "Damaged places in the journal", self.damaged_lines.clone());
        to.register(
            "index_records",
            "Number of the last record that can be found",
            self.indexed_records.clone(),
        );
        to.register("index_lag_records", "Stored records that cannot be found yet", self.index_lag.clone());
        let (help, unit) = ("Encoded records that wait for the disk", Unit::Bytes);
        to.register_with_unit("queue_size", help, unit, self.queued_bytes.clone());
        to.register("streams_hot", "Streams in memory", self.hot_streams.clone());
        let (help, unit) = ("What the table of streams takes on disk", Unit::Bytes);
        to.register_with_unit("streams_table_size", help, unit, self.streams_bytes.clone());
        let help = "Streams since the data folder was made, by whether their client has ended them; \
            implausible ones are among these";
        to.register("streams", help, self.streams.clone());
        let help = "The highest places of all streams, added up";
        to.register("stream_places_highest", help, self.highest_places.clone());
        let help = "What became of these places: stored, reported as lost by the client, or missing";
        to.register("stream_places", help, self.places.clone());
    }

    /// Under the names that every exporter gives them.
    pub(super) fn register_of_process(&self, to: &mut Registry) {
        let (help, unit) = ("When the process began, since 1970", Unit::Seconds);
        to.register_with_unit("process_start_time", help, unit, self.started.clone());
        let (help, unit) = ("Memory of the process", Unit::Bytes);
        to.register_with_unit("process_resident_memory", help, unit, self.resident_bytes.clone());
        to.register("process_open_fds", "Open files and connections", self.open_files.clone());
        let (help, unit) = ("Time of the processor that was spent", Unit::Seconds);
        to.register_with_unit("process_cpu", help, unit, self.cpu_seconds.clone());
    }
}
