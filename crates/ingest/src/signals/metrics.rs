//! The numbers, and their text for Prometheus.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::gauges::GaugeCells;
use super::process;

/// Everything that is counted since the process began.
#[derive(Debug)]
pub(super) struct Metrics {
    pub(super) received: Family<OfKey, Counter>,
    pub(super) stored: Family<OfKey, Counter>,
    pub(super) duplicate: Family<OfKey, Counter>,
    pub(super) rejected: ByReason,
    pub(super) put_off: ByReason,
    pub(super) group_batches: Histogram,
    pub(super) group_records: Histogram,
    pub(super) group_seconds: Histogram,
    pub(super) group_failures: Counter,
    pub(super) sync_seconds: Histogram,
    pub(super) mended_bytes: Counter,
    pub(super) index_seconds: Histogram,
    pub(super) index_failures: Counter,
    pub(super) rebuilds: Family<OfTable, Counter>,
    pub(super) streams_seconds: Histogram,
    pub(super) streams_failures: Counter,
    pub(super) open_connections: Gauge,
    pub(super) connections: Counter,
    pub(super) connection_failures: Family<OfReason, Counter>,
    pub(super) requests: Family<OfRoute, Counter>,
    pub(super) refusals: Family<OfReason, Counter>,
    pub(super) question_failures: Counter,
    pub(super) unclean_stops: Counter,
    pub(super) upkeep_failures: Family<OfTask, Counter>,
    pub(super) read_again: Family<OfTask, Counter>,
    pub(super) removed: Family<OfReason, Counter>,
    pub(super) segments_done: Family<OfReason, Counter>,
    pub(super) quota_warnings: Counter,
    pub(super) settings_doubted: Counter,
    pub(super) gauges: GaugeCells,
    /// Every key that sent something.
    pub(super) keys: Mutex<BTreeSet<String>>,
}

pub(super) type ByReason = Family<Rejected, Counter>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OfKey {
    pub(super) key: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Rejected {
    pub(super) key: String,
    pub(super) reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OfReason {
    pub(super) reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OfTask {
    pub(super) task: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OfTable {
    pub(super) table: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OfRoute {
    pub(super) route: String,
    pub(super) status: u16,
}

/// The numbers of this process.
pub(super) fn metrics() -> &'static Metrics {
    &NUMBERS.0
}

/// All numbers as they are now, in the text format of OpenMetrics.
pub(crate) fn text() -> String {
    process::measure(&metrics().gauges);
    let mut text = String::new();
    let registry = NUMBERS.1.lock().unwrap_or_else(PoisonError::into_inner);
    // Writing into a text does not fail.
    let _ = encode(&mut text, &registry);
    text
}

static NUMBERS: LazyLock<(Metrics, Mutex<Registry>)> = LazyLock::new(|| {
    let mut registry = Registry::default();
    let metrics = Metrics::new();
    metrics.register(registry.sub_registry_with_prefix("beaconry"));
    metrics.gauges.register_of_process(&mut registry);
    (metrics, Mutex::new(registry))
});

impl Metrics {
    fn new() -> Self {
        let seconds = || Histogram::new(exponential_buckets(0.000_1, 4.0, 10));
        let sizes = || Histogram::new(exponential_buckets(1.0, 4.0, 8));
        Self {
            received: Family::default(),
            stored: Family::default(),
            duplicate: Family::default(),
            rejected: Family::default(),
            put_off: Family::default(),
            group_batches: sizes(),
            group_records: sizes(),
            group_seconds: seconds(),
            group_failures: Counter::default(),
            sync_seconds: seconds(),
            mended_bytes: Counter::default(),
            index_seconds: seconds(),
            index_failures: Counter::default(),
            rebuilds: Family::default(),
            streams_seconds: seconds(),
            streams_failures: Counter::default(),
            open_connections: Gauge::default(),
            connections: Counter::default(),
            connection_failures: Family::default(),
            requests: Family::default(),
            refusals: Family::default(),
            question_failures: Counter::default(),
            unclean_stops: Counter::default(),
            upkeep_failures: Family::default(),
            read_again: Family::default(),
            removed: Family::default(),
            segments_done: Family::default(),
            quota_warnings: Counter::default(),
            settings_doubted: Counter::default(),
            gauges: GaugeCells::default(),
            keys: Mutex::default(),
        }
    }

    fn register(&self, to: &mut Registry) {
        let build = vec![("version", env!("CARGO_PKG_VERSION")), ("commit", crate::COMMIT)];
        to.register("build", "Which server this is", Info::new(build));
        let Self { received, stored, duplicate, rejected, put_off, .. } = self;
        to.register("records_received", "Records that came in bodies that could be read", received.clone());
        to.register("records_stored", "Records that are on disk and were not before", stored.clone());
        to.register("records_duplicate", "Records that were on disk already", duplicate.clone());
        to.register("records_rejected", "Records that are not taken, now or later", rejected.clone());
        to.register("records_put_off", "Records that were to be sent again later", put_off.clone());

        to.register("group_batches", "Batches that were stored with one sync", self.group_batches.clone());
        to.register("group_records", "Records that were stored with one sync", self.group_records.clone());
        let (help, unit) = ("Time that a group took to be stored", Unit::Seconds);
        to.register_with_unit("group_duration", help, unit, self.group_seconds.clone());
        to.register("group_failures", "Groups that the disk did not take", self.group_failures.clone());
        let (help, unit) = ("Time that a sync of the journal took", Unit::Seconds);
        to.register_with_unit("journal_sync_duration", help, unit, self.sync_seconds.clone());
        let (help, unit) = ("Unfinished writes that were cut off the journal's end", Unit::Bytes);
        to.register_with_unit("journal_mended", help, unit, self.mended_bytes.clone());

        let (help, unit) = ("Time that a group of lines took to be indexed", Unit::Seconds);
        to.register_with_unit("index_group_duration", help, unit, self.index_seconds.clone());
        to.register("index_failures", "Groups that the index could not take", self.index_failures.clone());
        to.register("rebuilds", "Tables that were made anew from the journal", self.rebuilds.clone());
        let (help, unit) = ("Time that changed streams took to be written", Unit::Seconds);
        to.register_with_unit("streams_write_duration", help, unit, self.streams_seconds.clone());
        let help = "Chunks of changed streams that could not be written";
        to.register("streams_write_failures", help, self.streams_failures.clone());

        to.register("connections_open", "Connections that are open", self.open_connections.clone());
        to.register("connections", "Connections that were accepted", self.connections.clone());
        let help = "Connections that were not accepted, or ended badly";
        to.register("connection_failures", help, self.connection_failures.clone());
        to.register("requests", "Requests that were answered", self.requests.clone());
        to.register("refusals", "Requests that were refused as a whole", self.refusals.clone());
        let help = "Questions of the dashboard that failed";
        to.register("question_failures", help, self.question_failures.clone());
        let help = "Ends that left something to the next start";
        to.register("unclean_stops", help, self.unclean_stops.clone());
        self.register_upkeep(to);
        self.gauges.register(to);
    }

    fn register_upkeep(&self, to: &mut Registry) {
        let help = "Tasks beside the requests that failed";
        to.register("upkeep_failures", help, self.upkeep_failures.clone());
        to.register("read_again", "Keys and certificates that were read again", self.read_again.clone());
        to.register("records_removed", "Records that were removed after a time", self.removed.clone());
        to.register("segments_done", "Full segments of the journal", self.segments_done.clone());
        let help = "Looks at the data folder that found it nearly full";
        to.register("quota_warnings", help, self.quota_warnings.clone());
        let help = "Settings that do not do what they seem to, told at the start";
        to.register("settings_doubted", help, self.settings_doubted.clone());
    }
}

/// What the text is.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
