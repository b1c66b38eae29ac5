//! One field at a time: each conversion says, when it fails, which field it was, what the field
//! takes and what it got.

use std::borrow::Cow;
use std::fmt;

use memchr::memchr;
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use serde_json::value::RawValue;

use super::rejection::Rejection;
use crate::{DiscardReason, Number, Scope, User, cut, limits, parse_rfc3339};

/// A field and its value as JSON text.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    name: &'static str,
    raw: &'a RawValue,
}

impl<'a> Field<'a> {
    pub(super) fn new(name: &'static str, raw: &'a RawValue) -> Self {
        Self { name, raw }
    }

    pub(super) fn json(self) -> &'a str {
        self.raw.get()
    }

    /// The rejection that names the field, what it takes and what it got.
    pub(super) fn takes(self, what: &str) -> Rejection {
        let got = cut(self.json(), 60);
        Rejection::new(DiscardReason::InvalidField, format!("{}: takes {what}, got {got}", self.name))
    }
}

pub(super) fn text(field: Field<'_>) -> Result<Cow<'_, str>, Rejection> {
    if let Some(text) = plain_text(field.json()) {
        return Ok(Cow::Borrowed(text));
    }
    serde_json::from_str::<Text<'_>>(field.json()).map(|text| text.0).map_err(|_| field.takes("a string"))
}

/// What stands between the quotes of a JSON string that has no escapes, as nearly all have none.
fn plain_text(json: &str) -> Option<&str> {
    let text = json.strip_prefix('"')?.strip_suffix('"')?;
    memchr(b'\\', text.as_bytes()).is_none().then_some(text)
}

pub(super) fn number(field: Field<'_>) -> Result<Number<'_>, Rejection> {
    Number::from_text(field.json())
        .filter(|number| number.to_f64().is_finite())
        .ok_or_else(|| field.takes("a number"))
}

pub(super) fn boolean(field: Field<'_>) -> Result<bool, Rejection> {
    serde_json::from_str(field.json()).map_err(|_| field.takes("true or false"))
}

pub(super) fn whole_number(field: Field<'_>) -> Result<u64, Rejection> {
    serde_json::from_str(field.json())
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| field.takes("a whole number from 1"))
}

/// Epoch milliseconds or RFC 3339.
pub(super) fn timestamp(field: Field<'_>) -> Result<u64, Rejection> {
    let takes = || field.takes("epoch milliseconds or RFC 3339 text, from 1970 to 9999");
    let millis = if field.json().starts_with('"') {
        parse_rfc3339(&text(field)?).ok_or_else(takes)?
    } else {
        let millis = number(field).map_err(|_| takes())?.to_f64();
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        if !(0.0..=limits::LATEST_MILLIS as f64).contains(&millis) {
            return Err(takes());
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range was just checked"
        )]
        {
            millis as u64
        }
    };
    Ok(millis)
}

/// The `scope` object of a batch.
pub(super) fn scope(raw: &RawValue) -> Result<Scope<'_>, Rejection> {
    let field = Field::new("scope", raw);
    if !raw.get().starts_with('{') {
        return Err(field.takes("an object of strings"));
    }
    let wire: WireScope<'_> =
        serde_json::from_str(raw.get()).map_err(|_| field.takes("an object of strings"))?;
    Ok(Scope {
        session_id: wire.session_id.map(Text::into_inner),
        release: wire.release.map(Text::into_inner),
        environment: wire.environment.map(Text::into_inner),
        user_agent: wire.user_agent.map(Text::into_inner),
        platform: wire.platform.map(Text::into_inner),
        language: wire.language.map(Text::into_inner),
        device_type: wire.device_type.map(Text::into_inner),
        viewport: wire.viewport.map(Text::into_inner),
        region: None,
        user: User {
            id: wire.user.id.map(Text::into_inner),
            anonymous_id: wire.user.anonymous_id.map(Text::into_inner),
        },
    })
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireScope<'a> {
    #[serde(borrow)]
    session_id: Option<Text<'a>>,
    #[serde(borrow)]
    release: Option<Text<'a>>,
    #[serde(borrow)]
    environment: Option<Text<'a>>,
    #[serde(borrow)]
    user_agent: Option<Text<'a>>,
    #[serde(borrow)]
    platform: Option<Text<'a>>,
    #[serde(borrow)]
    language: Option<Text<'a>>,
    #[serde(borrow)]
    device_type: Option<Text<'a>>,
    #[serde(borrow)]
    viewport: Option<Text<'a>>,
    #[serde(borrow)]
    user: WireUser<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireUser<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    anonymous_id: Option<Text<'a>>,
}

/// A string that is borrowed from its JSON unless it has escapes. (`Option<Cow<str>>` would always
/// copy.)
#[derive(Debug)]
pub struct Text<'a>(Cow<'a, str>);

impl<'a> Text<'a> {
    /// The string.
    pub fn into_inner(self) -> Cow<'a, str> {
        self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}
