//! Which files were imported, and what they were like: `imports.jsonl` in the data folder, a line for
//! each time. It only tells files apart that begin the same; without it nothing is stored twice either.

use std::collections::{HashMap, HashSet};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use beaconry_protocol::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ImportError;
use super::identity::Identity;
use super::source::{FileLine, Source};

/// The files that were imported into a data folder.
#[derive(Debug)]
pub(super) struct Ledger {
    path: PathBuf,
    entries: HashMap<String, Entry>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    stream: String,
    file: String,
    /// Its whole lines.
    lines: u64,
    /// Those of them that were no records, and may have been mended since.
    refused: Vec<u64>,
    /// The SHA-256 of all others.
    hash: String,
}

impl Ledger {
    pub(super) fn read(data: &Path) -> Result<Self, ImportError> {
        let path = data.join(FILE);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            text => text.map_err(|source| error(&path, source))?,
        };
        // The last line may have been cut off; the file is imported again then, as far as it is new.
        let entries = text.lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok());
        let entries = entries.map(|entry| (entry.stream.clone(), entry)).collect();
        Ok(Self { path, entries })
    }

    pub(super) fn get(&self, identity: &Identity) -> Option<&Entry> {
        self.entries.get(&identity.to_hex())
    }

    /// Writes down that a file is imported as far as it is known.
    pub(super) fn remember(&mut self, known: &Known<'_>) -> Result<(), ImportError> {
        let entry = known.entry();
        if self.entries.get(&entry.stream) == Some(&entry) {
            return Ok(());
        }
        let write = || {
            let mut options = OpenOptions::new();
            let mut file = options.append(true).create(true).mode(0o600).open(&self.path)?;
            // After a line that was cut off, on a line of its own.
            writeln!(file, "\n{}", serde_json::to_string(&entry)?)?;
            file.sync_all()
        };
        write().map_err(|source| error(&self.path, source))?;
        self.entries.insert(entry.stream.clone(), entry);
        Ok(())
    }
}

impl Entry {
    /// The file that it was.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// What this file has in the place of the lines that were imported.
    pub(super) fn hash_of(&self, source: &Source) -> io::Result<String> {
        let refused: HashSet<_> = self.refused.iter().copied().collect();
        let mut hash = Sha256::new();
        let mut lines = source.lines()?;
        let mut count = 0;
        while count < self.lines
            && let Some(line) = lines.next()?
        {
            count = line.number;
            if !refused.contains(&line.number) {
                push(&mut hash, line.number, line.bytes);
            }
        }
        Ok(hex(&hash.finalize()))
    }

    pub(super) fn is_hash(&self, hash: &str) -> bool {
        self.hash == hash
    }
}

/// What becomes known of a file while it is read.
pub(super) struct Known<'s> {
    stream: String,
    source: &'s Source,
    lines: u64,
    refused: Vec<u64>,
    hash: Sha256,
}

impl<'s> Known<'s> {
    pub(super) fn new(identity: &Identity, source: &'s Source) -> Self {
        Self { stream: identity.to_hex(), source, lines: 0, refused: Vec::new(), hash: Sha256::new() }
    }

    pub(super) fn take(&mut self, line: &FileLine<'_>, is_record: bool) {
        if !line.is_ended {
            return;
        }
        self.lines = line.number;
        if is_record {
            push(&mut self.hash, line.number, line.bytes);
        } else {
            self.refused.push(line.number);
        }
    }

    fn entry(&self) -> Entry {
        Entry {
            stream: self.stream.clone(),
            file: self.source.shown(),
            lines: self.lines,
            refused: self.refused.clone(),
            hash: hex(&self.hash.clone().finalize()),
        }
    }
}

fn push(hash: &mut Sha256, number: u64, bytes: &[u8]) {
    hash.update(number.to_be_bytes());
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

fn error(path: &Path, source: io::Error) -> ImportError {
    ImportError::File { path: path.display().to_string(), source }
}

const FILE: &str = "imports.jsonl";
