//! Which records are stored already, exactly: for every stream the set of its stored sequence
//! numbers. A record without an id is never a duplicate.
//!
//! Lives in memory. At start it is the index's `streams` table plus what the journal holds after the
//! index's position, so a restart forgets nothing; without an index it is made from the whole
//! journal.

mod seq_set;

use std::collections::HashMap;

use beaconry_protocol::{RecordId, StreamId};

pub use seq_set::SeqSet;

/// The ids of all stored records.
#[derive(Debug, Clone, Default)]
pub struct Duplicates {
    streams: HashMap<StreamId, SeqSet>,
}

impl Duplicates {
    /// Marks a record as stored; `false` if it was already.
    pub fn insert(&mut self, id: RecordId) -> bool {
        self.streams.entry(id.stream).or_default().insert(id.seq)
    }

    /// Takes the mark of a record back, because it was not stored after all.
    pub fn remove(&mut self, id: RecordId) {
        let Some(seqs) = self.streams.get_mut(&id.stream) else { return };
        seqs.remove(id.seq);
        if seqs.is_empty() {
            self.streams.remove(&id.stream);
        }
    }

    /// Whether a record is stored.
    pub fn contains(&self, id: RecordId) -> bool {
        self.streams.get(&id.stream).is_some_and(|seqs| seqs.contains(id.seq))
    }
}

impl FromIterator<(StreamId, SeqSet)> for Duplicates {
    fn from_iter<T: IntoIterator<Item = (StreamId, SeqSet)>>(streams: T) -> Self {
        Self { streams: streams.into_iter().collect() }
    }
}
