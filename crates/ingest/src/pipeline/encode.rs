//! Encoding the stored form of a record. What all records of a batch share is encoded once.

use std::borrow::Cow;

use beaconry_protocol::decode::{Incoming, IncomingRecord};
use beaconry_protocol::{JsonWriter, Number, Scope, clean_page_keeping, format_millis, join};

use super::enrich::{batch_scope, record_scope};
use super::request_stream::is_of_request;
use super::{PreparedRecord, Privacy, Pseudonyms, Sender};

/// Encodes the records of one body.
pub(super) struct BatchEncoder<'a> {
    /// `"received_at":…,"key":…`
    head: String,
    /// `"id":"<stream>-` and `","stream":"<stream>","seq":`, each to be followed by a place.
    identity: Option<[String; 2]>,
    /// `"app":…`, or nothing.
    app: String,
    /// `"sentAt":…` by the sender's clock, or nothing: beside `received_at` it tells how far that
    /// clock is off.
    sent_at: String,
    scope: Scope<'a>,
    /// The fields of `scope`, for the many records that override none.
    encoded_scope: String,
    source: &'static str,
    /// What time it was for the sender, as far as that is known.
    senders_time: u64,
    privacy: &'a Privacy,
}

impl<'a> BatchEncoder<'a> {
    pub(super) fn new(batch: &'a Incoming<'_>, from: &Sender<'a>, privacy: &'a Privacy) -> Self {
        let mut head = JsonWriter::with_capacity(HEAD_BYTES);
        head.string_field("received_at", &format_millis(from.received_at));
        head.string_field("key", from.key_name);
        let mut app_field = JsonWriter::default();
        app_field.optional_field("app", batch.app);
        let mut sent_at = JsonWriter::default();
        sent_at.optional_field("sentAt", batch.sent_at.map(format_millis).as_deref());
        let scope = batch_scope(&batch.scope, from);
        Self {
            head: head.finish(),
            identity: batch.stream.map(|stream| {
                let stream = stream.to_hex();
                [join(&[r#""id":""#, &stream, "-"]), join(&[r#"","stream":""#, &stream, r#"","seq":"#])]
            }),
            app: app_field.finish(),
            sent_at: sent_at.finish(),
            encoded_scope: encode_scope(&scope, &privacy.pseudonyms),
            scope,
            source: from.source.as_str(),
            senders_time: batch.sent_at.unwrap_or(from.received_at),
            privacy,
        }
    }

    pub(super) fn encode(&self, incoming: IncomingRecord<'_>) -> PreparedRecord {
        let mut record = incoming.record;
        record.page = record.page.filter(|page| !is_script(page)).map(|page| self.clean(&page));
        let record_type = record.body.record_type();
        let mut json = JsonWriter::with_capacity(self.encoded_scope.len() + TYPICAL_BYTES);
        json.raw(&self.head);
        debug_assert!(incoming.id.is_none() || self.identity.is_some(), "an id without the batch's stream");
        if let (Some(id), Some([id_begin, seq_begin])) = (incoming.id, &self.identity) {
            let seq = Number::from(id.seq);
            json.raw(&join(&[id_begin, seq.as_str(), seq_begin, seq.as_str()]));
        }
        raw_fields(&mut json, &self.app);
        json.string_field("type", record_type.as_str());
        json.string_field("timestamp", &format_millis(record.timestamp));
        raw_fields(&mut json, &self.sent_at);
        match &incoming.overrides {
            None => raw_fields(&mut json, &self.encoded_scope),
            Some(own) => {
                let scope = record_scope(own, &self.scope);
                raw_fields(&mut json, &encode_scope(&scope, &self.privacy.pseudonyms));
            }
        }
        json.string_field("source", self.source);
        record.encode_fields(&mut json);
        // What comes in one request does not wait in a browser, however old its records say they are.
        let may_wait = incoming.id.is_some_and(|id| !is_of_request(id.stream));
        let age = if may_wait { self.senders_time.saturating_sub(record.timestamp) } else { 0 };
        PreparedRecord { id: incoming.id, record_type, age, fields: json.finish(), beside: None }
    }

    fn clean(&self, page: &str) -> Cow<'static, str> {
        Cow::Owned(clean_page_keeping(page, &self.privacy.allow_query_keys))
    }
}

/// Whether what is given as a page would be run where somebody opened it. Browsers read such a scheme
/// over spaces and control characters.
fn is_script(page: &str) -> bool {
    let read = page.chars().filter(|letter| !letter.is_ascii_control() && *letter != ' ');
    let begin = read.take("javascript:".len()).collect::<String>().to_ascii_lowercase();
    ["javascript:", "vbscript:", "data:"].iter().any(|scheme| begin.starts_with(scheme))
}

fn encode_scope(scope: &Scope<'_>, pseudonyms: &Pseudonyms) -> String {
    let mut json = JsonWriter::with_capacity(TYPICAL_BYTES);
    scope.encode_fields(&mut json);
    for (key, id) in [("userId", &scope.user.id), ("anonymousId", &scope.user.anonymous_id)] {
        if let Some(id) = id {
            json.string_field(key, &pseudonyms.of(id));
        }
    }
    json.finish()
}

/// Puts fields that are encoded already into the object; there may be none.
fn raw_fields(json: &mut JsonWriter, fields: &str) {
    if !fields.is_empty() {
        json.raw(fields);
    }
}

const HEAD_BYTES: usize = 64;
/// Of a record without its scope: all but those with a stack fit.
const TYPICAL_BYTES: usize = 640;
