//! The spool's format: how a chunk stands in the storage, under which key, and how it is read back.
//!
//! ```text
//! key    beaconry:1:<app>:<stream>:<first seq>
//! value  1 <fingerprint of the endpoint> <epoch ms of the oldest record>
//!        <checksum> <scope as JSON>
//!        <checksum> <record as JSON>
//!        …
//! ```
//!
//! A chunk is written as a whole and never appended to, so a torn one does not exist; but a storage
//! that strangers can write to may hold anything. Each line has its own checksum: a damaged one is
//! counted and the others are kept. JSON that we encode never contains a line break. A value of a
//! newer version is left alone for the client that wrote it.

use std::rc::Rc;

use beaconry_protocol::{Record, StreamId, digits, fnv1a, join, parse_whole, parts, push_hex, split_at_byte};

use super::Millis;
use super::call::Rank;
use super::chunk::{Backing, Chunk, Entry};

/// The beginning of all keys of an app.
pub(super) fn key_prefix(app: &str) -> String {
    join(&["beaconry:1:", app, ":"])
}

/// The key of a chunk.
pub(super) fn key(app: &str, stream: StreamId, first_seq: u64) -> String {
    join(&[&key_prefix(app), stream.to_hex().as_str(), ":", &digits(first_seq)])
}

/// The value of a chunk.
pub(super) fn encode(chunk: &Chunk, endpoint: &str) -> String {
    let mut text = String::with_capacity(chunk.bytes() + chunk.scope.len() + chunk.entries().len() * 9 + 64);
    text.push_str(&head(endpoint));
    text.push_str(&digits(chunk.made_at));
    push_line(&mut text, &chunk.scope);
    chunk.entries().iter().for_each(|entry| push_line(&mut text, &entry.text));
    text
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(&join(&["\n", &checksum(line), " ", line]));
}

/// How the values of an endpoint begin.
pub(super) fn head(endpoint: &str) -> String {
    join(&["1 ", &fingerprint(endpoint), " "])
}

/// What a storage entry turned out to be.
pub(super) enum Stored {
    /// A chunk of this app and endpoint, and how many of its lines were damaged.
    Chunk(Chunk, u64),
    /// Another endpoint's.
    Elsewhere {
        /// When the oldest of its records was made.
        made_at: Millis,
        /// How many there are.
        records: u64,
    },
    /// Nothing of ours: another app's, or a newer version's.
    Foreign,
    /// Ours, but nothing in it can be read; how many records that may have been.
    Unreadable(u64),
}

/// Reads a chunk back.
pub(super) fn decode(key: &str, value: &str, app: &str, endpoint: &str) -> Stored {
    let Some((stream, first_seq)) = place(key, app) else {
        return Stored::Foreign;
    };
    let mut lines = parts(value, b'\n');
    let mut header = parts(lines.next().unwrap_or_default(), b' ');
    if header.next() != Some("1") {
        return if is_newer(value) { Stored::Foreign } else { Stored::Unreadable(count_records(value)) };
    }
    let (their_endpoint, made_at) = (header.next(), header.next().and_then(parse_whole));
    let Some(made_at) = made_at else { return Stored::Unreadable(count_records(value)) };
    if their_endpoint != Some(&fingerprint(endpoint)) {
        return Stored::Elsewhere { made_at, records: count_records(value) };
    }
    let scope: Rc<String> = lines.next().and_then(checked).unwrap_or("{}").to_owned().into();
    let mut damaged = 0;
    let mut entries: Vec<Entry> = Vec::new();
    for line in lines {
        match checked(line).and_then(|text| read_entry(text, &scope)) {
            Some(entry) if entries.last().is_none_or(|last| last.seq < entry.seq) => entries.push(entry),
            _ => damaged += 1,
        }
    }
    if entries.is_empty() {
        // It was cut to its head: at least one record was there.
        return Stored::Unreadable(damaged.max(1));
    }
    let mut chunk = Chunk::new(stream, scope, entries, made_at, Backing::Current);
    // The key keeps its number when the first record goes.
    chunk.first_seq = first_seq;
    Stored::Chunk(chunk, damaged)
}

/// The stream and the first place of a chunk, by its key.
pub(super) fn place(key: &str, app: &str) -> Option<(StreamId, u64)> {
    let (stream, first_seq) = split_at_byte(key.strip_prefix(&key_prefix(app))?, b':')?;
    Some((stream.parse().ok()?, parse_whole(first_seq)?))
}

fn is_newer(value: &str) -> bool {
    let version = parts(value, b'\n').next().and_then(|head| parse_whole(parts(head, b' ').next()?));
    version.is_some_and(|version| version > 1)
}

/// How many records a value may hold.
pub(super) fn count_records(value: &str) -> u64 {
    let lines = parts(value.strip_suffix("\n").unwrap_or(value), b'\n').count();
    lines.saturating_sub(2).max(1) as u64
}

fn checked(line: &str) -> Option<&str> {
    let (sum, text) = split_at_byte(line, b' ')?;
    (sum == checksum(text)).then_some(text)
}

fn read_entry(text: &str, scope: &Rc<String>) -> Option<Entry> {
    let (seq, record_type) = Record::peek(text)?;
    Some(Entry {
        seq,
        record_type,
        rank: Rank::of_type(record_type),
        text: text.to_owned(),
        scope: Rc::clone(scope),
    })
}

/// FNV-1a, 32 bits, as 8 hex digits. It guards against accidents, not against attackers: who can
/// write to the storage of the page can call the client, too.
fn checksum(text: &str) -> String {
    let mut hex = String::with_capacity(8);
    push_hex(&mut hex, u64::from(fnv1a(text)), 8);
    hex
}

fn fingerprint(endpoint: &str) -> String {
    checksum(endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDPOINT: &str = "https://t.example/ingest";

    fn chunk() -> Chunk {
        let entry = |seq: u64| Entry {
            seq,
            record_type: beaconry_protocol::RecordType::Log,
            rank: Rank::Usual,
            text: format!(r#"{{"seq":{seq},"type":"log","message":"x"}}"#),
            scope: Rc::default(),
        };
        let entries = vec![entry(3), entry(5)];
        Chunk::new(
            StreamId::from_random(7),
            r#"{"sessionId":"s"}"#.to_owned().into(),
            entries,
            1_000,
            Backing::Current,
        )
    }

    fn decoded(value: &str) -> Stored {
        decode(&key("app", StreamId::from_random(7), 3), value, "app", ENDPOINT)
    }

    #[test]
    fn a_chunk_comes_back_as_it_was() {
        let value = encode(&chunk(), ENDPOINT);
        let Stored::Chunk(read, damaged) = decoded(&value) else { panic!("{value}") };
        assert_eq!((read.first_seq, read.made_at, damaged), (3, 1_000, 0));
        assert_eq!(encode(&read, ENDPOINT), value);
    }

    #[test]
    fn a_damaged_line_is_counted_and_the_others_are_kept() {
        let value = encode(&chunk(), ENDPOINT).replacen(r#""message":"x""#, r#""message":"y""#, 1);
        let Stored::Chunk(read, damaged) = decoded(&value) else { panic!("{value}") };
        assert_eq!((read.entries().len(), read.entries()[0].seq, damaged), (1, 5, 1));
    }

    #[test]
    fn what_another_endpoint_or_version_wrote_is_left_alone() {
        let value = encode(&chunk(), "https://other.example/ingest");
        assert!(matches!(decoded(&value), Stored::Elsewhere { made_at: 1_000, records: 2 }));
        assert!(matches!(decoded("2 whatever\nelse"), Stored::Foreign));
    }

    #[test]
    fn nonsense_is_counted_whatever_it_is() {
        let head_only = ["1 ", &fingerprint(ENDPOINT), " 1000\n00000000 {}"].concat();
        for value in ["", "\n\n", "1", "1 x y", "[{}]", "1  \n\n\n", &head_only] {
            assert!(matches!(decoded(value), Stored::Unreadable(1..)), "{value:?}");
        }
    }
}
