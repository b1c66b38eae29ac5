//! Everything that is not yet acknowledged, in order, within its bounds.
//!
//! The queue is derived from the spool: what is in it is on the storage too, or will be within
//! `spoolDelayMs`, or was refused by the storage. It is a list of chunks: first those that may be
//! sent, then those that are held until a flush. A chunk grows only until it is written: another
//! page may have read it from then on, and will remove it when what it read is acknowledged.

use std::collections::VecDeque;
use std::rc::Rc;

use beaconry_protocol::{DiscardReason, SeqRange, StreamId, limits};

use super::call::Rank;
use super::chunk::{Backing, Chunk, ChunkState, Discarded, Entry};
use super::{Millis, SendId};

/// The chunks.
#[derive(Debug, Default)]
pub(super) struct Queue {
    chunks: VecDeque<Chunk>,
    bytes: usize,
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

impl Queue {
    /// Appends a record that was just made.
    pub(super) fn push(&mut self, stream: StreamId, scope: &Rc<str>, entry: Entry, now: Millis) {
        let size = entry.bytes();
        let growing = self.chunks.back_mut().filter(|chunk| {
            chunk.grows()
                && Rc::ptr_eq(&chunk.scope, scope)
                && chunk.bytes() + size <= limits::CHUNK_BYTES
                && chunk.entries().len() < limits::RECORDS_PER_BATCH
        });
        match growing {
            Some(chunk) => chunk.push(entry, now),
            None => {
                let mut chunk = Chunk::new(stream, Rc::clone(scope), vec![entry], now, Backing::Missing(now));
                chunk.state = ChunkState::Held;
                self.chunks.push_back(chunk);
            }
        }
        self.bytes += size;
    }

    /// Takes in a chunk that an earlier page left behind, before everything that is newer. Returns
    /// whether it was new.
    pub(super) fn adopt(&mut self, chunk: Chunk) -> bool {
        let is_known =
            self.chunks.iter().any(|own| own.stream == chunk.stream && own.first_seq == chunk.first_seq);
        if is_known {
            return false;
        }
        self.bytes += chunk.bytes();
        let sendable = self.chunks.len() - self.held().count();
        let at =
            self.chunks.range(..sendable).position(|own| own.made_at > chunk.made_at).unwrap_or(sendable);
        self.chunks.insert(at, chunk);
        true
    }

    /// Lets go of chunks that earlier pages left behind and that are not on their way: they stay in
    /// the spool for a page with more room. Returns how many records that were.
    pub(super) fn let_go(&mut self, own: StreamId) -> usize {
        let mut records = 0;
        self.chunks.retain(|chunk| {
            let stays = chunk.stream == own || chunk.is_flying();
            if !stays {
                records += chunk.entries().len();
                self.bytes -= chunk.bytes();
            }
            stays
        });
        records
    }

    /// The chunks that are held until a flush, newest first.
    pub(super) fn held(&self) -> impl Iterator<Item = &Chunk> {
        self.chunks.iter().rev().take_while(|chunk| chunk.state == ChunkState::Held)
    }

    /// Makes what is held ready to be sent. Returns whether there was anything.
    pub(super) fn release(&mut self) -> bool {
        let held = self.held().count();
        for chunk in self.chunks.iter_mut().rev().take(held) {
            chunk.state = ChunkState::Ready;
        }
        held > 0
    }

    /// Takes the chunks for the next body of at most `max_bytes`: the oldest that is ready and those
    /// after it that share its stream and scope. At least one, whatever its size.
    pub(super) fn load(&mut self, send: SendId, max_bytes: usize) -> Option<Cargo> {
        let first = self.chunks.iter().position(|chunk| chunk.state == ChunkState::Ready)?;
        let (stream, scope) = (self.chunks[first].stream, Rc::clone(&self.chunks[first].scope));
        let mut bytes = 0;
        let mut seqs = Vec::new();
        for chunk in self.chunks.range_mut(first..) {
            let is_alike =
                chunk.state == ChunkState::Ready && chunk.stream == stream && *chunk.scope == *scope;
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

    /// The encoded records of a request.
    pub(super) fn flying_texts(&self, send: SendId) -> impl Iterator<Item = &str> {
        self.flying(send).flat_map(|chunk| chunk.entries().iter().map(|entry| &*entry.text))
    }

    /// Puts the chunks of a request back, to be sent again.
    pub(super) fn unload(&mut self, send: SendId) {
        for chunk in &mut self.chunks {
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
        let mut discarded = Vec::new();
        for chunk in self.chunks.iter_mut().filter(|chunk| chunk.state == ChunkState::Flying(send)) {
            chunk.state = ChunkState::Ready;
            let stream = chunk.stream;
            self.bytes -= chunk.bytes();
            chunk.retain(now, |entry| {
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
        }
        (count, discarded)
    }

    /// Halves the body of a request that was too large. A record that is too large all alone is
    /// discarded.
    pub(super) fn split(&mut self, send: SendId, now: Millis) -> Option<Discarded> {
        let mut flying =
            self.chunks.iter().enumerate().filter(|(_, chunk)| chunk.state == ChunkState::Flying(send));
        let (at, _) = flying.next()?;
        let is_alone = flying.next().is_none();
        self.unload(send);
        if !is_alone {
            return None;
        }
        let chunk = &mut self.chunks[at];
        if let [entry] = chunk.entries() {
            let lost = entry.discarded(DiscardReason::TooLarge, chunk.stream);
            self.bytes -= chunk.bytes();
            chunk.retain(now, |_| false);
            return Some(lost);
        }
        let half = chunk.split(now);
        self.chunks.insert(at + 1, half);
        None
    }

    /// Gives up the oldest of the least severe until at most `max_bytes` are left. What is on its
    /// way stays, and so do the client's own reports.
    pub(super) fn evict(&mut self, max_bytes: usize, now: Millis) -> Vec<Discarded> {
        let mut discarded = Vec::new();
        for rank in Rank::GIVEN_UP {
            for chunk in self.chunks.iter_mut().filter(|chunk| !chunk.is_flying()) {
                if self.bytes <= max_bytes {
                    return discarded;
                }
                let stream = chunk.stream;
                let bytes = &mut self.bytes;
                chunk.retain(now, |entry| {
                    let stays = entry.rank != rank || *bytes <= max_bytes;
                    if !stays {
                        *bytes -= entry.bytes();
                        discarded.push(entry.discarded(DiscardReason::QueueOverflow, stream));
                    }
                    stays
                });
            }
        }
        discarded
    }

    /// Gives up what was made before `oldest`.
    pub(super) fn expire(&mut self, oldest: Millis, now: Millis) -> Vec<Discarded> {
        let mut discarded = Vec::new();
        for chunk in self.chunks.iter_mut().filter(|chunk| chunk.made_at < oldest && !chunk.is_flying()) {
            let stream = chunk.stream;
            self.bytes -= chunk.bytes();
            chunk.retain(now, |entry| {
                discarded.push(entry.discarded(DiscardReason::TooOld, stream));
                false
            });
        }
        discarded
    }

    /// Removes chunks without records and says which of them the storage still has.
    pub(super) fn take_empty(&mut self) -> Vec<(StreamId, u64)> {
        let mut on_storage = Vec::new();
        self.chunks.retain(|chunk| {
            if chunk.entries().is_empty() && chunk.is_on_storage() {
                on_storage.push((chunk.stream, chunk.first_seq));
            }
            !chunk.entries().is_empty()
        });
        on_storage
    }

    /// The chunks of which the storage has not the present version; marks them as written.
    pub(super) fn take_unspooled(&mut self) -> impl Iterator<Item = &Chunk> {
        self.chunks.iter_mut().filter_map(|chunk| {
            chunk.unspooled_since()?;
            chunk.backing = Backing::Current;
            Some(&*chunk)
        })
    }

    /// Notes that the storage did not take a chunk.
    pub(super) fn refuse(&mut self, is_key_of: impl Fn(StreamId, u64) -> bool) {
        if let Some(chunk) = self.chunks.iter_mut().find(|chunk| is_key_of(chunk.stream, chunk.first_seq)) {
            chunk.backing = Backing::Refused;
        }
    }

    /// Since when the storage should have more than it has.
    pub(super) fn unspooled_since(&self) -> Option<Millis> {
        self.chunks.iter().filter_map(Chunk::unspooled_since).min()
    }

    /// Whether a chunk waits to be sent.
    pub(super) fn has_ready(&self) -> bool {
        self.chunks.iter().any(|chunk| chunk.state == ChunkState::Ready)
    }

    /// When the oldest chunk was made.
    pub(super) fn oldest(&self) -> Option<Millis> {
        self.chunks.iter().filter(|chunk| !chunk.is_flying()).map(|chunk| chunk.made_at).min()
    }

    /// Bytes of all records.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Records that are not on their way.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Entry> {
        self.chunks.iter().filter(|chunk| !chunk.is_flying()).flat_map(Chunk::entries)
    }

    /// Records that are on their way.
    pub(super) fn flying_count(&self) -> usize {
        self.chunks.iter().filter(|chunk| chunk.is_flying()).map(|chunk| chunk.entries().len()).sum()
    }

    /// The places of a stream that are in the queue.
    pub(super) fn seqs(&self, stream: StreamId) -> impl Iterator<Item = u64> {
        let chunks = self.chunks.iter().filter(move |chunk| chunk.stream == stream);
        chunks.flat_map(|chunk| chunk.entries().iter().map(|entry| entry.seq))
    }

    fn flying(&self, send: SendId) -> impl Iterator<Item = &Chunk> {
        self.chunks.iter().filter(move |chunk| chunk.state == ChunkState::Flying(send))
    }
}
