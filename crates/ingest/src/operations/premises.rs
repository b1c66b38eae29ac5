//! A data folder whose segments may be changed: of a running server, or of one that does not run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::journal::{Archive, Files, Segment, SegmentInfo, Tail};

use super::rows::Rows;

/// What operations need of a data folder.
pub struct Premises {
    /// The folder.
    pub data: PathBuf,
    /// Its files.
    pub files: Arc<dyn Files>,
    /// How far the journal is.
    pub tail: Arc<Tail>,
    /// The segments before the last one.
    pub archive: Arc<Archive>,
    /// Ends the last segment, so that it is one of those.
    pub roll: Chore,
    /// Makes durable which records are stored, up to a line and beyond.
    pub settle: Box<dyn Fn(u64) -> Result<(), String> + Send + Sync>,
}

/// Something that whoever writes to the journal does.
pub(crate) type Chore = Box<dyn Fn() -> Result<(), String> + Send + Sync>;

/// Records could not be removed. What was done stays done; do it again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// The index cannot be read or written.
    #[error("the index could not be changed")]
    Index(#[from] rusqlite::Error),
    /// The journal or another file cannot be read or written.
    #[error("a file could not be read or changed")]
    Io(#[from] io::Error),
    /// The last segment cannot be ended.
    #[error("the journal takes no new segment: {0}")]
    Roll(String),
    /// Records cannot be removed, since it would be forgotten that they were stored.
    #[error("what is stored cannot be written down: {0}")]
    Settle(String),
    /// The index does not know yet what is in the journal.
    #[error("the index is {0} lines behind the journal: try again when it has caught up")]
    IndexBehind(u64),
}

impl std::fmt::Debug for Premises {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Premises").field("data", &self.data).finish_non_exhaustive()
    }
}

impl Premises {
    /// The rows of the index, once it is as far as the journal is now.
    pub(super) fn rows(&self) -> Result<Rows, ChangeError> {
        let rows = Rows::open(&self.data.join("index.db"))?;
        let last_n = self.tail.last_n();
        let begun = Instant::now();
        loop {
            let behind = last_n.saturating_sub(rows.position_n()?);
            if behind == 0 {
                return Ok(rows);
            }
            if begun.elapsed() > CATCHING_UP {
                return Err(ChangeError::IndexBehind(behind));
            }
            thread::sleep(PAUSE);
        }
    }

    /// Ends the last segment. Every line up to the number that it gives is in a segment that may be changed.
    pub(super) fn roll(&self) -> Result<u64, ChangeError> {
        (self.roll)().map_err(ChangeError::Roll)?;
        Ok(self.last().map_or(0, |last| last.name.first - 1))
    }

    /// Removes a segment. What was in it is known still, so a late copy is not stored again.
    pub(super) fn remove(&self, segment: &SegmentInfo) -> Result<(), ChangeError> {
        (self.settle)(segment.next_first - 1).map_err(ChangeError::Settle)?;
        Ok(self.archive.remove(segment.name)?)
    }

    /// The segments that may be changed, in order.
    pub(super) fn closed(&self) -> io::Result<Vec<SegmentInfo>> {
        self.archive.segments()
    }

    /// The segment that is written to.
    pub(super) fn last(&self) -> Option<Segment> {
        self.tail.segments().pop()
    }

    /// Bytes that the records take of the disk: their lines, and their rows in the index.
    pub(super) fn records_bytes(&self) -> io::Result<u64> {
        Ok(bytes_below(&self.data.join("journal"))? + self.data.join("index.db").metadata()?.len())
    }
}

fn bytes_below(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        bytes += match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => bytes_below(&entry.path())?,
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
    }
    Ok(bytes)
}

const CATCHING_UP: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(20);
