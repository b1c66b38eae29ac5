//! Who a record is: its stream and its place in it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::push_hex;

/// One running client: a page load, a worker, a process. Random, 128 bits, written as 32 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(u128);

impl StreamId {
    /// A stream from 128 random bits.
    pub const fn from_random(bits: u128) -> Self {
        Self(bits)
    }

    /// The 128 bits.
    pub const fn as_bits(self) -> u128 {
        self.0
    }

    /// The 32 hex digits, without going through the formatting machinery (which the wasm leaves out).
    pub fn to_hex(self) -> String {
        #[expect(clippy::cast_possible_truncation, reason = "the other half is written before it")]
        let (high, low) = ((self.0 >> 64) as u64, self.0 as u64);
        let mut hex = String::with_capacity(32);
        push_hex(&mut hex, high, 16);
        push_hex(&mut hex, low, 16);
        hex
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl FromStr for StreamId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let mut bits = 0;
        for digit in text.bytes() {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return Err(ParseIdError),
            };
            bits = bits << 4 | u128::from(value);
        }
        if text.len() == 32 { Ok(Self(bits)) } else { Err(ParseIdError) }
    }
}

/// The identity of one record: `<stream>-<seq>`. Two records with the same id are the same record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId {
    /// The stream that the record belongs to.
    pub stream: StreamId,
    /// Its place in the stream, dense from 1.
    pub seq: u64,
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.stream, self.seq)
    }
}

impl FromStr for RecordId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let (stream, seq) = text.split_once('-').ok_or(ParseIdError)?;
        let is_number = seq.bytes().all(|byte| byte.is_ascii_digit()) && !seq.starts_with('0');
        match seq.parse() {
            Ok(seq) if is_number => Ok(Self { stream: stream.parse()?, seq }),
            _ => Err(ParseIdError),
        }
    }
}

/// An id that is not of the form `<32 hex digits>-<number from 1>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseIdError;

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id is 32 lower-case hex digits, for a record followed by - and a number from 1")
    }
}

impl std::error::Error for ParseIdError {}

/// Sequence numbers from the first to the last, both included; `[first, last]` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SeqRange(pub u64, pub u64);

impl SeqRange {
    /// Whether `seq` lies within.
    pub fn contains(self, seq: u64) -> bool {
        (self.0..=self.1).contains(&seq)
    }

    /// Puts `seq` into a list of ranges in ascending order, joining neighbours.
    pub fn insert(ranges: &mut Vec<SeqRange>, seq: u64) {
        // The first that may hold it, or join it.
        let before = seq.saturating_sub(1);
        let at = ranges.partition_point(|range| range.1 < before);
        match ranges.get_mut(at) {
            Some(range) if range.0.saturating_sub(1) <= seq => {
                range.0 = range.0.min(seq);
                range.1 = range.1.max(seq);
                let end = range.1;
                if ranges.get(at + 1).is_some_and(|next| next.0 == end + 1) {
                    ranges[at].1 = ranges.remove(at + 1).1;
                }
            }
            _ => ranges.insert(at, SeqRange(seq, seq)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_as_they_were() {
        let id = RecordId { stream: StreamId::from_random(0xbeac), seq: 42 };
        let text = id.to_string();
        assert_eq!(text, "0000000000000000000000000000beac-42");
        assert_eq!(text.parse(), Ok(id));
    }

    #[test]
    fn ids_of_any_other_form_are_refused() {
        let stream = "0000000000000000000000000000beac";
        for bad in ["", "beac-1", &format!("{stream}-0"), &format!("{stream}-+1"), &format!("{stream}-01")] {
            assert_eq!(bad.parse::<RecordId>(), Err(ParseIdError), "{bad}");
        }
        assert_eq!("0000000000000000000000000000BEAC".parse::<StreamId>(), Err(ParseIdError));
    }

    #[test]
    fn neighbouring_numbers_become_one_range() {
        let mut ranges = Vec::new();
        for seq in [9, 1, 3, 3, 5, 2, 6, 11] {
            SeqRange::insert(&mut ranges, seq);
        }
        assert_eq!(ranges, [SeqRange(1, 3), SeqRange(5, 6), SeqRange(9, 9), SeqRange(11, 11)]);
        SeqRange::insert(&mut ranges, 10);
        SeqRange::insert(&mut ranges, 4);
        assert_eq!(ranges, [SeqRange(1, 6), SeqRange(9, 11)]);
        for seq in [u64::MAX, u64::MAX - 1, u64::MAX, 0] {
            SeqRange::insert(&mut ranges, seq);
        }
        assert_eq!(ranges, [SeqRange(0, 6), SeqRange(9, 11), SeqRange(u64::MAX - 1, u64::MAX)]);
    }
}
