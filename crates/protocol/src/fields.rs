//! What a record of each type says, field by field: one table for all that read, check or write one.

use std::borrow::Cow;

use crate::record::{VITALS, is_upload_id};
use crate::{JsonWriter, RecordType, check_event_name, cut, limits, parts, place_of, redact};

/// The fields of one record, as text.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    /// The type, which says what the fields are.
    pub record_type: RecordType,
    /// What they hold, in the order of [`RecordType::fields`].
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
    /// The fields that records of this type have, in the order in which they are written.
    pub const fn fields(self) -> &'static [(&'static str, Holds)] {
        match self {
            Self::Log => &[("level", Holds::Level), ("message", Holds::Message)],
            Self::Error => &[
                ("errorType", Holds::Text),
                ("message", Holds::Message),
                ("stack", Holds::Stack),
                ("severity", Holds::Severity),
                ("handled", Holds::Flag),
                ("componentStack", Holds::Stack),
            ],
            Self::Metric => &[("name", Holds::Name), ("value", Holds::Number), ("unit", Holds::Text)],
            Self::Trace => &[
                ("name", Holds::Name),
                ("duration", Holds::Duration),
                ("traceId", Holds::Id),
                ("spanId", Holds::Id),
                ("parentSpanId", Holds::Id),
                ("kind", Holds::Text),
                ("status", Holds::Text),
            ],
            Self::Vital => &[
                ("name", Holds::Vital),
                ("value", Holds::Number),
                ("delta", Holds::Number),
                ("rating", Holds::Text),
                ("navigationType", Holds::Text),
                ("attribution", Holds::Json),
            ],
            Self::Event => {
                &[("name", Holds::EventName), ("action", Holds::Text), ("duration", Holds::Number)]
            }
            Self::Feedback => {
                &[("message", Holds::Message), ("email", Holds::Address), ("screenshot", Holds::Upload)]
            }
            Self::Report => &[("discards", Holds::Json), ("closing", Holds::Json)],
        }
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
        for (at, (name, holds)) in self.record_type.fields().iter().enumerate() {
            if let Some(takes) = wrong(*holds, self.values[at].unwrap_or_default()) {
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
        for (at, (name, holds)) in self.record_type.fields().iter().enumerate() {
            let Some(value) = self.values[at] else { continue };
            match holds {
                Holds::Duration | Holds::Number | Holds::Flag | Holds::Json => json.raw_field(name, value),
                _ => json.string_field(name, &written(*holds, value)),
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
