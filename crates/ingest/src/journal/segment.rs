//! The files of the journal, and reading lines out of them.

use std::io;

use super::line::{Line, check_line};
use super::{Files, Position};

/// A segment and how much of it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Its name.
    pub name: SegmentName,
    /// Committed bytes.
    pub length: u64,
}

/// The name of a segment, in the order of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SegmentName {
    /// The number of its first line.
    pub first: u64,
    /// How many segments of the same first number failed before it.
    pub attempt: u32,
}

impl SegmentName {
    /// The name of the file, below the data folder.
    pub fn path(self) -> String {
        match self.attempt {
            0 => format!("{FOLDER}/{:020}.jsonl", self.first),
            attempt => format!("{FOLDER}/{:020}-{attempt}.jsonl", self.first),
        }
    }

    /// Reads the name of a file; `None` for files that are no segments.
    pub fn parse(file: &str) -> Option<Self> {
        let stem = file.strip_suffix(".jsonl")?;
        let (first, attempt) = stem.split_once('-').unwrap_or((stem, "0"));
        let name = Self { first: first.parse().ok()?, attempt: attempt.parse().ok()? };
        (name.path().strip_prefix(FOLDER)?.strip_prefix('/')? == file).then_some(name)
    }
}

impl Segment {
    /// Whether what was committed is still there.
    pub(super) fn check(&self, files: &dyn Files) -> io::Result<()> {
        let path = self.name.path();
        if files.length(&path)? < self.length {
            return Err(io::Error::other(format!("{path} is shorter than what was committed to it")));
        }
        Ok(())
    }

    /// The segment that holds line `n`, if the journal has that line.
    pub fn holding(segments: &[Self], n: u64) -> Option<&Self> {
        Self::index_holding(segments, n).and_then(|index| segments.get(index))
    }

    /// Where in the list the segment stands that holds line `n`.
    pub(super) fn index_holding(segments: &[Self], n: u64) -> Option<usize> {
        segments.partition_point(|segment| segment.name.first <= n).checked_sub(1)
    }

    /// Reads the line that `position` stands behind; `None` if it is damaged or another one.
    ///
    /// # Errors
    /// When the segment cannot be read.
    pub fn read_line<'b>(
        &self,
        files: &dyn Files,
        position: Position,
        buffer: &'b mut Vec<u8>,
    ) -> io::Result<Option<Line<'b>>> {
        let Ok(length) = usize::try_from(position.length) else { return Ok(None) };
        if length == 0 || position.end() > self.length {
            return Ok(None);
        }
        buffer.resize(length, 0);
        let read = files.read_at(&self.name.path(), position.offset, buffer)?;
        if read < length || buffer.pop() != Some(b'\n') {
            return Ok(None);
        }
        Ok(check_line(buffer, position.offset).filter(|line| line.n == position.n))
    }
}

/// What [`read_lines`] found between two line feeds.
pub(super) enum Found<'a> {
    /// A whole line.
    Good(Line<'a>),
    /// Bytes that are none. The last ones of a segment may lack their line feed.
    Bad {
        /// Where they begin.
        offset: u64,
        /// The bytes, without a line feed.
        bytes: &'a [u8],
    },
}

/// Reads a segment from `start` up to `end`, line by line, until `visit` says `false`.
///
/// # Errors
/// When the segment cannot be read.
pub(super) fn read_lines(
    files: &dyn Files,
    name: SegmentName,
    start: u64,
    end: u64,
    mut visit: impl FnMut(Found<'_>) -> bool,
) -> io::Result<()> {
    let path = name.path();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut carried: Vec<u8> = Vec::new();
    let mut line_start = start;
    let mut read_to = start;
    while read_to < end {
        let want = usize::try_from(end - read_to).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
        let read = files.read_at(&path, read_to, &mut chunk[..want])?;
        if read == 0 {
            break;
        }
        read_to += read as u64;
        let mut rest = &chunk[..read];
        while let Some(feed) = memchr::memchr(b'\n', rest) {
            let (head, tail) = rest.split_at(feed);
            rest = &tail[1..];
            let length = (carried.len() + head.len() + 1) as u64;
            let goes_on = if carried.is_empty() {
                visit(found(head, line_start))
            } else {
                carried.extend_from_slice(head);
                visit(found(&carried, line_start))
            };
            if !goes_on {
                return Ok(());
            }
            carried.clear();
            line_start += length;
        }
        carried.extend_from_slice(rest);
    }
    if !carried.is_empty() {
        visit(Found::Bad { offset: line_start, bytes: &carried });
    }
    Ok(())
}

fn found(bytes: &[u8], offset: u64) -> Found<'_> {
    check_line(bytes, offset).map_or(Found::Bad { offset, bytes }, Found::Good)
}

/// The folder of the segments.
pub(super) const FOLDER: &str = "journal";

const CHUNK_BYTES: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_they_were_and_others_are_left_alone() {
        for name in [SegmentName { first: 1, attempt: 0 }, SegmentName { first: 70, attempt: 2 }] {
            let path = name.path();
            assert_eq!(SegmentName::parse(path.strip_prefix("journal/").unwrap()), Some(name));
        }
        for other in ["1.jsonl", "00000000000000000001-0.jsonl", "00000000000000000001.txt", ".jsonl"] {
            assert_eq!(SegmentName::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_line_is_looked_for_in_the_last_attempt() {
        let segment = |first, attempt| Segment { name: SegmentName { first, attempt }, length: 1 };
        let segments = [segment(1, 0), segment(5, 0), segment(5, 1), segment(9, 0)];
        let holding = |n| Segment::holding(&segments, n).map(|s| (s.name.first, s.name.attempt));
        assert_eq!(holding(0), None);
        assert_eq!(
            [1, 4, 5, 8, 9, 99].map(holding),
            [(1, 0), (1, 0), (5, 1), (5, 1), (9, 0), (9, 0)].map(Some)
        );
    }
}
