//! The body as a whole: which shape it has, and where its records are.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::fields::{self, Field};
use super::record::{IncomingRecord, RecordReader, Rejection};
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
    let text = std::str::from_utf8(body)
        .map_err(|error| invalid_json(format!("the body is not UTF-8 at byte {}", error.valid_up_to())))?;
    check_depth(body)?;
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| body_error(&error))?;
    match envelope.v {
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

/// Every key of the three shapes. Values stay unread text until the shape is known.
#[derive(Deserialize)]
struct Envelope<'a> {
    v: Option<u64>,
    #[serde(borrow)]
    app: Option<&'a RawValue>,
    #[serde(borrow)]
    stream: Option<&'a RawValue>,
    #[serde(rename = "sentAt", borrow)]
    sent_at: Option<&'a RawValue>,
    #[serde(borrow)]
    scope: Option<&'a RawValue>,
    #[serde(borrow)]
    events: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    logs: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    traces: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    metrics: Option<Vec<&'a RawValue>>,
}

fn read_native<'a>(envelope: &Envelope<'a>, received_at: u64) -> Result<Incoming<'a>, BodyError> {
    let app = native_app(envelope.app)?;
    let stream = native_stream(envelope.stream)?;
    let sent_at = envelope.sent_at.and_then(|raw| fields::timestamp(Field::new("sentAt", raw)).ok());
    let scope = match envelope.scope {
        Some(raw) => fields::scope(raw).map_err(|wrong| invalid_body(wrong.message))?,
        None => Scope::default(),
    };
    let events = envelope.events.as_deref().ok_or_else(|| invalid_body("events: takes a list of records"))?;
    let reader = RecordReader { stream: Some(stream), event_names_as_types: false, received_at };
    let records = read_list(events, limits::RECORDS_PER_BATCH, |raw| reader.read(raw, None)).collect();
    Ok(Incoming { shape: Shape::Native, app: Some(app), stream: Some(stream), sent_at, scope, records })
}

fn read_seed<'a>(envelope: &Envelope<'a>, received_at: u64) -> Result<Incoming<'a>, BodyError> {
    let reader = RecordReader { stream: None, event_names_as_types: true, received_at };
    let limit = limits::RECORDS_PER_SEED_BODY;
    let (shape, records) = if let Some(events) = &envelope.events {
        (Shape::SeedEvents, read_list(events, limit, |raw| reader.read(raw, None)).collect())
    } else {
        let lists = [
            (RecordType::Log, &envelope.logs),
            (RecordType::Trace, &envelope.traces),
            (RecordType::Metric, &envelope.metrics),
        ];
        if lists.iter().all(|(_, list)| list.is_none()) {
            return Err(invalid_body(
                "the body takes {v, app, stream, events}, {events} or {logs, traces, metrics}",
            ));
        }
        let items: Vec<_> = lists
            .into_iter()
            .flat_map(|(kind, list)| list.iter().flatten().map(move |raw| (kind, *raw)))
            .collect();
        (Shape::SeedLists, read_list(&items, limit, |(kind, raw)| reader.read(raw, Some(kind))).collect())
    };
    Ok(Incoming { shape, app: None, stream: None, sent_at: None, scope: Scope::default(), records })
}

fn read_list<'l, 'a, T: Copy>(
    items: &'l [T],
    limit: usize,
    read: impl Fn(T) -> Result<IncomingRecord<'a>, Rejection> + 'l,
) -> impl Iterator<Item = Result<IncomingRecord<'a>, Rejection>> + 'l {
    items.iter().enumerate().map(
        move |(index, item)| {
            if index < limit { read(*item) } else { Err(Rejection::too_many(limit)) }
        },
    )
}

fn native_app(raw: Option<&RawValue>) -> Result<&str, BodyError> {
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

fn body_error(error: &serde_json::Error) -> BodyError {
    match error.classify() {
        serde_json::error::Category::Data => invalid_body(error.to_string()),
        _ => invalid_json(format!("the body is not JSON: {error}")),
    }
}

fn invalid_json(message: impl Into<String>) -> BodyError {
    BodyError { code: ErrorCode::InvalidJson, message: message.into() }
}

fn invalid_body(message: impl Into<String>) -> BodyError {
    BodyError { code: ErrorCode::InvalidBody, message: message.into() }
}
