//! The streams in memory: those used last, within a budget of bytes.

use beaconry_protocol::StreamId;
use hashlink::LruCache;

use super::stream::StreamAccount;

/// Streams in memory.
#[derive(Debug)]
pub(super) struct HotStreams {
    streams: LruCache<StreamId, Hot>,
    bytes: usize,
}

#[derive(Debug)]
struct Hot {
    account: StreamAccount,
    /// The number of the chunk that takes its last change to the table; 0 if it came from there.
    chunk: u64,
}

impl HotStreams {
    pub(super) fn new() -> Self {
        Self { streams: LruCache::new_unbounded(), bytes: 0 }
    }

    /// A stream, which has been used with this.
    pub(super) fn get(&mut self, stream: StreamId) -> Option<&StreamAccount> {
        self.streams.get(&stream).map(|hot| &hot.account)
    }

    /// A stream as it is; for one that has not been there, `None`.
    pub(super) fn peek(&self, stream: StreamId) -> Option<&StreamAccount> {
        self.streams.peek(&stream).map(|hot| &hot.account)
    }

    /// Puts a stream in, as the table has it.
    pub(super) fn put(&mut self, stream: StreamId, account: StreamAccount) {
        self.bytes += size(&account);
        if let Some(old) = self.streams.insert(stream, Hot { account, chunk: 0 }) {
            self.bytes -= size(&old.account);
        }
    }

    /// Changes a stream, which is made if it is not there.
    pub(super) fn change(&mut self, stream: StreamId, change: impl FnOnce(&mut StreamAccount)) {
        if self.streams.peek(&stream).is_none() {
            self.put(stream, StreamAccount::default());
        }
        if let Some(hot) = self.streams.get_mut(&stream) {
            self.bytes -= size(&hot.account);
            change(&mut hot.account);
            self.bytes += size(&hot.account);
        }
    }

    /// Says that `chunk` takes what was changed; `true` if it is not known to yet.
    pub(super) fn mark(&mut self, stream: StreamId, chunk: u64) -> bool {
        let Some(hot) = self.streams.peek_mut(&stream) else { return false };
        std::mem::replace(&mut hot.chunk, chunk) != chunk
    }

    pub(super) fn remove(&mut self, stream: StreamId) {
        if let Some(old) = self.streams.remove(&stream) {
            self.bytes -= size(&old.account);
        }
    }

    /// Lets go of the streams that were not used for longest, down to `budget` bytes, as far as the table
    /// has them: it has every chunk up to `written`.
    pub(super) fn shrink(&mut self, budget: usize, written: u64) {
        while self.bytes > budget {
            match self.streams.iter().next() {
                Some((stream, hot)) if hot.chunk <= written => {
                    let stream = *stream;
                    self.remove(stream);
                }
                _ => return,
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.streams.len()
    }
}

/// An account with its place in the map, about as the allocator counts it.
fn size(account: &StreamAccount) -> usize {
    account.size() + ENTRY_BYTES
}

const ENTRY_BYTES: usize = 96;
