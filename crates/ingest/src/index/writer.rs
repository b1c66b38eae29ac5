//! One transaction: a group of lines, what they add up to, and the position behind them.

use rusqlite::Transaction;

use super::rollups::Rollups;
use super::row::Row;
use super::schema::set_position;
use super::streams::TouchedStreams;
use super::{Index, IndexError};
use crate::journal::{Line, Position};

/// A transaction that is being filled.
pub(super) struct Group<'i> {
    transaction: Transaction<'i>,
    position: Position,
    rollups: Rollups,
    streams: TouchedStreams,
    last_received_at: Option<u64>,
}

/// What a written group leaves behind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    pub(super) position: Position,
    pub(super) last_received_at: Option<u64>,
}

impl Index {
    pub(super) fn begin(&mut self) -> Result<Group<'_>, IndexError> {
        let position = self.position()?;
        Ok(Group {
            transaction: self.connection.transaction()?,
            position,
            rollups: Rollups::default(),
            streams: TouchedStreams::default(),
            last_received_at: None,
        })
    }
}

impl Group<'_> {
    /// The position that the group began behind, or its last line.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// Adds a line. `false` if it is no record, or a second copy of one; it is passed over then.
    pub(super) fn add(&mut self, line: &Line<'_>) -> rusqlite::Result<bool> {
        self.position = Position { n: line.n, offset: line.offset, length: line.length() };
        if line.is_erased()
            && let Some(id) = line.id()
        {
            // A late copy must not bring back what was erased.
            self.streams.insert(&self.transaction, id)?;
        }
        let Some(row) = Row::read(line) else { return Ok(false) };
        if let Some(id) = row.id
            && !self.streams.insert(&self.transaction, id)?
        {
            return Ok(false);
        }
        self.insert(&row)?;
        self.rollups.count(&row);
        self.last_received_at = Some(row.received_at);
        Ok(true)
    }

    /// Writes everything at once.
    pub(super) fn write(self) -> rusqlite::Result<Written> {
        self.rollups.write(&self.transaction)?;
        self.streams.write(&self.transaction)?;
        set_position(&self.transaction, self.position)?;
        self.transaction.commit()?;
        Ok(Written { position: self.position, last_received_at: self.last_received_at })
    }

    fn insert(&self, row: &Row<'_>) -> rusqlite::Result<()> {
        let Position { n, offset, length } = self.position;
        self.transaction
            .prepare_cached("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?
            .execute((
            n,
            offset,
            length,
            row.record_type.as_str(),
            &row.name,
            &row.level,
            &row.session_id,
            &row.user_id,
            row.id.map(|id| id.stream.as_bits().to_be_bytes()),
            // SQLite's integers have a sign; the bits are what counts here.
            row.id.map(|id| id.seq.cast_signed()),
            row.timestamp,
            row.received_at,
        ))?;
        Ok(())
    }
}
