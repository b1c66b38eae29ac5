//! The journal: an append-only log of records, one JSON object a line, and the source of truth.
//! Everything else on disk can be made from it again.
//!
//! # Format
//! `journal/<n of its first line, 20 digits>.jsonl` are the segments. A line is
//! `{"n":<position>,<the stored fields>,"crc":"<8 hex digits>"}` and a line feed; `n` is dense from 1
//! over all segments, `crc` is the CRC-32 of the line's bytes before `,"crc"`. No stored field can
//! hold a raw line feed, so `cat`, `jq` and `wc -l` see records. A segment is followed by a new one
//! once it has [`SEGMENT_BYTES`], and is sealed then; a group of lines is never split between two.
//!
//! # Promise
//! When [`Journal::commit`] returns `Ok`, its lines are on disk: one write and one fdatasync for the
//! whole group, and a sync of the folder when the segment was created. When it returns an
//! error, none of its lines counts, whatever became of the bytes.
//!
//! # After a failed write
//! The kernel may drop the bytes of a failed fsync and report the next one as good, so a segment
//! whose write or sync failed is closed and never written to again. It is cut back to what was
//! committed; should that fail too, the bytes beyond are void all the same, because **a segment ends
//! where the next one begins**: a line whose `n` is not below the first `n` of the following segment
//! does not count. Before the following segment is begun the closed one is looked at again; if less
//! of it is there than was committed, nothing is accepted any more. A segment that failed before its
//! first commit is emptied and used again, so that a full disk does not fill with empty files; if it
//! cannot be emptied, one of the same first `n` follows it, named `<n>-<attempt>.jsonl`.
//!
//! # A disk without room
//! Before anything is written, the file system is asked: what would take the last [`RESERVE_BYTES`],
//! or goes to a file system that is read-only, is refused as a whole and leaves no trace. The reserve
//! is for the index, which has to follow, and for sealing, which gives room back. Every commit asks
//! again, so records are taken as soon as there is room.
//!
//! # Sealed segments
//! A segment that is followed by another one is compressed ([`Archive::seal_next`]) and is then called
//! `<…>.jsonl.zst`: zstd frames of whole lines, about 128 KiB each, and a table of them in a frame that
//! other programs skip. `zstdcat` gives the lines, and a line is read by inflating one frame. Its bytes
//! are those that counted of the plain segment, so **a place in a segment is the same in both forms**.
//! The sealed form is written as `<…>.jsonl.new`, synced, read again, renamed, and its folder synced,
//! before the plain one is removed. Where both are there, the plain one counts, and the other is
//! removed at the next start, as drafts are. A segment with damaged lines is not sealed.
//!
//! # Erased records
//! [`Archive::rewrite`] puts a line without content in the place of one that has to go:
//! `{"n":<position>,"erased":true,"id":"<stream>-<seq>"<spaces>,"crc":"<8 hex digits>"}`, as long as
//! the line was. So numbers stay dense, no other line moves, and a late copy of the record is still a
//! duplicate. It is no record: readers that hand out records pass over it ([`Line::is_erased`]). The
//! new form takes the place of the old one as a sealed one does. Damage that has to go becomes spaces.
//!
//! # Deleted segments
//! Segments are there to be deleted by their owner, the last one too. Lines that were written to a
//! deleted file are a failed write; the segment is forgotten with what was in it, and a new one begun.
//! The numbers go on where they were, as long as one segment is left to say it by its name.
//!
//! # Recovery
//! [`Journal::open`] reads the segments from a position on. Bytes after the last good line of the
//! last segment are a write that was cut off: nobody was told that they were stored, and they are cut
//! away. What remains of that segment is synced before it counts, and so are the names of all, since a
//! killed process may have left lines that are only in memory. A bad line anywhere else is damage: it
//! is left where it is, skipped by every reader, copied to `damaged.jsonl` once, and counted. In a
//! sealed segment, a frame that cannot be inflated is one such place; if the table is damaged, the
//! frames are found without it.
//!
//! One limit is left: if a sync fails, the cut after it fails too, and the process dies before it has
//! begun another segment, then the next start takes what it can read of the failed write as stored.

mod archive;
mod content;
mod damaged;
mod draft;
mod files;
mod inspect;
mod line;
#[cfg(test)]
pub(crate) mod memory_files;
mod reader;
mod real_files;
mod recovery;
mod scan;
mod sealed;
mod segment;
mod tail;

use std::io;
use std::sync::Arc;

pub use archive::{Archive, Sealing, SegmentInfo, Stored};
pub use files::{Files, LogFile, Room, StoredFile};
pub use inspect::{Extent, Finding, Inspected, extent, inspect};
pub use line::Line;
pub(crate) use line::{push_without_checksum, without_checksum};
pub use reader::{LineReader, read_after};
pub use real_files::RealFiles;
pub use recovery::{OpenError, Recovery};
pub(crate) use segment::list as list_segments;
pub use segment::{Segment, SegmentName};
pub use tail::Tail;

/// A place in the journal: just after line `n`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// The line before the place; 0 at the very beginning.
    pub n: u64,
    /// Where that line begins in its segment.
    pub offset: u64,
    /// Its length, line feed included.
    pub length: u64,
}

impl Position {
    /// Just after line `n`, wherever that is: its segment is looked through for it, and may be gone.
    pub const fn at(n: u64) -> Self {
        Self { n, offset: 0, length: 0 }
    }

    /// Where the next line of the same segment begins.
    pub const fn end(self) -> u64 {
        self.offset + self.length
    }
}

/// The journal, open for writing. There is only ever one.
#[derive(Debug)]
pub struct Journal {
    files: Arc<dyn Files>,
    /// All segments in order, each as long as what is committed of it.
    segments: Vec<Segment>,
    /// The last segment, as long as it may be written to.
    current: Option<Box<dyn LogFile>>,
    last_n: u64,
    staged: Vec<u8>,
    staged_lines: u64,
    segment_bytes: u64,
}

impl Journal {
    /// Opens the journal and hands every good line after `from` to `visit`.
    ///
    /// # Errors
    /// When the files cannot be read or mended, or when `from` is no place of this journal.
    pub fn open(
        files: Arc<dyn Files>,
        from: Position,
        visit: impl FnMut(&Line<'_>),
    ) -> Result<(Self, Recovery), OpenError> {
        let recovered = recovery::recover(&*files, from, visit)?;
        let journal = Self {
            files,
            segments: recovered.segments,
            current: recovered.current,
            last_n: recovered.last_n,
            staged: Vec::new(),
            staged_lines: 0,
            segment_bytes: SEGMENT_BYTES,
        };
        Ok((journal, recovered.recovery))
    }

    /// Rolls segments at another size than [`SEGMENT_BYTES`].
    #[must_use]
    pub fn with_segment_bytes(self, segment_bytes: u64) -> Self {
        Self { segment_bytes, ..self }
    }

    /// Adds a line to the next commit. `fields` are those of a JSON object, without its braces.
    pub fn stage(&mut self, fields: &str) {
        self.staged_lines += 1;
        line::push(&mut self.staged, self.last_n + self.staged_lines, fields);
    }

    /// Puts all staged lines on disk.
    ///
    /// # Errors
    /// When they are not, or may not be, on disk. They are forgotten then.
    pub fn commit(&mut self) -> Result<(), StorageError> {
        if self.staged.is_empty() {
            return Ok(());
        }
        let result = check_room(&*self.files, self.staged.len(), RESERVE_BYTES).and_then(|()| {
            // Only from here on something can be left half-way.
            self.write_staged().inspect_err(|_| self.close_segment())
        });
        if result.is_ok() {
            self.last_n += self.staged_lines;
        }
        self.staged.clear();
        self.staged.shrink_to(STAGED_BYTES_KEPT);
        self.staged_lines = 0;
        result.map_err(StorageError::from)
    }

    /// Ends the last segment if it has lines, so that it may be sealed, rewritten or removed: the next
    /// commit goes to a new one.
    ///
    /// # Errors
    /// When no new one can be begun.
    pub fn roll(&mut self) -> Result<(), StorageError> {
        match self.segments.last() {
            Some(last) if last.length > 0 => self.begin_segment().map_err(StorageError::from),
            _ => Ok(()),
        }
    }

    /// Forgets what was staged.
    pub fn forget_staged(&mut self) {
        self.staged.clear();
        self.staged_lines = 0;
    }

    /// Whether the journal has the line that `position` speaks of.
    ///
    /// # Errors
    /// When its segment cannot be read.
    pub fn has(&self, position: Position) -> io::Result<bool> {
        recovery::has(&*self.files, &self.segments, position)
    }

    /// The number of the last committed line.
    pub fn last_n(&self) -> u64 {
        self.last_n
    }

    /// All segments in order, each as long as what is committed of it.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    fn write_staged(&mut self) -> io::Result<()> {
        let is_full = self.segments.last().is_some_and(|segment| segment.length >= self.segment_bytes);
        if self.current.is_none() || is_full {
            self.begin_segment()?;
        }
        if let (Some(file), Some(segment)) = (&mut self.current, self.segments.last_mut()) {
            file.append(&self.staged)?;
            file.sync_data()?;
            segment.length += self.staged.len() as u64;
        }
        Ok(())
    }

    fn begin_segment(&mut self) -> io::Result<()> {
        self.current = None;
        let first = self.last_n + 1;
        let mut name = SegmentName { first, attempt: 0 };
        self.forget_deleted()?;
        if let Some(last) = self.segments.last().filter(|last| last.name.first == first) {
            if let Ok(file) = self.empty_segment(last.name) {
                self.current = Some(file);
                return Ok(());
            }
            name.attempt = last.name.attempt + 1;
        }
        self.current = Some(self.add_segment(name)?);
        Ok(())
    }

    /// Creates the file of a new segment.
    fn add_segment(&mut self, mut name: SegmentName) -> io::Result<Box<dyn LogFile>> {
        // A sealed segment of which no line is good may have the name.
        while (Segment { name, length: 0 }).is_there(&*self.files)? {
            name.attempt += 1;
        }
        // Listed first: a name that may be there, whatever the disk said, makes the one before it void.
        self.segments.push(Segment { name, length: 0 });
        let file = self.files.create(&name.path())?;
        self.files.sync_folder(segment::FOLDER)?;
        Ok(file)
    }

    /// Takes segments off the list that somebody deleted. A last one that is shorter than it was is
    /// nobody's wish but a broken disk, and an error.
    fn forget_deleted(&mut self) -> io::Result<()> {
        let mut kept = Vec::with_capacity(self.segments.len());
        for segment in &self.segments {
            if segment.is_there(&*self.files)? {
                kept.push(*segment);
            }
        }
        self.segments = kept;
        self.segments.last().map_or(Ok(()), |last| last.check(&*self.files))
    }

    /// Makes a segment as new that never had a committed line. Its name may be what failed.
    fn empty_segment(&self, name: SegmentName) -> io::Result<Box<dyn LogFile>> {
        self.files.truncate(&name.path(), 0)?;
        self.files.sync_folder(segment::FOLDER)?;
        self.files.reopen(&name.path())
    }

    /// Never writes to the last segment again. The cut gives space back; that it may fail is part of
    /// the rules above.
    fn close_segment(&mut self) {
        if let (Some(_), Some(segment)) = (self.current.take(), self.segments.last()) {
            let _ = self.files.truncate(&segment.name.path(), segment.length);
        }
    }
}

/// Records could not be put on disk. Nothing of them counts as stored; a later try may work.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// There is no space left: someone has to make room.
    #[error("the disk is full")]
    Full(#[source] Arc<io::Error>),
    /// It takes no writes: someone has to mount it again.
    #[error("the disk is read-only")]
    ReadOnly(#[source] Arc<io::Error>),
    /// The disk refused a write or a sync.
    #[error("the disk could not be written")]
    Failed(#[source] Arc<io::Error>),
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(Arc::new(error)),
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(Arc::new(error)),
            _ => Self::Failed(Arc::new(error)),
        }
    }
}

/// Refuses to write what would take the reserve, before any of it is written: a write that fails in
/// the middle costs a segment, and the index needs room to follow what is stored.
fn check_room(files: &dyn Files, bytes: usize, reserve: u64) -> io::Result<()> {
    // A file system that cannot say it will say it to the write.
    let Ok(room) = files.room() else { return Ok(()) };
    match () {
        () if room.is_read_only => Err(io::ErrorKind::ReadOnlyFilesystem.into()),
        () if room.free_bytes < reserve.saturating_add(bytes as u64) => {
            Err(io::ErrorKind::StorageFull.into())
        }
        () => Ok(()),
    }
}

/// Free space that records leave to everything else.
pub const RESERVE_BYTES: u64 = 32 * 1024 * 1024;

/// The length at which a segment is followed by a new one.
pub const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// Memory that the staging buffer keeps between two commits.
const STAGED_BYTES_KEPT: usize = 1024 * 1024;

#[cfg(test)]
mod archive_tests;
#[cfg(test)]
mod tests;
