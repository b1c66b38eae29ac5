//! The envelope around records.

use crate::{JsonWriter, StreamId, VERSION};

/// Puts records that are encoded already into one batch: the body of a request.
///
/// `scope` is what [`Scope::encode`](crate::Scope::encode) made, `records` what
/// [`Record::encode`](crate::Record::encode) made.
pub fn encode_batch(app: &str, stream: StreamId, sent_at: u64, scope: &str, records: &[&str]) -> String {
    let mut json = JsonWriter::with_capacity(4 * 1024);
    json.open("{");
    json.integer_field("v", u64::from(VERSION));
    json.string_field("app", app);
    json.string_field("stream", &stream.to_hex());
    json.integer_field("sentAt", sent_at);
    json.raw_field("scope", scope);
    json.key("events");
    json.open("[");
    records.iter().for_each(|record| json.raw(record));
    json.close("]");
    json.close("}");
    json.finish()
}
