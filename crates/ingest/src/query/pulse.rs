//! What has been going on lately.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::{Queries, QueryError};
use crate::index::MINUTE_MILLIS;

/// What has been going on lately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pulse {
    /// Sessions of which something was received in the last five minutes.
    pub active_sessions: u64,
    /// Whether there are more: among so many records, only the newest were looked at.
    pub are_more: bool,
    /// Records that were received in the last five minutes.
    pub last_minutes: u64,
    /// Errors that were received in the last hour.
    pub errors: u64,
    /// Records that were received in the last hour.
    pub last_hour: u64,
    /// How long the index took to say where it is.
    pub latency: Duration,
}

impl Queries {
    /// Takes the pulse at `now`, in epoch milliseconds.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn pulse(&self, now: u64) -> Result<Pulse, QueryError> {
        self.read(|connection| {
            let begun = Instant::now();
            connection.query_row("SELECT n FROM position", (), |row| row.get::<_, u64>(0))?;
            let latency = begun.elapsed();
            let (last_hour, errors) = counts_since(connection, now.saturating_sub(60 * MINUTE_MILLIS))?;
            let since = now.saturating_sub(ACTIVE_MINUTES * MINUTE_MILLIS);
            let (last_minutes, _) = counts_since(connection, since)?;
            let looked_at = last_minutes.min(RECORDS_LOOKED_AT);
            let active_sessions = sessions(connection, looked_at, since)?;
            let are_more = last_minutes > looked_at;
            Ok(Pulse { active_sessions, are_more, last_minutes, errors, last_hour, latency })
        })
    }
}

/// All records and errors since the minute of `since`.
fn counts_since(connection: &Connection, since: u64) -> rusqlite::Result<(u64, u64)> {
    connection
        .prepare_cached(
            "SELECT COALESCE(SUM(count), 0), COALESCE(SUM(count) FILTER (WHERE type = 'error'), 0)
             FROM rollups WHERE grain = ? AND start >= ?",
        )?
        .query_row((MINUTE_MILLIS, since - since % MINUTE_MILLIS), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// How many sessions are among the newest records.
fn sessions(connection: &Connection, records: u64, since: u64) -> rusqlite::Result<u64> {
    connection
        .prepare_cached(
            "SELECT COUNT(DISTINCT session_id)
             FROM (SELECT session_id, received_ms FROM records ORDER BY n DESC LIMIT ?)
             WHERE received_ms >= ?",
        )?
        .query_row((records, since), |row| row.get(0))
}

/// How long a session counts as active after its last record.
pub(crate) const ACTIVE_MINUTES: u64 = 5;

/// They are read in some tens of milliseconds.
const RECORDS_LOOKED_AT: u64 = 100_000;
