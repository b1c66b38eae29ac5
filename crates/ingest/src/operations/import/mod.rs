//! Records of files into the journal: our own exports, and the files of the systems before us.
//!
//! # Whose record is it
//! A record of ours has an id and keeps it. Every other line gets one of its place: a file is a
//! stream, known by its first line (and its type), and the number of the line is the `seq`. So a line
//! is the same record whatever the file is called, wherever it is copied to, packed or not, and while
//! it grows; a line that was damaged and has been mended is the one that was missing. The duplicate
//! check does the rest: a file may be imported again and again, after a kill too, and nothing is
//! stored twice.
//!
//! Two files that begin with the same line and go on differently would hide records of each other.
//! What was imported is therefore remembered in `imports.jsonl` with a hash, and such a file refused.
//!
//! # What is stored
//! A record of ours as it is, since it went through the pipeline when it was received. Any other goes
//! through it now, and `received_at` is what the line says of it, or its `timestamp`.

mod identity;
mod ledger;
mod line;
mod record;
mod source;

use std::fs;
use std::io;
use std::path::Path;

use beaconry_protocol::cut;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Progress;
use crate::intake::{BatchOutcome, Fate};
use crate::pipeline::Privacy;

use identity::Identity;
use ledger::{Known, Ledger};
use line::Reader;
pub use record::Record;
pub use source::{Source, find_sources};

/// Records could not be brought in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// A file cannot be read or written.
    #[error("{path} could not be read or written")]
    File {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file to import cannot be read.
    #[error("{path} could not be read")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is not what it was.
    #[error(
        "{path} begins with the line that {known} began with when it was imported, and goes on differently: \
         some of its records could not be told from those; if you want all of them, some perhaps twice, \
         import it with --as-new"
    )]
    AnotherFile {
        /// The file.
        path: String,
        /// The file that was imported.
        known: String,
    },
    /// The records cannot be stored.
    #[error("the records could not be stored")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Where records go.
pub trait Target {
    /// Stores records and says what became of them.
    ///
    /// # Errors
    /// When they are not on disk, or may not be.
    fn store(&mut self, records: Vec<Record>) -> Result<Taken, ImportError>;
}

/// What became of records: those that are neither new nor refused were there already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// How many are on disk and were not before.
    pub new: u64,
    /// Which are not taken, and why.
    pub refused: Vec<String>,
}

impl Taken {
    /// What a batch tells of its records.
    pub fn of(outcome: &BatchOutcome) -> Self {
        let mut taken = Self::default();
        for record in &outcome.records {
            match &record.fate {
                Fate::Recorded(_) => taken.new += 1,
                Fate::Duplicate(_) => {}
                Fate::Rejected { message, .. } => {
                    let id = record.id.map_or(String::new(), |id| format!("{id}: "));
                    taken.refused.push(id + message);
                }
            }
        }
        taken
    }
}

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Records that are stored now and were not before.
    pub new: u64,
    /// Records that were there already.
    pub known: u64,
    /// Lines that are no records.
    pub refused: u64,
    /// Files that were left out, whole or from where they could not be read on, and why.
    pub left: Vec<String>,
}

/// An import into one data folder.
pub struct Import<'a> {
    target: &'a mut dyn Target,
    privacy: &'a Privacy,
    progress: &'a dyn Progress,
    data: &'a Path,
    ledger: Ledger,
    /// What is told of lines that are no records.
    tell: &'a mut dyn FnMut(&str),
    refused: String,
    options: &'a ImportOptions,
    imported: Imported,
    bytes: u64,
    total: u64,
}

/// What is said of all files.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// The app of records that name none.
    pub app: Option<String>,
    /// Takes a file that begins like another one as one of its own.
    pub as_new: bool,
    /// The time of records that say none, in epoch milliseconds.
    pub now: u64,
}

impl std::fmt::Debug for Import<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Import").field("imported", &self.imported).finish_non_exhaustive()
    }
}

impl<'a> Import<'a> {
    /// Prepares an import into the data folder `data`.
    ///
    /// # Errors
    /// When what was imported before cannot be read.
    pub fn new(
        data: &'a Path,
        target: &'a mut dyn Target,
        privacy: &'a Privacy,
        options: &'a ImportOptions,
        progress: &'a dyn Progress,
        tell: &'a mut dyn FnMut(&str),
    ) -> Result<Self, ImportError> {
        let ledger = Ledger::read(data)?;
        let (refused, imported) = (String::new(), Imported::default());
        Ok(Self {
            target,
            privacy,
            progress,
            data,
            ledger,
            tell,
            refused,
            options,
            imported,
            bytes: 0,
            total: 0,
        })
    }

    /// Imports files, one after the other. One that cannot be imported keeps back none of the others.
    ///
    /// # Errors
    /// The first thing that is in the way of all. What was imported before it stays.
    pub fn run(mut self, sources: &[Source]) -> Result<Imported, ImportError> {
        self.total = sources.iter().map(|source| source.bytes).sum();
        let done = sources.iter().try_for_each(|source| self.import_or_leave(source));
        self.set_aside()?;
        done.map(|()| self.imported)
    }

    fn import_or_leave(&mut self, source: &Source) -> Result<(), ImportError> {
        let left = match self.import(source) {
            Err(error @ ImportError::AnotherFile { .. }) => Some(error.to_string()),
            Err(ImportError::Unreadable { path, source }) => {
                Some(format!("{path} could not be read: {source}"))
            }
            done => done.map(|()| None)?,
        };
        self.imported.left.extend(left);
        self.bytes += source.bytes;
        self.progress.tell("importing", self.bytes, self.total);
        Ok(())
    }

    fn import(&mut self, source: &Source) -> Result<(), ImportError> {
        let Some(identity) = self.identity(source)? else { return Ok(()) };
        let mut known = Known::new(&identity, source);
        let mut lines = source.lines().map_err(|error| source.error(error))?;
        let reader = Reader::new(source, &identity, self.privacy, self.options);
        let mut records = Vec::new();
        while let Some(line) = lines.next().map_err(|error| source.error(error))? {
            let read = reader.read(line.number, line.bytes);
            known.take(&line, read.is_ok());
            match read {
                Ok(record) => records.extend(record),
                Err(why) => self.refuse(source, line.number, line.bytes, &why),
            }
            if records.len() >= RECORDS_AT_ONCE {
                self.store(&mut records)?;
                self.progress.tell("importing", self.bytes + lines.bytes_read(), self.total);
            }
        }
        self.store(&mut records)?;
        self.ledger.remember(&known)
    }

    /// The stream of a file; `None` if it is empty. A file that is not what it was is refused.
    fn identity(&self, source: &Source) -> Result<Option<Identity>, ImportError> {
        let Some(identity) = Identity::of(source, None).map_err(|error| source.error(error))? else {
            return Ok(None);
        };
        let Some(known) = self.ledger.get(&identity) else { return Ok(Some(identity)) };
        let hash = known.hash_of(source).map_err(|error| source.error(error))?;
        if known.is_hash(&hash) {
            return Ok(Some(identity));
        }
        if !self.options.as_new {
            let (path, known) = (source.shown(), known.file().to_owned());
            return Err(ImportError::AnotherFile { path, known });
        }
        Identity::of(source, Some(&hash)).map_err(|error| source.error(error))
    }

    fn store(&mut self, records: &mut Vec<Record>) -> Result<(), ImportError> {
        if records.is_empty() {
            return Ok(());
        }
        let count = records.len() as u64;
        let Taken { new, refused } = self.target.store(std::mem::take(records))?;
        self.imported.new += new;
        self.imported.known += count - new - refused.len() as u64;
        self.imported.refused += refused.len() as u64;
        for why in refused {
            (self.tell)(&why);
            self.refused.push_str(&format!("{}\n", json!({"why": why})));
        }
        Ok(())
    }

    fn refuse(&mut self, source: &Source, number: u64, bytes: &[u8], why: &str) {
        self.imported.refused += 1;
        (self.tell)(&format!("{}:{number}: {why}", source.shown()));
        let text = String::from_utf8_lossy(bytes);
        let entry =
            json!({"file": source.shown(), "line": number, "why": why, "text": cut(&text, TEXT_BYTES)});
        self.refused.push_str(&format!("{entry}\n"));
    }

    /// The lines that this import could not read, in the place of those of the last one.
    fn set_aside(&self) -> Result<(), ImportError> {
        let path = self.data.join(REFUSED);
        let written = match self.refused.as_str() {
            "" => fs::remove_file(&path).or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            }),
            text => super::write_whole(&path, text.as_bytes()),
        };
        written.map_err(|source| ImportError::File { path: path.display().to_string(), source })
    }
}

/// The file of lines that the last import could not read, in the data folder.
pub const REFUSED: &str = "import-refused.jsonl";

const RECORDS_AT_ONCE: usize = 500;
const TEXT_BYTES: usize = 4 * 1024;

#[cfg(test)]
mod tests;

/// The key that imported records are counted under.
const KEY: &str = "import";
