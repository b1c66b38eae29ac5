//! The record: one thing that happened in a browser, and what it looks like on the wire.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{
    Context, DiscardReason, JsonWriter, Number, SeqRange, StreamId, check_event_name, cut, join, limits,
    parse_whole, redact, snake_case, split_at_byte,
};

/// One record, as its maker knows it. Whose it is and where it ran stands in the batch's scope.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "TelemetryRecord", rename_all = "camelCase")
)]
pub struct Record<'a> {
    /// Its place in the stream; records of the seeds' shapes have none.
    pub seq: Option<u64>,
    /// When it was made, in epoch milliseconds by the maker's clock.
    pub timestamp: u64,
    /// The URL or path of the page that it was made on; cleaned, unless it has only just been received.
    pub page: Option<Cow<'a, str>>,
    /// What it is about.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub body: Body<'a>,
    /// What the app added.
    pub context: Option<Context>,
}

/// What a record is about: a variant for each record type, with the fields of that type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")
)]
#[expect(missing_docs, reason = "the names are those of the wire and say what they hold")]
pub enum Body<'a> {
    Log {
        level: Level,
        message: Cow<'a, str>,
    },
    Error {
        error_type: Cow<'a, str>,
        message: Cow<'a, str>,
        /// As the browser wrote it; the server parses it.
        stack: Option<Cow<'a, str>>,
        severity: Severity,
        /// Whether the app caught it.
        handled: bool,
        component_stack: Option<Cow<'a, str>>,
    },
    Metric {
        name: Cow<'a, str>,
        value: Number<'a>,
        unit: Option<Cow<'a, str>>,
    },
    Trace {
        name: Cow<'a, str>,
        /// Milliseconds.
        duration: Number<'a>,
        /// 32 hex digits; the seeds' shorter ids are taken as they are.
        trace_id: Cow<'a, str>,
        /// 16 hex digits; the seeds' shorter ids are taken as they are.
        span_id: Cow<'a, str>,
        parent_span_id: Option<Cow<'a, str>>,
        kind: Option<Cow<'a, str>>,
        status: Option<Cow<'a, str>>,
    },
    Vital {
        #[cfg_attr(feature = "schema", schemars(extend("enum" = VITALS)))]
        name: Cow<'a, str>,
        value: Number<'a>,
        delta: Option<Number<'a>>,
        #[cfg_attr(feature = "schema", schemars(extend("enum" = RATINGS)))]
        rating: Option<Cow<'a, str>>,
        navigation_type: Option<Cow<'a, str>>,
        attribution: Option<Context>,
    },
    Event {
        name: Cow<'a, str>,
        action: Option<Cow<'a, str>>,
        /// Milliseconds.
        duration: Option<Number<'a>>,
    },
    Feedback {
        message: Cow<'a, str>,
        email: Option<Cow<'a, str>>,
        screenshot: Option<Cow<'a, str>>,
    },
    /// What the client itself has to say: what it lost and why, and that it ends.
    Report {
        discards: Vec<Discard>,
        closing: bool,
    },
}

/// Records of one type that were lost for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Discard {
    /// Why.
    pub reason: DiscardReason,
    /// The type of the records, where it is known.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub record_type: Option<RecordType>,
    /// How many.
    pub count: u64,
    /// The stream that they belonged to, if not that of the report: an earlier page's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// Their places in the stream; empty for records that were refused before they got one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seqs: Vec<SeqRange>,
}

impl Discard {
    /// Whether a report may hold them: few enough, and of streams that are some.
    pub fn are_within_limits(discards: &[Self]) -> bool {
        discards.len() <= limits::REPORT_DISCARDS
            && discards.iter().all(|discard| {
                let is_stream = |text: &String| text.parse::<StreamId>().is_ok();
                discard.seqs.len() <= limits::REPORT_RANGES && discard.stream.as_ref().is_none_or(is_stream)
            })
    }
}

impl Record<'_> {
    /// The record as JSON, to be put into a batch. Begins with `{"seq":…,"type":…`, which
    /// [`peek`](Self::peek) reads again.
    pub fn encode(&self) -> String {
        self.encode_on(self.page.as_deref().map(page_json).as_deref())
    }

    /// The same on a page that many records have in common: `page` is what [`page_json`] made of it.
    pub fn encode_on(&self, page: Option<&str>) -> String {
        let mut json = JsonWriter::with_capacity(256);
        json.open('{');
        if let Some(seq) = self.seq {
            json.integer_field("seq", seq);
        }
        json.string_field("type", self.body.record_type().as_str());
        json.integer_field("timestamp", self.timestamp);
        self.encode_fields_on(page, &mut json);
        json.close('}');
        json.finish()
    }

    /// Page, the fields of the type, and context: what the wire and the journal have in common.
    ///
    /// Secrets are taken out of every text on its way through here, but not out of ids that join
    /// records (they are letters and digits), words that are checked, and the address that somebody
    /// left to be answered under.
    pub fn encode_fields(&self, json: &mut JsonWriter) {
        self.encode_fields_on(self.page.as_deref().map(page_json).as_deref(), json);
    }

    fn encode_fields_on(&self, page: Option<&str>, json: &mut JsonWriter) {
        if let Some(page) = page {
            json.raw_field("page", page);
        }
        self.body.encode_fields(json);
        if let Some(context) = &self.context {
            json.raw_field("context", context.as_json());
        }
    }

    /// Gives a record that was encoded without its place one.
    pub fn place(encoded: &str, seq: u64) -> String {
        let rest = encoded.strip_prefix('{').unwrap_or(encoded);
        join(&[r#"{"seq":"#, Number::from(seq).as_str(), ",", rest])
    }

    /// Reads place and type off an encoded record without parsing the rest.
    pub fn peek(encoded: &str) -> Option<(u64, RecordType)> {
        let rest = encoded.strip_prefix(r#"{"seq":"#)?;
        let (seq, rest) = split_at_byte(rest, b',')?;
        let (record_type, _) = split_at_byte(rest.strip_prefix(r#""type":""#)?, b'"')?;
        Some((parse_whole(seq)?, RecordType::find(record_type)?))
    }
}

/// A page as it stands in a record: without secrets, as JSON.
pub fn page_json(page: &str) -> String {
    let mut json = JsonWriter::default();
    json.string(&redact::page_within(page, limits::FIELD_BYTES));
    json.finish()
}

impl Body<'_> {
    /// The type that the variant stands for.
    pub const fn record_type(&self) -> RecordType {
        match self {
            Self::Log { .. } => RecordType::Log,
            Self::Error { .. } => RecordType::Error,
            Self::Metric { .. } => RecordType::Metric,
            Self::Trace { .. } => RecordType::Trace,
            Self::Vital { .. } => RecordType::Vital,
            Self::Event { .. } => RecordType::Event,
            Self::Feedback { .. } => RecordType::Feedback,
            Self::Report { .. } => RecordType::Report,
        }
    }

    /// What a list shows of it: a log's message, a metric's name, an error's type.
    pub fn title(&self) -> &str {
        match self {
            Self::Log { message, .. } | Self::Feedback { message, .. } => message,
            Self::Error { error_type, .. } => error_type,
            Self::Metric { name, .. }
            | Self::Trace { name, .. }
            | Self::Vital { name, .. }
            | Self::Event { name, .. } => name,
            Self::Report { .. } => "report",
        }
    }

    /// Checks what the types cannot: names that are there and follow their rule.
    ///
    /// # Errors
    /// The field and what it takes.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        match self {
            Self::Event { name, .. } => check_event_name(name).map_err(|rule| ("name", rule))?,
            Self::Vital { name, .. } if !VITALS.contains(&name.as_ref()) => {
                return Err(("name", "a vital is one of LCP, INP, CLS, FCP, TTFB"));
            }
            Self::Trace { duration, .. } if duration.as_str().starts_with('-') => {
                return Err(("duration", "milliseconds from 0"));
            }
            _ => {}
        }
        match self.name() {
            Some("") => Err(("name", "a name of 1 to 100 characters")),
            Some(name) if name.chars().count() > limits::NAME_CHARS => {
                Err(("name", "a name of 1 to 100 characters"))
            }
            _ => Ok(()),
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Metric { name, .. }
            | Self::Trace { name, .. }
            | Self::Vital { name, .. }
            | Self::Event { name, .. } => Some(name),
            _ => None,
        }
    }

    fn encode_fields(&self, json: &mut JsonWriter) {
        match self {
            Self::Log { level, message } => {
                json.string_field("level", level.as_str());
                message_field(json, message);
            }
            Self::Error { error_type, message, stack, severity, handled, component_stack } => {
                string_field(json, "errorType", Some(error_type));
                message_field(json, message);
                stack_field(json, "stack", stack.as_deref());
                json.string_field("severity", severity.as_str());
                json.raw_field("handled", if *handled { "true" } else { "false" });
                stack_field(json, "componentStack", component_stack.as_deref());
            }
            Self::Metric { name, value, unit } => {
                name_field(json, name);
                json.raw_field("value", value.as_str());
                string_field(json, "unit", unit.as_deref());
            }
            Self::Trace { name, duration, trace_id, span_id, parent_span_id, kind, status } => {
                name_field(json, name);
                json.raw_field("duration", duration.as_str());
                id_field(json, "traceId", Some(trace_id));
                id_field(json, "spanId", Some(span_id));
                id_field(json, "parentSpanId", parent_span_id.as_deref());
                string_field(json, "kind", kind.as_deref());
                string_field(json, "status", status.as_deref());
            }
            Self::Vital { name, value, delta, rating, navigation_type, attribution } => {
                json.string_field("name", name);
                json.raw_field("value", value.as_str());
                number_field(json, "delta", delta.as_ref());
                string_field(json, "rating", rating.as_deref());
                string_field(json, "navigationType", navigation_type.as_deref());
                if let Some(attribution) = attribution {
                    json.raw_field("attribution", attribution.as_json());
                }
            }
            Self::Event { name, action, duration } => {
                event_name_field(json, name);
                string_field(json, "action", action.as_deref());
                number_field(json, "duration", duration.as_ref());
            }
            Self::Feedback { message, email, screenshot } => {
                message_field(json, message);
                if let Some(email) = email {
                    json.string_field("email", &cut(email, limits::FIELD_BYTES));
                }
                screenshot_field(json, screenshot.as_deref());
            }
            Self::Report { discards, closing } => encode_report(json, discards, *closing),
        }
    }
}

fn encode_report(json: &mut JsonWriter, discards: &[Discard], closing: bool) {
    json.key("discards");
    json.open('[');
    for discard in discards {
        json.open('{');
        json.string_field("reason", discard.reason.as_str());
        json.optional_field("type", discard.record_type.map(RecordType::as_str));
        json.integer_field("count", discard.count);
        json.optional_field("stream", discard.stream.as_deref());
        if !discard.seqs.is_empty() {
            json.key("seqs");
            json.open('[');
            for range in &discard.seqs {
                json.open('[');
                json.integer(range.0);
                json.integer(range.1);
                json.close(']');
            }
            json.close(']');
        }
        json.close('}');
    }
    json.close(']');
    if closing {
        json.raw_field("closing", "true");
    }
}

fn message_field(json: &mut JsonWriter, message: &str) {
    json.string_field("message", &redact::within(message, limits::MESSAGE_BYTES));
}

fn stack_field(json: &mut JsonWriter, key: &'static str, stack: Option<&str>) {
    if let Some(stack) = stack {
        json.string_field(key, &redact::within(stack, limits::STACK_BYTES));
    }
}

fn string_field(json: &mut JsonWriter, key: &'static str, text: Option<&str>) {
    if let Some(text) = text {
        json.string_field(key, &redact::within(text, limits::FIELD_BYTES));
    }
}

/// A name is free text. One that had secrets is cut, so that its marks do not make it too long to be
/// taken.
fn name_field(json: &mut JsonWriter, name: &str) {
    match redact::within(name, usize::MAX) {
        Cow::Borrowed(name) => json.string_field("name", name),
        Cow::Owned(name) => json.string_field("name", &cut(&name, limits::NAME_CHARS)),
    }
}

/// The name of an event has to be one, with a mark in it too.
fn event_name_field(json: &mut JsonWriter, name: &str) {
    match redact::within(name, usize::MAX) {
        Cow::Borrowed(name) => json.string_field("name", name),
        Cow::Owned(name) => json.string_field("name", &snake_case(&name)),
    }
}

/// An id of lower-case letters and digits joins records and stays, even if it passes for a card.
fn id_field(json: &mut JsonWriter, key: &'static str, id: Option<&str>) {
    let is_id = |id: &str| id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z'));
    match id {
        Some(id) if is_id(id) => json.string_field(key, &cut(id, limits::FIELD_BYTES)),
        id => string_field(json, key, id),
    }
}

/// The id of an upload is the hash of its bytes. Hex digits can pass for a card, and half of an id is none.
fn screenshot_field(json: &mut JsonWriter, id: Option<&str>) {
    match id {
        Some(id) if is_upload_id(id) => json.string_field("screenshot", id),
        id => string_field(json, "screenshot", id),
    }
}

/// Whether `text` is the id of an upload: a SHA-256 as 64 lower-case hex digits.
pub fn is_upload_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn number_field(json: &mut JsonWriter, key: &'static str, number: Option<&Number<'_>>) {
    if let Some(number) = number {
        json.raw_field(key, number.as_str());
    }
}

/// A word that is none of those that a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownWord {
    /// The words that it takes.
    pub takes: &'static str,
}

/// An enum whose variants are words on the wire.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $takes:literal { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[expect(missing_docs, reason = "each variant is the word of its name")]
        pub enum $name { $(#[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word.
            ///
            /// # Errors
            /// The words that would have been taken.
            pub fn parse(word: &str) -> Result<Self, UnknownWord> {
                Self::find(word).ok_or(UnknownWord { takes: $takes })
            }

            /// The same for whom it is enough to know that it is none.
            pub fn find(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word)
            }
        }
    };
}

words! {
    /// The type of a record.
    RecordType, "log, error, metric, trace, vital, event, feedback or report" {
        Log = "log", Error = "error", Metric = "metric", Trace = "trace", Vital = "vital",
        Event = "event", Feedback = "feedback", Report = "report",
    }
}

words! {
    /// The level of a log, in ascending order.
    Level, "debug, info, warn or error" {
        Debug = "debug", Info = "info", Warn = "warn", Error = "error",
    }
}

words! {
    /// The severity of an error, in ascending order.
    Severity, "critical, error, warning or info" {
        Info = "info", Warning = "warning", Error = "error", Critical = "critical",
    }
}

/// What a vital can be rated, best first.
#[cfg(any(feature = "decode", feature = "schema"))]
pub(crate) const RATINGS: [&str; 3] = ["good", "needs-improvement", "poor"];

const VITALS: [&str; 5] = ["LCP", "INP", "CLS", "FCP", "TTFB"];
