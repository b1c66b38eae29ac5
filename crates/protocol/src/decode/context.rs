//! Reading a context: the JSON is walked once and written again through the [`ContextWriter`], so
//! the limits and the redaction of the client hold for whoever sent it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::fields::{Field, Text};
use super::rejection::Rejection;
use crate::{Context, ContextWriter, Number};

pub(super) fn context(field: Field<'_>) -> Result<Option<Context>, Rejection> {
    if !field.json().starts_with('{') {
        return Err(field.takes("a JSON object"));
    }
    let mut writer = ContextWriter::new(&[]);
    let mut json = serde_json::Deserializer::from_str(field.json());
    json.deserialize_map(Entries { writer: &mut writer })
        .map_err(|_| field.takes("a JSON object of finite numbers"))?;
    Ok(writer.finish())
}

/// Walks the entries of an object that the writer has open.
struct Entries<'w, 'k> {
    writer: &'w mut ContextWriter<'k>,
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'de>>()? {
            if self.writer.key(&key.into_inner()) {
                map.next_value_seed(Value { writer: self.writer })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// Writes the next value, whatever it is.
struct Value<'w, 'k> {
    writer: &'w mut ContextWriter<'k>,
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.writer.null();
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.writer.boolean(value);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.writer.number(&Number::from(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.writer.number_text(&value.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.writer.number_text(&value.to_string());
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.writer.string(text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if !self.writer.open_array() {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        loop {
            if self.writer.is_full() {
                while list.next_element::<IgnoredAny>()?.is_some() {
                    self.writer.leave_out(1);
                }
                break;
            }
            if list.next_element_seed(Item { writer: self.writer })?.is_none() {
                break;
            }
        }
        self.writer.close();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if !self.writer.open_object() {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        Entries { writer: self.writer }.visit_map(map)?;
        self.writer.close();
        Ok(())
    }
}

/// Like [`Value`], counted as an item of the array that the writer has open.
struct Item<'w, 'k> {
    writer: &'w mut ContextWriter<'k>,
}

impl<'de> DeserializeSeed<'de> for Item<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.writer.item();
        deserializer.deserialize_any(Value { writer: self.writer })
    }
}
