//! The stored sequence numbers in the index. They say again what is a duplicate after a restart, and
//! keep the index itself from counting a record twice.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use beaconry_protocol::{JsonWriter, RecordId, SeqRange, StreamId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use crate::duplicates::SeqSet;

/// The streams that one transaction has to do with.
#[derive(Default)]
pub(super) struct TouchedStreams(HashMap<StreamId, SeqSet>);

impl TouchedStreams {
    /// Marks a record as indexed; `false` if it was already.
    pub(super) fn insert(&mut self, transaction: &Transaction<'_>, id: RecordId) -> rusqlite::Result<bool> {
        let seqs = match self.0.entry(id.stream) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(read(transaction, id.stream)?),
        };
        Ok(seqs.insert(id.seq))
    }

    pub(super) fn write(&self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        let mut statement =
            transaction.prepare_cached("INSERT OR REPLACE INTO streams (stream, ranges) VALUES (?, ?)")?;
        for (stream, seqs) in &self.0 {
            statement.execute((stream.as_bits().to_be_bytes(), encode(seqs)))?;
        }
        Ok(())
    }
}

/// Every stream of the index.
pub(super) fn read_all(connection: &Connection) -> rusqlite::Result<Vec<(StreamId, SeqSet)>> {
    let mut statement = connection.prepare("SELECT ranges, stream FROM streams")?;
    let streams = statement.query_map((), |row| {
        let bits = u128::from_be_bytes(row.get(1)?);
        Ok((StreamId::from_random(bits), decode(row)?))
    })?;
    streams.collect()
}

fn read(transaction: &Transaction<'_>, stream: StreamId) -> rusqlite::Result<SeqSet> {
    transaction
        .prepare_cached("SELECT ranges FROM streams WHERE stream = ?")?
        .query_row([stream.as_bits().to_be_bytes()], decode)
        .optional()
        .map(Option::unwrap_or_default)
}

fn encode(seqs: &SeqSet) -> String {
    let mut json = JsonWriter::default();
    json.open('[');
    for range in seqs.ranges() {
        json.open('[');
        json.integer(range.0);
        json.integer(range.1);
        json.close(']');
    }
    json.close(']');
    json.finish()
}

fn decode(row: &Row<'_>) -> rusqlite::Result<SeqSet> {
    let ranges: Vec<SeqRange> =
        serde_json::from_str(row.get_ref(0)?.as_str()?).map_err(|_| rusqlite::Error::InvalidQuery)?;
    SeqSet::from_ranges(ranges).ok_or(rusqlite::Error::InvalidQuery)
}
