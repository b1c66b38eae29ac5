//! The files to import, and their lines.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use beaconry_protocol::RecordType;
use flate2::read::MultiGzDecoder;

use super::ImportError;

/// A file to import.
#[derive(Debug, Clone)]
pub struct Source {
    path: PathBuf,
    /// The type of its records, where its folder says so.
    pub(super) record_type: Option<RecordType>,
    /// Its length.
    pub bytes: u64,
}

/// The files that `paths` mean: themselves, and all files of records in folders and below, by name.
///
/// # Errors
/// When one cannot be looked at, or none is there.
pub fn find_sources(paths: &[PathBuf]) -> Result<Vec<Source>, ImportError> {
    let mut sources = Vec::new();
    for path in paths {
        let error = |source| ImportError::File { path: path.display().to_string(), source };
        let metadata = fs::metadata(path).map_err(error)?;
        if metadata.is_dir() {
            let before = sources.len();
            find_below(path, &mut sources).map_err(error)?;
            if sources.len() == before {
                let none = "it has no files of records (*.jsonl, also with .gz or .zst)";
                return Err(error(io::Error::new(io::ErrorKind::NotFound, none)));
            }
        } else {
            sources.push(Source::new(path.clone(), metadata.len()));
        }
    }
    Ok(sources)
}

fn find_below(folder: &Path, sources: &mut Vec<Source>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, metadata) = (entry.path(), entry.metadata()?);
        let name = entry.file_name();
        let is_hidden = name.as_encoded_bytes().starts_with(b".");
        if metadata.is_dir() && !is_hidden {
            find_below(&path, sources)?;
        } else if metadata.is_file() && !is_hidden && is_of_records(&path) {
            sources.push(Source::new(path, metadata.len()));
        }
    }
    Ok(())
}

fn is_of_records(path: &Path) -> bool {
    let name = path.to_string_lossy();
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    name.ends_with(".jsonl") || name.ends_with(".ndjson")
}

impl Source {
    fn new(path: PathBuf, bytes: u64) -> Self {
        let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
        let word = folder.and_then(|name| name.strip_suffix('s'));
        let record_type = word.and_then(|word| RecordType::parse(word).ok());
        Self { path, record_type, bytes }
    }

    /// Whether it is in a folder or below it, wherever links lead.
    pub(crate) fn is_below(&self, folder: &Path) -> bool {
        let (path, folder) = (fs::canonicalize(&self.path), fs::canonicalize(folder));
        path.is_ok_and(|path| folder.is_ok_and(|folder| path.starts_with(folder)))
    }

    /// Its path, as it was given.
    pub(crate) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    pub(super) fn error(&self, source: io::Error) -> ImportError {
        ImportError::Unreadable { path: self.shown(), source }
    }

    /// Its lines, unpacked.
    pub(super) fn lines(&self) -> io::Result<Lines> {
        let file = Counted { file: File::open(&self.path)?, bytes: 0 };
        let packed = self.path.extension().and_then(|end| end.to_str());
        let input = match packed {
            Some("gz") => Input::Gzip(Box::new(MultiGzDecoder::new(file))),
            Some("zst") => Input::Zstd(Box::new(zstd::Decoder::new(file)?)),
            _ => Input::Plain(file),
        };
        Ok(Lines { input: BufReader::with_capacity(READ_BYTES, input), line: Vec::new(), number: 0 })
    }
}

/// The lines of a file.
pub(super) struct Lines {
    input: BufReader<Input>,
    line: Vec<u8>,
    number: u64,
}

/// One of them, without its line feed.
pub(super) struct FileLine<'l> {
    /// Its number, from 1.
    pub(super) number: u64,
    pub(super) bytes: &'l [u8],
    /// Whether a line feed ends it; the last line may be one that is still being written.
    pub(super) is_ended: bool,
}

impl Lines {
    /// The next line. One that is longer than any record is cut.
    pub(super) fn next(&mut self) -> io::Result<Option<FileLine<'_>>> {
        self.line.clear();
        let read = self.input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(None);
        }
        let is_ended = self.line.pop_if(|byte| *byte == b'\n').is_some() || self.skip_line(read)?;
        let _ = self.line.pop_if(|byte| *byte == b'\r');
        self.number += 1;
        Ok(Some(FileLine { number: self.number, bytes: &self.line, is_ended }))
    }

    /// How much of the file was read.
    pub(super) fn bytes_read(&self) -> u64 {
        match self.input.get_ref() {
            Input::Plain(file) => file.bytes,
            Input::Gzip(decoder) => decoder.get_ref().bytes,
            Input::Zstd(decoder) => decoder.get_ref().get_ref().bytes,
        }
    }

    /// Goes to the end of a line of which so much was read, and says whether it has one.
    fn skip_line(&mut self, read: usize) -> io::Result<bool> {
        if (read as u64) < LONGEST_LINE {
            return Ok(false);
        }
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(false);
            }
            let feed = memchr::memchr(b'\n', buffer);
            let used = feed.map_or(buffer.len(), |at| at + 1);
            self.input.consume(used);
            if feed.is_some() {
                return Ok(true);
            }
        }
    }
}

enum Input {
    Plain(Counted),
    Gzip(Box<MultiGzDecoder<Counted>>),
    Zstd(Box<zstd::Decoder<'static, BufReader<Counted>>>),
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(buffer),
            Self::Gzip(decoder) => decoder.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

/// A file that counts what was read of it.
struct Counted {
    file: File,
    bytes: u64,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.bytes += read as u64;
        Ok(read)
    }
}

const READ_BYTES: usize = 256 * 1024;

/// A record takes less.
const LONGEST_LINE: u64 = 4 * 1024 * 1024;
