//! The record: one thing that happened in a browser, and what it looks like on the wire.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{
    Context, DiscardReason, Fields, JsonWriter, Number, SeqRange, StreamId, digits, join, limits,
    parse_whole, place_of, redact, split_at_byte,
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

    /// What a report says of them.
    pub fn list_json(discards: &[Self]) -> String {
        let mut json = JsonWriter::default();
        json.open("[");
        for discard in discards {
            json.open("{");
            json.string_field("reason", discard.reason.as_str());
            json.optional_field("type", discard.record_type.map(RecordType::as_str));
            json.integer_field("count", discard.count);
            json.optional_field("stream", discard.stream.as_deref());
            if !discard.seqs.is_empty() {
                json.key("seqs");
                json.open("[");
                for range in &discard.seqs {
                    json.open("[");
                    json.integer(range.0);
                    json.integer(range.1);
                    json.close("]");
                }
                json.close("]");
            }
            json.close("}");
        }
        json.close("]");
        json.finish()
    }
}

impl Record<'_> {
    /// The record as JSON, to be put into a batch. Begins with `{"seq":…,"type":…`, which
    /// [`peek`](Self::peek) reads again.
    pub fn encode(&self) -> String {
        let mut json = JsonWriter::with_capacity(256);
        json.open("{");
        if let Some(seq) = self.seq {
            json.integer_field("seq", seq);
        }
        json.string_field("type", self.body.record_type().as_str());
        json.integer_field("timestamp", self.timestamp);
        self.encode_fields(&mut json);
        json.close("}");
        json.finish()
    }

    /// Page, the fields of the type, and context: what the wire and the journal have in common.
    pub fn encode_fields(&self, json: &mut JsonWriter) {
        let (page, discards) = (self.page.as_deref().map(page_json), self.body.discards_json());
        let mut fields = self.body.fields();
        if let Some(discards) = &discards {
            fields.values[0] = Some(discards);
        }
        encode_fields(json, page.as_deref(), &fields, self.context.as_ref());
    }

    /// Gives a record that was encoded without its place one.
    pub fn place(encoded: &str, seq: u64) -> String {
        let rest = encoded.strip_prefix("{").unwrap_or(encoded);
        join(&[r#"{"seq":"#, &digits(seq), ",", rest])
    }

    /// Reads place and type off an encoded record without parsing the rest.
    pub fn peek(encoded: &str) -> Option<(u64, RecordType)> {
        let rest = encoded.strip_prefix(r#"{"seq":"#)?;
        let (seq, rest) = split_at_byte(rest, b',')?;
        let (record_type, _) = split_at_byte(rest.strip_prefix(r#""type":""#)?, b'"')?;
        Some((parse_whole(seq)?, RecordType::find(record_type)?))
    }
}

/// A record without its place, for which [`Record::place`] makes room: `page` is what [`page_json`] made of
/// one that many records have in common.
pub fn encode_record(
    timestamp: u64,
    page: Option<&str>,
    fields: &Fields<'_>,
    context: Option<&Context>,
) -> String {
    let mut json = JsonWriter::with_capacity(256);
    json.open("{");
    json.string_field("type", fields.record_type.as_str());
    json.integer_field("timestamp", timestamp);
    encode_fields(&mut json, page, fields, context);
    json.close("}");
    json.finish()
}

fn encode_fields(json: &mut JsonWriter, page: Option<&str>, fields: &Fields<'_>, context: Option<&Context>) {
    if let Some(page) = page {
        json.raw_field("page", page);
    }
    fields.encode(json);
    if let Some(context) = context {
        json.raw_field("context", context.as_json());
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
        self.fields().check()
    }

    /// What it says, field by field; but for the discards of a report, which are no text yet.
    pub fn fields(&self) -> Fields<'_> {
        let record_type = self.record_type();
        let fields = |values: &[_]| Fields::new(record_type, values);
        match self {
            Self::Log { level, message } => fields(&[Some(level.as_str()), Some(message)]),
            Self::Error { error_type, message, stack, severity, handled, component_stack } => fields(&[
                Some(error_type),
                Some(message),
                stack.as_deref(),
                Some(severity.as_str()),
                Some(truth(*handled)),
                component_stack.as_deref(),
            ]),
            Self::Metric { name, value, unit } => {
                fields(&[Some(name), Some(value.as_str()), unit.as_deref()])
            }
            Self::Trace { name, duration, trace_id, span_id, parent_span_id, kind, status } => fields(&[
                Some(name),
                Some(duration.as_str()),
                Some(trace_id),
                Some(span_id),
                parent_span_id.as_deref(),
                kind.as_deref(),
                status.as_deref(),
            ]),
            Self::Vital { name, value, delta, rating, navigation_type, attribution } => fields(&[
                Some(name),
                Some(value.as_str()),
                delta.as_ref().map(Number::as_str),
                rating.as_deref(),
                navigation_type.as_deref(),
                attribution.as_ref().map(Context::as_json),
            ]),
            Self::Event { name, action, duration } => {
                fields(&[Some(name), action.as_deref(), duration.as_ref().map(Number::as_str)])
            }
            Self::Feedback { message, email, screenshot } => {
                fields(&[Some(message), email.as_deref(), screenshot.as_deref()])
            }
            Self::Report { closing, .. } => fields(&[None, closing.then_some("true")]),
        }
    }

    /// The discards of a report.
    fn discards_json(&self) -> Option<String> {
        match self {
            Self::Report { discards, .. } => Some(Discard::list_json(discards)),
            _ => None,
        }
    }
}

/// As it stands in JSON.
pub const fn truth(is_so: bool) -> &'static str {
    if is_so { "true" } else { "false" }
}

/// Whether `text` is the id of an upload: a SHA-256 as 64 lower-case hex digits.
pub fn is_upload_id(text: &str) -> bool {
    text.len() == 64 && text.as_bytes().iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
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

            const WORDS: &[&'static str] = &[$($word),+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                Self::WORDS[self as usize]
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
                Self::ALL.get(place_of(word, Self::WORDS)?).copied()
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

pub(crate) const VITALS: [&str; 5] = ["LCP", "INP", "CLS", "FCP", "TTFB"];
