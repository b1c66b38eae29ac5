//! Which file a record goes into, and how its line looks there.

use beaconry_protocol::{JsonWriter, parse_rfc3339};

use super::Stored;
use crate::operations::Fields;

/// How exported files are laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// `<day>.jsonl`: every record as it is stored.
    #[default]
    Days,
    /// `<type>/<day>.jsonl`, such as `logs/2025-12-22.jsonl`, each record in the shape of Saberloop's
    /// files: first the fields that it had there, under the names that they had, then all others.
    Saberloop,
}

impl Layout {
    /// The word for it in options.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Saberloop => "saberloop",
        }
    }

    /// The file of a record, below the folder of the export.
    pub(super) fn file(self, record: &Stored<'_>) -> String {
        let day = day(&record.received_at);
        match self {
            Self::Days => format!("{day}.jsonl"),
            Self::Saberloop => format!("{}s/{day}.jsonl", record.record_type()),
        }
    }

    /// The line of a record, without its line feed.
    pub(super) fn line(self, record: &Stored<'_>, json: &str) -> String {
        match self {
            Self::Days => json.to_owned(),
            Self::Saberloop => saberloop_line(record, json).unwrap_or_else(|| json.to_owned()),
        }
    }
}

/// The day is the beginning of what the server wrote; a hand-written line may say anything, and must
/// not choose a path.
fn day(received_at: &str) -> &str {
    let day = received_at.get(..10).filter(|day| parse_rfc3339(&format!("{day}T00:00:00Z")).is_some());
    day.unwrap_or("undated")
}

fn saberloop_line(record: &Stored<'_>, json: &str) -> Option<String> {
    let fields = Fields::read(json).ok()?;
    let record_type = record.record_type();
    let (had, context) = match record_type {
        "log" => (LOG, "context"),
        "metric" => (METRIC, "labels"),
        "trace" => (TRACE, "attributes"),
        _ => (OTHER, "context"),
    };
    let is_implied = |name: &str| name == "n" || (name == "type" && had != OTHER);
    let mut line = JsonWriter::default();
    line.open("{");
    for name in had {
        if let Some(value) = fields.json(name) {
            line.key(saberloop_name(name, context));
            line.raw(value);
        }
    }
    for (name, value) in &fields.0 {
        if !had.contains(&name.as_ref()) && !is_implied(name) && name != "received_at" {
            line.any_key(name);
            line.raw(value.get());
        }
    }
    line.string_field("received_at", &record.received_at);
    line.close("}");
    Some(line.finish())
}

fn saberloop_name<'a>(name: &'a str, context: &'a str) -> &'a str {
    match name {
        "page" => "url",
        "context" => context,
        name => name,
    }
}

/// What Saberloop's client wrote of each type, in its order.
const LOG: &[&str] = &["timestamp", "level", "message", "context", "sessionId", "page", "userAgent"];
const METRIC: &[&str] = &["timestamp", "name", "value", "context", "sessionId"];
const TRACE: &[&str] = &["timestamp", "traceId", "spanId", "name", "duration", "context", "sessionId"];
const OTHER: &[&str] = &["timestamp", "type"];

#[cfg(test)]
mod tests {
    use super::*;

    fn shaped(json: &str) -> (String, String) {
        let record = Stored::read(json).unwrap();
        (Layout::Saberloop.file(&record), Layout::Saberloop.line(&record, json))
    }

    #[test]
    fn each_type_has_the_shape_of_the_old_files() {
        for (stored, file, line) in [
            (
                r#"{"n":1,"received_at":"2025-12-22T00:00:01.000Z","key":"k","type":"log","timestamp":"2025-12-21T23:59:59.000Z","sessionId":"s","userAgent":"ua","page":"/q","level":"info","message":"hi","context":{"a":1}}"#,
                "logs/2025-12-22.jsonl",
                r#"{"timestamp":"2025-12-21T23:59:59.000Z","level":"info","message":"hi","context":{"a":1},"sessionId":"s","url":"/q","userAgent":"ua","key":"k","received_at":"2025-12-22T00:00:01.000Z"}"#,
            ),
            (
                r#"{"n":2,"received_at":"2025-12-22T00:00:01.000Z","id":"i-1","type":"metric","timestamp":"t","name":"lcp","value":1250.50,"context":{"rating":"good"}}"#,
                "metrics/2025-12-22.jsonl",
                r#"{"timestamp":"t","name":"lcp","value":1250.50,"labels":{"rating":"good"},"id":"i-1","received_at":"2025-12-22T00:00:01.000Z"}"#,
            ),
            (
                r#"{"n":3,"received_at":"../../etc","type":"error","timestamp":"t","message":"x"}"#,
                "errors/undated.jsonl",
                r#"{"timestamp":"t","type":"error","message":"x","received_at":"../../etc"}"#,
            ),
        ] {
            assert_eq!(shaped(stored), (file.to_owned(), line.to_owned()));
        }
    }
}
