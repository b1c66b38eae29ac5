//! What the index takes from a stored record.

use std::borrow::Cow;

use beaconry_protocol::decode::Text;
use beaconry_protocol::{RecordId, RecordType, cut, limits, parse_rfc3339};
use serde::Deserialize;

use crate::journal::Line;

/// The fields of a stored record that can be looked for.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) id: Option<RecordId>,
    pub(super) record_type: RecordType,
    /// The name of an event, metric, trace or vital; the error type of an error.
    pub(super) name: Option<Cow<'a, str>>,
    /// The level of a log, the severity of an error.
    pub(super) level: Option<Cow<'a, str>>,
    pub(super) session_id: Option<Cow<'a, str>>,
    /// The user's id, or the anonymous one while there is no other.
    pub(super) user_id: Option<Cow<'a, str>>,
    pub(super) timestamp: u64,
    pub(super) received_at: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored<'a> {
    #[serde(rename = "received_at")]
    received_at: &'a str,
    #[serde(rename = "type")]
    record_type: &'a str,
    timestamp: &'a str,
    id: Option<&'a str>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    error_type: Option<Text<'a>>,
    #[serde(borrow)]
    level: Option<Text<'a>>,
    #[serde(borrow)]
    severity: Option<Text<'a>>,
    #[serde(borrow)]
    session_id: Option<Text<'a>>,
    #[serde(borrow)]
    user_id: Option<Text<'a>>,
    #[serde(borrow)]
    anonymous_id: Option<Text<'a>>,
}

impl<'a> Row<'a> {
    /// `None` if the line is no stored record, which only a hand-written line can be.
    pub(super) fn read(line: &Line<'a>) -> Option<Self> {
        let stored: Stored<'a> = serde_json::from_str(line.json).ok()?;
        Some(Self {
            id: stored.id.and_then(|id| id.parse().ok()),
            record_type: RecordType::parse(stored.record_type).ok()?,
            name: stored.name.or(stored.error_type).map(short),
            level: stored.level.or(stored.severity).map(Text::into_inner),
            session_id: stored.session_id.map(short),
            user_id: stored.user_id.or(stored.anonymous_id).map(short),
            timestamp: parse_rfc3339(stored.timestamp)?,
            received_at: parse_rfc3339(stored.received_at)?,
        })
    }
}

/// Bounds what a stranger can make the index hold in every one of its tables.
fn short(text: Text<'_>) -> Cow<'_, str> {
    match text.into_inner() {
        Cow::Borrowed(text) => cut(text, KEY_BYTES),
        Cow::Owned(text) => Cow::Owned(cut(&text, KEY_BYTES).into_owned()),
    }
}

/// A name has at most so many characters, of up to four bytes each.
const KEY_BYTES: usize = limits::NAME_CHARS * 4;
