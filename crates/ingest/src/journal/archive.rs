//! Segments that nothing is written to any more: sealing, rewriting and removing them, while the
//! journal goes on or is closed. The rules stand in the parent module.
//!
//! Whatever ends the process, a segment is there whole, in its old or its new form. One thing is done
//! at a time; readers need not wait, since an open segment stays to them what it was.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::content::{Content, Found};
use super::draft::Draft;
use super::files::remove_if_there;
use super::line::Line;
use super::scan::{Piece, Scan};
use super::sealed::SealedFile;
use super::segment::FOLDER;
use super::{Files, Segment, SegmentName, Tail};

/// The segments before the last one. There is only ever one for a data folder.
#[derive(Debug)]
pub struct Archive {
    files: Arc<dyn Files>,
    tail: Arc<Tail>,
    /// Held by whoever replaces or removes a segment.
    turn: Mutex<Turn>,
}

#[derive(Debug, Default)]
struct Turn {
    /// Segments that were found damaged when they were to be sealed.
    damaged: HashSet<SegmentName>,
}

/// A segment that may be sealed, rewritten or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentInfo {
    /// Its name; `name.first` is the number of its first line.
    pub name: SegmentName,
    /// The first number of the segment that follows it. What lies between is in this one, if it was
    /// not lost: `next_first - name.first` lines.
    pub next_first: u64,
    /// Its length as plain lines.
    pub bytes: u64,
    /// What it takes of the disk.
    pub disk_bytes: u64,
    /// Whether it is compressed.
    pub is_sealed: bool,
}

/// What became of a segment that was to be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sealing {
    /// It is compressed now.
    Sealed(SegmentInfo),
    /// It had no line and was removed.
    Removed(SegmentName),
    /// It has damaged lines. It stays as it is, for whoever can mend it, and is not tried again.
    Damaged(SegmentName),
}

/// What is in a segment, for whoever decides what is erased.
#[derive(Debug)]
pub enum Stored<'a> {
    /// A line.
    Line(Line<'a>),
    /// Bytes that are none any more.
    Damage(&'a [u8]),
}

impl Stored<'_> {
    fn is_erased(&self) -> bool {
        matches!(self, Self::Line(line) if line.is_erased())
    }
}

impl Archive {
    /// `tail` says which segments there are, and which is the last one. Of a journal that nobody writes
    /// to, publish it once.
    pub fn new(files: Arc<dyn Files>, tail: Arc<Tail>) -> Self {
        Self { files, tail, turn: Mutex::default() }
    }

    /// All segments but the last one, in order. Those that were removed are not among them.
    ///
    /// # Errors
    /// When one cannot be looked at.
    pub fn segments(&self) -> io::Result<Vec<SegmentInfo>> {
        self.closed().iter().filter_map(|closed| self.info(*closed).transpose()).collect()
    }

    /// When the first and the last record of a segment were received, in epoch milliseconds; `None` if
    /// it has no record any more, because all were erased.
    ///
    /// # Errors
    /// When it cannot be read, or there is no such segment.
    pub fn received(&self, name: SegmentName) -> io::Result<Option<(u64, u64)>> {
        let mut received: Option<(u64, u64)> = None;
        self.find(name)?.read(&*self.files, |piece| {
            if let Piece::Line(line) = piece
                && let Some(at) = line.received_at()
            {
                received = Some(received.map_or((at, at), |(first, _)| (first, at)));
            }
        })?;
        Ok(received)
    }

    /// Seals the oldest segment that is not sealed yet, and says what became of it; `None` when there
    /// is none.
    ///
    /// # Errors
    /// When its new form cannot be written or the old one not be removed. The segment is as good as
    /// before, and may be tried again.
    pub fn seal_next(&self) -> io::Result<Option<Sealing>> {
        let mut turn = self.lock();
        let is_plain = |closed: &Closed| self.files.length(&closed.segment.name.path()).is_ok();
        let mut all = self.closed().into_iter();
        let next = all.find(|closed| !turn.damaged.contains(&closed.segment.name) && is_plain(closed));
        let Some(closed) = next else { return Ok(None) };
        let sealing = self.seal(closed)?;
        if let Sealing::Damaged(name) = sealing {
            turn.damaged.insert(name);
        }
        Ok(Some(sealing))
    }

    /// Removes a segment with all that is in it.
    ///
    /// # Errors
    /// When there is no such segment, it is the last one, or it cannot be removed durably.
    pub fn remove(&self, name: SegmentName) -> io::Result<()> {
        let _turn = self.lock();
        self.find(name)?;
        self.remove_files(name)
    }

    /// Erases what of a segment `is_erased` says so of, and says how much that was. Nothing else
    /// changes its number or place. When this returns `Ok`, no byte of it is left in the segment's
    /// files, whatever happens then.
    ///
    /// # Errors
    /// When there is no such segment, it is the last one ([`Journal::roll`](super::Journal::roll) ends
    /// it), or its new form cannot be written. All or nothing may be erased then: do it again.
    pub fn rewrite(
        &self,
        name: SegmentName,
        mut is_erased: impl FnMut(&Stored<'_>) -> bool,
    ) -> io::Result<u64> {
        let _turn = self.lock();
        let closed = self.find(name)?;
        let is_sealed = matches!(Content::open(&*self.files, name)?, Content::Sealed(_));
        let mut draft = Draft::create(&*self.files, name, is_sealed)?;
        let mut erased = 0;
        closed.copy(&*self.files, &mut draft, |stored| {
            let is_erased = !stored.is_erased() && is_erased(stored);
            erased += u64::from(is_erased);
            is_erased
        })?;
        if erased > 0 {
            draft.finish()?;
            if !is_sealed {
                // Sealing may have been cut off; what it left would still say what is erased here.
                remove_if_there(&*self.files, &name.sealed_path())?;
            }
            draft.replace(&if is_sealed { name.sealed_path() } else { name.path() })?;
        }
        Ok(erased)
    }

    fn seal(&self, closed: Closed) -> io::Result<Sealing> {
        let name = closed.segment.name;
        let (mut lines, mut is_damaged) = (0, false);
        let mut draft = Draft::create(&*self.files, name, true)?;
        let length = closed.copy(&*self.files, &mut draft, |stored| {
            match stored {
                Stored::Line(_) => lines += 1,
                Stored::Damage(_) => is_damaged = true,
            }
            false
        })?;
        if is_damaged {
            return Ok(Sealing::Damaged(name));
        }
        if lines == 0 {
            self.remove_files(name)?;
            return Ok(Sealing::Removed(name));
        }
        draft.finish()?;
        self.check_sealed(draft.path(), length)?;
        draft.replace(&name.sealed_path())?;
        self.files.remove(&name.path())?;
        self.files.sync_folder(FOLDER)?;
        let info = self.info(closed)?.ok_or(io::ErrorKind::NotFound)?;
        Ok(Sealing::Sealed(info))
    }

    /// Reads a sealed form as whoever comes later will, since the plain one is about to go.
    fn check_sealed(&self, path: &str, length: u64) -> io::Result<()> {
        let mut sealed = Content::Sealed(SealedFile::open(self.files.open(path)?)?);
        let mut good_end = 0;
        sealed.read_lines(0, u64::MAX, |found| match found {
            Found::Good(line) => {
                good_end = line.offset + line.length();
                true
            }
            Found::Bad { .. } => false,
        })?;
        if good_end == length {
            Ok(())
        } else {
            Err(io::Error::other(format!("{path} cannot be read again")))
        }
    }

    fn remove_files(&self, name: SegmentName) -> io::Result<()> {
        let sealed = remove_if_there(&*self.files, &name.sealed_path())?;
        let plain = remove_if_there(&*self.files, &name.path())?;
        self.files.sync_folder(FOLDER)?;
        if sealed || plain { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    fn info(&self, closed: Closed) -> io::Result<Option<SegmentInfo>> {
        let Closed { segment: Segment { name, length: bytes }, next_first } = closed;
        for (path, is_sealed) in [(name.path(), false), (name.sealed_path(), true)] {
            match self.files.length(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                length => {
                    let disk_bytes = length?;
                    return Ok(Some(SegmentInfo { name, next_first, bytes, disk_bytes, is_sealed }));
                }
            }
        }
        Ok(None)
    }

    /// The segments that are followed by another one.
    fn closed(&self) -> Vec<Closed> {
        let segments = self.tail.segments();
        let closed = |pair: &[Segment]| Closed { segment: pair[0], next_first: pair[1].name.first };
        segments.windows(2).map(closed).collect()
    }

    fn find(&self, name: SegmentName) -> io::Result<Closed> {
        let found = self.closed().into_iter().find(|closed| closed.segment.name == name);
        found.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn lock(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A segment that is followed by another one.
#[derive(Debug, Clone, Copy)]
struct Closed {
    segment: Segment,
    next_first: u64,
}

impl Closed {
    /// Reads what counts of it and says how long that is.
    fn read(&self, files: &dyn Files, mut visit: impl FnMut(Piece<'_>)) -> io::Result<u64> {
        let Segment { name, length } = self.segment;
        let mut scan = Scan::new(name.first - 1, Some(self.next_first), 0);
        Content::open(files, name)?.read_lines(0, length, |found| scan.take(found, &mut visit))?;
        scan.finish(&mut visit);
        Ok(scan.good_end)
    }

    /// Copies what counts of it, and in the place of what is erased something of the same length.
    fn copy(
        &self,
        files: &dyn Files,
        draft: &mut Draft<'_>,
        mut is_erased: impl FnMut(&Stored<'_>) -> bool,
    ) -> io::Result<u64> {
        let mut copied = Ok(());
        let length = self.read(files, |piece| {
            if copied.is_ok() {
                copied = copy_piece(&piece, draft, &mut is_erased);
            }
        })?;
        copied.map(|()| length)
    }
}

fn copy_piece(
    piece: &Piece<'_>,
    draft: &mut Draft<'_>,
    is_erased: &mut impl FnMut(&Stored<'_>) -> bool,
) -> io::Result<()> {
    match piece {
        Piece::Line(line) if is_erased(&Stored::Line(*line)) => {
            let too_short = || io::Error::other(format!("line {} has no room for what replaces it", line.n));
            draft.push(&line.to_erased().ok_or_else(too_short)?, b"")
        }
        Piece::Line(line) => draft.push(line.json.as_bytes(), b"\n"),
        Piece::Damage(place) if is_erased(&Stored::Damage(&place.bytes)) => draft.push(&place.blank(), b"\n"),
        Piece::Damage(place) => match place.length - place.bytes.len() as u64 {
            0 => draft.push(&place.bytes, b""),
            1 => draft.push(&place.bytes, b"\n"),
            // A block that cannot be inflated takes its place as nothing but a length.
            _ => draft.push(&place.blank(), b"\n"),
        },
    }
}
