//! The files of the journal.

use std::io;

use super::Files;
use super::content::Content;

/// A segment and how much of it counts. Whether it is sealed changes nothing of that: a place in it is
/// always that in the plain form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Its name.
    pub name: SegmentName,
    /// Committed bytes, before they were compressed.
    pub length: u64,
}

/// The name of a segment, in the order of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentName {
    /// The number of its first line.
    pub first: u64,
    /// How many segments of the same first number failed before it.
    pub attempt: u32,
}

impl SegmentName {
    /// The name of the file as it is written to, below the data folder.
    pub fn path(self) -> String {
        match self.attempt {
            0 => format!("{FOLDER}/{:020}.jsonl", self.first),
            attempt => format!("{FOLDER}/{:020}-{attempt}.jsonl", self.first),
        }
    }

    /// The name of the file when it is sealed.
    pub fn sealed_path(self) -> String {
        self.path() + SEALED
    }

    /// The name under which a file is written that is to take the place of a segment.
    pub(super) fn draft_path(self) -> String {
        self.path() + DRAFT
    }

    /// Reads the name of a plain segment; `None` for all other files.
    pub fn parse(file: &str) -> Option<Self> {
        let stem = file.strip_suffix(".jsonl")?;
        let (first, attempt) = stem.split_once('-').unwrap_or((stem, "0"));
        let name = Self { first: first.parse().ok()?, attempt: attempt.parse().ok()? };
        (name.path().strip_prefix(FOLDER)?.strip_prefix('/')? == file).then_some(name)
    }

    /// Reads the name of a segment in either form.
    pub fn parse_any(file: &str) -> Option<Self> {
        Self::parse(file.strip_suffix(SEALED).unwrap_or(file))
    }

    /// The file that a sealed one was made from.
    pub(super) fn plain_of_sealed(file: &str) -> Option<&str> {
        file.strip_suffix(SEALED).filter(|plain| Self::parse(plain).is_some())
    }

    /// Whether a file is a draft that nobody finished.
    pub(super) fn is_draft(file: &str) -> bool {
        file.strip_suffix(DRAFT).and_then(Self::parse).is_some()
    }
}

impl Segment {
    /// Whether it is there, in either form.
    pub(super) fn is_there(&self, files: &dyn Files) -> io::Result<bool> {
        for path in [self.name.path(), self.name.sealed_path()] {
            match files.length(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                length => return length.map(|_| true),
            }
        }
        Ok(false)
    }

    /// Whether what was committed is still there.
    pub(super) fn check(&self, files: &dyn Files) -> io::Result<()> {
        if Content::open(files, self.name)?.length()? < self.length {
            let path = self.name.path();
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
}

/// All segments of a folder in order, with the length that their files have.
pub(crate) fn list(files: &dyn Files) -> io::Result<Vec<Segment>> {
    let open = |name| Ok(Segment { name, length: Content::open(files, name)?.length()? });
    names(files)?.into_iter().map(open).collect()
}

/// The names of all segments of a folder in order.
pub(super) fn names(files: &dyn Files) -> io::Result<Vec<SegmentName>> {
    let listed = files.list(FOLDER)?;
    let mut names: Vec<_> = listed.iter().filter_map(|file| SegmentName::parse_any(file)).collect();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// The folder of the segments.
pub(super) const FOLDER: &str = "journal";

const SEALED: &str = ".zst";
const DRAFT: &str = ".new";

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
        let sealed = "00000000000000000070-2.jsonl.zst";
        let name = SegmentName { first: 70, attempt: 2 };
        assert_eq!((SegmentName::parse_any(sealed), SegmentName::parse(sealed)), (Some(name), None));
        assert!(SegmentName::is_draft("00000000000000000070-2.jsonl.new"));
        assert!(!SegmentName::is_draft("00000000000000000070-2.jsonl") && !SegmentName::is_draft("x.new"));
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
