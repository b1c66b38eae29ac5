//! What a line of a file becomes.

use beaconry_protocol::{JsonWriter, RecordId, RecordType, parse_rfc3339};
use serde::Deserialize;

use super::identity::Identity;
use super::source::Source;
use super::{ImportOptions, KEY, Record};
use crate::operations::Fields;
use crate::pipeline::{
    LineOrigin, PreparedRecord, Privacy, RecordTypes, Sender, Source as Kind, prepare_line,
};

/// Reads the lines of one file.
pub(super) struct Reader<'a> {
    identity: Identity,
    record_type: Option<RecordType>,
    privacy: &'a Privacy,
    options: &'a ImportOptions,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        source: &Source,
        identity: &Identity,
        privacy: &'a Privacy,
        options: &'a ImportOptions,
    ) -> Self {
        Self { identity: *identity, record_type: source.record_type, privacy, options }
    }

    /// The record of a line; `None` of an empty one, and why of one that is none.
    pub(super) fn read(&self, number: u64, bytes: &[u8]) -> Result<Option<Record>, String> {
        let line = std::str::from_utf8(bytes)
            .map_err(|error| format!("is not UTF-8 at byte {}", error.valid_up_to()))?
            .trim();
        if line.is_empty() {
            return Ok(None);
        }
        let fields = Fields::read(line).map_err(|error| format!("is no JSON object: {error}"))?;
        let place = self.identity.line(number);
        let prepared = match Ours::read(line) {
            Some(ours) => ours.prepare(&fields, self.record_type, place)?,
            None => self.prepare(line, &fields, place)?,
        };
        Ok(Record::new(prepared))
    }

    /// A line that is none of ours goes the way of what is received.
    fn prepare(&self, line: &str, fields: &Fields<'_>, place: RecordId) -> Result<PreparedRecord, String> {
        let text = |name| fields.json(name).and_then(|json| serde_json::from_str::<String>(json).ok());
        let time = |name| text(name).and_then(|text| parse_rfc3339(&text));
        let id = text("id").and_then(|id| id.parse().ok()).unwrap_or(place);
        let app = text("app").or_else(|| self.options.app.clone());
        let list = match self.record_type {
            Some(RecordType::Log) => "logs",
            Some(RecordType::Trace) => "traces",
            Some(RecordType::Metric) => "metrics",
            _ => "events",
        };
        let from = Sender {
            key_name: KEY,
            source: Kind::Client,
            types: RecordTypes::ALL,
            received_at: time("received_at").or_else(|| time("timestamp")).unwrap_or(self.options.now),
            user_agent: None,
        };
        prepare_line(line, LineOrigin { list, id, app: app.as_deref() }, &from, self.privacy)
    }
}

/// A record that a server of ours stored, in either layout.
#[derive(Deserialize)]
struct Ours<'a> {
    received_at: &'a str,
    timestamp: &'a str,
    source: &'a str,
    #[serde(rename = "key")]
    _key: &'a str,
    #[serde(rename = "type")]
    record_type: Option<&'a str>,
    id: Option<&'a str>,
}

impl<'a> Ours<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let ours: Self = serde_json::from_str(line).ok()?;
        let has_times = [ours.received_at, ours.timestamp].iter().all(|time| parse_rfc3339(time).is_some());
        (has_times && [Kind::Client, Kind::Server].iter().any(|kind| kind.as_str() == ours.source))
            .then_some(ours)
    }

    /// As it was stored, but for its number and for an identity if it had none.
    fn prepare(
        &self,
        fields: &Fields<'_>,
        known_type: Option<RecordType>,
        place: RecordId,
    ) -> Result<PreparedRecord, String> {
        let record_type = match self.record_type {
            Some(word) => RecordType::parse(word).map_err(|error| format!("type: takes {}", error.takes))?,
            None => known_type.ok_or("type: is missing")?,
        };
        let id = match self.id {
            Some(id) => id.parse().map_err(|error| format!("id: {error}"))?,
            None => place,
        };
        let mut json = JsonWriter::default();
        json.string_field("received_at", self.received_at);
        json.raw_field("key", fields.json("key").unwrap_or(r#""import""#));
        json.string_field("id", &id.to_string());
        json.string_field("stream", &id.stream.to_hex());
        json.integer_field("seq", id.seq);
        if self.record_type.is_none() {
            json.string_field("type", record_type.as_str());
        }
        for (name, value) in &fields.0 {
            let name = stored_name(name);
            if !WRITTEN.contains(&name) {
                json.any_key(name);
                json.raw(value.get());
            }
        }
        // Whoever imports wants it, however old it is.
        Ok(PreparedRecord { id: Some(id), record_type, age: 0, fields: json.finish(), beside: None })
    }
}

/// The name of a field in the journal, of that in a file in Saberloop's layout.
fn stored_name(name: &str) -> &str {
    match name {
        "url" => "page",
        "labels" | "attributes" => "context",
        name => name,
    }
}

/// What is written apart from the other fields, or not at all.
const WRITTEN: [&str; 7] = ["n", "crc", "received_at", "key", "id", "stream", "seq"];
