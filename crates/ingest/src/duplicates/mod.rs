//! Which records are stored already, exactly: for every stream the set of its stored places. A record
//! without an id is never a duplicate.
//!
//! # Where it is
//! Streams that were used last are in memory, within a budget of bytes; all others are in a table on disk
//! of their own ([`StreamTable`]), which lives as long as a stream can be asked about, however soon the
//! journal loses its segments. What has changed goes to the table in chunks, each together with the line
//! of the journal that it goes up to, and never beyond what is synced there. So after a crash the table
//! is as it was at some line, and the journal says the rest. A table that speaks of lines which the journal
//! never had is made from the journal anew.
//!
//! # How long
//! A record that is older than the horizon when it is sent, by the sender's own clock alone, is refused
//! as `too_old` unless it is known to be stored. A stream is forgotten some days after the horizon has
//! passed since its last change, so whatever is not refused is still known. A stream that goes on after
//! it was forgotten counts the places before as missing.
//!
//! # Conservation
//! The same accounts tell what became of every place of a stream: `highest = stored + reported + missing`,
//! see [`Places`]. Streams whose client said that they end are closed; the others are shown as open.

mod code;
mod disk_table;
mod hot;
mod keeper;
mod report;
mod seq_set;
mod stream;
mod table;
mod totals;

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use beaconry_protocol::{RecordId, StreamId};

pub use disk_table::{Days, DiskTable};
use hot::HotStreams;
use keeper::Keeper;
use report::Report;
pub use seq_set::SeqSet;
pub use stream::{MAX_GAPS, Place, Places, StreamAccount};
pub use table::{Checkpoint, Chunk, MemoryTable, StreamTable, TableError};
pub use totals::Totals;

/// The ids of all stored records.
#[derive(Debug)]
pub struct Duplicates {
    table: Arc<dyn StreamTable>,
    hot: HotStreams,
    /// What the streams were that the records under way have changed; `None` where there was none.
    before: HashMap<StreamId, Option<StreamAccount>>,
    /// Streams that have changed since the last chunk was made.
    changed: Vec<StreamId>,
    checkpoint: Checkpoint,
    /// Bytes of the journal since the last chunk was made.
    bytes: u64,
    /// The number of the last chunk that was made, and of the last one that the table has.
    made: u64,
    written: u64,
    keeper: Option<Keeper>,
    is_failing: bool,
    limits: Limits,
}

/// How much is known, for those who watch.
#[derive(Debug, Clone)]
pub struct Known {
    /// What all streams add up to.
    pub totals: Totals,
    /// Streams in memory.
    pub hot_streams: usize,
    /// Whether the table could not be written when that was last tried.
    pub is_failing: bool,
    /// The streams that are not in memory.
    pub table: Arc<dyn StreamTable>,
}

/// When something is done about memory, and about the table.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A record that is older than so many milliseconds is not taken; `None`: any is.
    pub horizon: Option<u64>,
    /// Bytes of streams in memory. It may be twice as many while the table is slow.
    pub hot_bytes: usize,
    /// So many changed streams make a chunk,
    pub chunk_streams: usize,
    /// and so many bytes of the journal, since a start reads them again.
    pub chunk_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            horizon: None,
            hot_bytes: 8 * 1024 * 1024,
            chunk_streams: 16 * 1024,
            chunk_bytes: 32 * 1024 * 1024,
        }
    }
}

/// Whether a record is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is new, and marked as stored.
    New,
    /// It is stored.
    Duplicate,
    /// It is older than the horizon.
    TooOld,
    /// Its place lies below a gap that was closed; see [`MAX_GAPS`].
    TooFarBack,
}

impl Duplicates {
    /// Begins with what a table knows. Changes are written by whoever makes them.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn open(table: Arc<dyn StreamTable>, limits: Limits) -> Result<Self, TableError> {
        let checkpoint = table.checkpoint()?;
        Ok(Self { checkpoint, limits, ..Self::over(table) })
    }

    /// Begins with nothing, and keeps everything as long as the process lasts.
    pub fn in_memory() -> Self {
        Self::over(Arc::new(MemoryTable::default()))
    }

    fn over(table: Arc<dyn StreamTable>) -> Self {
        Self {
            checkpoint: Checkpoint::default(),
            table,
            hot: HotStreams::new(),
            before: HashMap::new(),
            changed: Vec::new(),
            bytes: 0,
            made: 0,
            written: 0,
            keeper: None,
            is_failing: false,
            limits: Limits::default(),
        }
    }

    /// Lets a thread of its own write the changes.
    ///
    /// # Errors
    /// When the system has none left.
    pub fn with_thread(mut self) -> io::Result<Self> {
        self.keeper = Some(Keeper::start(Arc::clone(&self.table))?);
        Ok(self)
    }

    /// How far the table was when it was opened, and what has come since.
    pub fn checkpoint(&self) -> Checkpoint {
        self.checkpoint
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// When the table cannot be emptied.
    pub fn clear(&mut self) -> Result<(), TableError> {
        self.table.clear()?;
        self.hot = HotStreams::new();
        self.before.clear();
        self.changed.clear();
        self.checkpoint = Checkpoint::default();
        Ok(())
    }

    /// Makes sure that there is memory for what comes, and waits for the table if need be.
    ///
    /// # Errors
    /// When there is none because the table cannot be written.
    pub fn make_room(&mut self) -> Result<(), TableError> {
        self.note_written();
        while self.hot.bytes() > self.limits.hot_bytes.saturating_mul(2) && self.written < self.made {
            let result = self.keeper.as_ref().map_or(Ok(()), Keeper::result);
            self.note(result.clone());
            result?;
        }
        Ok(())
    }

    /// Decides about a record that was `age` milliseconds old when it was sent, and marks it as stored if
    /// it is new. [`keep`](Self::keep) or [`take_back`](Self::take_back) says what came of it.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn admit(&mut self, id: RecordId, age: u64) -> Result<Admission, TableError> {
        let place = self.find(id.stream)?.map_or(Place::Free, |account| account.place(id.seq));
        Ok(match place {
            Place::Stored => Admission::Duplicate,
            Place::Closed => Admission::TooFarBack,
            Place::Free if self.limits.horizon.is_some_and(|horizon| age > horizon) => Admission::TooOld,
            Place::Free => {
                self.change(id.stream, |account| account.store(id.seq));
                Admission::New
            }
        })
    }

    /// Takes down what a stored record of a stream says of streams, if it is a report.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn take_down(&mut self, stream: StreamId, stored: &str) -> Result<(), TableError> {
        let Some(report) = Report::read(stored) else { return Ok(()) };
        for discard in report.discards.iter().filter(|discard| !discard.seqs.is_empty()) {
            let of = discard.stream.as_deref().and_then(|text| text.parse().ok()).unwrap_or(stream);
            self.find(of)?;
            self.change(of, |account| account.report(&discard.seqs));
        }
        if report.closing {
            self.change(stream, StreamAccount::close);
        }
        Ok(())
    }

    /// Says that what was marked is on disk, up to line `n`, with so many bytes of the journal.
    pub fn keep(&mut self, n: u64, bytes: u64) {
        let chunk = self.made + 1;
        for (stream, before) in self.before.drain() {
            if let Some(after) = self.hot.peek(stream) {
                self.checkpoint.totals.replace(stream, before.as_ref(), after);
            }
            if self.hot.mark(stream, chunk) {
                self.changed.push(stream);
            }
        }
        self.checkpoint.n = n;
        self.bytes += bytes;
        self.note_written();
        self.hot.shrink(self.limits.hot_bytes, self.written);
        let is_due = self.changed.len() >= self.limits.chunk_streams
            || self.bytes >= self.limits.chunk_bytes
            || self.hot.bytes() > self.limits.hot_bytes;
        if is_due && self.written == self.made {
            self.hand_over();
        }
        self.hot.shrink(self.limits.hot_bytes, self.written);
    }

    /// Says that nothing of what was marked is on disk.
    pub fn take_back(&mut self) {
        for (stream, before) in self.before.drain() {
            match before {
                Some(before) => self.hot.change(stream, |account| *account = before),
                None => self.hot.remove(stream),
            }
        }
    }

    /// Brings the table up to date, and waits until it is. A failure costs only time: the next start reads
    /// more of the journal.
    pub fn finish(&mut self) {
        while self.written < self.made || !self.changed.is_empty() {
            if self.written == self.made {
                self.hand_over();
            }
            if let Some(keeper) = self.keeper.as_ref().filter(|_| self.written < self.made) {
                let result = keeper.result();
                self.note(result);
            }
            if self.is_failing {
                return;
            }
        }
    }

    /// How much is known.
    pub fn known(&self) -> Known {
        Known {
            totals: self.checkpoint.totals,
            hot_streams: self.hot.len(),
            is_failing: self.is_failing,
            table: Arc::clone(&self.table),
        }
    }

    fn find(&mut self, stream: StreamId) -> Result<Option<&StreamAccount>, TableError> {
        if self.hot.peek(stream).is_none() {
            match self.table.read(stream)? {
                Some(account) => self.hot.put(stream, account),
                None => return Ok(None),
            }
        }
        Ok(self.hot.get(stream))
    }

    /// Changes a stream that [`find`](Self::find) has looked for.
    fn change(&mut self, stream: StreamId, change: impl FnOnce(&mut StreamAccount)) {
        self.before.entry(stream).or_insert_with(|| self.hot.peek(stream).cloned());
        self.hot.change(stream, change);
    }

    fn hand_over(&mut self) {
        let changed = std::mem::take(&mut self.changed);
        let account = |stream| self.hot.peek(stream).map(|account| (stream, account.clone()));
        let chunk =
            Chunk { checkpoint: self.checkpoint, streams: changed.into_iter().filter_map(account).collect() };
        self.made += 1;
        self.bytes = 0;
        match &self.keeper {
            Some(keeper) => keeper.give(chunk),
            None => {
                let result = self.table.write(&chunk);
                if result.is_err() {
                    // Without a thread that tries again, the next chunk has to.
                    self.changed = chunk.streams.into_iter().map(|(stream, _)| stream).collect();
                    self.made -= 1;
                    self.is_failing = true;
                } else {
                    self.note(result);
                }
            }
        }
    }

    fn note_written(&mut self) {
        if self.written < self.made
            && let Some(result) = self.keeper.as_ref().and_then(Keeper::try_result)
        {
            self.note(result);
        }
    }

    fn note(&mut self, result: Result<(), TableError>) {
        self.is_failing = result.is_err();
        if result.is_ok() {
            self.written = self.made;
        }
    }
}

#[cfg(test)]
mod tests;
