//! The decision what is stored: duplicate check and journal, in one place and one order.
//!
//! [`Intake`] is the synchronous core: no threads, no clock, no HTTP, and files only through a port,
//! so that a simulator can drive it through kills and power cuts. The [`Committer`] is the thread
//! around it that the server runs.

mod committer;
mod outcome;

use std::sync::Arc;

use beaconry_protocol::{RecordId, StreamId};

use crate::duplicates::{Duplicates, SeqSet};
use crate::journal::{Files, Journal, OpenError, Position, Recovery, StorageError};
use crate::pipeline::Prepared;

pub use committer::{Committer, Refusal};
pub use outcome::{BatchOutcome, Fate, RecordOutcome};

/// What somebody else remembered of the journal, so that its beginning need not be read again.
#[derive(Debug, Clone, Default)]
pub struct Checkpoint {
    /// How far it remembers.
    pub position: Position,
    /// The ids of all records up to there.
    pub streams: Vec<(StreamId, SeqSet)>,
}

/// Stores batches, every record once.
#[derive(Debug)]
pub struct Intake {
    journal: Journal,
    duplicates: Duplicates,
    recovery: Recovery,
}

impl Intake {
    /// Opens the journal in `files`, mends what an unclean end left behind, and learns which
    /// records are stored: from `checkpoint`, and beyond it from the journal.
    ///
    /// # Errors
    /// [`OpenError::ForeignPosition`] when the checkpoint is of another journal: open without it.
    pub fn open(files: Arc<dyn Files>, checkpoint: Checkpoint) -> Result<Self, OpenError> {
        let mut duplicates: Duplicates = checkpoint.streams.into_iter().collect();
        let (journal, recovery) = Journal::open(files, checkpoint.position, |line| {
            line.id().map(|id| duplicates.insert(id));
        })?;
        Ok(Self { journal, duplicates, recovery })
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
        let mut marked = Vec::new();
        let outcomes: Vec<_> = batches.into_iter().map(|batch| self.stage(batch, &mut marked)).collect();
        match self.journal.commit() {
            Ok(()) => outcomes.into_iter().map(Ok).collect(),
            Err(error) => {
                marked.into_iter().for_each(|id| self.duplicates.remove(id));
                outcomes.iter().map(|_| Err(error.clone())).collect()
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

    /// The journal, to read how far it is.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What was found when the journal was opened.
    pub fn recovery(&self) -> Recovery {
        self.recovery
    }

    fn stage(&mut self, batch: Prepared, marked: &mut Vec<RecordId>) -> BatchOutcome {
        let records = batch.records.into_iter().map(|record| {
            let record = match record {
                Ok(record) => record,
                Err(rejection) => return RecordOutcome::rejected(rejection),
            };
            let is_new = record.id.is_none_or(|id| self.duplicates.insert(id));
            if is_new {
                marked.extend(record.id);
                // First, so that a write that is cut off in between leaves the report to be sent again.
                record.beside.iter().for_each(|fields| self.journal.stage(fields));
                self.journal.stage(&record.fields);
            }
            let fate = if is_new { Fate::Recorded(record.record_type) } else { Fate::Duplicate };
            RecordOutcome { id: record.id, fate }
        });
        BatchOutcome { records: records.collect(), stream: batch.stream }
    }
}

#[cfg(test)]
mod tests;
