//! Records out of the journal, as JSON Lines: to a pipe or into a folder.
//!
//! # Into a folder
//! Files by day of `received_at` (UTC), so a file is whole once its day is over. What is written is a
//! function of the records alone: a run that was killed and one that went through leave the same
//! bytes, compressed or not, and so do ten runs with records coming in between. See `folder`.
//!
//! A folder goes on where it ended. What retention has removed from the journal since stays in it.

mod folder;
mod layout;
mod selection;
mod sink;
mod state;

use std::io::{self, Write};

use crate::journal::{Files, Segment, without_checksum};

use super::{Progress, Stored, last_n, read_between};

pub use folder::ExportFolder;
pub use layout::Layout;
pub use selection::Selection;
pub use sink::Compression;

/// Records could not be taken out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The journal cannot be read.
    #[error("the journal could not be read")]
    Journal(#[source] io::Error),
    /// What was asked for cannot be written.
    #[error("{what} could not be written")]
    Write {
        /// The file.
        what: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder holds something else.
    #[error("{folder} {why}: choose another folder, or the same options")]
    OtherFolder {
        /// The folder.
        folder: String,
        /// What it holds.
        why: String,
    },
}

impl ExportError {
    /// Whether the reader of a pipe has seen enough.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Write { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// What came of an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// Records that this run wrote, and none before it.
    pub records: u64,
    /// The line of the journal that it goes up to.
    pub last_n: u64,
}

/// Where records go.
pub trait Destination {
    /// The line after which records are wanted.
    fn after(&self) -> u64;

    /// The line up to which earlier runs have told of what they wrote. What is written once more is not new.
    fn told(&self) -> u64;

    /// Takes the record of line `n`; lines come in their order.
    ///
    /// # Errors
    /// When it cannot be written.
    fn add(&mut self, n: u64, record: &Stored<'_>, json: &str) -> Result<(), ExportError>;

    /// Everything up to line `n` was there.
    ///
    /// # Errors
    /// When it cannot be written.
    fn finish(&mut self, n: u64) -> Result<(), ExportError>;
}

/// Takes records out of a journal, up to line `last` or what is there.
///
/// # Errors
/// When the journal cannot be read or the destination not be written.
pub fn export(
    files: &dyn Files,
    segments: &[Segment],
    last: Option<u64>,
    selection: &Selection,
    to: &mut dyn Destination,
    progress: &dyn Progress,
) -> Result<Exported, ExportError> {
    let last = last.map_or_else(|| last_n(files, segments), Ok).map_err(ExportError::Journal)?;
    let total: u64 = segments.iter().map(|segment| segment.length).sum();
    let mut exported = Exported { records: 0, last_n: last };
    let mut failed = None;
    let (mut at, mut before, mut written) = (None, 0, 0_u64);
    read_between(files, segments, to.after(), last, |segment, line| {
        if at != Some(segment.name) {
            before = segments.iter().take_while(|s| s.name < segment.name).map(|s| s.length).sum();
            at = Some(segment.name);
        }
        let Some(record) = Stored::read(line.json).filter(|record| selection.takes(record)) else {
            return true;
        };
        let added = to.add(line.n, &record, &without_checksum(line.json));
        written += 1;
        exported.records += u64::from(added.is_ok() && line.n > to.told());
        if written.is_multiple_of(TOLD_EVERY) {
            progress.tell("reading the journal", before + line.offset, total);
        }
        failed = added.err();
        failed.is_none()
    })
    .map_err(ExportError::Journal)?;
    match failed {
        Some(error) => Err(error),
        None => to.finish(last).map(|()| exported),
    }
}

/// Records that go into one stream, such as standard output.
#[derive(Debug)]
pub struct Pipe<W: Write> {
    sink: Option<sink::Sink<W>>,
    layout: Layout,
}

impl<W: Write> Pipe<W> {
    /// Writes to `out`.
    ///
    /// # Errors
    /// When the compressor has no memory.
    pub fn new(out: W, layout: Layout, compression: Compression) -> Result<Self, ExportError> {
        Ok(Self { sink: Some(compression.begin(out).map_err(pipe_error)?), layout })
    }
}

impl<W: Write> Destination for Pipe<W> {
    fn after(&self) -> u64 {
        0
    }

    fn told(&self) -> u64 {
        0
    }

    fn add(&mut self, _n: u64, record: &Stored<'_>, json: &str) -> Result<(), ExportError> {
        let line = self.layout.line(record, json) + "\n";
        let written = self.sink.as_mut().map_or(Ok(()), |sink| sink.write_all(line.as_bytes()));
        written.map_err(pipe_error)
    }

    fn finish(&mut self, _n: u64) -> Result<(), ExportError> {
        let finish = |sink: sink::Sink<W>| sink.finish()?.flush();
        self.sink.take().map_or(Ok(()), finish).map_err(pipe_error)
    }
}

fn pipe_error(source: io::Error) -> ExportError {
    ExportError::Write { what: "the output".to_owned(), source }
}

const TOLD_EVERY: u64 = 1024;

#[cfg(test)]
mod tests;
