//! The index: what questions need to find records fast. It follows the journal, holds nothing that
//! the journal does not say, and may be deleted at any time: it is made again with the same answers.
//!
//! `index.db` is a SQLite file. What a group of lines adds is written in one transaction together
//! with the position of the last of them, so a crash neither loses nor repeats a line. The records
//! themselves stay in the journal; the index knows where. Beside them it keeps counts by minute and
//! hour, and who was there in which hour. Times are those of the server (`received_at`): clocks of
//! browsers are not corrected yet, and a wrong one must not hide a record.

mod check;
mod dump;
mod follower;
mod rollups;
mod row;
mod schema;
mod writer;

use std::path::PathBuf;

use rusqlite::{Connection, ErrorCode};

use crate::journal::Position;
use crate::signals::{IndexMadeAnew, Signal};

pub use check::{Disagreement, IndexCheck};
pub use follower::{Follower, Progress};
pub(crate) use rollups::{HOUR_MILLIS, MINUTE_MILLIS, floor};

/// The index, open for writing. There is only ever one.
#[derive(Debug)]
pub struct Index {
    connection: Connection,
    path: PathBuf,
}

impl Index {
    /// Opens the index file. One that is damaged or of another version is replaced by an empty one.
    ///
    /// # Errors
    /// When there can be none at that path, or another process keeps it from being opened. The file
    /// is left alone then.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, IndexError> {
        let path = path.into();
        match schema::open(&path).map_err(IndexError::from) {
            Ok(connection) => Ok(Self { connection, path }),
            Err(error) if error.is_of_the_file() => {
                IndexMadeAnew { error: Some(&error) }.emit();
                schema::delete(&path)?;
                Ok(Self { connection: schema::open(&path)?, path })
            }
            Err(error) => Err(error),
        }
    }

    /// Begins again with an empty index.
    ///
    /// # Errors
    /// When the file cannot be replaced.
    pub fn reset(self) -> Result<Self, IndexError> {
        let Self { connection, path } = self;
        drop(connection);
        schema::delete(&path)?;
        Self::open(path)
    }

    /// How far the index is.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn position(&self) -> Result<Position, IndexError> {
        Ok(schema::position(&self.connection)?)
    }

    /// When the last indexed record was received, in epoch milliseconds.
    fn last_received_at(&self) -> Result<Option<u64>, IndexError> {
        Ok(schema::last_received_at(&self.connection)?)
    }
}

/// The index cannot be used. No record is lost by that: the journal has them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// SQLite says no.
    #[error("the index could not be used")]
    Sqlite(#[from] rusqlite::Error),
    /// The index file cannot be replaced, or the journal not be read.
    #[error("a file could not be read or replaced")]
    Io(#[from] std::io::Error),
}

impl IndexError {
    /// Whether another file would be better: this one is damaged, no index, or of another version. A
    /// lock, a full disk or a missing permission says nothing against the file.
    pub(crate) fn is_of_the_file(&self) -> bool {
        match self {
            Self::Io(_) => false,
            Self::Sqlite(rusqlite::Error::SqliteFailure(error, _)) => {
                matches!(error.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
                    // A statement that does not fit the tables.
                    || error.extended_code == SQLITE_ERROR
            }
            // Columns or rows that are not as we made them.
            Self::Sqlite(_) => true,
        }
    }
}

const SQLITE_ERROR: i32 = 1;

#[cfg(test)]
mod tests;
