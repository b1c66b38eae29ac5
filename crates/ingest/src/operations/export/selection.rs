//! Which records are taken.

use super::Stored;

/// Which records are taken: those that pass everything that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Received at this time or later, in epoch milliseconds.
    pub since: Option<u64>,
    /// Received before this time.
    pub until: Option<u64>,
    /// Of this record type, or events of this name.
    pub kind: Option<String>,
    /// Of this app.
    pub app: Option<String>,
}

impl Selection {
    pub(super) fn takes(&self, record: &Stored<'_>) -> bool {
        self.takes_time(record) && self.takes_kind(record) && self.takes_app(record)
    }

    fn takes_time(&self, record: &Stored<'_>) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        let Some(received) = record.received_millis() else { return false };
        self.since.is_none_or(|since| received >= since) && self.until.is_none_or(|until| received < until)
    }

    fn takes_kind(&self, record: &Stored<'_>) -> bool {
        let is_event_of =
            |kind: &str| record.record_type() == "event" && record.name.as_deref() == Some(kind);
        self.kind.as_deref().is_none_or(|kind| record.record_type() == kind || is_event_of(kind))
    }

    fn takes_app(&self, record: &Stored<'_>) -> bool {
        self.app.is_none() || record.app == self.app.as_deref().map(Into::into)
    }
}
