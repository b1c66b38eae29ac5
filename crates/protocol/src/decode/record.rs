//! One record of a body: its type, its fields under their present and their older names, and why
//! it is refused if it is.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::context::context;
use super::fields::{Field, boolean, number, text, timestamp, whole_number};
use super::rejection::Rejection;
use crate::record::RATINGS;
use crate::{
    Body, Context, Discard, DiscardReason, Level, Number, Record, RecordId, RecordType, Scope, Severity,
    StreamId, User, check_event_name, limits,
};

/// A record that is good.
#[derive(Debug)]
pub struct IncomingRecord<'a> {
    /// Its identity; the seeds' records have none and are new by definition.
    pub id: Option<RecordId>,
    /// What it says.
    pub record: Record<'a>,
    /// What it says of its own circumstances: overrides the batch's scope field by field.
    pub overrides: Option<Box<Scope<'a>>>,
}

/// Reads the records of one body.
pub(super) struct RecordReader {
    /// The stream of the body, which makes ids of the records' places.
    pub(super) stream: Option<StreamId>,
    /// Whether an unknown type is the name of an event, as in the seeds.
    pub(super) event_names_as_types: bool,
    /// The time of records that say none.
    pub(super) received_at: u64,
}

impl RecordReader {
    pub(super) fn read<'a>(
        &self,
        raw: &'a RawValue,
        known_type: Option<RecordType>,
    ) -> Result<IncomingRecord<'a>, Rejection> {
        if raw.get().len() > limits::RECORD_BYTES {
            let message = format!("a record takes at most {} bytes as JSON", limits::RECORD_BYTES);
            return Err(Rejection::new(DiscardReason::TooLarge, message));
        }
        if !raw.get().starts_with('{') {
            return Err(Rejection::new(DiscardReason::InvalidField, "a record takes a JSON object"));
        }
        let wire: WireRecord<'a> = serde_json::from_str(raw.get()).map_err(|error| {
            let message = format!("a record takes each field once, under one of its names: {error}");
            Rejection::new(DiscardReason::InvalidField, message)
        })?;
        let id = self.identity(&wire)?;
        self.read_identified(&wire, id, known_type).map_err(|rejection| Rejection { id, ..rejection })
    }

    fn identity(&self, wire: &WireRecord<'_>) -> Result<Option<RecordId>, Rejection> {
        let Some(stream) = self.stream else { return Ok(None) };
        let raw = wire.seq.ok_or_else(|| Rejection::missing("seq"))?;
        let seq = whole_number(Field::new("seq", raw))?;
        Ok(Some(RecordId { stream, seq }))
    }

    fn read_identified<'a>(
        &self,
        wire: &WireRecord<'a>,
        id: Option<RecordId>,
        known_type: Option<RecordType>,
    ) -> Result<IncomingRecord<'a>, Rejection> {
        let kind = match known_type {
            Some(record_type) => Kind::Record(record_type),
            None => self.kind(wire)?,
        };
        let body = wire.body(kind, self.event_names_as_types)?;
        body.check().map_err(|(name, takes)| {
            Rejection::new(DiscardReason::InvalidField, format!("{name}: takes {takes}"))
        })?;
        let timestamp = match wire.timestamp {
            Some(raw) => timestamp(Field::new("timestamp", raw))?,
            None => self.received_at,
        };
        let page = wire.page.map(|raw| text(Field::new("page", raw))).transpose()?;
        let context = wire.context.map_or(Ok(None), |raw| context(Field::new("context", raw)))?;
        let record = Record { seq: id.map(|id| id.seq), timestamp, page, body, context };
        Ok(IncomingRecord { id, record, overrides: wire.overrides()? })
    }

    fn kind<'a>(&self, wire: &WireRecord<'a>) -> Result<Kind<'a>, Rejection> {
        let Some(raw) = wire.record_type else {
            // The analytics seed has `event` instead of a type.
            return if wire.name.is_some() {
                Ok(Kind::Record(RecordType::Event))
            } else {
                Err(Rejection::missing("type"))
            };
        };
        let word = text(Field::new("type", raw))?;
        match RecordType::parse(&word) {
            Ok(record_type) => Ok(Kind::Record(record_type)),
            Err(_) if self.event_names_as_types && check_event_name(&word).is_ok() => {
                Ok(Kind::NamedEvent(word))
            }
            Err(unknown) => {
                let takes = Field::new("type", raw).takes(unknown.takes);
                Err(Rejection { reason: DiscardReason::UnknownType, ..takes })
            }
        }
    }
}

/// What the type of a record says.
enum Kind<'a> {
    Record(RecordType),
    /// A seed's event, whose type is its name.
    NamedEvent(Cow<'a, str>),
}

/// Every field of every type, unread. `alias` lists the names of the seeds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRecord<'a> {
    #[serde(borrow, rename = "type")]
    record_type: Option<&'a RawValue>,
    seq: Option<&'a RawValue>,
    timestamp: Option<&'a RawValue>,
    #[serde(alias = "url")]
    page: Option<&'a RawValue>,
    #[serde(alias = "labels", alias = "attributes", alias = "properties", alias = "metadata")]
    context: Option<&'a RawValue>,

    level: Option<&'a RawValue>,
    message: Option<&'a RawValue>,
    error_type: Option<&'a RawValue>,
    stack: Option<&'a RawValue>,
    severity: Option<&'a RawValue>,
    handled: Option<&'a RawValue>,
    component_stack: Option<&'a RawValue>,
    #[serde(alias = "event")]
    name: Option<&'a RawValue>,
    value: Option<&'a RawValue>,
    unit: Option<&'a RawValue>,
    #[serde(alias = "response_time")]
    duration: Option<&'a RawValue>,
    trace_id: Option<&'a RawValue>,
    span_id: Option<&'a RawValue>,
    parent_span_id: Option<&'a RawValue>,
    kind: Option<&'a RawValue>,
    status: Option<&'a RawValue>,
    delta: Option<&'a RawValue>,
    rating: Option<&'a RawValue>,
    navigation_type: Option<&'a RawValue>,
    attribution: Option<&'a RawValue>,
    action: Option<&'a RawValue>,
    email: Option<&'a RawValue>,
    screenshot: Option<&'a RawValue>,
    discards: Option<&'a RawValue>,
    closing: Option<&'a RawValue>,

    session_id: Option<&'a RawValue>,
    user_id: Option<&'a RawValue>,
    anonymous_id: Option<&'a RawValue>,
    user_agent: Option<&'a RawValue>,
    platform: Option<&'a RawValue>,
    device_type: Option<&'a RawValue>,
    region: Option<&'a RawValue>,
    #[serde(alias = "release")]
    build_id: Option<&'a RawValue>,
    environment: Option<&'a RawValue>,
}

impl<'a> WireRecord<'a> {
    fn body(&self, kind: Kind<'a>, is_seed: bool) -> Result<Body<'a>, Rejection> {
        let record_type = match kind {
            Kind::NamedEvent(name) => return self.event(name),
            Kind::Record(record_type) => record_type,
        };
        match record_type {
            RecordType::Log => {
                Ok(Body::Log { level: self.level()?, message: required_text("message", self.message)? })
            }
            RecordType::Error => self.error(is_seed),
            RecordType::Metric => Ok(Body::Metric {
                name: required_text("name", self.name)?,
                value: required_number("value", self.value)?,
                unit: optional_text("unit", self.unit)?,
            }),
            RecordType::Trace => Ok(Body::Trace {
                name: required_text("name", self.name)?,
                duration: required_number("duration", self.duration)?,
                trace_id: trace_id("traceId", self.trace_id)?,
                span_id: trace_id("spanId", self.span_id)?,
                parent_span_id: optional_text("parentSpanId", self.parent_span_id)?,
                kind: optional_text("kind", self.kind)?,
                status: optional_text("status", self.status)?,
            }),
            RecordType::Vital => Ok(Body::Vital {
                name: required_text("name", self.name)?,
                value: required_number("value", self.value)?,
                delta: optional_number("delta", self.delta)?,
                rating: self.rating()?,
                navigation_type: optional_text("navigationType", self.navigation_type)?,
                attribution: optional_context("attribution", self.attribution)?,
            }),
            RecordType::Event => self.event(required_text("name", self.name)?),
            RecordType::Feedback => Ok(Body::Feedback {
                message: required_text("message", self.message)?,
                email: optional_text("email", self.email)?,
                screenshot: optional_text("screenshot", self.screenshot)?,
            }),
            RecordType::Report => self.report(),
        }
    }

    fn event(&self, name: Cow<'a, str>) -> Result<Body<'a>, Rejection> {
        Ok(Body::Event {
            name,
            action: optional_text("action", self.action)?,
            duration: optional_number("duration", self.duration)?,
        })
    }

    /// The seeds' batches carry errors with nothing but a page or an action; those are taken.
    fn error(&self, is_seed: bool) -> Result<Body<'a>, Rejection> {
        let message = match (self.message, self.action) {
            (None, Some(action)) if is_seed => text(Field::new("action", action))?,
            (None, None) if is_seed => Cow::Borrowed("no message"),
            (message, _) => required_text("message", message)?,
        };
        let severity = match self.severity {
            None => Severity::Error,
            Some(raw) => {
                let field = Field::new("severity", raw);
                Severity::parse(&text(field)?).map_err(|unknown| field.takes(unknown.takes))?
            }
        };
        Ok(Body::Error {
            error_type: optional_text("errorType", self.error_type)?.unwrap_or(Cow::Borrowed("Error")),
            message,
            stack: optional_text("stack", self.stack)?,
            severity,
            handled: self.handled.map_or(Ok(true), |raw| boolean(Field::new("handled", raw)))?,
            component_stack: optional_text("componentStack", self.component_stack)?,
        })
    }

    fn report(&self) -> Result<Body<'a>, Rejection> {
        let discards = match self.discards {
            None => Vec::new(),
            Some(raw) => {
                let discards = serde_json::from_str::<Vec<Discard>>(raw.get()).ok();
                discards.filter(|discards| Discard::are_within_limits(discards)).ok_or_else(|| {
                    Field::new("discards", raw)
                        .takes("up to 32 of {reason, type, count, stream, seqs: up to 256 ranges}")
                })?
            }
        };
        let closing = self.closing.map_or(Ok(false), |raw| boolean(Field::new("closing", raw)))?;
        Ok(Body::Report { discards, closing })
    }

    fn level(&self) -> Result<Level, Rejection> {
        let raw = self.level.ok_or_else(|| Rejection::missing("level"))?;
        let field = Field::new("level", raw);
        Level::parse(&text(field)?).map_err(|unknown| field.takes(unknown.takes))
    }

    fn rating(&self) -> Result<Option<Cow<'a, str>>, Rejection> {
        let Some(raw) = self.rating else { return Ok(None) };
        let field = Field::new("rating", raw);
        let rating = text(field)?;
        if RATINGS.contains(&rating.as_ref()) {
            Ok(Some(rating))
        } else {
            Err(field.takes("good, needs-improvement or poor"))
        }
    }

    fn overrides(&self) -> Result<Option<Box<Scope<'a>>>, Rejection> {
        let has_none = [
            self.session_id,
            self.user_id,
            self.anonymous_id,
            self.user_agent,
            self.platform,
            self.device_type,
            self.region,
            self.build_id,
            self.environment,
        ]
        .iter()
        .all(Option::is_none);
        if has_none {
            return Ok(None);
        }
        Ok(Some(Box::new(Scope {
            session_id: optional_text("sessionId", self.session_id)?,
            release: optional_text("buildId", self.build_id)?,
            environment: optional_text("environment", self.environment)?,
            user_agent: optional_text("userAgent", self.user_agent)?,
            platform: optional_text("platform", self.platform)?,
            device_type: optional_text("deviceType", self.device_type)?,
            region: optional_text("region", self.region)?,
            user: User {
                id: optional_text("userId", self.user_id)?,
                anonymous_id: optional_text("anonymousId", self.anonymous_id)?,
            },
            ..Scope::default()
        })))
    }
}

fn required_text<'a>(name: &'static str, raw: Option<&'a RawValue>) -> Result<Cow<'a, str>, Rejection> {
    text(Field::new(name, raw.ok_or_else(|| Rejection::missing(name))?))
}

fn required_number<'a>(name: &'static str, raw: Option<&'a RawValue>) -> Result<Number<'a>, Rejection> {
    number(Field::new(name, raw.ok_or_else(|| Rejection::missing(name))?))
}

fn trace_id<'a>(name: &'static str, raw: Option<&'a RawValue>) -> Result<Cow<'a, str>, Rejection> {
    let id = required_text(name, raw)?;
    let is_id = !id.is_empty() && id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match raw {
        Some(raw) if !is_id => Err(Field::new(name, raw).takes("1 to 64 letters and digits")),
        _ => Ok(id),
    }
}

fn optional_text<'a>(
    name: &'static str,
    raw: Option<&'a RawValue>,
) -> Result<Option<Cow<'a, str>>, Rejection> {
    raw.map(|raw| text(Field::new(name, raw))).transpose()
}

fn optional_number<'a>(
    name: &'static str,
    raw: Option<&'a RawValue>,
) -> Result<Option<Number<'a>>, Rejection> {
    raw.map(|raw| number(Field::new(name, raw))).transpose()
}

fn optional_context(name: &'static str, raw: Option<&RawValue>) -> Result<Option<Context>, Rejection> {
    raw.map_or(Ok(None), |raw| context(Field::new(name, raw)))
}
