//! Telling the lines of a segment, its damage, and a void or cut-off end from one another. The rules
//! stand in the parent module.

use super::content::Found;
use super::line::Line;

/// What counts of a segment, in its order.
pub(super) enum Piece<'a> {
    /// A line.
    Line(Line<'a>),
    /// Damage.
    Damage(BadPlace),
}

/// Bytes of a segment that are no line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BadPlace {
    pub(super) offset: u64,
    /// How much of the segment it takes, line feed included.
    pub(super) length: u64,
    pub(super) bytes: Vec<u8>,
}

impl BadPlace {
    /// What takes its place without saying anything: as long, when a line feed is put behind it.
    pub(super) fn blank(&self) -> Vec<u8> {
        vec![b' '; usize::try_from(self.length - 1).unwrap_or(0)]
    }
}

/// Goes over one segment.
pub(super) struct Scan {
    /// The last good line, in this segment or before it.
    pub(super) last_n: u64,
    /// The end of the last good line.
    pub(super) good_end: u64,
    /// Good lines.
    pub(super) lines: u64,
    /// The first number that does not belong to this segment any more; `None` for the last one.
    next_first: Option<u64>,
    /// Bad places since the last good line: damage or a cut-off end, that is not known yet.
    undecided: Vec<BadPlace>,
}

impl Scan {
    /// Begins behind line `last_n`, at the place `begin`.
    pub(super) fn new(last_n: u64, next_first: Option<u64>, begin: u64) -> Self {
        Self { last_n, next_first, good_end: begin, lines: 0, undecided: Vec::new() }
    }

    /// Takes what was found next and passes on what counts; `false` where the segment ends.
    pub(super) fn take(&mut self, found: Found<'_>, sink: &mut impl FnMut(Piece<'_>)) -> bool {
        match found {
            Found::Good(line) if self.next_first.is_some_and(|first| line.n >= first) => return false,
            Found::Good(line) if line.n > self.last_n => {
                self.undecided.drain(..).for_each(|place| sink(Piece::Damage(place)));
                self.last_n = line.n;
                self.good_end = line.offset + line.length();
                self.lines += 1;
                sink(Piece::Line(line));
            }
            Found::Good(line) => self.set_undecided(line.offset, line.length(), line.json.as_bytes()),
            Found::Bad { offset, length, bytes } => self.set_undecided(offset, length, bytes),
        }
        true
    }

    /// The bad end of a segment that was followed by another is damage if lines are missing, else
    /// the rest of a write that failed.
    pub(super) fn finish(&mut self, sink: &mut impl FnMut(Piece<'_>)) {
        let misses_lines = self.next_first.is_some_and(|first| self.last_n + 1 < first);
        if misses_lines {
            self.undecided.drain(..).for_each(|place| sink(Piece::Damage(place)));
        }
    }

    fn set_undecided(&mut self, offset: u64, length: u64, bytes: &[u8]) {
        self.undecided.push(BadPlace { offset, length, bytes: bytes.to_vec() });
    }
}
