//! The body as a whole: which shape it has, and where its records are.

use std::fmt;

use memchr::memchr2_iter;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::fields::{self, Field};
use super::record::{IncomingRecord, RecordReader};
use super::rejection::Rejection;
use crate::{ErrorCode, RecordType, Scope, StreamId, VERSION, limits};

/// A body, read.
#[derive(Debug)]
pub struct Incoming<'a> {
    /// Which of the shapes it had.
    pub shape: Shape,
    /// The app that sent it, if it says so.
    pub app: Option<&'a str>,
    /// The stream that its records belong to; the seeds' shapes have none.
    pub stream: Option<StreamId>,
    /// When it was sent, in epoch milliseconds by the sender's clock.
    pub sent_at: Option<u64>,
    /// What its records have in common.
    pub scope: Scope<'a>,
    /// Its records, in order, or why one is none.
    pub records: Vec<Result<IncomingRecord<'a>, Rejection>>,
}

/// The shapes of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `{v, app, stream, sentAt, scope, events}`.
    Native,
    /// `{"events":[{"type":"page_view",…}]}`.
    SeedEvents,
    /// `{logs, traces, metrics}`.
    SeedLists,
    /// `{message, email, screenshot, …}`, a bug report by itself.
    Feedback,
}

/// A body that fails as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyError {
    /// What goes into the answer.
    pub code: ErrorCode,
    /// What is wrong where, and what is allowed.
    pub message: String,
}

/// Reads a body. `received_at` (epoch milliseconds) is the time of records that say none.
///
/// # Errors
/// When the body is not JSON, none of the shapes, or of a newer version.
pub fn read_body(body: &[u8], received_at: u64) -> Result<Incoming<'_>, BodyError> {
    let text = checked_text(body)?;
    if text.trim_start().starts_with('[') {
        return Err(invalid_body(SHAPES));
    }
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| body_error(&error))?;
    match envelope.version()? {
        Some(version) if version > u64::from(VERSION) => Err(BodyError {
            code: ErrorCode::Upgrade,
            message: format!(
                "the batch has version {version}, this server reads up to {VERSION}: upgrade the server"
            ),
        }),
        Some(_) => read_native(&envelope, received_at),
        None => read_seed(&envelope, received_at),
    }
}

/// The body as text that no parser descends too far into.
pub(super) fn checked_text(body: &[u8]) -> Result<&str, BodyError> {
    let text = std::str::from_utf8(body)
        .map_err(|error| invalid_json(format!("the body is not UTF-8 at byte {}", error.valid_up_to())))?;
    check_depth(body)?;
    Ok(text)
}

/// Every key of the three shapes. Values stay unread text until the shape is known.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    v: Option<&'a RawValue>,
    #[serde(borrow)]
    app: Option<&'a RawValue>,
    #[serde(borrow)]
    stream: Option<&'a RawValue>,
    #[serde(rename = "sentAt", borrow)]
    sent_at: Option<&'a RawValue>,
    #[serde(borrow)]
    scope: Option<&'a RawValue>,
    #[serde(borrow)]
    events: Option<Items<'a>>,
    #[serde(borrow)]
    logs: Option<Items<'a>>,
    #[serde(borrow)]
    traces: Option<Items<'a>>,
    #[serde(borrow)]
    metrics: Option<Items<'a>>,
}

impl Envelope<'_> {
    /// The version of a native batch; the seeds' shapes have none. A batch with a stream has one, or
    /// its records would be stored anew with every retry.
    fn version(&self) -> Result<Option<u64>, BodyError> {
        match (self.v, self.stream) {
            (Some(raw), _) => {
                serde_json::from_str(raw.get()).map(Some).map_err(|_| invalid_body("v: takes a whole number"))
            }
            (None, Some(_)) => Err(invalid_body("v: is missing, and a body with a stream has one")),
            (None, None) => Ok(None),
        }
    }
}

fn read_native<'a>(envelope: &Envelope<'a>, received_at: u64) -> Result<Incoming<'a>, BodyError> {
    let app = native_app(envelope.app)?;
    let stream = native_stream(envelope.stream)?;
    let sent_at = envelope.sent_at.and_then(|raw| fields::timestamp(Field::new("sentAt", raw)).ok());
    let scope = match envelope.scope {
        Some(raw) => fields::scope(raw).map_err(|wrong| invalid_body(wrong.message))?,
        None => Scope::default(),
    };
    let events = envelope.events.as_ref().ok_or_else(|| invalid_body("events: takes a list of records"))?;
    check_count(events.0.len(), limits::RECORDS_PER_BATCH)?;
    let reader = RecordReader { stream: Some(stream), event_names_as_types: false, received_at };
    let records = events.0.iter().map(|raw| reader.read(raw, None)).collect();
    Ok(Incoming { shape: Shape::Native, app: Some(app), stream: Some(stream), sent_at, scope, records })
}

fn read_seed<'a>(envelope: &Envelope<'a>, received_at: u64) -> Result<Incoming<'a>, BodyError> {
    let lists = [
        (None, &envelope.events),
        (Some(RecordType::Log), &envelope.logs),
        (Some(RecordType::Trace), &envelope.traces),
        (Some(RecordType::Metric), &envelope.metrics),
    ];
    if lists.iter().all(|(_, list)| list.is_none()) {
        return Err(invalid_body(SHAPES));
    }
    let count = lists.iter().filter_map(|(_, list)| list.as_ref()).map(|list| list.0.len()).sum();
    check_count(count, limits::RECORDS_PER_SEED_BODY)?;
    let reader = RecordReader { stream: None, event_names_as_types: true, received_at };
    let items = lists
        .into_iter()
        .flat_map(|(kind, list)| list.iter().flat_map(|list| &list.0).map(move |raw| (kind, *raw)));
    let records = items.map(|(kind, raw)| reader.read(raw, kind)).collect();
    let shape = if envelope.events.is_some() { Shape::SeedEvents } else { Shape::SeedLists };
    Ok(Incoming { shape, app: None, stream: None, sent_at: None, scope: Scope::default(), records })
}

/// A list of records that are not read yet. It holds no more of them than any shape allows, and one
/// to tell that there were more, so that a small body of many tiny items stays small.
struct Items<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsVisitor;

        impl<'de> Visitor<'de> for ItemsVisitor {
            type Value = Items<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of records")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Items<'de>, A::Error> {
                let mut items = Vec::new();
                while items.len() <= limits::RECORDS_PER_BATCH {
                    let Some(item) = list.next_element()? else { return Ok(Items(items)) };
                    items.push(item);
                }
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Items(items))
            }
        }

        deserializer.deserialize_seq(ItemsVisitor)
    }
}

/// A body with too many records is too large as a whole: its sender splits it, and loses nothing.
fn check_count(records: usize, limit: usize) -> Result<(), BodyError> {
    if records <= limit {
        return Ok(());
    }
    let message = format!("a body of this shape takes at most {limit} records: send fewer at once");
    Err(BodyError { code: ErrorCode::TooLarge, message })
}

pub(super) fn native_app(raw: Option<&RawValue>) -> Result<&str, BodyError> {
    let takes = || invalid_body("app: takes 1 to 64 letters, digits, '.', '_' or '-'");
    let app: &str = raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).ok_or_else(takes)?;
    let is_plain = app.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if app.is_empty() || app.len() > 64 || !is_plain { Err(takes()) } else { Ok(app) }
}

fn native_stream(raw: Option<&RawValue>) -> Result<StreamId, BodyError> {
    raw.and_then(|raw| serde_json::from_str::<&str>(raw.get()).ok())
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| invalid_body("stream: takes 32 lower-case hex digits"))
}

/// Refuses a body whose brackets nest deeper than any record needs, before a parser descends.
fn check_depth(body: &[u8]) -> Result<(), BodyError> {
    // Most bodies do not even have so many brackets, and to see that costs next to nothing.
    if memchr2_iter(b'{', b'[', body).nth(limits::BODY_DEPTH).is_none() {
        return Ok(());
    }
    let mut depth = 0usize;
    let mut in_string = false;
    let mut escaped = false;
    for (at, byte) in body.iter().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limits::BODY_DEPTH {
            return Err(invalid_body(format!("more than {} levels deep at byte {at}", limits::BODY_DEPTH)));
        }
    }
    Ok(())
}

pub(super) fn body_error(error: &serde_json::Error) -> BodyError {
    match error.classify() {
        serde_json::error::Category::Data => invalid_body(error.to_string()),
        _ => invalid_json(format!("the body is not JSON: {error}")),
    }
}

fn invalid_json(message: impl Into<String>) -> BodyError {
    BodyError { code: ErrorCode::InvalidJson, message: message.into() }
}

pub(super) fn invalid_body(message: impl Into<String>) -> BodyError {
    BodyError { code: ErrorCode::InvalidBody, message: message.into() }
}

const SHAPES: &str = "the body takes {v, app, stream, events}, {events} or {logs, traces, metrics}";
