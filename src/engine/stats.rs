//! The account of every record as JSON, for people and tests.

use beaconry_protocol::JsonWriter;

use super::Engine;

impl Engine {
    /// What `stats()` returns: every count under its name.
    pub fn stats_json(&self) -> String {
        let mut json = JsonWriter::with_capacity(512);
        json.open('{');
        json.string_field("stream", &self.stream().to_hex());
        json.raw_field("enabled", if self.is_enabled() { "true" } else { "false" });
        self.counts().into_iter().for_each(|(name, count)| json.integer_field(name, count));
        json.key("discarded");
        json.open('{');
        self.ledger().discarded().for_each(|(reason, count)| json.integer_field(reason.as_str(), count));
        json.close('}');
        json.key("flushes");
        json.open('{');
        self.ledger().flushes().for_each(|(cause, count)| json.integer_field(cause.as_str(), count));
        json.close('}');
        json.close('}');
        json.finish()
    }

    fn counts(&self) -> [(&'static str, u64); 14] {
        let size = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        let ledger = self.ledger();
        [
            ("lastSeq", self.last_seq()),
            ("recorded", ledger.recorded),
            ("adopted", ledger.adopted),
            ("acknowledged", ledger.acknowledged),
            ("handedOver", ledger.handed_over),
            ("leftToBrowser", ledger.left_to_browser),
            ("waiting", size(self.waiting().count())),
            ("inFlight", size(self.in_flight())),
            ("queuedBytes", size(self.queued_bytes())),
            ("sent", ledger.sent),
            ("requests", ledger.requests),
            ("failedRequests", ledger.failed_requests),
            ("spoolWrites", ledger.spool_writes),
            ("spoolRefusals", ledger.spool_refusals),
        ]
    }
}
