//! Reading committed lines: in order over all segments, or one by its place.

use std::fmt;
use std::io;

use super::content::{Content, Found};
use super::line::{Line, check_line};
use super::segment::{Segment, SegmentName};
use super::{Files, Position};

/// Hands every good line after `position` to `visit`, until it says `false`. Erased lines are among
/// them. Damaged ones were set aside when the journal was opened and are passed over, and so is a
/// segment that was deleted.
///
/// # Errors
/// When a segment that is there cannot be read.
pub fn read_after(
    files: &dyn Files,
    segments: &[Segment],
    position: Position,
    mut visit: impl FnMut(&Line<'_>) -> bool,
) -> io::Result<()> {
    let start = Segment::index_holding(segments, position.n);
    let mut goes_on = true;
    for (index, segment) in segments.iter().enumerate().skip(start.unwrap_or(0)) {
        let begin = if Some(index) == start { position.end() } else { 0 };
        // What a failed write left behind is void; only segments that were recovered are cut for it.
        let next_first = segments.get(index + 1).map(|next| next.name.first);
        let Some(mut content) = open_if_there(files, segment.name)? else { continue };
        content.read_lines(begin, segment.length, |found| {
            // A position in a deleted segment says nothing of the places in the others.
            if let Found::Good(line) = found
                && line.n > position.n
                && next_first.is_none_or(|first| line.n < first)
            {
                goes_on = visit(&line);
            }
            goes_on
        })?;
        if !goes_on {
            break;
        }
    }
    Ok(())
}

fn open_if_there(files: &dyn Files, name: SegmentName) -> io::Result<Option<Content>> {
    match Content::open(files, name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        content => content.map(Some),
    }
}

/// Reads single lines. What follows one another in the journal is cheap to read one after the other:
/// the segment stays open, and of a sealed one the last block.
pub struct LineReader<'f> {
    files: &'f dyn Files,
    segments: &'f [Segment],
    open: Option<(SegmentName, Content)>,
    buffer: Vec<u8>,
}

impl<'f> LineReader<'f> {
    /// Reads from these segments.
    pub fn new(files: &'f dyn Files, segments: &'f [Segment]) -> Self {
        Self { files, segments, open: None, buffer: Vec::new() }
    }

    /// Reads the line that `position` stands behind; `None` if it is another one, damaged, erased, or
    /// was deleted.
    ///
    /// # Errors
    /// When its segment cannot be read.
    pub fn read(&mut self, position: Position) -> io::Result<Option<Line<'_>>> {
        let line = self.read_any(position)?;
        Ok(line.filter(|line| !line.is_erased()))
    }

    /// The same, erased or not.
    pub(super) fn read_any(&mut self, position: Position) -> io::Result<Option<Line<'_>>> {
        let Some(segment) = Segment::holding(self.segments, position.n) else { return Ok(None) };
        let Ok(length) = usize::try_from(position.length) else { return Ok(None) };
        if length == 0 || position.end() > segment.length || !self.open(segment.name)? {
            return Ok(None);
        }
        let Some((_, content)) = &mut self.open else { return Ok(None) };
        self.buffer.resize(length, 0);
        let read = content.read_at(position.offset, &mut self.buffer)?;
        if read < length || self.buffer.pop() != Some(b'\n') {
            return Ok(None);
        }
        Ok(check_line(&self.buffer, position.offset).filter(|line| line.n == position.n))
    }

    /// Whether it is there to be opened.
    fn open(&mut self, name: SegmentName) -> io::Result<bool> {
        if self.open.as_ref().is_none_or(|(open, _)| *open != name) {
            self.open = open_if_there(self.files, name)?.map(|content| (name, content));
        }
        Ok(self.open.is_some())
    }
}

impl fmt::Debug for LineReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineReader").field("open", &self.open).finish_non_exhaustive()
    }
}
