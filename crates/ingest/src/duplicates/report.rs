//! What a client says of itself: what it has lost, and that it ends.

use beaconry_protocol::Discard;
use serde::Deserialize;

/// A report, read out of its stored form. Memory and the journal are read alike by it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Report {
    pub(super) discards: Vec<Discard>,
    pub(super) closing: bool,
}

/// A stored record, as far as streams have to do with it.
#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(rename = "type", borrow, default)]
    record_type: Option<std::borrow::Cow<'a, str>>,
}

impl Report {
    /// Reads a stored record; `None` if it is no report.
    pub(super) fn read(json: &str) -> Option<Self> {
        // Most records are none, and need not be looked through.
        if !json.contains(r#""type":"report""#) {
            return None;
        }
        let kind: Kind<'_> = serde_json::from_str(json).ok()?;
        kind.record_type.filter(|kind| kind == "report")?;
        serde_json::from_str(json).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_report_is_read_as_one() {
        let json = r#"{"n":1,"type":"report","discards":[{"reason":"too_old","count":2,"seqs":[[3,4]]}],"closing":true}"#;
        let report = Report::read(json).unwrap();
        assert!(report.closing && report.discards[0].seqs.len() == 1);
        assert!(Report::read(r#"{"type":"log","context":{"type":"report"},"closing":true}"#).is_none());
        let plain = Report::read(r#"{"type":"report","discards":[]}"#).unwrap();
        assert!(!plain.closing && plain.discards.is_empty());
    }
}
