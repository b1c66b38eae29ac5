//! The thread that keeps the index up with the journal.
//!
//! It sleeps until something is committed, takes what is there in groups, and tells the live
//! watchers once a group can be found. When SQLite fails it tries again from the last written
//! position: records wait in the journal meanwhile, and ingest goes on.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::writer::Written;
use super::{Index, IndexError};
use crate::journal::{Files, Line, Position, Segment, Tail, read_after, without_checksum};
use crate::live::{Live, LiveRecord};
use crate::signals::{IndexGroupWritten, IndexLeftBehind, IndexNotWritten, Signal};

/// How far the index is.
#[derive(Debug, Default)]
pub struct Progress {
    indexed_n: AtomicU64,
    last_received_at: AtomicU64,
    is_failing: AtomicBool,
    /// Since when the group is written that is being written.
    busy_since: Mutex<Option<Instant>>,
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

    /// Whether it falls behind: the last group failed or takes longer than any should, or nobody is
    /// there any more to write one.
    pub fn is_failing(&self) -> bool {
        let busy_since = *self.busy_since.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_failing.load(Ordering::Relaxed)
            || busy_since.is_some_and(|since| since.elapsed() > GROUP_TIME)
    }

    fn set_busy(&self, since: Option<Instant>) {
        *self.busy_since.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    fn set_failing(&self, is_failing: bool) {
        self.is_failing.store(is_failing, Ordering::Relaxed);
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
    /// How long it may go on after the journal was closed.
    pub last_work: Duration,
}

impl Follower {
    /// Starts the thread. It ends when the journal's tail is closed and everything is indexed, or the
    /// time for that is over.
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
        let _end = Ending(progress);
        let mut closed_at = None;
        while let Some((segments, last_n)) = self.tail.wait_beyond(progress.indexed_n()) {
            if self.tail.is_closed() && closed_at.get_or_insert_with(Instant::now).elapsed() >= self.last_work
            {
                IndexLeftBehind { error: None }.emit();
                return;
            }
            let begun = Instant::now();
            progress.set_busy(Some(begun));
            let written = self.index_group(&segments, last_n);
            progress.set_busy(None);
            progress.set_failing(written.is_err());
            match written {
                Ok(written) => {
                    let lines = written.position.n - progress.indexed_n();
                    IndexGroupWritten { lines, took: begun.elapsed() }.emit();
                    progress.set(written);
                    self.let_lines_gather(written.position.n);
                }
                Err(error) if self.tail.is_closed() => {
                    IndexLeftBehind { error: Some(&error) }.emit();
                    return;
                }
                Err(error) => {
                    IndexNotWritten { error: &error }.emit();
                    thread::sleep(RETRY_PAUSE);
                }
            }
        }
    }

    /// Many small groups write the same pages of the index again and again, where one writes them once.
    /// Whoever watches does not see so short a rest, and a server that had nothing to do takes none.
    fn let_lines_gather(&self, indexed_n: u64) {
        if self.tail.last_n() - indexed_n < GATHERED_LINES && !self.tail.is_closed() {
            thread::sleep(REST);
        }
    }

    /// Writes what follows in `segments`, whose last line is `last_n`.
    pub(super) fn index_group(&mut self, segments: &[Segment], last_n: u64) -> Result<Written, IndexError> {
        let mut news = Vec::new();
        let (mut lines, mut bytes) = (0, 0);
        let mut group = self.index.begin()?;
        let mut failed = None;
        read_after(&*self.files, segments, group.position(), |line| {
            match group.add(line) {
                Ok(true) if line.n > self.old_n && self.live.is_watched() => news.push(live_record(line)),
                Ok(_) => {}
                Err(error) => failed = Some(error),
            }
            lines += 1;
            bytes += line.length();
            failed.is_none() && lines < GROUP_LINES && bytes < GROUP_BYTES
        })?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        if lines == 0 {
            // All that there was has been deleted: nothing is left to be found.
            return Ok(Written { position: Position::at(last_n), last_received_at: None });
        }
        let written = group.write()?;
        news.into_iter().for_each(|record| self.live.tell(record));
        Ok(written)
    }
}

/// Says that the thread is gone when it is, by a panic too.
struct Ending<'p>(&'p Progress);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.set_failing(true);
    }
}

fn live_record(line: &Line<'_>) -> LiveRecord {
    LiveRecord { n: line.n, json: without_checksum(line.json) }
}

const GROUP_LINES: usize = 16_000;
/// What watchers are told of is in memory until the group is written.
const GROUP_BYTES: u64 = 8 * 1024 * 1024;
/// So many are worth a group at once.
const GATHERED_LINES: u64 = 4_000;
const REST: Duration = Duration::from_millis(100);
/// A group takes a tenth of a second; a lock of another process lets it fail after five seconds.
const GROUP_TIME: Duration = Duration::from_secs(10);
const RETRY_PAUSE: Duration = Duration::from_secs(1);
