//! The tables of the index.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};

use crate::journal::Position;

/// Opens the file and makes the tables if they are not there. A file of another version is an error.
pub(super) fn open(path: &Path) -> rusqlite::Result<Connection> {
    // SQLite gives the files that it puts beside this one the same mode.
    let _ = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // Enough in WAL mode: a power cut may take the last transactions back, never tear one.
    connection.pragma_update(None, "synchronous", "normal")?;
    // A page that many groups write goes from the log into the file once.
    connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    // The pages of one group, and those of its neighbours.
    connection.pragma_update(None, "cache_size", CACHED_PAGES)?;
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        0 => {
            connection.execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;"))?
        }
        VERSION => {}
        // No failure of SQLite's; see `IndexError::is_of_the_file`.
        _ => return Err(rusqlite::Error::InvalidQuery),
    }
    Ok(connection)
}

/// Deletes the file and what SQLite put beside it.
pub(super) fn delete(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(PathBuf::from(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

pub(super) fn position(connection: &Connection) -> rusqlite::Result<Position> {
    connection.query_row("SELECT n, offset, length FROM position", (), |row| {
        Ok(Position { n: row.get(0)?, offset: row.get(1)?, length: row.get(2)? })
    })
}

pub(super) fn set_position(connection: &Connection, position: Position) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE position SET n = ?, offset = ?, length = ?")?.execute((
        position.n,
        position.offset,
        position.length,
    ))?;
    Ok(())
}

pub(super) fn last_received_at(connection: &Connection) -> rusqlite::Result<Option<u64>> {
    connection
        .query_row("SELECT received_ms FROM records ORDER BY n DESC LIMIT 1", (), |row| row.get(0))
        .optional()
}

/// Of 4 KiB each.
const LOG_PAGES: u32 = 8_192;
const CACHED_PAGES: u32 = 2_048;

/// Another number makes every index be built anew at the next start.
const VERSION: u32 = 2;

const TABLES: &str = "
CREATE TABLE position (n INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL) STRICT;
INSERT INTO position VALUES (0, 0, 0);

-- One row a record; where it is in the journal, and what records are looked for by.
CREATE TABLE records (
    n            INTEGER PRIMARY KEY,
    offset       INTEGER NOT NULL,
    length       INTEGER NOT NULL,
    type         TEXT    NOT NULL,
    name         TEXT,
    level        TEXT,
    session_id   TEXT,
    user_id      TEXT,
    stream       BLOB,
    seq          INTEGER,
    timestamp_ms INTEGER NOT NULL,
    received_ms  INTEGER NOT NULL
) STRICT;
CREATE INDEX records_by_type    ON records (type);
CREATE INDEX records_by_name    ON records (name)       WHERE name IS NOT NULL;
CREATE INDEX records_by_session ON records (session_id) WHERE session_id IS NOT NULL;
-- Keeps a second copy out, which only a stranger can have put into the journal.
CREATE UNIQUE INDEX records_by_stream ON records (stream, seq) WHERE stream IS NOT NULL;

-- How many records of a type and name were received in a minute or hour that began at `start`.
CREATE TABLE rollups (
    grain INTEGER NOT NULL,
    start INTEGER NOT NULL,
    type  TEXT    NOT NULL,
    name  TEXT    NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (grain, start, type, name)
) STRICT, WITHOUT ROWID;

-- Who was there in the hour that began at `hour`: a session or a user, by what was received of them.
CREATE TABLE visitors (
    kind  TEXT    NOT NULL,
    hour  INTEGER NOT NULL,
    type  TEXT    NOT NULL,
    event TEXT    NOT NULL,
    id    TEXT    NOT NULL,
    PRIMARY KEY (kind, hour, type, event, id)
) STRICT, WITHOUT ROWID;
";
