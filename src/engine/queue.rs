//! Everything that is not yet acknowledged, in order, within its bounds.
//!
//! The queue is derived from the spool: what is in it is on the storage too, or will be within
//! `spoolDelayMs`, or was refused by the storage. It is two lists of chunks, oldest first: those
//! that may be sent, and those that are held until a flush. A chunk grows only until it is written:
//! another page may have read it from then on, and will remove it when what it read is acknowledged.
//!
//! What a call of the app needs costs the same however long the queue is.

use std::collections::VecDeque;
use std::rc::Rc;

use beaconry_protocol::{DiscardReason, SeqRange, StreamId, limits};

use super::call::Rank;
use super::chunk::{Backing, Chunk, ChunkState, Discarded, Entry};
use super::{Millis, SendId};

/// The chunks.
#[derive(Debug, Default)]
pub(super) struct Queue {
    sendable: VecDeque<Chunk>,
    held: Vec<Chunk>,
    held_records: usize,
    held_bytes: usize,
    bytes: usize,
    unspooled_since: Option<Millis>,
    /// Chunks of earlier pages that are settled: who still reads one from the storage read too early.
    settled: Vec<(StreamId, u64)>,
}

/// The records that go into one body.
#[derive(Debug)]
pub(super) struct Cargo {
    pub(super) stream: StreamId,
    pub(super) scope: Rc<str>,
    pub(super) seqs: Vec<u64>,
    /// Bytes of the records.
    pub(super) bytes: usize,
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
    pub(super) fn push(&mut self, stream: StreamId, scope: &Rc<str>, entry: Entry, now: Millis) {
        let size = entry.bytes();
        let growing = self.held.last_mut().filter(|chunk| {
            chunk.grows()
                && Rc::ptr_eq(&chunk.scope, scope)
                && chunk.bytes() + size <= limits::CHUNK_BYTES
                && chunk.entries().len() < limits::RECORDS_PER_BATCH
        });
        match growing {
            Some(chunk) => chunk.push(entry, now),
            None => {
                let scope = Rc::clone(scope);
                let mut chunk = Chunk::new(stream, scope, vec![entry], now, Backing::Missing);
                chunk.state = ChunkState::Held;
                self.held.push(chunk);
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
        let is_settled = self.settled.contains(&(chunk.stream, chunk.first_seq));
        if is_settled || self.knows(chunk.stream, chunk.first_seq) {
            return false;
        }
        self.bytes += chunk.bytes();
        if chunk.needs_spooling() {
            self.note_unspooled(now);
        }
        let at = self.sendable.iter().position(|own| own.made_at > chunk.made_at);
        self.sendable.insert(at.unwrap_or(self.sendable.len()), chunk);
        true
    }

    /// Whether a chunk is in the queue.
    pub(super) fn knows(&self, stream: StreamId, first_seq: u64) -> bool {
        self.chunks().any(|chunk| chunk.stream == stream && chunk.first_seq == first_seq)
    }

    /// What waits for a flush.
    pub(super) fn held(&self) -> Held {
        let since = self.held.first().map(|chunk| chunk.made_at);
        Held { records: self.held_records, bytes: self.held_bytes, since }
    }

    /// Makes what is held ready to be sent. Returns whether there was anything.
    pub(super) fn release(&mut self) -> bool {
        let had_any = !self.held.is_empty();
        for mut chunk in self.held.drain(..) {
            chunk.state = ChunkState::Ready;
            self.sendable.push_back(chunk);
        }
        (self.held_records, self.held_bytes) = (0, 0);
        had_any
    }

    // ---- Requests ----

    /// Takes the chunks for the next body of at most `max_bytes`: the oldest that is ready and those
    /// after it that share its stream and scope. At least one, whatever its size.
    /// At an exit, what was left to the browser is not sent again.
    pub(super) fn load(&mut self, send: SendId, max_bytes: usize, is_exit: bool) -> Option<Cargo> {
        let first = self.sendable.iter().position(|chunk| chunk.is_loadable(is_exit))?;
        let (stream, scope) = (self.sendable[first].stream, Rc::clone(&self.sendable[first].scope));
        let mut bytes = 0;
        let mut seqs = Vec::new();
        for chunk in self.sendable.range_mut(first..) {
            let is_alike = chunk.is_loadable(is_exit) && chunk.stream == stream && *chunk.scope == *scope;
            let fits = seqs.is_empty()
                || (bytes + chunk.bytes() <= max_bytes
                    && seqs.len() + chunk.entries().len() <= limits::RECORDS_PER_BATCH);
            if !is_alike || !fits {
                break;
            }
            bytes += chunk.bytes();
            seqs.extend(chunk.entries().iter().map(|entry| entry.seq));
            chunk.state = ChunkState::Flying(send);
        }
        Some(Cargo { stream, scope, seqs, bytes })
    }

    /// Puts the chunks of a request that the browser makes later back: they are sent in the usual way
    /// too if the page lives on, but not handed over twice.
    pub(super) fn leave_to_browser(&mut self, send: SendId) {
        for chunk in self.sendable.iter_mut().filter(|chunk| chunk.state == ChunkState::Flying(send)) {
            chunk.state = ChunkState::Ready;
            chunk.is_left_to_browser = true;
        }
    }

    /// The page lives on.
    pub(super) fn take_back(&mut self) {
        self.sendable.iter_mut().for_each(|chunk| chunk.is_left_to_browser = false);
    }

    /// The encoded records of a request.
    pub(super) fn flying_texts(&self, send: SendId) -> impl Iterator<Item = &str> {
        let flying = self.sendable.iter().filter(move |chunk| chunk.state == ChunkState::Flying(send));
        flying.flat_map(|chunk| chunk.entries().iter().map(|entry| &*entry.text))
    }

    /// Puts the chunks of a request back, to be sent again.
    pub(super) fn unload(&mut self, send: SendId) {
        for chunk in &mut self.sendable {
            if chunk.state == ChunkState::Flying(send) {
                chunk.state = ChunkState::Ready;
            }
        }
    }

    /// Forgets what a request has settled, and puts the rest back. Returns how many records were
    /// acknowledged and which were discarded.
    pub(super) fn settle(
        &mut self,
        send: SendId,
        acknowledged: &[SeqRange],
        rejected: &[(u64, DiscardReason)],
        now: Millis,
    ) -> (u64, Vec<Discarded>) {
        let mut count = 0;
        let mut has_shrunk = false;
        let mut discarded = Vec::new();
        for chunk in self.sendable.iter_mut().filter(|chunk| chunk.state == ChunkState::Flying(send)) {
            chunk.state = ChunkState::Ready;
            let stream = chunk.stream;
            self.bytes -= chunk.bytes();
            chunk.retain(|entry| {
                if acknowledged.iter().any(|range| range.contains(entry.seq)) {
                    count += 1;
                    return false;
                }
                let Some((_, reason)) = rejected.iter().find(|(seq, _)| *seq == entry.seq) else {
                    return true;
                };
                discarded.push(entry.discarded(*reason, stream));
                false
            });
            self.bytes += chunk.bytes();
            has_shrunk |= chunk.needs_spooling() && !chunk.entries().is_empty();
        }
        if has_shrunk {
            self.note_unspooled(now);
        }
        (count, discarded)
    }

    /// Halves the body of a request that was too large. A record that is too large all alone is
    /// discarded.
    pub(super) fn split(&mut self, send: SendId, now: Millis) -> Option<Discarded> {
        let is_flying = |chunk: &Chunk| chunk.state == ChunkState::Flying(send);
        let at = self.sendable.iter().position(is_flying)?;
        let is_alone = self.sendable.iter().filter(|chunk| is_flying(chunk)).count() == 1;
        self.unload(send);
        if !is_alone {
            return None;
        }
        self.note_unspooled(now);
        let chunk = &mut self.sendable[at];
        if let [entry] = chunk.entries() {
            let lost = entry.discarded(DiscardReason::TooLarge, chunk.stream);
            self.bytes -= chunk.bytes();
            chunk.retain(|_| false);
            return Some(lost);
        }
        let half = chunk.split();
        self.sendable.insert(at + 1, half);
        None
    }

    // ---- Records go ----

    /// Lets go of chunks that earlier pages left behind and that are not on their way: they stay in
    /// the spool for when there is more room. What is only here stays here. Returns how many records
    /// that were.
    pub(super) fn let_go(&mut self) -> usize {
        self.remove(|chunk| chunk.is_adopted && chunk.is_on_storage())
    }

    /// Lets go of all that earlier pages left behind of a stream.
    pub(super) fn let_go_of(&mut self, stream: StreamId) -> usize {
        self.remove(|chunk| chunk.is_adopted && chunk.stream == stream)
    }

    fn remove(&mut self, goes: impl Fn(&Chunk) -> bool) -> usize {
        let mut records = 0;
        self.sendable.retain(|chunk| {
            let stays = chunk.is_flying() || !goes(chunk);
            if !stays {
                records += chunk.entries().len();
                self.bytes -= chunk.bytes();
            }
            stays
        });
        records
    }

    /// Gives up the oldest of the least severe until at most `max_bytes` are left. What is on its
    /// way stays, and so do the client's own reports.
    pub(super) fn evict(&mut self, max_bytes: usize, now: Millis) -> Vec<Discarded> {
        let mut discarded = Vec::new();
        for rank in Rank::GIVEN_UP {
            let chunks = self.sendable.iter_mut().chain(&mut self.held).filter(|chunk| !chunk.is_flying());
            for chunk in chunks {
                let stream = chunk.stream;
                let bytes = &mut self.bytes;
                chunk.retain(|entry| {
                    let stays = entry.rank != rank || *bytes <= max_bytes;
                    if !stays {
                        *bytes -= entry.bytes();
                        discarded.push(entry.discarded(DiscardReason::QueueOverflow, stream));
                    }
                    stays
                });
            }
        }
        self.held_records = self.held.iter().map(|chunk| chunk.entries().len()).sum();
        self.held_bytes = self.held.iter().map(Chunk::bytes).sum();
        self.note_unspooled(now);
        discarded
    }

    /// Gives up what was made up to `oldest`. What is held is never that old: it was flushed.
    pub(super) fn expire(&mut self, oldest: Millis) -> Vec<Discarded> {
        let mut discarded = Vec::new();
        for chunk in self.sendable.iter_mut().filter(|chunk| chunk.made_at <= oldest && !chunk.is_flying()) {
            let stream = chunk.stream;
            self.bytes -= chunk.bytes();
            chunk.retain(|entry| {
                discarded.push(entry.discarded(DiscardReason::TooOld, stream));
                false
            });
        }
        discarded
    }

    /// Gives up everything, on its way or not. The empty chunks stay until they are taken off the
    /// storage.
    pub(super) fn discard_all(&mut self, reason: DiscardReason) -> Vec<Discarded> {
        self.release();
        self.bytes = 0;
        let mut discarded = Vec::new();
        for chunk in &mut self.sendable {
            chunk.state = ChunkState::Ready;
            let stream = chunk.stream;
            chunk.retain(|entry| {
                discarded.push(entry.discarded(reason, stream));
                false
            });
        }
        discarded
    }

    /// Lets go of the chunks of a stream that another page sends from now on: those that are on the
    /// storage. Returns how many records that were.
    pub(super) fn hand_over(&mut self, stream: StreamId) -> usize {
        self.release();
        self.remove(|chunk| chunk.stream == stream && chunk.is_on_storage())
    }

    /// Removes chunks without records and says which of them the storage still has.
    pub(super) fn take_empty(&mut self) -> Vec<(StreamId, u64)> {
        let mut on_storage = Vec::new();
        let settled = &mut self.settled;
        let mut stays = |chunk: &Chunk| {
            if chunk.entries().is_empty() && chunk.is_adopted {
                settled.push((chunk.stream, chunk.first_seq));
            }
            if chunk.entries().is_empty() && chunk.may_be_on_storage() {
                on_storage.push((chunk.stream, chunk.first_seq));
            }
            !chunk.entries().is_empty()
        };
        self.sendable.retain(&mut stays);
        self.held.retain(&mut stays);
        on_storage
    }

    // ---- The storage ----

    /// The chunks of which the storage has not the present version, and whether it has an older one;
    /// marks them as written.
    pub(super) fn take_unspooled(&mut self) -> impl Iterator<Item = (bool, &Chunk)> {
        // Most writes are of what was just made: then the older chunks are not looked at.
        let is_due = self.unspooled_since.take().is_some();
        let chunks = self.sendable.iter_mut().chain(&mut self.held).filter(move |_| is_due);
        chunks.filter(|chunk| chunk.needs_spooling()).map(|chunk| {
            let before = std::mem::replace(&mut chunk.backing, Backing::Current);
            (before == Backing::Stale, &*chunk)
        })
    }

    /// Notes that the storage did not take a chunk.
    pub(super) fn refuse(&mut self, is_key_of: impl Fn(StreamId, u64) -> bool) {
        let mut chunks = self.sendable.iter_mut().chain(&mut self.held);
        if let Some(chunk) = chunks.find(|chunk| is_key_of(chunk.stream, chunk.first_seq)) {
            chunk.backing = Backing::Refused;
        }
    }

    /// Offers the storage again what it refused: it may have room by now.
    pub(super) fn offer_refused(&mut self, now: Millis) {
        for chunk in self.sendable.iter_mut().chain(&mut self.held) {
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
        self.sendable.iter().any(|chunk| chunk.state == ChunkState::Ready)
    }

    /// When the oldest chunk was made.
    pub(super) fn oldest(&self) -> Option<Millis> {
        self.chunks().find(|chunk| !chunk.is_flying()).map(|chunk| chunk.made_at)
    }

    /// Bytes of all records.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Records that are not on their way.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Entry> {
        self.chunks().filter(|chunk| !chunk.is_flying()).flat_map(Chunk::entries)
    }

    /// Records that are on their way.
    pub(super) fn flying_count(&self) -> usize {
        self.sendable.iter().filter(|chunk| chunk.is_flying()).map(|chunk| chunk.entries().len()).sum()
    }

    /// The first place of a stream that is in the queue.
    pub(super) fn first_seq(&self, stream: StreamId) -> Option<u64> {
        self.chunks()
            .filter(|chunk| chunk.stream == stream)
            .find_map(|chunk| chunk.entries().first())
            .map(|entry| entry.seq)
    }

    /// Whether the record at this place of a stream is in the queue.
    pub(super) fn has(&self, stream: StreamId, seq: u64) -> bool {
        self.chunks().filter(|chunk| chunk.stream == stream).any(|chunk| chunk.has(seq))
    }

    /// Whether localStorage has records of a stream.
    pub(super) fn has_spooled(&self, stream: StreamId) -> bool {
        self.chunks().any(|chunk| chunk.stream == stream && chunk.is_on_storage())
    }

    /// Whether a chunk that an earlier page left behind is in the queue.
    pub(super) fn has_adopted(&self) -> bool {
        self.sendable.iter().any(|chunk| chunk.is_adopted)
    }

    fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        self.sendable.iter().chain(&self.held)
    }
}
