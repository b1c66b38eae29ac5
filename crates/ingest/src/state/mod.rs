//! `state.db`: what is nowhere else and must outlive the journal. Keys are in it so far.
//!
//! It is a SQLite file with `synchronous=FULL`: what a method here has done is on disk. Only its owner
//! may read it (0600). The server and commands beside it may have it open at the same time; each change
//! is one transaction. Its version is SQLite's `user_version`: an older file is brought up to date when
//! it is opened, a newer one is left alone.

mod keys;
mod schema;

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

pub use keys::{KeyRow, TokenRow};

/// The open file.
#[derive(Debug)]
pub struct State {
    connection: Connection,
}

/// What the file holds cannot be read or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// SQLite says no.
    #[error("state.db could not be used")]
    Sqlite(#[from] rusqlite::Error),
    /// There can be no file at that path.
    #[error("{} cannot be opened", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A newer beaconry has written it.
    #[error("state.db has version {0}, this beaconry reads up to {known}: upgrade it", known = schema::VERSION)]
    Newer(u32),
    /// There is a key of this name.
    #[error(
        "there is a key {0:?} already, which keeps its name when it is revoked: choose another name, or change one that is in use with keys rotate"
    )]
    NameTaken(String),
    /// There is no key of this name that still lets anything in.
    #[error("there is no key {0:?} that is in use: keys list shows those there are")]
    NoSuchKey(String),
    /// The system gives no random bits.
    #[error("the system has no random numbers for a new key")]
    NoRandomness,
    /// The system gives no thread.
    #[error("the system has no thread to look after the keys")]
    NoThread(#[source] io::Error),
}

impl State {
    /// Opens `state.db` in the data folder, and makes folder and file if they are not there.
    ///
    /// # Errors
    /// When it cannot be used, or is of a newer version.
    pub fn open(folder: &Path) -> Result<Self, StateError> {
        let path = folder.join("state.db");
        make_private(folder, &path).map_err(|source| StateError::Unusable { path: path.clone(), source })?;
        Self::prepare(Connection::open(&path)?)
    }

    /// Changes whenever somebody else has changed the file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn data_version(&self) -> Result<i64, StateError> {
        Ok(self.connection.pragma_query_value(None, "data_version", |row| row.get(0))?)
    }

    fn prepare(mut connection: Connection) -> Result<Self, StateError> {
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        schema::migrate(&mut connection)?;
        Ok(Self { connection })
    }
}

/// SQLite makes its files with the mode of the first one.
fn make_private(folder: &Path, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if !folder.exists() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map(drop)
}

/// How long a change waits for that of another process.
const BUSY: Duration = Duration::from_secs(5);

#[cfg(test)]
impl State {
    /// One in memory.
    pub(crate) fn in_memory() -> Self {
        Self::prepare(Connection::open_in_memory().unwrap()).unwrap()
    }
}
