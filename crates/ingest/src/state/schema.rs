//! The tables, as a list of steps: step N brings a file of version N to version N + 1. A step that was
//! released is never changed; what is to be different comes as another step.

use rusqlite::{Connection, TransactionBehavior};

use super::StateError;

/// Brings a file up to date. Each step is a transaction with its new version, so one that was cut off
/// has not happened.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StateError> {
    loop {
        // Immediate: of two processes that open an old file, one waits and finds nothing to do.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version > VERSION {
            return Err(StateError::Newer(version));
        }
        let Some(step) = STEPS.get(version as usize) else { return Ok(()) };
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", version + 1)?;
        transaction.commit()?;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a handful of steps")]
pub(super) const VERSION: u32 = STEPS.len() as u32;

const STEPS: &[&str] = &[
    // Keys. A key has a token, and a second one while it is rotated. Of secret ones only the hash is kept.
    // Lists are JSON; NULL is "whatever the server allows". Times are epoch milliseconds.
    "CREATE TABLE keys (
        name TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        origins TEXT,
        types TEXT,
        rate REAL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER,
        revoked_at INTEGER
    ) STRICT;
    CREATE TABLE tokens (
        hash BLOB PRIMARY KEY,
        key TEXT NOT NULL REFERENCES keys(name),
        readable TEXT,
        created_at INTEGER NOT NULL,
        expires_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tokens_of_key ON tokens(key);",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_brought_up_to_date_once_and_a_newer_one_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        let count: i64 = connection.query_row("SELECT count(*) FROM keys", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0);
        connection.pragma_update(None, "user_version", VERSION + 1).unwrap();
        let refused = migrate(&mut connection).unwrap_err().to_string();
        assert!(refused.contains(&format!("up to {VERSION}")), "{refused}");
    }
}
