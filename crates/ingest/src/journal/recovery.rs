//! Opening a journal that a process left behind, however it ended. The rules stand in the parent
//! module.

use std::io;

use super::content::Content;
use super::damaged::DamagedLines;
use super::files::remove_if_there;
use super::line::Line;
use super::reader::LineReader;
use super::scan::{Piece, Scan};
use super::segment::{self, Segment, SegmentName};
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
    clear_away(files)?;
    let mut segments = segment::list(files)?;
    let is_just_a_number = from.length == 0;
    if !is_just_a_number && !has(files, &segments, from)? {
        return Err(OpenError::ForeignPosition);
    }
    let mut damaged = DamagedLines::read(files)?;
    let mut recovery = Recovery::default();
    let start = Segment::index_holding(&segments, from.n);
    let mut last_n = match start {
        Some(index) if is_just_a_number => segments[index].name.first - 1,
        _ => from.n,
    };
    let mut visit = |line: &Line<'_>| {
        if line.n > from.n {
            visit(line);
        }
    };
    for index in start.unwrap_or(0)..segments.len() {
        let segment = segments[index];
        let next_first = segments.get(index + 1).map(|next| next.name.first);
        let begin = if Some(index) == start { from.end() } else { 0 };
        // The name says it too, where retention or a stranger took all lines before.
        last_n = last_n.max(segment.name.first - 1);
        let mut scan = Scan::new(last_n, next_first, begin);
        let mut content = Content::open(files, segment.name)?;
        let mut damage = Vec::new();
        let mut sort = |piece: Piece<'_>| match piece {
            Piece::Line(line) => visit(&line),
            Piece::Damage(place) => damage.push(place),
        };
        content.read_lines(begin, segment.length, |found| scan.take(found, &mut sort))?;
        scan.finish(&mut sort);
        recovery.lines += scan.lines;
        last_n = scan.last_n;
        segments[index].length = scan.good_end;
        damaged.set_aside(files, segment.name, &damage);
        let is_cut_off = next_first.is_none() && scan.good_end < segment.length;
        if is_cut_off && matches!(content, Content::Plain(_)) {
            files.truncate(&segment.name.path(), scan.good_end)?;
            recovery.cut_bytes = segment.length - scan.good_end;
        }
    }

    if last_n < from.n {
        return Err(OpenError::ForeignPosition);
    }
    recovery.damaged_lines = damaged.count();
    let current = segments.last().map(|last| resume(files, last.name)).transpose()?.flatten();
    Ok(Recovered { segments, current, last_n, recovery })
}

/// Removes what a process left that ended while it replaced a segment: drafts, and sealed forms whose
/// plain one is still there, which counts.
fn clear_away(files: &dyn Files) -> io::Result<()> {
    let listed = files.list(segment::FOLDER)?;
    let is_there = |plain: &str| listed.iter().any(|file| file == plain);
    for file in &listed {
        if SegmentName::is_draft(file) || SegmentName::plain_of_sealed(file).is_some_and(is_there) {
            // They are only in the way, so that they stay must not keep a server from starting.
            let _ = remove_if_there(files, &format!("{}/{file}", segment::FOLDER));
        }
    }
    Ok(())
}

/// Opens the last segment for more lines. What a killed process wrote may be in memory only, and its
/// name too; they are durable before they count. A sealed segment takes no more.
fn resume(files: &dyn Files, name: SegmentName) -> io::Result<Option<Box<dyn LogFile>>> {
    let mut file = match files.reopen(&name.path()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    file.sync_data()?;
    files.sync_folder(segment::FOLDER)?;
    Ok(Some(file))
}

/// Whether the line that a position speaks of is where it says.
pub(super) fn has(files: &dyn Files, segments: &[Segment], position: Position) -> io::Result<bool> {
    Ok(position.n == 0 || LineReader::new(files, segments).read_any(position)?.is_some())
}
