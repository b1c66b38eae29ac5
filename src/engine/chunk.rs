//! A chunk: records of one stream and one scope that are spooled, sent and forgotten together.

use std::rc::Rc;

use beaconry_protocol::{RecordType, StreamId};

use super::call::Rank;
use super::{Millis, SendId};

/// A record, encoded once and for all.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its place in the stream; 0 for one that has none yet, in its text neither.
    pub(super) seq: u64,
    pub(super) record_type: RecordType,
    pub(super) rank: Rank,
    pub(super) text: String,
    pub(super) scope: Rc<String>,
}

/// Keeps the records that `stays` says yes to. (One copy of it: what it is told is not known when it is made.)
pub(super) fn keep(entries: &mut Vec<Entry>, stays: &mut dyn FnMut(&Entry) -> bool) {
    entries.retain(stays);
}

impl Entry {
    /// Bytes that it takes in a body, with its comma.
    pub(super) const fn bytes(&self) -> usize {
        self.text.len() + 1
    }
}

/// Some records in the order they were made.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) stream: StreamId,
    /// With the stream, the name of the chunk in the storage. Stays when the first record goes.
    pub(super) first_seq: u64,
    pub(super) scope: Rc<String>,
    entries: Vec<Entry>,
    bytes: usize,
    /// When the oldest of the records was made.
    pub(super) made_at: Millis,
    pub(super) state: ChunkState,
    pub(super) backing: Backing,
    /// Whether an earlier page left it behind.
    pub(super) is_adopted: bool,
    /// Whether the browser has a copy that it posts when the page is gone.
    pub(super) is_left_to_browser: bool,
}

/// How far a chunk has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChunkState {
    /// Waits for a flush.
    Held,
    /// Waits to be sent.
    Ready,
    /// Is on its way to the server.
    Flying(SendId),
}

/// What the storage has of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backing {
    /// Nothing, and it should.
    Missing,
    /// An older version, and it should have this one.
    Stale,
    /// Exactly this.
    Current,
    /// Nothing, or at most what the second tier took: localStorage refused it.
    Refused,
}

impl Chunk {
    /// A chunk that waits to be sent.
    pub(super) fn new(
        stream: StreamId,
        scope: Rc<String>,
        entries: Vec<Entry>,
        made_at: Millis,
        backing: Backing,
    ) -> Self {
        let first_seq = entries.first().map_or(0, |entry| entry.seq);
        let bytes = entries.iter().map(Entry::bytes).sum();
        let (state, is_adopted, is_left_to_browser) = (ChunkState::Ready, false, false);
        Self {
            stream,
            first_seq,
            scope,
            entries,
            bytes,
            made_at,
            state,
            backing,
            is_adopted,
            is_left_to_browser,
        }
    }

    /// The records, in order.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Bytes of the records.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Appends a record that was just made.
    pub(super) fn push(&mut self, entry: Entry, now: Millis) {
        self.bytes += entry.bytes();
        self.entries.push(entry);
        self.made_at = self.made_at.min(now);
    }

    /// Keeps the records that `stays` says yes to.
    pub(super) fn retain(&mut self, stays: &mut dyn FnMut(&Entry) -> bool) {
        let (before, bytes) = (self.entries.len(), &mut self.bytes);
        keep(&mut self.entries, &mut |entry| {
            let stays = stays(entry);
            *bytes -= if stays { 0 } else { entry.bytes() };
            stays
        });
        if self.entries.len() < before {
            self.touch();
        }
    }

    /// Forgets all records.
    pub(super) fn clear(&mut self) {
        self.retain(&mut |_| false);
    }

    pub(super) fn is_flying(&self) -> bool {
        matches!(self.state, ChunkState::Flying(_))
    }

    /// Whether it takes further records: as long as nobody can have read it from the storage.
    pub(super) fn grows(&self) -> bool {
        self.state == ChunkState::Held && self.backing == Backing::Missing
    }

    /// Whether the storage should have another version than it has.
    pub(super) fn needs_spooling(&self) -> bool {
        matches!(self.backing, Backing::Missing | Backing::Stale)
    }

    /// Whether the storage should have another version than it has; marks it as written.
    pub(super) fn take_unspooled(&mut self) -> bool {
        let is_due = self.needs_spooling();
        if is_due {
            self.backing = Backing::Current;
        }
        is_due && !self.entries.is_empty()
    }

    /// Whether localStorage has any version of it.
    pub(super) fn is_on_storage(&self) -> bool {
        matches!(self.backing, Backing::Current | Backing::Stale)
    }

    /// Whether any tier of the storage was given a version of it.
    pub(super) fn may_be_on_storage(&self) -> bool {
        self.backing != Backing::Missing
    }

    /// Whether a request may take it. At an exit, what the browser has already is left to it.
    pub(super) fn is_loadable(&self, is_exit: bool) -> bool {
        self.state == ChunkState::Ready && !(is_exit && self.is_left_to_browser)
    }

    /// Whether the record at this place is in it.
    pub(super) fn has(&self, seq: u64) -> bool {
        self.entries.binary_search_by_key(&seq, |entry| entry.seq).is_ok()
    }

    /// Notes that the storage has more than there is: where localStorage refused it, the second tier may.
    pub(super) fn touch(&mut self) {
        if matches!(self.backing, Backing::Current | Backing::Refused) {
            self.backing = Backing::Stale;
        }
    }
}
