//! Telling those who watch what was stored a moment ago.
//!
//! A record is told when it is indexed, so whoever is told of it can also find it. A watcher that is
//! too slow is not waited for: it learns how many records it missed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::broadcast::{self, error::RecvError};

/// A record that was stored while somebody may have watched.
#[derive(Debug)]
pub struct LiveRecord {
    /// Its number in the journal.
    pub n: u64,
    /// The stored JSON object.
    pub json: String,
}

/// The records as they come in.
#[derive(Debug, Clone)]
pub struct Live {
    feed: broadcast::Sender<Weak<LiveRecord>>,
    kept: Arc<Mutex<Kept>>,
}

/// The last records, as many as the memory that is set apart for them holds. The feed only points at
/// them, so that no watcher can hold more by not reading.
#[derive(Debug, Default)]
struct Kept {
    records: VecDeque<Arc<LiveRecord>>,
    bytes: usize,
}

/// What a watcher is told.
#[derive(Debug)]
pub enum News {
    /// A record was stored.
    Record(Arc<LiveRecord>),
    /// So many were, but the watcher was too slow for them.
    Missed(u64),
}

/// Somebody who watches.
#[derive(Debug)]
pub struct Watcher {
    feed: broadcast::Receiver<Weak<LiveRecord>>,
    /// The record behind those that were missed.
    next: Option<Arc<LiveRecord>>,
    /// Lets the last records outlive whoever told them.
    _kept: Arc<Mutex<Kept>>,
}

impl Live {
    /// Begins without watchers.
    pub fn new() -> Self {
        Self { feed: broadcast::channel(RECORDS_KEPT).0, kept: Arc::default() }
    }

    /// Watches from now on.
    pub fn watch(&self) -> Watcher {
        Watcher { feed: self.feed.subscribe(), next: None, _kept: Arc::clone(&self.kept) }
    }

    /// Whether telling is worth the work.
    pub fn is_watched(&self) -> bool {
        self.feed.receiver_count() > 0
    }

    /// Tells a record to all who watch.
    pub fn tell(&self, record: LiveRecord) {
        let record = Arc::new(record);
        let pointer = Arc::downgrade(&record);
        // Kept first: whoever finds a pointer that leads nowhere knows that a newer record follows.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(record);
        // An error says that the last watcher has gone.
        let _ = self.feed.send(pointer);
    }
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

impl Kept {
    fn push(&mut self, record: Arc<LiveRecord>) {
        self.bytes += record.json.len();
        self.records.push_back(record);
        while self.records.len() > 1 && (self.records.len() > RECORDS_KEPT || self.bytes > BYTES_KEPT) {
            self.bytes -= self.records.pop_front().map_or(0, |oldest| oldest.json.len());
        }
    }
}

impl Watcher {
    /// Waits for news; `None` when there will be none.
    pub async fn next(&mut self) -> Option<News> {
        if let Some(record) = self.next.take() {
            return Some(News::Record(record));
        }
        let mut missed = 0;
        loop {
            match self.feed.recv().await.map(|pointer| pointer.upgrade()) {
                Ok(None) => missed += 1,
                Err(RecvError::Lagged(records)) => missed += records,
                Ok(Some(record)) if missed == 0 => return Some(News::Record(record)),
                Ok(record) => {
                    self.next = record;
                    return Some(News::Missed(missed));
                }
                Err(RecvError::Closed) => return (missed > 0).then_some(News::Missed(missed)),
            }
        }
    }
}

/// Records that a slow watcher may lag behind.
const RECORDS_KEPT: usize = 4 * 1024;

/// Bytes of them, for all watchers together.
const BYTES_KEPT: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_watcher_learns_how_many_it_missed_and_goes_on() {
        let live = Live::new();
        let mut watcher = live.watch();
        let kept = RECORDS_KEPT as u64;
        (1..=kept + 7).for_each(|n| live.tell(LiveRecord { n, json: String::new() }));
        drop(live);
        assert!(matches!(watcher.next().await, Some(News::Missed(7))));
        for n in 8..=kept + 7 {
            assert!(matches!(watcher.next().await, Some(News::Record(record)) if record.n == n));
        }
        assert!(watcher.next().await.is_none());
    }

    #[tokio::test]
    async fn what_a_watcher_does_not_read_is_bounded_in_bytes() {
        const MIB: usize = 1024 * 1024;
        let live = Live::new();
        let mut watcher = live.watch();
        (1..=60).for_each(|n| live.tell(LiveRecord { n, json: "x".repeat(MIB) }));
        drop(live);
        let kept = (BYTES_KEPT / MIB) as u64;
        assert!(matches!(watcher.next().await, Some(News::Missed(missed)) if missed == 60 - kept));
        for n in 60 - kept + 1..=60 {
            assert!(matches!(watcher.next().await, Some(News::Record(record)) if record.n == n));
        }
        assert!(watcher.next().await.is_none());
    }
}
