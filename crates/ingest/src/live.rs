//! Telling those who watch what was stored a moment ago.
//!
//! A record is told when it is indexed, so whoever is told of it can also find it. A watcher that is
//! too slow is not waited for: it learns how many records it missed.

use std::sync::Arc;

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
pub struct Live(broadcast::Sender<Arc<LiveRecord>>);

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
pub struct Watcher(broadcast::Receiver<Arc<LiveRecord>>);

impl Live {
    /// Begins without watchers.
    pub fn new() -> Self {
        Self(broadcast::channel(RECORDS_KEPT).0)
    }

    /// Watches from now on.
    pub fn watch(&self) -> Watcher {
        Watcher(self.0.subscribe())
    }

    /// Whether telling is worth the work.
    pub fn is_watched(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// Tells a record to all who watch.
    pub fn tell(&self, record: LiveRecord) {
        // An error says that the last watcher has gone.
        let _ = self.0.send(Arc::new(record));
    }
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

impl Watcher {
    /// Waits for news; `None` when there will be none.
    pub async fn next(&mut self) -> Option<News> {
        match self.0.recv().await {
            Ok(record) => Some(News::Record(record)),
            Err(RecvError::Lagged(missed)) => Some(News::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }
}

/// Records that a slow watcher may lag behind.
const RECORDS_KEPT: usize = 4 * 1024;

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
}
