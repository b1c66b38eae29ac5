//! One line of the journal: writing it, and telling whether it is whole.

use std::borrow::Cow;

use beaconry_protocol::RecordId;
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
