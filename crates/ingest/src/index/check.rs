//! Holding the index against the journal: it has to have every record up to its position, where the
//! journal has it, and nothing else.

use std::collections::VecDeque;
use std::fmt;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::IndexError;
use super::row::Row;
use super::schema;
use crate::journal::{Line, Position};

/// An index that is being checked, record by record in the order of the journal.
#[derive(Debug)]
pub struct IndexCheck {
    connection: Connection,
    position: Position,
    /// The next rows.
    rows: VecDeque<IndexedRow>,
    /// Up to which number rows were read.
    read_to: u64,
}

#[derive(Debug, PartialEq, Eq)]
struct IndexedRow {
    position: Position,
    record_type: String,
}

/// Lines of which index and journal do not say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disagreement {
    kind: Kind,
    first: u64,
    last: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    NotIndexed,
    NotStored,
    Different,
}

impl Disagreement {
    fn of(kind: Kind, n: u64) -> Self {
        Self { kind, first: n, last: n }
    }

    /// Adds one that follows and says the same; `false` if it does not.
    pub fn extend(&mut self, other: Self) -> bool {
        let follows = other.kind == self.kind && other.first == self.last + 1;
        self.last = if follows { other.last } else { self.last };
        follows
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, first, last } = self;
        let lines = if first == last { format!("line {first}") } else { format!("lines {first} to {last}") };
        match kind {
            Kind::NotIndexed => write!(f, "index.db lacks {lines}"),
            Kind::NotStored => write!(f, "index.db has {lines}, and the journal has no such record"),
            Kind::Different => write!(f, "index.db says another place or type of {lines} than the journal"),
        }
    }
}

impl IndexCheck {
    /// Opens the index; `None` if there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(path: &Path) -> Result<Option<Self>, IndexError> {
        if !path.exists() {
            return Ok(None);
        }
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let position = schema::position(&connection)?;
        Ok(Some(Self { connection, position, rows: VecDeque::new(), read_to: 0 }))
    }

    /// The line up to which it goes.
    pub fn last_n(&self) -> u64 {
        self.position.n
    }

    /// What SQLite itself has against the file, a line each.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn damage(&self) -> Result<Vec<String>, IndexError> {
        let mut statement = self.connection.prepare("PRAGMA quick_check(10)")?;
        let said = statement.query_map((), |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
        Ok(said.into_iter().filter(|line| line != "ok").collect())
    }

    /// Compares the next line of the journal. `is_new` says that its record was not there before.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn line(
        &mut self,
        line: &Line<'_>,
        is_new: bool,
        mut tell: impl FnMut(Disagreement),
    ) -> Result<(), IndexError> {
        if line.n > self.position.n {
            return Ok(());
        }
        self.pass_to(line.n, &mut tell)?;
        let expected = Row::read(line).filter(|_| is_new).map(|row| IndexedRow {
            position: Position { n: line.n, offset: line.offset, length: line.length() },
            record_type: row.record_type.as_str().to_owned(),
        });
        let found = match self.next()? {
            Some(row) if row.position.n == line.n => self.rows.pop_front(),
            _ => None,
        };
        match (expected, found) {
            (Some(_), None) => tell(Disagreement::of(Kind::NotIndexed, line.n)),
            (None, Some(_)) => tell(Disagreement::of(Kind::NotStored, line.n)),
            (Some(expected), Some(found)) if expected != found => {
                tell(Disagreement::of(Kind::Different, line.n))
            }
            _ => {}
        }
        Ok(())
    }

    /// Tells what the index has behind the journal's end.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn finish(mut self, mut tell: impl FnMut(Disagreement)) -> Result<(), IndexError> {
        self.pass_to(u64::MAX, &mut tell)
    }

    /// Rows before line `n` are of no line of the journal.
    fn pass_to(&mut self, n: u64, tell: &mut impl FnMut(Disagreement)) -> Result<(), IndexError> {
        while let Some(row) = self.next()?
            && row.position.n < n
        {
            tell(Disagreement::of(Kind::NotStored, row.position.n));
            self.rows.pop_front();
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<&IndexedRow>, IndexError> {
        if self.rows.is_empty() {
            self.read_more()?;
        }
        Ok(self.rows.front())
    }

    fn read_more(&mut self) -> Result<(), IndexError> {
        let sql = "SELECT n, offset, length, type FROM records WHERE n > ? ORDER BY n LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map((self.read_to, ROWS_AT_ONCE), |row| {
            let position = Position { n: row.get(0)?, offset: row.get(1)?, length: row.get(2)? };
            Ok(IndexedRow { position, record_type: row.get(3)? })
        })?;
        self.rows = rows.collect::<Result<_, _>>()?;
        self.read_to = self.rows.back().map_or(self.read_to, |row| row.position.n);
        Ok(())
    }
}

const ROWS_AT_ONCE: u64 = 4_096;
