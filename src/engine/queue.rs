//! Everything that is not yet acknowledged, in order, within its bounds.
//!
//! The queue is derived from the spool: what is in it is on the storage too, or will be within
//! `spoolDelayMs`, or was refused by the storage. It is one list of chunks, oldest first: those that
//! may be sent, and behind them those that are held until a flush. A chunk grows only until it is
//! written: another page may have read it from then on, and will remove it when what it read is
//! acknowledged.
//!
//! What a call of the app needs costs the same however long the queue is.

use std::rc::Rc;

use beaconry_protocol::{DiscardReason, SeqRange, StreamId, limits};

use super::call::Rank;
use super::chunk::{Backing, Chunk, ChunkState, Entry};
use super::delivery::Flight;
use super::{Ledger, Millis, SendId};

/// The chunks.
#[derive(Debug, Default)]
pub(super) struct Queue {
    chunks: Vec<Chunk>,
    /// How many of the chunks may be sent; those behind them are held.
    sendable: usize,
    held_records: usize,
    held_bytes: usize,
    bytes: usize,
    unspooled_since: Option<Millis>,
    /// Chunks of earlier pages that are settled: who still reads one from the storage read too early.
    settled: Vec<(StreamId, u64)>,
    /// Whether a chunk may have lost all its records.
    has_empty: bool,
}

/// The records that go into one body.
#[derive(Debug)]
pub(super) struct Cargo {
    pub(super) stream: StreamId,
    pub(super) scope: Rc<String>,
    pub(super) records: usize,
    /// Bytes of the records.
    pub(super) bytes: usize,
}

impl Cargo {
    fn add(&mut self, entry: &Entry) {
        self.records += 1;
        self.bytes += entry.bytes();
    }

    /// Whether so much more is too much for a body. The first record always has room.
    fn has_no_room(&self, bytes: usize, records: usize, max_bytes: usize) -> bool {
        self.records > 0
            && (self.bytes + bytes > max_bytes || self.records + records > limits::RECORDS_PER_BATCH)
    }
}

/// What waits for a flush.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) records: usize,
    pub(super) bytes: usize,
    pub(super) since: Option<Millis>,
}

impl Queue {
    // ---- Records come in ----

    /// Appends a record that was just made.
    pub(super) fn push(&mut self, stream: StreamId, entry: Entry, now: Millis) {
        let size = entry.bytes();
        match self.chunks.last_mut() {
            Some(chunk)
                if chunk.grows()
                    && Rc::ptr_eq(&chunk.scope, &entry.scope)
                    && chunk.bytes() + size <= limits::CHUNK_BYTES
                    && chunk.entries().len() < limits::RECORDS_PER_BATCH =>
            {
                chunk.push(entry, now);
            }
            _ => {
                let scope = Rc::clone(&entry.scope);
                let mut chunk = Chunk::new(stream, scope, vec![entry], now, Backing::Missing);
                chunk.state = ChunkState::Held;
                self.chunks.push(chunk);
            }
        }
        self.bytes += size;
        self.held_bytes += size;
        self.held_records += 1;
        self.note_unspooled(now);
    }

    /// Takes in a chunk that an earlier page left behind, in its place by age. Returns whether it
    /// was new.
    pub(super) fn adopt(&mut self, mut chunk: Chunk, now: Millis) -> bool {
        chunk.is_adopted = true;
        if self.has_settled(chunk.stream, chunk.first_seq) || self.knows(chunk.stream, chunk.first_seq) {
            return false;
        }
        if chunk.made_at > now {
            // A clock that was wrong, or a stranger: it would never be too old. The storage keeps what it says: a new
            // version that it refused would be held back from whoever takes the stream over next.
            chunk.made_at = now;
        }
        self.bytes += chunk.bytes();
        if chunk.needs_spooling() {
            self.note_unspooled(now);
        }
        let mut at = 0;
        while at < self.sendable && self.chunks[at].made_at <= chunk.made_at {
            at += 1;
        }
        self.insert(at, chunk);
        true
    }

    /// Whether a chunk of an earlier page was taken over, and is settled since.
    pub(super) fn has_settled(&self, stream: StreamId, first_seq: u64) -> bool {
        self.settled.contains(&(stream, first_seq))
    }

    /// Whether a chunk is in the queue.
    pub(super) fn knows(&self, stream: StreamId, first_seq: u64) -> bool {
        self.chunks.iter().any(|chunk| chunk.stream == stream && chunk.first_seq == first_seq)
    }

    /// What waits for a flush.
    pub(super) fn held(&self) -> Held {
        let since = self.chunks.get(self.sendable).map(|chunk| chunk.made_at);
        Held { records: self.held_records, bytes: self.held_bytes, since }
    }

    /// Makes what is held ready to be sent. Returns whether there was anything.
    pub(super) fn release(&mut self) -> bool {
        let had_any = self.sendable < self.chunks.len();
        for chunk in &mut self.chunks[self.sendable..] {
            chunk.state = ChunkState::Ready;
        }
        self.sendable = self.chunks.len();
        (self.held_records, self.held_bytes) = (0, 0);
        had_any
    }

    // ---- Requests ----

    /// Takes the records for the next body: the oldest chunk that is ready, and those after it that share
    /// its stream and scope as long as they have room in `room` bytes. Of a chunk of more than `body_limit`
    /// bytes, its first records: at least one, whatever its size.
    /// At an exit, what was left to the browser is not sent again.
    pub(super) fn load(
        &mut self,
        send: SendId,
        body_limit: usize,
        room: usize,
        is_exit: bool,
    ) -> Option<Cargo> {
        let first = self.chunks.iter().position(|chunk| chunk.is_loadable(is_exit))?;
        let chunk = &mut self.chunks[first];
        chunk.state = ChunkState::Flying(send);
        let mut cargo = Cargo { stream: chunk.stream, scope: Rc::clone(&chunk.scope), records: 0, bytes: 0 };
        for entry in chunk.entries() {
            if cargo.has_no_room(entry.bytes(), 1, body_limit) {
                return Some(cargo);
            }
            cargo.add(entry);
        }
        for chunk in &mut self.chunks[first + 1..] {
            let is_alike =
                chunk.is_loadable(is_exit) && chunk.stream == cargo.stream && *chunk.scope == *cargo.scope;
            if !is_alike || cargo.has_no_room(chunk.bytes(), chunk.entries().len(), room) {
                break;
            }
            chunk.entries().iter().for_each(|entry| cargo.add(entry));
            chunk.state = ChunkState::Flying(send);
        }
        Some(cargo)
    }

    /// Puts the chunks of a request that the browser makes later back: they are sent in the usual way
    /// too if the page lives on, but not handed over twice.
    pub(super) fn leave_to_browser(&mut self, send: SendId) {
        for chunk in &mut self.chunks {
            chunk.is_left_to_browser |= chunk.state == ChunkState::Flying(send);
        }
        self.unload(send);
    }

    /// The page lives on.
    pub(super) fn take_back(&mut self) {
        self.chunks.iter_mut().for_each(|chunk| chunk.is_left_to_browser = false);
    }

    /// The encoded records of a request: the first `count` of its chunks, which are all but those that
    /// did not fit.
    pub(super) fn flying_texts(&self, send: SendId, count: usize) -> Vec<&str> {
        let mut texts = Vec::new();
        for chunk in &self.chunks {
            for entry in chunk.entries() {
                if chunk.state == ChunkState::Flying(send) && texts.len() < count {
                    texts.push(&*entry.text);
                }
            }
        }
        texts
    }

    /// Puts the chunks of a request back, to be sent again.
    pub(super) fn unload(&mut self, send: SendId) {
        for chunk in &mut self.chunks {
            if chunk.state == ChunkState::Flying(send) {
                chunk.state = ChunkState::Ready;
            }
        }
    }

    /// Forgets what a request has settled, and puts the rest back; only what was sent can be. Returns
    /// whether anything was settled.
    pub(super) fn settle(
        &mut self,
        flight: &Flight,
        acknowledged: &[SeqRange],
        rejected: &[(u64, DiscardReason)],
        now: Millis,
        ledger: &mut Ledger,
        own: StreamId,
    ) -> bool {
        let mut has_settled = false;
        let mut next_place = 0;
        for chunk in &mut self.chunks {
            if chunk.state != ChunkState::Flying(flight.id) {
                continue;
            }
            chunk.state = ChunkState::Ready;
            let stream = chunk.stream;
            self.bytes -= chunk.bytes();
            chunk.retain(&mut |entry| {
                let place = next_place;
                next_place += 1;
                if place >= flight.cargo.records as u64 {
                    return true;
                }
                if acknowledged.iter().any(|range| range.contains(entry.seq)) {
                    ledger.acknowledged += 1;
                    has_settled = true;
                    return false;
                }
                for (at, reason) in rejected {
                    if *at == place {
                        ledger.discard(entry, stream, *reason, own);
                        has_settled = true;
                        return false;
                    }
                }
                true
            });
            self.bytes += chunk.bytes();
            if chunk.needs_spooling() && !chunk.entries().is_empty() {
                self.unspooled_since.get_or_insert(now);
            }
        }
        self.has_empty = true;
        has_settled
    }

    // ---- Records go ----

    /// Lets go of chunks that earlier pages left behind and that are not on their way: they stay in
    /// the spool for when there is more room. Returns how many records that were.
    pub(super) fn let_go(&mut self) -> usize {
        self.remove(&|chunk| chunk.is_adopted)
    }

    /// The same, of one stream only.
    pub(super) fn let_go_of(&mut self, stream: StreamId) -> usize {
        self.remove(&|chunk| chunk.is_adopted && chunk.stream == stream)
    }

    /// Removes chunks that are not on their way. Returns how many records that were.
    fn remove(&mut self, goes: &dyn Fn(&Chunk) -> bool) -> usize {
        let mut records = 0;
        self.chunks.retain(|chunk| {
            let stays = chunk.is_flying() || !goes(chunk);
            if !stays {
                records += chunk.entries().len();
                self.bytes -= chunk.bytes();
                self.sendable -= usize::from(chunk.state != ChunkState::Held);
            }
            stays
        });
        records
    }

    fn insert(&mut self, at: usize, chunk: Chunk) {
        self.chunks.insert(at, chunk);
        self.sendable += 1;
    }

    /// Gives up the oldest of the least severe until at most `max_bytes` are left. What is on its
    /// way stays, and so do the client's own reports.
    pub(super) fn evict(&mut self, max_bytes: usize, now: Millis, ledger: &mut Ledger, own: StreamId) {
        for rank in &Rank::GIVEN_UP {
            for chunk in &mut self.chunks {
                let (stream, bytes) = (chunk.stream, &mut self.bytes);
                let is_held = chunk.state == ChunkState::Held;
                if chunk.is_flying() {
                    continue;
                }
                chunk.retain(&mut |entry| {
                    let stays = entry.rank != *rank || *bytes <= max_bytes;
                    if !stays {
                        *bytes -= entry.bytes();
                        self.held_bytes -= if is_held { entry.bytes() } else { 0 };
                        self.held_records -= usize::from(is_held);
                        ledger.discard(entry, stream, DiscardReason::QueueOverflow, own);
                    }
                    stays
                });
            }
        }
        self.has_empty = true;
        self.note_unspooled(now);
    }

    /// Gives up what was made up to `oldest`. What is held is never that old: it was flushed.
    pub(super) fn expire(&mut self, oldest: Millis, ledger: &mut Ledger, own: StreamId) {
        let goes = |chunk: &Chunk| chunk.made_at <= oldest && chunk.state == ChunkState::Ready;
        self.discard(DiscardReason::TooOld, &goes, ledger, own);
    }

    /// Gives up everything, on its way or not. The empty chunks stay until they are taken off the
    /// storage.
    pub(super) fn discard_all(&mut self, reason: DiscardReason, ledger: &mut Ledger, own: StreamId) {
        self.release();
        self.discard(reason, &|_| true, ledger, own);
    }

    /// Gives up chunks that are not held.
    fn discard(
        &mut self,
        reason: DiscardReason,
        goes: &dyn Fn(&Chunk) -> bool,
        ledger: &mut Ledger,
        own: StreamId,
    ) {
        for chunk in &mut self.chunks {
            if goes(chunk) {
                chunk.state = ChunkState::Ready;
                self.bytes -= chunk.bytes();
                for entry in chunk.entries() {
                    ledger.discard(entry, chunk.stream, reason, own);
                }
                chunk.clear();
            }
        }
        self.has_empty = true;
    }

    /// Lets go of the chunks of a stream that another page sends from now on: those that are on the
    /// storage. Returns how many records that were.
    pub(super) fn hand_over(&mut self, stream: StreamId) -> usize {
        self.release();
        self.remove(&|chunk| chunk.stream == stream && chunk.is_on_storage())
    }

    /// Whether a chunk may have lost all its records.
    pub(super) fn has_empty(&self) -> bool {
        self.has_empty
    }

    /// Removes chunks without records.
    pub(super) fn forget_empty(&mut self) {
        self.has_empty = false;
        for chunk in &self.chunks {
            if chunk.entries().is_empty() && chunk.is_adopted {
                self.settled.push((chunk.stream, chunk.first_seq));
            }
        }
        self.remove(&|chunk| chunk.entries().is_empty());
    }

    // ---- The storage ----

    /// The chunks among which are those of which the storage has not the present version.
    pub(super) fn take_unspooled(&mut self) -> &mut [Chunk] {
        // Most writes are of what was just made: then the older chunks are not looked at.
        let is_due = self.unspooled_since.take().is_some();
        if is_due { &mut self.chunks } else { &mut [] }
    }

    /// Notes that the storage did not take a chunk.
    pub(super) fn refuse(&mut self, stream: StreamId, first_seq: u64) {
        for chunk in &mut self.chunks {
            if chunk.stream == stream && chunk.first_seq == first_seq {
                chunk.backing = Backing::Refused;
            }
        }
    }

    /// Offers the storage again what it refused: it may have room by now.
    pub(super) fn offer_refused(&mut self, now: Millis) {
        for chunk in &mut self.chunks {
            if chunk.backing == Backing::Refused {
                chunk.backing = Backing::Missing;
                self.unspooled_since.get_or_insert(now);
            }
        }
    }

    /// Since when the storage should have more than it has.
    pub(super) fn unspooled_since(&self) -> Option<Millis> {
        self.unspooled_since
    }

    fn note_unspooled(&mut self, now: Millis) {
        self.unspooled_since.get_or_insert(now);
    }

    // ---- What there is ----

    /// Whether a chunk waits to be sent.
    pub(super) fn has_ready(&self) -> bool {
        self.chunks.iter().any(|chunk| chunk.state == ChunkState::Ready)
    }

    /// When the oldest chunk was made.
    pub(super) fn oldest(&self) -> Option<Millis> {
        let oldest = self.chunks.iter().find(|chunk| !chunk.is_flying())?;
        Some(oldest.made_at)
    }

    /// Bytes of all records.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The chunks.
    pub(super) fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// The first place of a stream that is in the queue.
    pub(super) fn first_seq(&self, stream: StreamId) -> Option<u64> {
        for chunk in &self.chunks {
            match chunk.entries() {
                [first, ..] if chunk.stream == stream => return Some(first.seq),
                _ => {}
            }
        }
        None
    }

    /// Whether the record at this place of a stream is in the queue.
    pub(super) fn has(&self, stream: StreamId, seq: u64) -> bool {
        self.chunks.iter().any(|chunk| chunk.stream == stream && chunk.has(seq))
    }

    /// Whether localStorage has records of a stream.
    pub(super) fn has_spooled(&self, stream: StreamId) -> bool {
        self.chunks.iter().any(|chunk| chunk.stream == stream && chunk.is_on_storage())
    }

    /// Whether a chunk that an earlier page left behind is in the queue.
    pub(super) fn has_adopted(&self) -> bool {
        self.chunks.iter().any(|chunk| chunk.is_adopted)
    }
}
