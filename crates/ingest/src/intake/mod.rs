//! The decision what is stored: duplicate check and journal, in one place and one order.
//!
//! [`Intake`] is the synchronous core: no threads, no clock, no HTTP, and files only through a port,
//! so that a simulator can drive it through kills and power cuts. The [`Committer`] is the thread
//! around it that the server runs.

mod committer;
mod outcome;
mod share;

use std::io;
use std::sync::Arc;

use beaconry_protocol::decode::Rejection;
use beaconry_protocol::{DiscardReason, RecordId, RecordType};

use crate::duplicates::{Admission, Duplicates, TableError};
use crate::journal::{Files, Journal, Line, OpenError, Position, Recovery, StorageError};
use crate::pipeline::{Prepared, PreparedRecord};
use crate::signals::{Signal, StreamsMadeAnew};

pub use committer::{Committer, Refusal};
pub use outcome::{BatchOutcome, Fate, RecordOutcome};

/// Stores batches, every record once.
#[derive(Debug)]
pub struct Intake {
    journal: Journal,
    duplicates: Duplicates,
    recovery: Recovery,
    /// Bytes of the records that are staged.
    staged_bytes: u64,
}

impl Intake {
    /// Opens the journal in `files`, mends what an unclean end left behind, and learns which records are
    /// stored: from what `duplicates` know, and beyond that from the journal. Where they know what the
    /// journal never had, they learn all of it anew.
    ///
    /// # Errors
    /// When the journal cannot be read or mended, or what it says not be learnt.
    pub fn open(files: Arc<dyn Files>, mut duplicates: Duplicates) -> Result<Self, OpenError> {
        let opened = match replay(Arc::clone(&files), &mut duplicates) {
            Err(OpenError::ForeignPosition) => {
                StreamsMadeAnew { error: None }.emit();
                duplicates.clear().map_err(unlearnt)?;
                replay(files, &mut duplicates)
            }
            opened => opened,
        };
        let (journal, recovery) = opened?;
        Ok(Self { journal, duplicates, recovery, staged_bytes: 0 })
    }

    /// Rolls segments at another size.
    #[must_use]
    pub fn with_segment_bytes(self, segment_bytes: u64) -> Self {
        Self { journal: self.journal.with_segment_bytes(segment_bytes), ..self }
    }

    /// Stores a group of batches with one write and one sync. The outcomes are in the order of the
    /// batches, and may be told: what they call recorded or duplicate is on disk.
    ///
    /// When the write fails, the whole group fails, and every record of it is new again.
    pub fn commit(&mut self, batches: Vec<Prepared>) -> Vec<Result<BatchOutcome, StorageError>> {
        let count = batches.len();
        match self.commit_all(batches) {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(error) => {
                self.journal.forget_staged();
                self.duplicates.take_back();
                (0..count).map(|_| Err(error.clone())).collect()
            }
        }
    }

    /// Ends the journal's last segment; see [`Journal::roll`].
    ///
    /// # Errors
    /// When no new one can be begun.
    pub fn roll(&mut self) -> Result<(), StorageError> {
        self.journal.roll()
    }

    /// Makes durable what is known of all streams, so that their lines may be removed without being taken
    /// again.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn settle(&mut self) -> Result<(), StorageError> {
        self.duplicates.finish();
        match self.duplicates.known().is_failing {
            true => Err(io::Error::other("the table of streams cannot be written").into()),
            false => Ok(()),
        }
    }

    /// Leaves as little as possible to be read by the next start.
    pub fn finish(&mut self) {
        self.duplicates.finish();
    }

    /// Which records are stored, to read how much that is.
    pub fn duplicates(&self) -> &Duplicates {
        &self.duplicates
    }

    /// The journal, to read how far it is.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What was found when the journal was opened.
    pub fn recovery(&self) -> Recovery {
        self.recovery
    }

    fn commit_all(&mut self, batches: Vec<Prepared>) -> Result<Vec<BatchOutcome>, StorageError> {
        self.staged_bytes = 0;
        self.duplicates.make_room()?;
        let outcomes = batches.into_iter().map(|batch| self.stage(batch)).collect::<Result<_, _>>()?;
        self.journal.commit()?;
        self.duplicates.keep(self.journal.last_n(), self.staged_bytes);
        Ok(outcomes)
    }

    fn stage(&mut self, batch: Prepared) -> Result<BatchOutcome, TableError> {
        let records = batch.records.into_iter().map(|record| match record {
            Ok(record) => self.stage_record(record),
            Err(rejection) => Ok(RecordOutcome::rejected(rejection)),
        });
        Ok(BatchOutcome { records: records.collect::<Result<_, _>>()?, stream: batch.stream })
    }

    fn stage_record(&mut self, record: PreparedRecord) -> Result<RecordOutcome, TableError> {
        let PreparedRecord { id, record_type, .. } = record;
        let admission = id.map_or(Ok(Admission::New), |id| self.duplicates.admit(id, record.age))?;
        let refused = |message: &str| {
            let (reason, message) = (DiscardReason::TooOld, message.to_owned());
            Ok(RecordOutcome::rejected(Rejection { reason, message, id }))
        };
        match admission {
            Admission::New => {
                // First, so that a write that is cut off in between leaves the report to be sent again.
                record.beside.iter().for_each(|fields| self.write(fields));
                self.write(&record.fields);
                self.take_down(id, &record)?;
                Ok(RecordOutcome { id, fate: Fate::Recorded(record_type) })
            }
            Admission::Duplicate => Ok(RecordOutcome { id, fate: Fate::Duplicate(record_type) }),
            Admission::TooOld => refused(TOO_OLD),
            Admission::TooFarBack => refused(TOO_FAR_BACK),
        }
    }

    fn write(&mut self, fields: &str) {
        self.staged_bytes += fields.len() as u64;
        self.journal.stage(fields);
    }

    fn take_down(&mut self, id: Option<RecordId>, record: &PreparedRecord) -> Result<(), TableError> {
        match id {
            Some(id) if record.record_type == RecordType::Report => {
                self.duplicates.take_down(id.stream, &format!("{{{}}}", record.fields))
            }
            _ => Ok(()),
        }
    }
}

/// Opens the journal, and has `duplicates` learn what they do not know of it.
fn replay(files: Arc<dyn Files>, duplicates: &mut Duplicates) -> Result<(Journal, Recovery), OpenError> {
    let from = Position::at(duplicates.checkpoint().n);
    let (mut last_n, mut bytes) = (from.n, 0);
    let mut learnt = Ok(());
    let (journal, recovery) = Journal::open(files, from, |line| {
        if learnt.is_ok() {
            learnt = learn(duplicates, line);
        }
        (last_n, bytes) = (line.n, bytes + line.length());
        if bytes >= REPLAYED_BYTES {
            duplicates.keep(last_n, std::mem::take(&mut bytes));
        }
    })?;
    learnt.map_err(unlearnt)?;
    duplicates.keep(last_n, bytes);
    Ok((journal, recovery))
}

/// A second copy of a record, which only a stranger can have put there, changes nothing.
fn learn(duplicates: &mut Duplicates, line: &Line<'_>) -> Result<(), TableError> {
    let Some(id) = line.id() else { return Ok(()) };
    duplicates.make_room()?;
    match duplicates.admit(id, 0)? {
        Admission::New => duplicates.take_down(id.stream, line.json),
        _ => Ok(()),
    }
}

fn unlearnt(error: TableError) -> OpenError {
    OpenError::Io(io::Error::other(error))
}

impl From<TableError> for StorageError {
    fn from(error: TableError) -> Self {
        Self::from(io::Error::other(error))
    }
}

const TOO_OLD: &str =
    "timestamp: takes a time that is not longer ago than the server knows what it has stored";
const TOO_FAR_BACK: &str =
    "seq: takes a number behind the last gaps of the stream, of which the server keeps 256";

/// What is learnt at once; a group that the server stores is smaller.
const REPLAYED_BYTES: u64 = 4 * 1024 * 1024;

#[cfg(test)]
mod tests;
