//! What a backup holds: `backup.json`, written last.

use std::fs;
use std::io;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};

use super::copying::hash_file;
use super::{BackedUp, BackupError, file_error, shown};
use crate::journal::RealFiles;
use crate::operations::{Progress, read_between, snapshot, write_whole};

/// The files of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    /// The version of this format.
    beaconry: u32,
    pub(super) created_at: String,
    records: u64,
    pub(super) last_n: u64,
    pub(super) files: Vec<Entry>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Below the folder, with `/` in between.
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl Entry {
    pub(super) fn of(folder: &Path, path: String) -> io::Result<Self> {
        let (bytes, sha256) = hash_file(&folder.join(&path))?;
        Ok(Self { path, bytes, sha256 })
    }
}

impl Manifest {
    pub(super) fn new(created_at: String, files: Vec<Entry>) -> Self {
        Self { beaconry: VERSION, created_at, records: 0, last_n: 0, files }
    }

    /// Reads that of a backup.
    pub(super) fn read(folder: &Path) -> Result<Self, BackupError> {
        let path = folder.join(FILE);
        let damaged = |why: String| BackupError::Damaged { path: shown(&path), why };
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let why = format!("takes the folder of a finished backup: there is no {FILE} in it");
                return Err(BackupError::Folder { path: shown(folder), why });
            }
            bytes => bytes.map_err(|source| file_error(&path, source))?,
        };
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if manifest.beaconry > VERSION {
            return Err(damaged(format!("it is of format {}, this is for {VERSION}", manifest.beaconry)));
        }
        let is_inside = |path: &str| {
            Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)))
        };
        match manifest.files.iter().find(|entry| !is_inside(&entry.path)) {
            Some(entry) => Err(damaged(format!("{:?} leads out of it", entry.path))),
            None => Ok(manifest),
        }
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), BackupError> {
        let path = folder.join(FILE);
        let bytes = serde_json::to_vec_pretty(self).map_err(|error| file_error(&path, error.into()))?;
        write_whole(&path, &bytes).map_err(|source| file_error(&path, source))
    }

    pub(super) fn summary(&self) -> BackedUp {
        let bytes = self.files.iter().map(|entry| entry.bytes).sum();
        BackedUp { files: self.files.len() as u64, bytes, records: self.records, last_n: self.last_n }
    }

    /// Reads every file back, and the journal and the databases as what they are. Counts the records.
    pub(super) fn verify(&mut self, folder: &Path, progress: &dyn Progress) -> Result<(), BackupError> {
        let total = self.files.iter().map(|entry| entry.bytes).sum();
        let mut done = 0;
        for entry in &self.files {
            progress.tell("reading the copy back", done, total);
            entry.verify(folder)?;
            done += entry.bytes;
        }
        (self.records, self.last_n) = count_records(folder).map_err(|source| file_error(folder, source))?;
        Ok(())
    }
}

impl Entry {
    fn verify(&self, folder: &Path) -> Result<(), BackupError> {
        let path = folder.join(&self.path);
        let damaged = |why: &str| BackupError::Damaged { path: shown(&path), why: why.to_owned() };
        let (bytes, sha256) = match hash_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(damaged("it is not there")),
            hashed => hashed.map_err(|source| file_error(&path, source))?,
        };
        if (bytes, &sha256) != (self.bytes, &self.sha256) {
            return Err(damaged("its bytes are not those that were copied"));
        }
        if self.path.ends_with(".db") && !is_sound(&path) {
            return Err(damaged("SQLite finds mistakes in it"));
        }
        Ok(())
    }
}

fn is_sound(path: &Path) -> bool {
    let check = || {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.query_row("PRAGMA quick_check(1)", (), |row| row.get::<_, String>(0))
    };
    check().is_ok_and(|answer: String| answer == "ok")
}

/// The records of the journal in a folder, and the number of the last one.
fn count_records(folder: &Path) -> io::Result<(u64, u64)> {
    let files = RealFiles::open(folder)?;
    let segments = snapshot(&files)?;
    let (mut records, mut last_n) = (0, 0);
    read_between(&files, &segments, 0, u64::MAX, |_, line| {
        records += 1;
        last_n = line.n;
        true
    })?;
    Ok((records, last_n))
}

pub(super) const FILE: &str = "backup.json";
const VERSION: u32 = 1;
