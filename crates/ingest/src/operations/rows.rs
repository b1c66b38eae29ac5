//! The rows of the index that speak of records which go.
//!
//! On a connection beside the one that the index is written by. Deleted bytes are overwritten, and the
//! write-ahead log is emptied at the end, so that nothing of a record is left in the files.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params_from_iter};

use crate::journal::SegmentInfo;

/// The rows of an index.
pub(super) struct Rows(Connection);

/// What a group of rows holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// Their numbers, ascending.
    pub(super) numbers: Vec<u64>,
    /// How many there are of each kind, such as `log debug`.
    pub(super) kinds: BTreeMap<String, u64>,
}

impl Rows {
    pub(super) fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIME)?;
        connection.pragma_update(None, "secure_delete", true)?;
        Ok(Self(connection))
    }

    /// The last line that is indexed.
    pub(super) fn position_n(&self) -> rusqlite::Result<u64> {
        self.0.query_row("SELECT n FROM position", (), |row| row.get(0))
    }

    /// When the oldest and the newest record from line `first` on and before `next` were received.
    pub(super) fn ages(&self, first: u64, next: u64) -> rusqlite::Result<Option<(u64, u64)>> {
        let sql = "SELECT min(received_ms), max(received_ms) FROM records WHERE n >= ? AND n < ?";
        let ages = |row: &rusqlite::Row<'_>| Ok(row.get::<_, Option<u64>>(0)?.zip(row.get(1)?));
        self.0.query_row(sql, (first, next.min(i64::MAX.cast_unsigned())), ages)
    }

    /// The rows of a segment that were received before `cutoff`.
    pub(super) fn received_before(&self, segment: &SegmentInfo, cutoff: u64) -> rusqlite::Result<Group> {
        self.group("n >= ? AND n < ? AND received_ms < ?", [segment.name.first, segment.next_first, cutoff])
    }

    /// The rows of a segment for which `condition` holds; it comes out of this program.
    pub(super) fn matching(&self, segment: &SegmentInfo, condition: &str) -> rusqlite::Result<Group> {
        let range = [segment.name.first, segment.next_first];
        self.group(&format!("n >= ? AND n < ? AND ({condition})"), range)
    }

    fn group<const P: usize>(&self, condition: &str, range: [u64; P]) -> rusqlite::Result<Group> {
        let sql = format!("SELECT n, type, level FROM records WHERE {condition} ORDER BY n");
        let mut statement = self.0.prepare(&sql)?;
        let mut rows = statement.query(params_from_iter(range))?;
        let mut group = Group::default();
        while let Some(row) = rows.next()? {
            group.numbers.push(row.get(0)?);
            let (kind, level): (String, Option<String>) = (row.get(1)?, row.get(2)?);
            let kind = level.map_or(kind.clone(), |level| format!("{kind} {level}"));
            *group.kinds.entry(kind).or_default() += 1;
        }
        Ok(group)
    }

    /// Deletes rows, some thousand at a time, so that the index can go on in between.
    pub(super) fn delete(&mut self, numbers: &[u64]) -> rusqlite::Result<()> {
        for some in numbers.chunks(ROWS_AT_ONCE) {
            let transaction = self.0.transaction()?;
            let mut delete = transaction.prepare_cached("DELETE FROM records WHERE n = ?")?;
            for n in some {
                delete.execute([n])?;
            }
            drop(delete);
            transaction.commit()?;
        }
        Ok(())
    }

    /// Deletes the rows before a line.
    pub(super) fn delete_below(&self, n: u64) -> rusqlite::Result<()> {
        self.0.execute("DELETE FROM records WHERE n < ?", [n]).map(drop)
    }

    /// Deletes what is known of who was there, of these ids.
    pub(super) fn delete_visitors(&mut self, ids: impl Iterator<Item = String>) -> rusqlite::Result<()> {
        let transaction = self.0.transaction()?;
        for id in ids {
            transaction.execute("DELETE FROM visitors WHERE id = ?", [id])?;
        }
        transaction.commit()
    }

    /// Writes the whole file anew, without what is left in it of rows that were deleted or moved.
    pub(super) fn vacuum(&self) -> rusqlite::Result<()> {
        self.0.execute_batch("VACUUM")
    }

    /// Deletes what is known of who was there before a time.
    pub(super) fn delete_visitors_before(&mut self, cutoff: u64) -> rusqlite::Result<()> {
        self.0.execute("DELETE FROM visitors WHERE hour < ?", [cutoff]).map(drop)
    }

    /// Bytes of the file that are not used any more, and will be again.
    pub(super) fn free_bytes(&self) -> rusqlite::Result<u64> {
        let pragma = |name| self.0.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
        Ok(pragma("freelist_count")? * pragma("page_size")?)
    }

    /// Puts everything into the main file and empties the log beside it, if nobody reads just now.
    pub(super) fn empty_log(&self) -> rusqlite::Result<bool> {
        let is_busy: Option<bool> =
            self.0.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0)).optional()?;
        Ok(is_busy == Some(false))
    }
}

const ROWS_AT_ONCE: usize = 5_000;
const BUSY_TIME: Duration = Duration::from_secs(30);
