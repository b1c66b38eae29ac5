//! What a record of each type says, field by field: one table for all that read, check or write one.

use std::borrow::Cow;

use crate::record::{VITALS, is_upload_id};
use crate::{JsonWriter, RecordType, check_event_name, cut, limits, parts, place_of, redact};

/// The fields of one record, as text.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    /// The type, which says what the fields are.
    pub record_type: RecordType,
    /// What they hold, in the order of [`RecordType::holds`].
    pub values: [Option<&'a str>; MOST_FIELDS],
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// One of a few words, as they are.
    Level,
    /// The same, of an error.
    Severity,
    /// The name of a vital.
    Vital,
    /// Any name.
    Name,
    /// A name that follows the rule of events.
    EventName,
    /// A text of a length of its own.
    Message,
    /// The same.
    Stack,
    /// Any other text.
    Text,
    /// What joins records.
    Id,
    /// The id of an upload.
    Upload,
    /// The address that somebody left to be answered under.
    Address,
    /// A number that is not below 0.
    Duration,
    /// Any number.
    Number,
    /// True or false.
    Flag,
    /// What is JSON already.
    Json,
}

impl RecordType {
    /// The names of the fields that records of this type have, in the order in which they are written, and what
    /// each holds.
    const fn fields(self) -> (&'static str, &'static [Holds]) {
        use Holds::{
            Address, Duration, EventName, Flag, Id, Json, Level, Message, Name, Number, Severity, Stack,
            Text, Upload, Vital,
        };
        match self {
            Self::Log => ("level message", &[Level, Message]),
            Self::Error => (
                "errorType message stack severity handled componentStack",
                &[Text, Message, Stack, Severity, Flag, Stack],
            ),
            Self::Metric => ("name value unit", &[Name, Number, Text]),
            Self::Trace => (
                "name duration traceId spanId parentSpanId kind status",
                &[Name, Duration, Id, Id, Id, Text, Text],
            ),
            Self::Vital => (
                "name value delta rating navigationType attribution",
                &[Vital, Number, Number, Text, Text, Json],
            ),
            Self::Event => ("name action duration", &[EventName, Text, Number]),
            Self::Feedback => ("message email screenshot", &[Message, Address, Upload]),
            Self::Report => ("discards closing", &[Json, Json]),
        }
    }

    /// What the fields hold.
    pub const fn holds(self) -> &'static [Holds] {
        self.fields().1
    }
}

impl<'a> Fields<'a> {
    /// A record with these values, as many as there are.
    pub fn new(record_type: RecordType, given: &[Option<&'a str>]) -> Self {
        let mut values = [None; MOST_FIELDS];
        values[..given.len()].copy_from_slice(given);
        Self { record_type, values }
    }

    /// Checks what is no matter of types: names that are there and follow their rule.
    ///
    /// # Errors
    /// The field and what it takes.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let (names, holds) = self.record_type.fields();
        for (at, name) in parts(names, b' ').enumerate() {
            if let Some(takes) = wrong(holds[at], self.values[at].unwrap_or_default()) {
                return Err((name, takes));
            }
        }
        Ok(())
    }

    /// Writes them one after the other.
    ///
    /// Secrets are taken out of every text on its way through here, but not out of ids that join
    /// records (they are letters and digits), words that are checked, and the address that somebody
    /// left to be answered under.
    pub fn encode(&self, json: &mut JsonWriter) {
        let (names, holds) = self.record_type.fields();
        for (at, name) in parts(names, b' ').enumerate() {
            let Some(value) = self.values[at] else { continue };
            match holds[at] {
                Holds::Duration | Holds::Number | Holds::Flag | Holds::Json => json.raw_field(name, value),
                holds => json.string_field(name, &written(holds, value)),
            }
        }
    }
}

/// What a field takes that does not take this.
fn wrong(holds: Holds, value: &str) -> Option<&'static str> {
    match holds {
        Holds::EventName => check_event_name(value).err(),
        Holds::Vital if place_of(value, &VITALS).is_none() => {
            return Some("LCP, INP, CLS, FCP or TTFB");
        }
        Holds::Duration if value.starts_with("-") => return Some("milliseconds from 0"),
        Holds::Vital | Holds::Name => None,
        _ => return None,
    }
    .or_else(|| {
        let is_too_long = value.chars().count() > limits::NAME_CHARS;
        (value.is_empty() || is_too_long).then_some("a name of 1 to 100 characters")
    })
}

/// A text as it is written.
fn written(holds: Holds, text: &str) -> Cow<'_, str> {
    let most = match holds {
        Holds::Level | Holds::Severity | Holds::Vital => return Cow::Borrowed(text),
        // Hex digits can pass for a card, and half of an id is none.
        Holds::Upload if is_upload_id(text) => return Cow::Borrowed(text),
        Holds::Id if is_id(text) => return cut(text, limits::FIELD_BYTES),
        Holds::Address => return cut(text, limits::FIELD_BYTES),
        Holds::Name | Holds::EventName => usize::MAX,
        Holds::Message => limits::MESSAGE_BYTES,
        Holds::Stack => limits::STACK_BYTES,
        _ => limits::FIELD_BYTES,
    };
    match (redact::within(text, most), holds) {
        // One that had secrets is cut, so that its marks do not make it too long to be taken.
        (Cow::Owned(name), Holds::Name) => Cow::Owned(cut(&name, limits::NAME_CHARS).into_owned()),
        // It has to be a name with a mark in it, too.
        (Cow::Owned(name), Holds::EventName) => Cow::Owned(without_brackets(&name)),
        (text, _) => text,
    }
}

/// A mark is a word of the name then.
fn without_brackets(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for part in parts(name, b'[') {
        parts(part, b']').for_each(|part| plain.push_str(part));
    }
    plain
}

/// An id of lower-case letters and digits joins records and stays, even if it passes for a card.
fn is_id(text: &str) -> bool {
    text.as_bytes().iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z'))
}

/// Fields of the type that has most.
pub const MOST_FIELDS: usize = 7;
