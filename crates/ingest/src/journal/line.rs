//! One line of the journal: writing it, and telling whether it is whole.

use std::borrow::Cow;

use beaconry_protocol::{RecordId, parse_rfc3339};
use serde::Deserialize;

/// A line that is whole.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Its number.
    pub n: u64,
    /// The stored JSON object, checksum included, without the line feed.
    pub json: &'a str,
    /// Where it begins in its segment.
    pub offset: u64,
}

impl Line<'_> {
    /// Its length in the segment, line feed included.
    pub fn length(&self) -> u64 {
        self.json.len() as u64 + 1
    }

    /// The identity of its record, if it has one.
    pub fn id(&self) -> Option<RecordId> {
        #[derive(Deserialize)]
        struct Identity<'a> {
            #[serde(borrow)]
            id: Option<Cow<'a, str>>,
        }
        serde_json::from_str::<Identity<'_>>(self.json).ok()?.id?.parse().ok()
    }

    /// When its record was received, in epoch milliseconds. An erased one does not say it.
    pub fn received_at(&self) -> Option<u64> {
        #[derive(Deserialize)]
        struct Received<'a> {
            #[serde(borrow)]
            received_at: Option<Cow<'a, str>>,
        }
        parse_rfc3339(&serde_json::from_str::<Received<'_>>(self.json).ok()?.received_at?)
    }

    /// Whether it stands where a record was that has been erased. It is no record; only its number and
    /// id count.
    pub fn is_erased(&self) -> bool {
        let fields = self.json.find(',').and_then(|comma| self.json.get(comma + 1..));
        fields.is_some_and(|fields| fields.starts_with(ERASED))
    }

    /// What takes its place when its record is erased: as long, so that no other line moves. `None` if
    /// it is too short for that, which no record is.
    pub(super) fn to_erased(self) -> Option<Vec<u8>> {
        let id = self.id().map_or(String::new(), |id| format!(r#","id":"{id}""#));
        let mut erased = Vec::with_capacity(self.json.len() + 1);
        let spaces = self.json.len().checked_sub(erased_length(self.n, &id))?;
        push(&mut erased, self.n, &format!("{ERASED}{id}{}", " ".repeat(spaces)));
        Some(erased)
    }
}

fn erased_length(n: u64, id: &str) -> usize {
    let mut line = Vec::new();
    push(&mut line, n, &format!("{ERASED}{id}"));
    line.len() - 1
}

/// Appends a line to `out`.
pub(super) fn push(out: &mut Vec<u8>, n: u64, fields: &str) {
    let start = out.len();
    out.extend_from_slice(OPENING);
    out.extend_from_slice(n.to_string().as_bytes());
    out.push(b',');
    out.extend_from_slice(fields.as_bytes());
    let checksum = crc32fast::hash(&out[start..]);
    out.extend_from_slice(CHECKSUM_KEY);
    out.extend_from_slice(format!("{checksum:08x}").as_bytes());
    out.extend_from_slice(b"\"}\n");
}

/// Checks a line (without its line feed) that begins at `offset`. `None`: it is damaged or cut off.
pub(super) fn check_line(bytes: &[u8], offset: u64) -> Option<Line<'_>> {
    let (covered, checksum) = split_checksum(bytes)?;
    if crc32fast::hash(covered) != u32::from_str_radix(std::str::from_utf8(checksum).ok()?, 16).ok()? {
        return None;
    }
    let json = std::str::from_utf8(bytes).ok()?;
    let number = json.strip_prefix("{\"n\":")?;
    let n = number[..number.find(',')?].parse().ok()?;
    Some(Line { n, json, offset })
}

/// The stored JSON object as it is shown: without the checksum, which is about the line.
pub(crate) fn without_checksum(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    push_without_checksum(&mut shown, json);
    shown
}

/// The same at the end of `out`.
pub(crate) fn push_without_checksum(out: &mut String, json: &str) {
    let end = json.len().saturating_sub(ENDING_BYTES);
    out.push_str(json.get(..end).unwrap_or_default());
    out.push('}');
}

/// Splits a line into what the checksum covers and its eight digits.
fn split_checksum(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (covered, ending) = bytes.split_at_checked(bytes.len().checked_sub(ENDING_BYTES)?)?;
    let digits = ending.strip_prefix(CHECKSUM_KEY)?.strip_suffix(b"\"}")?;
    Some((covered, digits))
}

const ERASED: &str = "\"erased\":true";
const OPENING: &[u8] = b"{\"n\":";
const CHECKSUM_KEY: &[u8] = b",\"crc\":\"";
const ENDING_BYTES: usize = CHECKSUM_KEY.len() + 8 + 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn line(n: u64, fields: &str) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, n, fields);
        assert_eq!(out.pop(), Some(b'\n'));
        out
    }

    #[test]
    fn a_line_is_json_and_tells_its_number_and_id() {
        let id = "0000000000000000000000000000beac-7";
        let bytes = line(3, &format!(r#""type":"log","context":{{"id":"no"}},"id":"{id}""#));
        let checked = check_line(&bytes, 0).unwrap();
        assert_eq!((checked.n, checked.id()), (3, id.parse().ok()));
        assert_eq!(checked.length(), bytes.len() as u64 + 1);
        let shown = without_checksum(checked.json);
        assert_eq!(shown, format!(r#"{{"n":3,"type":"log","context":{{"id":"no"}},"id":"{id}"}}"#));
        assert!(serde_json::from_str::<serde_json::Value>(checked.json).is_ok());
    }

    #[test]
    fn an_erased_line_is_as_long_and_keeps_number_and_id_only() {
        let id = "0000000000000000000000000000beac-7";
        for (fields, kept) in [
            (
                format!(r#""received_at":"2026-01-02T03:04:05.006Z","id":"{id}","message":"secret""#),
                id.parse().ok(),
            ),
            (r#""type":"event","message":"secret""#.to_owned(), None),
        ] {
            let bytes = line(31, &fields);
            let before = check_line(&bytes, 5).unwrap();
            assert!(!before.is_erased());
            let erased = before.to_erased().unwrap();
            let after = check_line(erased.strip_suffix(b"\n").unwrap(), 5).unwrap();
            assert_eq!((after.n, after.id(), after.length()), (31, kept, before.length()));
            assert!(after.is_erased() && after.received_at().is_none() && !after.json.contains("secret"));
            assert!(serde_json::from_str::<serde_json::Value>(after.json).is_ok());
        }
        assert_eq!(check_line(&line(1, r#""x":1"#), 0).unwrap().to_erased(), None);
        let said = line(2, r#""type":"log","message":",\"erased\":true""#);
        assert!(!check_line(&said, 0).unwrap().is_erased());
        let timed = line(3, r#""received_at":"1970-01-01T00:00:01.000Z","type":"log""#);
        assert_eq!(check_line(&timed, 0).unwrap().received_at(), Some(1_000));
    }

    #[test]
    fn no_changed_byte_goes_unnoticed() {
        let good = line(12, r#""type":"log","message":"hello""#);
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(check_line(&bad, 0).is_none(), "byte {at}");
            assert!(check_line(&good[..at], 0).is_none(), "cut at {at}");
        }
    }
}
