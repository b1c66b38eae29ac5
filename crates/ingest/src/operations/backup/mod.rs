//! A copy of the data folder, made while the server goes on, and put back.
//!
//! # What is in it
//! Everything: the databases by SQLite's own way of copying, the journal as far as it was committed
//! when its turn came, uploads, secrets and the small files beside. The databases come first: what
//! they say of the journal is in the journal that is copied after them, and a start makes up for what
//! they do not say yet. `backup.json` lists every file with its length and SHA-256.
//!
//! # A backup in the place of another
//! The new one is made beside the old one, in `<name>.unfinished`, and takes its name when it is whole
//! and was read back. Sealed segments that did not change are the same files on disk (hard links), so
//! a daily backup costs a day's records. One that was killed is gone on with.

mod copying;
mod manifest;
mod restore;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use beaconry_protocol::format_millis;
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};

use super::{Progress, make_private_folders, names_below, sync_folder};
use crate::journal::Segment;

use copying::{copy, hash_file};
use manifest::{Entry, Manifest};
pub use restore::{Restored, UNFINISHED_RESTORE, restore};

/// A backup could not be made or put back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A file cannot be read or written.
    #[error("{path} could not be read or written")]
    File {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A database cannot be copied, or its copy is damaged.
    #[error("{path} could not be copied")]
    Database {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// The folder cannot be used for that.
    #[error("{path} {why}")]
    Folder {
        /// The folder.
        path: String,
        /// What it takes, and what it is.
        why: String,
    },
    /// A copy is not what it should be.
    #[error("{path} is damaged: {why}")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
}

/// What came of a backup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackedUp {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Records.
    pub records: u64,
    /// The last line of the journal that is in it.
    pub last_n: u64,
}

/// A data folder to copy.
pub struct Origin<'a> {
    /// The folder.
    pub data: &'a Path,
    /// The segments and how much of each is committed, now.
    pub committed: &'a dyn Fn() -> io::Result<Vec<Segment>>,
    /// A line that must be in the copy, since it was acknowledged before.
    pub last_n: u64,
}

impl std::fmt::Debug for Origin<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Origin").field("data", &self.data).finish_non_exhaustive()
    }
}

/// Makes a backup at `to`: a new place, or that of an older one. `now` is in epoch milliseconds.
///
/// # Errors
/// What is in the way. The older backup is still there then.
pub fn back_up(
    origin: &Origin<'_>,
    to: &Path,
    now: u64,
    progress: &dyn Progress,
) -> Result<BackedUp, BackupError> {
    // A link is followed once: the next backup belongs where this one is.
    let resolved = to.canonicalize();
    let to = resolved.as_deref().unwrap_or(to);
    let unfinished = beside(to, "unfinished");
    prepare(origin.data, to, &unfinished)?;
    let backup = Backup { data: origin.data, to: &unfinished, older_at: to, progress };
    let mut files = backup.databases()?;
    let segments = (origin.committed)().map_err(|source| file_error(origin.data, source))?;
    files.extend(backup.journal(&segments)?);
    files.extend(backup.others(&files)?);
    backup.remove_strangers(&files)?;
    let mut manifest = Manifest::new(format_millis(now), files);
    manifest.verify(&unfinished, progress)?;
    if manifest.last_n < origin.last_n {
        let why = format!("it goes up to line {} and not to {}", manifest.last_n, origin.last_n);
        return Err(BackupError::Damaged { path: shown(&unfinished), why });
    }
    manifest.write(&unfinished)?;
    let _ = fs::remove_file(unfinished.join(MARK));
    take_place(&unfinished, to)?;
    Ok(manifest.summary())
}

/// Makes sure that a backup may be made there, and that an interrupted one left nothing in between.
fn prepare(data: &Path, to: &Path, unfinished: &Path) -> Result<(), BackupError> {
    let previous = beside(to, "previous");
    let refused = |why: &str| Err(BackupError::Folder { path: shown(to), why: why.to_owned() });
    if to.exists() && !to.is_dir() {
        return refused("takes a folder: this is a file");
    }
    for (folder, of_ours) in [(previous.as_path(), manifest::FILE), (unfinished, MARK)] {
        if !is_free(folder) && !folder.join(of_ours).exists() && !folder.join(manifest::FILE).exists() {
            return refused(&format!("needs {} for itself, and that is not of a backup", shown(folder)));
        }
    }
    if !to.exists() && previous.exists() {
        fs::rename(&previous, to).map_err(|source| file_error(to, source))?;
    }
    let is_used = fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some());
    if is_used && !to.join(manifest::FILE).exists() {
        return refused("takes a new or empty folder, or an older backup: there is something else in it");
    }
    make_private_folders(unfinished).map_err(|source| file_error(unfinished, source))?;
    let inside = |path: &Path| path.canonicalize().ok().zip(data.canonicalize().ok());
    if inside(unfinished).is_some_and(|(to, data)| to.starts_with(data)) {
        let _ = fs::remove_dir(unfinished);
        return refused("takes a folder that is not in the data folder");
    }
    fs::write(unfinished.join(MARK), "").map_err(|source| file_error(unfinished, source))
}

fn is_free(folder: &Path) -> bool {
    !folder.exists() || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

/// What a folder has in it that a backup is being made in.
const MARK: &str = ".beaconry-backup";

/// Puts the new backup into the place of the old one.
fn take_place(unfinished: &Path, to: &Path) -> Result<(), BackupError> {
    let previous = beside(to, "previous");
    let swap = || {
        remove_folder(&previous)?;
        if to.exists() {
            fs::rename(to, &previous)?;
        }
        fs::rename(unfinished, to)?;
        sync_folder(to.parent().unwrap_or(Path::new(".")))?;
        remove_folder(&previous)
    };
    swap().map_err(|source| file_error(to, source))
}

/// A backup that is being made.
struct Backup<'a> {
    data: &'a Path,
    to: &'a Path,
    /// Where the older one is, if there is one.
    older_at: &'a Path,
    progress: &'a dyn Progress,
}

impl Backup<'_> {
    fn databases(&self) -> Result<Vec<Entry>, BackupError> {
        let mut entries = Vec::new();
        for name in self.names("")?.into_iter().filter(|name| name.ends_with(".db")) {
            self.progress.tell("copying the databases", 0, 0);
            let (from, to) = (self.data.join(&name), self.to.join(&name));
            let error = |source| BackupError::Database { path: shown(&from), source };
            copy_database(&from, &to).map_err(error)?;
            entries.push(Entry::of(self.to, name).map_err(|source| file_error(&to, source))?);
        }
        Ok(entries)
    }

    fn journal(&self, segments: &[Segment]) -> Result<Vec<Entry>, BackupError> {
        let total = segments.iter().map(|segment| segment.length).sum();
        let mut done = 0;
        let mut entries = Vec::new();
        for segment in segments {
            self.progress.tell("copying the journal", done, total);
            entries.extend(self.segment(segment)?);
            done += segment.length;
        }
        Ok(entries)
    }

    /// A segment in the form that it has: it may be sealed while this looks, or be deleted.
    fn segment(&self, segment: &Segment) -> Result<Option<Entry>, BackupError> {
        let plain = segment.name.path();
        let sealed = format!("{plain}.zst");
        let forms = [(&plain, Some(segment.length)), (&sealed, None), (&plain, Some(segment.length))];
        for (name, length) in forms {
            match self.file(name, length, length.is_none()) {
                Err(BackupError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
                entry => return entry.map(Some),
            }
        }
        Ok(None)
    }

    /// Everything that is neither a database nor journal.
    fn others(&self, copied: &[Entry]) -> Result<Vec<Entry>, BackupError> {
        let mut entries = Vec::new();
        for name in self.names("")? {
            let is_folder = self.data.join(&name).is_dir();
            let below = if is_folder { self.names(&format!("{name}/"))? } else { vec![name.clone()] };
            // The table of streams is made from the journal again; a copy of it beside writes would be none.
            let is_left_out = ["journal", "streams"].contains(&name.as_str());
            if is_left_out || copied.iter().any(|entry| entry.path == *name) {
                continue;
            }
            for name in below.into_iter().filter(|name| self.data.join(name).is_file()) {
                self.progress.tell("copying the files beside", 0, 0);
                match self.file(&name, None, is_folder) {
                    Err(BackupError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
                    entry => entries.push(entry?),
                }
            }
        }
        Ok(entries)
    }

    /// Copies a file. One that is written once is taken from where it is already, if it is the same.
    fn file(&self, name: &str, length: Option<u64>, is_constant: bool) -> Result<Entry, BackupError> {
        let (from, to) = (self.data.join(name), self.to.join(name));
        let error = |source| file_error(&from, source);
        make_private_folders(to.parent().unwrap_or(self.to)).map_err(error)?;
        if is_constant {
            let (bytes, sha256) = hash_file(&from).map_err(error)?;
            let entry = Entry { path: name.to_owned(), bytes, sha256 };
            let is_same =
                |path: &Path| hash_file(path).is_ok_and(|found| found == (bytes, entry.sha256.clone()));
            if is_same(&to) || (is_same(&self.older_at.join(name)) && self.link(name)) {
                return Ok(entry);
            }
        }
        let _ = fs::remove_file(&to);
        let (bytes, sha256) = copy(&from, &to, length).map_err(error)?;
        Ok(Entry { path: name.to_owned(), bytes, sha256 })
    }

    fn link(&self, name: &str) -> bool {
        let to = self.to.join(name);
        let _ = fs::remove_file(&to);
        fs::hard_link(self.older_at.join(name), to).is_ok()
    }

    /// The names in a folder of the data folder that are worth keeping.
    fn names(&self, folder: &str) -> Result<Vec<String>, BackupError> {
        let path = self.data.join(folder);
        let read = || {
            let entries = fs::read_dir(&path)?.collect::<Result<Vec<_>, _>>()?;
            let names = entries.into_iter().filter_map(|entry| entry.file_name().into_string().ok());
            io::Result::Ok(names.filter(|name| is_kept(name)).map(|name| format!("{folder}{name}")).collect())
        };
        let mut names: Vec<_> = read().map_err(|source| file_error(&path, source))?;
        names.sort();
        Ok(names)
    }

    /// What an interrupted run copied and is not there any more.
    fn remove_strangers(&self, files: &[Entry]) -> Result<(), BackupError> {
        let own = |path: &str| files.iter().any(|entry| entry.path == path);
        names_below(self.to)
            .and_then(|names| {
                names
                    .iter()
                    .filter(|name| !own(name) && *name != MARK)
                    .try_for_each(|name| fs::remove_file(self.to.join(name)))
            })
            .map_err(|source| file_error(self.to, source))
    }
}

/// Locks, sockets, drafts and what SQLite keeps beside a database are of the running server.
fn is_kept(name: &str) -> bool {
    let is_passing = name.starts_with('.') || ["lock", "control.sock"].contains(&name);
    !is_passing
        && ![".unfinished", ".draft", "-wal", "-shm", "-journal"].iter().any(|end| name.ends_with(end))
}

fn copy_database(from: &Path, to: &Path) -> rusqlite::Result<()> {
    let _ = fs::remove_file(to);
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    source.busy_timeout(BUSY_TIME)?;
    drop(copying::private(to));
    let mut copy = Connection::open(to)?;
    // All at once: it reads one moment, and in WAL mode nobody waits for it.
    rusqlite::backup::Backup::new(&source, &mut copy)?.step(-1)?;
    // The copy is one file; whoever opens it makes it a WAL one again.
    copy.pragma_update(None, "journal_mode", "delete")?;
    copy.close().map_err(|(_, error)| error)
}

fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A path beside another one: its name with an ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

fn file_error(path: &Path, source: io::Error) -> BackupError {
    BackupError::File { path: shown(path), source }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

const BUSY_TIME: std::time::Duration = std::time::Duration::from_secs(30);
