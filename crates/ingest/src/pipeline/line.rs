//! A line of somebody else's file as a record of ours.

use beaconry_protocol::RecordId;
use beaconry_protocol::decode::{mend_surrogates, read_body};

use super::{BatchEncoder, PreparedRecord, Privacy, Sender, error_beside};

/// Where a line comes from.
#[derive(Debug, Clone, Copy)]
pub struct LineOrigin<'a> {
    /// The list of a body that such records come in: `logs`, `traces`, `metrics` or `events`.
    pub list: &'a str,
    /// The identity that the record gets.
    pub id: RecordId,
    /// The app that it belongs to.
    pub app: Option<&'a str>,
}

/// Prepares a line as a record of a body would be: checked, scrubbed, enriched and encoded.
///
/// # Errors
/// What is wrong with it.
pub fn prepare_line(
    line: &str,
    origin: LineOrigin<'_>,
    from: &Sender<'_>,
    privacy: &Privacy,
) -> Result<PreparedRecord, String> {
    let body = format!(r#"{{"{}":[{line}]}}"#, origin.list);
    let body = mend_surrogates(body.as_bytes());
    let mut incoming = read_body(&body, from.received_at).map_err(|error| error.message)?;
    (incoming.app, incoming.stream) = (origin.app, Some(origin.id.stream));
    // Brackets in a line could make it two records, or another body.
    let records = std::mem::take(&mut incoming.records);
    let [record] = <[_; 1]>::try_from(records).map_err(|_| "takes one JSON object".to_owned())?;
    let mut record = record.map_err(|rejection| rejection.message)?;
    record.id = Some(origin.id);
    let encoder = BatchEncoder::new(&incoming, from, privacy);
    let beside = error_beside(&record, None).map(|error| encoder.encode(error).fields);
    Ok(PreparedRecord { beside, ..encoder.encode(record) })
}
