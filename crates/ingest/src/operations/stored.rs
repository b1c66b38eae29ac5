//! A stored record as those see it who take it out of the journal again.

use std::borrow::Cow;
use std::fmt;

use beaconry_protocol::{RecordType, parse_rfc3339};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// What a record is chosen by.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stored<'a> {
    /// When the server received it, RFC 3339 in UTC.
    #[serde(rename = "received_at", borrow)]
    pub(crate) received_at: Cow<'a, str>,
    #[serde(rename = "type", borrow)]
    record_type: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) app: Option<Cow<'a, str>>,
}

impl<'a> Stored<'a> {
    /// Reads a line of the journal; `None` if it holds no record.
    pub(crate) fn read(json: &'a str) -> Option<Self> {
        let stored: Self = serde_json::from_str(json).ok()?;
        RecordType::parse(&stored.record_type).is_ok().then_some(stored)
    }

    /// Its type.
    pub(crate) fn record_type(&self) -> &str {
        &self.record_type
    }

    /// When it was received, in epoch milliseconds.
    pub(crate) fn received_millis(&self) -> Option<u64> {
        parse_rfc3339(&self.received_at)
    }
}

/// The fields of a JSON object in their order, each value as it is written.
#[derive(Debug)]
pub(crate) struct Fields<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Fields<'a> {
    pub(crate) fn read(json: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The value of a field, as JSON.
    pub(crate) fn json(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.get())
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    fields.push((key, value));
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// A key, borrowed where it has no escape.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
