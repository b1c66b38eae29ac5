//! The bytes of a segment, whichever form it has, at the places that they have in the plain one.

use std::io;

use super::line::{Line, check_line};
use super::sealed::{Inflated, SealedFile};
use super::segment::SegmentName;
use super::{Files, StoredFile};

/// A segment that is open for reading. It stays what it was when it was opened, even if it is sealed,
/// rewritten or removed meanwhile.
#[derive(Debug)]
pub(super) enum Content {
    /// Lines as they were written.
    Plain(Box<dyn StoredFile>),
    /// Compressed.
    Sealed(SealedFile),
}

/// What [`Content::read_lines`] found between two line feeds.
pub(super) enum Found<'a> {
    /// A whole line.
    Good(Line<'a>),
    /// Bytes that are none. The last ones of a segment may lack their line feed.
    Bad {
        /// Where they begin.
        offset: u64,
        /// How much of the segment they take, line feed included.
        length: u64,
        /// The bytes, without a line feed; for a block that cannot be inflated, those of the block.
        bytes: &'a [u8],
    },
}

impl Content {
    /// Opens a segment. Where both forms are there, the plain one counts.
    pub(super) fn open(files: &dyn Files, name: SegmentName) -> io::Result<Self> {
        match files.open(&name.path()) {
            // In this order: a plain segment may become a sealed one at any time, never the other way.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Self::Sealed(SealedFile::open(files.open(&name.sealed_path())?)?))
            }
            opened => Ok(Self::Plain(opened?)),
        }
    }

    /// The length of the plain segment.
    pub(super) fn length(&self) -> io::Result<u64> {
        match self {
            Self::Plain(file) => file.length(),
            Self::Sealed(file) => Ok(file.length()),
        }
    }

    /// Reads from `offset` on until `buffer` is full, the segment ends, or what follows is damaged.
    pub(super) fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read_at(offset, buffer),
            Self::Sealed(file) => {
                let mut filled = 0;
                while filled < buffer.len() {
                    let bytes = match file.block_from(offset + filled as u64)? {
                        Inflated::Bytes(&[]) | Inflated::Damaged { .. } => break,
                        Inflated::Bytes(bytes) => bytes,
                    };
                    let length = bytes.len().min(buffer.len() - filled);
                    buffer[filled..filled + length].copy_from_slice(&bytes[..length]);
                    filled += length;
                }
                Ok(filled)
            }
        }
    }

    /// Reads from `start` up to `end`, line by line, until `visit` says `false`.
    ///
    /// # Errors
    /// When the segment cannot be read.
    pub(super) fn read_lines(
        &mut self,
        start: u64,
        end: u64,
        mut visit: impl FnMut(Found<'_>) -> bool,
    ) -> io::Result<()> {
        match self {
            Self::Plain(file) => read_plain(&**file, start, end, visit),
            Self::Sealed(file) => read_sealed(file, start, end, &mut visit),
        }
    }
}

fn read_plain(
    file: &dyn StoredFile,
    start: u64,
    end: u64,
    mut visit: impl FnMut(Found<'_>) -> bool,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut carried: Vec<u8> = Vec::new();
    let mut line_start = start;
    let mut read_to = start;
    while read_to < end {
        let want = usize::try_from(end - read_to).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
        let read = file.read_at(read_to, &mut chunk[..want])?;
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
        visit(Found::Bad { offset: line_start, length: carried.len() as u64, bytes: &carried });
    }
    Ok(())
}

/// A block holds whole lines, so that damage of one is none of the next.
fn read_sealed(
    file: &mut SealedFile,
    start: u64,
    end: u64,
    visit: &mut impl FnMut(Found<'_>) -> bool,
) -> io::Result<()> {
    let mut offset = start;
    while offset < end {
        match file.block_from(offset)? {
            Inflated::Bytes(&[]) => break,
            Inflated::Bytes(bytes) => {
                let wanted = usize::try_from(end - offset).unwrap_or(bytes.len()).min(bytes.len());
                for line in bytes[..wanted].split_inclusive(|byte| *byte == b'\n') {
                    let length = line.len() as u64;
                    let whole = line.strip_suffix(b"\n");
                    let torn = Found::Bad { offset, length, bytes: line };
                    if !visit(whole.map_or(torn, |line| found(line, offset))) {
                        return Ok(());
                    }
                    offset += length;
                }
            }
            Inflated::Damaged { end, packed } => {
                if !visit(Found::Bad { offset, length: end - offset, bytes: &packed }) {
                    return Ok(());
                }
                offset = end;
            }
        }
    }
    Ok(())
}

fn found(bytes: &[u8], offset: u64) -> Found<'_> {
    let bad = Found::Bad { offset, length: bytes.len() as u64 + 1, bytes };
    check_line(bytes, offset).map_or(bad, Found::Good)
}

const CHUNK_BYTES: usize = 256 * 1024;
