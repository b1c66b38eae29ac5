//! The thread that keeps the index up with the journal.
//!
//! It sleeps until something is committed, takes what is there in groups, and tells the live
//! watchers once a group can be found. When SQLite fails it tries again from the last written
//! position: records wait in the journal meanwhile, and ingest goes on.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::writer::Written;
use super::{Index, IndexError};
use crate::journal::{Files, Line, Segment, Tail, read_after, without_checksum};
use crate::live::{Live, LiveRecord};

/// How far the index is.
#[derive(Debug, Default)]
pub struct Progress {
    indexed_n: AtomicU64,
    last_received_at: AtomicU64,
}

impl Progress {
    /// The number of the last indexed line.
    pub fn indexed_n(&self) -> u64 {
        self.indexed_n.load(Ordering::Relaxed)
    }

    /// When the last indexed record was received, in epoch milliseconds.
    pub fn last_received_at(&self) -> Option<u64> {
        Some(self.last_received_at.load(Ordering::Relaxed)).filter(|millis| *millis > 0)
    }

    fn set(&self, written: Written) {
        if let Some(millis) = written.last_received_at {
            self.last_received_at.store(millis, Ordering::Relaxed);
        }
        self.indexed_n.store(written.position.n, Ordering::Relaxed);
    }
}

/// Follows the journal.
#[derive(Debug)]
pub struct Follower {
    /// What is written to.
    pub index: Index,
    /// Where the journal is.
    pub files: Arc<dyn Files>,
    /// How far it may be read.
    pub tail: Arc<Tail>,
    /// Who is told.
    pub live: Live,
    /// The last line that is no news any more: live watchers are told only of later ones.
    pub old_n: u64,
}

impl Follower {
    /// Starts the thread. It ends when the journal's tail is closed and everything is indexed.
    ///
    /// # Errors
    /// When the index cannot be read, or the system has no thread left.
    pub fn start(self) -> Result<(Arc<Progress>, JoinHandle<()>), IndexError> {
        let progress = Arc::new(Progress::default());
        let position = self.index.position()?;
        progress.set(Written { position, last_received_at: self.index.last_received_at()? });
        let told = Arc::clone(&progress);
        let thread = thread::Builder::new().name("index".into()).spawn(move || self.run(&told))?;
        Ok((progress, thread))
    }

    fn run(mut self, progress: &Progress) {
        while let Some(segments) = self.tail.wait_beyond(progress.indexed_n()) {
            match self.index_group(&segments) {
                Ok(written) => progress.set(written),
                Err(error) if self.tail.is_closed() => {
                    tracing::warn!(%error, "the index stays behind; the next start catches up");
                    return;
                }
                Err(error) => {
                    tracing::error!(%error, "the index could not be written, trying again");
                    thread::sleep(RETRY_PAUSE);
                }
            }
        }
    }

    fn index_group(&mut self, segments: &[Segment]) -> Result<Written, IndexError> {
        let mut news = Vec::new();
        let mut lines = 0;
        let mut group = self.index.begin()?;
        let mut failed = None;
        read_after(&*self.files, segments, group.position(), |line| {
            match group.add(line) {
                Ok(true) if line.n > self.old_n && self.live.is_watched() => news.push(live_record(line)),
                Ok(_) => {}
                Err(error) => failed = Some(error),
            }
            lines += 1;
            failed.is_none() && lines < GROUP_LINES
        })?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        if lines == 0 {
            return Err(io::Error::other("the journal has no line where it says it has").into());
        }
        let written = group.write()?;
        news.into_iter().for_each(|record| self.live.tell(record));
        Ok(written)
    }
}

fn live_record(line: &Line<'_>) -> LiveRecord {
    LiveRecord { n: line.n, json: without_checksum(line.json) }
}

const GROUP_LINES: usize = 2_000;
const RETRY_PAUSE: Duration = Duration::from_secs(1);
