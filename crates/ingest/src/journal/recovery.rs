//! Opening a journal that a process left behind, however it ended. The rules stand in the parent
//! module.

use std::io;

use super::damaged::DamagedLines;
use super::line::Line;
use super::segment::{self, Found, Segment, SegmentName, read_lines};
use super::{Files, LogFile, Position};

/// What recovery found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Good lines that were read.
    pub lines: u64,
    /// Bytes of a cut-off write that were removed from the end.
    pub cut_bytes: u64,
    /// Damaged places that were ever found in this journal.
    pub damaged_lines: u64,
}

/// The journal could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The position to start from is none of this journal: read it from its beginning.
    #[error("the journal does not have the line that the position speaks of")]
    ForeignPosition,
    /// The files cannot be read, mended or made durable.
    #[error("the journal could not be read or mended")]
    Io(#[from] io::Error),
}

pub(super) struct Recovered {
    pub(super) segments: Vec<Segment>,
    pub(super) current: Option<Box<dyn LogFile>>,
    pub(super) last_n: u64,
    pub(super) recovery: Recovery,
}

pub(super) fn recover(
    files: &dyn Files,
    from: Position,
    mut visit: impl FnMut(&Line<'_>),
) -> Result<Recovered, OpenError> {
    let mut segments = list_segments(files)?;
    check_position(files, &segments, from)?;
    let mut damaged = DamagedLines::read(files)?;
    let mut recovery = Recovery::default();
    let mut last_n = from.n;

    let start = Segment::index_holding(&segments, from.n);
    for index in start.unwrap_or(0)..segments.len() {
        let segment = segments[index];
        let next_first = segments.get(index + 1).map(|next| next.name.first);
        let begin = if Some(index) == start { from.end() } else { 0 };
        let mut scan = Scan::new(last_n, next_first, begin);
        read_lines(files, segment.name, begin, segment.length, |found| scan.take(found, &mut visit))?;
        scan.finish();
        recovery.lines += scan.lines;
        last_n = scan.last_n;
        segments[index].length = scan.good_end;
        damaged.set_aside(files, segment.name, &scan.damage);
        if next_first.is_none() && scan.good_end < segment.length {
            files.truncate(&segment.name.path(), scan.good_end)?;
            recovery.cut_bytes = segment.length - scan.good_end;
        }
    }

    recovery.damaged_lines = damaged.count();
    // What a killed process wrote may be in memory only; reopening makes it durable.
    let current = segments.last().map(|last| files.reopen(&last.name.path())).transpose()?;
    Ok(Recovered { segments, current, last_n, recovery })
}

/// The segments that are there, each as long as its file.
pub(crate) fn list_segments(files: &dyn Files) -> io::Result<Vec<Segment>> {
    let listed = files.list(segment::FOLDER)?;
    let mut names: Vec<_> = listed.iter().filter_map(|file| SegmentName::parse(file)).collect();
    names.sort_unstable();
    names.into_iter().map(|name| Ok(Segment { name, length: files.length(&name.path())? })).collect()
}

fn check_position(files: &dyn Files, segments: &[Segment], position: Position) -> Result<(), OpenError> {
    if position.n == 0 {
        return Ok(());
    }
    let segment = Segment::holding(segments, position.n).ok_or(OpenError::ForeignPosition)?;
    let mut buffer = Vec::new();
    let line = segment.read_line(files, position, &mut buffer)?;
    line.map(|_| ()).ok_or(OpenError::ForeignPosition)
}

/// Reads one segment and tells good lines, damage, and a void or cut-off end from one another.
struct Scan {
    last_n: u64,
    /// The first number that does not belong to this segment any more; `None` for the last one.
    next_first: Option<u64>,
    /// The end of the last good line.
    good_end: u64,
    lines: u64,
    /// Bad places that a good line follows.
    damage: Vec<BadPlace>,
    /// Bad places since the last good line: damage or a cut-off end, that is not known yet.
    undecided: Vec<BadPlace>,
}

/// Bytes of a segment that are no line.
pub(super) struct BadPlace {
    pub(super) offset: u64,
    pub(super) bytes: Vec<u8>,
}

impl Scan {
    fn new(last_n: u64, next_first: Option<u64>, begin: u64) -> Self {
        Self { last_n, next_first, good_end: begin, lines: 0, damage: Vec::new(), undecided: Vec::new() }
    }

    fn take(&mut self, found: Found<'_>, visit: &mut impl FnMut(&Line<'_>)) -> bool {
        match found {
            Found::Good(line) if self.next_first.is_some_and(|first| line.n >= first) => return false,
            Found::Good(line) if line.n > self.last_n => {
                self.damage.append(&mut self.undecided);
                self.last_n = line.n;
                self.good_end = line.offset + line.length();
                self.lines += 1;
                visit(&line);
            }
            Found::Good(line) => self.set_undecided(line.offset, line.json.as_bytes()),
            Found::Bad { offset, bytes } => self.set_undecided(offset, bytes),
        }
        true
    }

    fn set_undecided(&mut self, offset: u64, bytes: &[u8]) {
        self.undecided.push(BadPlace { offset, bytes: bytes.to_vec() });
    }

    /// The bad end of a segment that was followed by another is damage if lines are missing, else
    /// the rest of a write that failed.
    fn finish(&mut self) {
        let misses_lines = self.next_first.is_some_and(|first| self.last_n + 1 < first);
        if misses_lines {
            self.damage.append(&mut self.undecided);
        }
    }
}
