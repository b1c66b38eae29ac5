//! Questions about what is stored. The index says where records are and what they add up to, the
//! journal says what they are.
//!
//! Every question is asked on a connection of its own that can only read; answers never hold up the
//! index, and a question that takes long never holds up another one.

mod events;
mod export;
mod params;
mod pulse;
mod telemetry;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};

use crate::journal::{Files, Tail};

pub use events::EventsQuery;
pub use export::{ExportQuery, Extent};
pub use params::{BadParameter, Params};
pub(crate) use pulse::ACTIVE_MINUTES;
pub use pulse::Pulse;
pub use telemetry::{Bucket, DAYS_BY_MINUTE, Period, Point, TelemetryQuery, TelemetryReport, TopName};

/// Answers questions.
#[derive(Debug)]
pub struct Queries {
    index_path: PathBuf,
    files: Arc<dyn Files>,
    tail: Arc<Tail>,
    idle: Mutex<Vec<Connection>>,
}

/// The question could not be answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The index cannot be read.
    #[error("the index could not be read")]
    Sqlite(#[from] rusqlite::Error),
    /// The journal cannot be read.
    #[error("the journal could not be read")]
    Io(#[from] std::io::Error),
}

impl Queries {
    /// Answers from the index at `index_path` and the journal in `files` up to `tail`.
    pub fn new(index_path: PathBuf, files: Arc<dyn Files>, tail: Arc<Tail>) -> Self {
        Self { index_path, files, tail, idle: Mutex::default() }
    }

    /// Runs `ask` on a connection; all it reads is of one moment.
    fn read<T>(&self, ask: impl FnOnce(&Connection) -> Result<T, QueryError>) -> Result<T, QueryError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => Connection::open_with_flags(&self.index_path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        let transaction = connection.transaction()?;
        let answer = ask(&transaction)?;
        drop(transaction);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_CONNECTIONS {
            idle.push(connection);
        }
        Ok(answer)
    }
}

const IDLE_CONNECTIONS: usize = 4;
