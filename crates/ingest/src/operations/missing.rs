//! Which streams miss records, those that miss the most first. It changes nothing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use beaconry_protocol::{SeqRange, StreamId};
use serde::{Deserialize, Serialize};

use super::Progress;
use crate::duplicates::{Places, StreamTable, TableError, Totals};

/// The streams that miss records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    /// Streams that are known.
    pub known: u64,
    /// Those of them that miss records.
    pub incomplete: u64,
    /// What they miss in all.
    pub places: u64,
    /// Those that miss the most, as many as were asked for.
    pub streams: Vec<Incomplete>,
}

/// A stream that misses records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Incomplete {
    /// Its id, as in its records.
    pub stream: String,
    /// The highest place that was heard of.
    pub highest: u64,
    /// Places whose record is stored.
    pub stored: u64,
    /// Places that its client reported as lost.
    pub reported: u64,
    /// Places that nothing was heard of.
    pub missing: u64,
    /// Whether its client said that it ends.
    pub is_closed: bool,
    /// The first of the missing places, as far as they are still known one by one.
    pub first: Vec<SeqRange>,
}

/// Looks through all streams of a table. What is missing counts as in the totals: a stream with made-up
/// numbers misses nothing.
///
/// # Errors
/// When the table cannot be read.
pub fn missing(table: &dyn StreamTable, most: usize, progress: &dyn Progress) -> Result<Missing, TableError> {
    let total = table.checkpoint()?.totals.streams;
    let mut found = Missing::default();
    let mut worst = BinaryHeap::new();
    table.each(&mut |stream, account| {
        found.known += 1;
        if found.known.is_multiple_of(TOLD_EVERY) {
            progress.tell("looking through the streams", found.known, total);
        }
        let places = Totals::of(stream, account).places.missing;
        if places > 0 {
            found.incomplete += 1;
            found.places += places;
            worst.push((Reverse(places), stream));
            if worst.len() > most {
                worst.pop();
            }
        }
    })?;
    for (_, stream) in worst.into_sorted_vec() {
        found.streams.extend(incomplete(table, stream)?);
    }
    Ok(found)
}

fn incomplete(table: &dyn StreamTable, stream: StreamId) -> Result<Option<Incomplete>, TableError> {
    let Some(account) = table.read(stream)? else { return Ok(None) };
    let Places { highest, stored, reported, missing } = account.places();
    let (is_closed, first) = (account.is_closed(), account.missing_ranges(RANGES));
    Ok(Some(Incomplete { stream: stream.to_hex(), highest, stored, reported, missing, is_closed, first }))
}

const TOLD_EVERY: u64 = 64 * 1024;

/// Ranges that are named of a stream.
const RANGES: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duplicates::{Chunk, MemoryTable, StreamAccount};
    use crate::operations::Silent;

    #[test]
    fn those_that_miss_the_most_come_first_and_made_up_numbers_do_not() {
        let table = MemoryTable::default();
        let stream = |number: u128, stored: &[u64]| {
            let mut account = StreamAccount::default();
            stored.iter().for_each(|seq| account.store(*seq));
            (StreamId::from_random(number), account)
        };
        let mut reported = stream(0xd, &[1, 9]);
        reported.1.report(&[SeqRange(2, 6)]);
        reported.1.close();
        let streams = vec![
            stream(0xa, &[1, 2]),
            stream(0xb, &[2]),
            stream(0xc, &[1, 3, 5, 20]),
            reported,
            stream(0xe, &[u64::MAX]),
        ];
        table.write(&Chunk { streams, ..Chunk::default() }).unwrap();
        let found = missing(&table, 2, &Silent).unwrap();
        assert_eq!((found.known, found.incomplete, found.places), (5, 3, 19));
        let [first, second] = &found.streams[..] else { panic!("{found:?}") };
        assert_eq!(
            (first.missing, &first.first[..]),
            (16, &[SeqRange(2, 2), SeqRange(4, 4), SeqRange(6, 19)][..])
        );
        assert_eq!(
            (second.missing, second.reported, second.is_closed, &second.first[..]),
            (2, 5, true, &[SeqRange(7, 8)][..])
        );
        assert!(first.stream.ends_with("000c") && second.stream.ends_with("000d"));
        assert_eq!(missing(&table, 0, &Silent).unwrap().streams, []);
    }
}
