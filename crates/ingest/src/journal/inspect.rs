//! Reading all that is there without changing any of it, and telling what is wrong with it.

use std::fmt;
use std::io;

use super::Files;
use super::content::Content;
use super::line::Line;
use super::scan::{BadPlace, Piece, Scan};
use super::segment::{self, SegmentName};

/// What is met, in the order of the journal.
#[derive(Debug)]
pub enum Inspected<'a> {
    /// A good line.
    Line(&'a Line<'a>),
    /// Something that is not as it should be, or that the next start will put in order.
    Finding(Finding),
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// Bytes in a segment that are no line any more.
    Damaged {
        /// The file.
        file: String,
        /// Where they begin, in the plain form.
        offset: u64,
        /// How many they are.
        length: u64,
    },
    /// Lines that are nowhere.
    Missing {
        /// The first of them.
        first: u64,
        /// The last of them.
        last: u64,
    },
    /// A sealed segment whose table cannot be read; its lines were found without it.
    NoTable {
        /// The file.
        file: String,
    },
    /// A segment that cannot be read.
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        why: String,
    },
    /// The end of a write that nobody was told of. The next start cuts it away.
    Unfinished {
        /// The file.
        file: String,
        /// How many bytes it has.
        length: u64,
    },
    /// A file that an unfinished sealing or rewriting left. The next start removes it.
    LeftOver {
        /// The file.
        file: String,
    },
}

impl Finding {
    /// Whether something is lost or damaged. The rest is what any sudden end leaves.
    pub fn is_damage(&self) -> bool {
        !matches!(self, Self::Unfinished { .. } | Self::LeftOver { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged { file, offset, length } => {
                write!(f, "{file}, byte {offset}: {length} bytes that are no line any more")
            }
            Self::Missing { first, last } if first == last => write!(f, "line {first} is missing"),
            Self::Missing { first, last } => write!(f, "lines {first} to {last} are missing"),
            Self::NoTable { file } => write!(f, "{file}: the table of its blocks is damaged"),
            Self::Unreadable { file, why } => write!(f, "{file} cannot be read: {why}"),
            Self::Unfinished { file, length } => {
                write!(
                    f,
                    "{file} ends with {length} bytes of a write that was cut off; the next start removes them"
                )
            }
            Self::LeftOver { file } => {
                write!(f, "{file} was left by a sudden end; the next start removes it")
            }
        }
    }
}

/// The segments of a folder, and how many of them are sealed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// All of them.
    pub segments: u64,
    /// Those that are compressed.
    pub sealed: u64,
    /// Their length as plain lines.
    pub bytes: u64,
}

/// How much there is to read.
///
/// # Errors
/// When the folder cannot be read.
pub fn extent(files: &dyn Files) -> io::Result<Extent> {
    let mut extent = Extent::default();
    for name in segment::names(files)? {
        // What cannot be opened is a finding of the inspection.
        let Ok(content) = Content::open(files, name) else { continue };
        extent.segments += 1;
        extent.sealed += u64::from(matches!(content, Content::Sealed(_)));
        extent.bytes += content.length().unwrap_or(0);
    }
    Ok(extent)
}

/// Reads every segment and hands over what it meets. Nobody may write to the journal meanwhile.
///
/// # Errors
/// When the folder cannot be read.
pub fn inspect(files: &dyn Files, mut visit: impl FnMut(Inspected<'_>)) -> io::Result<()> {
    for file in files.list(segment::FOLDER)? {
        let is_second_form = SegmentName::plain_of_sealed(&file)
            .is_some_and(|plain| files.length(&format!("{}/{plain}", segment::FOLDER)).is_ok());
        if SegmentName::is_draft(&file) || is_second_form {
            let file = format!("{}/{file}", segment::FOLDER);
            visit(Inspected::Finding(Finding::LeftOver { file }));
        }
    }
    let names = segment::names(files)?;
    let mut last_n = names.first().map_or(0, |first| first.first - 1);
    for (index, name) in names.iter().enumerate() {
        let next_first = names.get(index + 1).map(|next| next.first);
        if name.first > last_n + 1 {
            visit(Inspected::Finding(Finding::Missing { first: last_n + 1, last: name.first - 1 }));
        }
        let mut inspection =
            Inspection { file: name.path(), last_n: last_n.max(name.first - 1), damage: Vec::new() };
        if let Err(error) = inspection.read(files, *name, next_first, &mut visit) {
            let (file, why) = (inspection.file.clone(), error.to_string());
            visit(Inspected::Finding(Finding::Unreadable { file, why }));
        }
        last_n = inspection.last_n;
    }
    Ok(())
}

/// One segment.
struct Inspection {
    file: String,
    last_n: u64,
    /// Damage since the last good line: it explains which lines are missing.
    damage: Vec<BadPlace>,
}

impl Inspection {
    fn read(
        &mut self,
        files: &dyn Files,
        name: SegmentName,
        next_first: Option<u64>,
        visit: &mut impl FnMut(Inspected<'_>),
    ) -> io::Result<()> {
        let mut content = Content::open(files, name)?;
        if let Content::Sealed(sealed) = &content {
            self.file = name.sealed_path();
            if !sealed.has_table()? {
                visit(Inspected::Finding(Finding::NoTable { file: self.file.clone() }));
            }
        }
        let length = content.length()?;
        let mut scan = Scan::new(self.last_n, next_first, 0);
        content.read_lines(0, length, |found| scan.take(found, &mut |piece| self.take(piece, visit)))?;
        scan.finish(&mut |piece| self.take(piece, visit));
        self.tell_missing(next_first, visit);
        if next_first.is_none() && scan.good_end < length {
            let (file, length) = (self.file.clone(), length - scan.good_end);
            visit(Inspected::Finding(Finding::Unfinished { file, length }));
        }
        Ok(())
    }

    fn take(&mut self, piece: Piece<'_>, visit: &mut impl FnMut(Inspected<'_>)) {
        match piece {
            Piece::Damage(place) => self.damage.push(place),
            Piece::Line(line) => {
                self.tell_missing(Some(line.n), visit);
                self.last_n = line.n;
                visit(Inspected::Line(&line));
            }
        }
    }

    /// What lies between the last good line and `next`.
    fn tell_missing(&mut self, next: Option<u64>, visit: &mut impl FnMut(Inspected<'_>)) {
        let is_explained = !self.damage.is_empty();
        for BadPlace { offset, length, .. } in self.damage.drain(..) {
            visit(Inspected::Finding(Finding::Damaged { file: self.file.clone(), offset, length }));
        }
        if let Some(next) = next.filter(|next| *next > self.last_n + 1) {
            if !is_explained {
                visit(Inspected::Finding(Finding::Missing { first: self.last_n + 1, last: next - 1 }));
            }
            self.last_n = next - 1;
        }
    }
}
