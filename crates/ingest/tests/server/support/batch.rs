//! Native batches.

use std::collections::HashMap;

use serde_json::{Value, json};

pub(crate) const STREAM: &str = "0000000000000000000000000000beac";

/// A batch that is being put together.
pub(crate) struct Batch {
    stream: String,
    events: Vec<Value>,
}

impl Batch {
    pub(crate) fn new() -> Self {
        Self::of(STREAM)
    }

    pub(crate) fn of(stream: &str) -> Self {
        Self { stream: stream.to_owned(), events: Vec::new() }
    }

    /// Adds a log for each number.
    pub(crate) fn logs(mut self, seqs: impl IntoIterator<Item = u64>) -> Self {
        let logs = seqs.into_iter().map(|seq| {
            json!({"seq": seq, "type": "log", "level": "info", "message": format!("log {seq}"),
                "timestamp": 1_766_361_600_000_u64 + seq})
        });
        self.events.extend(logs);
        self
    }

    pub(crate) fn event(mut self, event: Value) -> Self {
        self.events.push(event);
        self
    }

    pub(crate) fn to_json(&self) -> String {
        json!({"v": 1, "app": "test", "stream": self.stream, "sentAt": 1_766_361_600_000_u64,
            "scope": {"sessionId": "session-1", "release": "1.0"}, "events": self.events})
        .to_string()
    }
}

/// How often each record is there, by its id.
pub(crate) fn copies(records: &[Value]) -> HashMap<String, usize> {
    let mut copies = HashMap::new();
    for record in records {
        *copies.entry(record["id"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    copies
}

/// The error code of an answer that must be one of ours.
pub(crate) fn error_of(answer: &Value) -> &str {
    assert_eq!((&answer["beaconry"], &answer["status"]), (&json!(1), &json!("error")), "{answer}");
    assert!(answer["serverTime"].as_u64().unwrap() > 1_700_000_000_000, "{answer}");
    answer["error"].as_str().unwrap()
}
