//! Where streams lie that are not in memory, as a port: on disk ([`DiskTable`](super::DiskTable)), or in
//! memory for tests and simulations.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use beaconry_protocol::StreamId;

use super::stream::StreamAccount;
use super::totals::Totals;

/// A table of streams.
pub trait StreamTable: Send + Sync + fmt::Debug {
    /// How far it is.
    ///
    /// # Errors
    /// When it cannot be read.
    fn checkpoint(&self) -> Result<Checkpoint, TableError>;

    /// What it knows of a stream.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read(&self, stream: StreamId) -> Result<Option<StreamAccount>, TableError>;

    /// Shows every stream, in any order.
    ///
    /// # Errors
    /// When one cannot be read.
    fn each(&self, visit: &mut dyn FnMut(StreamId, &StreamAccount)) -> Result<(), TableError>;

    /// Takes in a chunk: all of it, or nothing.
    ///
    /// # Errors
    /// When it could not be written; it may be tried again.
    fn write(&self, chunk: &Chunk) -> Result<(), TableError>;

    /// Forgets everything.
    ///
    /// # Errors
    /// When it could not.
    fn clear(&self) -> Result<(), TableError>;

    /// Bytes that it takes on disk.
    fn disk_bytes(&self) -> u64;
}

/// How far a table is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// The line of the journal up to which it knows every record.
    pub n: u64,
    /// What all streams add up to, up to there.
    pub totals: Totals,
}

/// Streams that have changed, and how far the table is once it has them.
#[derive(Debug, Default)]
pub struct Chunk {
    /// How far the table is then.
    pub checkpoint: Checkpoint,
    /// The streams as they are, in any order, each once.
    pub streams: Vec<(StreamId, StreamAccount)>,
}

/// The table of streams could not be read or written.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the table of streams could not be used")]
pub struct TableError(#[source] Arc<dyn std::error::Error + Send + Sync>);

impl TableError {
    /// Wraps what is behind it.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into().into())
    }
}

/// A table that lasts as long as its process.
#[derive(Debug, Default)]
pub struct MemoryTable(Mutex<(Checkpoint, HashMap<StreamId, StreamAccount>)>);

impl StreamTable for MemoryTable {
    fn checkpoint(&self) -> Result<Checkpoint, TableError> {
        Ok(self.lock().0)
    }

    fn read(&self, stream: StreamId) -> Result<Option<StreamAccount>, TableError> {
        Ok(self.lock().1.get(&stream).cloned())
    }

    fn each(&self, visit: &mut dyn FnMut(StreamId, &StreamAccount)) -> Result<(), TableError> {
        self.lock().1.iter().for_each(|(stream, account)| visit(*stream, account));
        Ok(())
    }

    fn write(&self, chunk: &Chunk) -> Result<(), TableError> {
        let mut table = self.lock();
        table.0 = chunk.checkpoint;
        table.1.extend(chunk.streams.iter().cloned());
        Ok(())
    }

    fn clear(&self) -> Result<(), TableError> {
        *self.lock() = Default::default();
        Ok(())
    }

    fn disk_bytes(&self) -> u64 {
        0
    }
}

impl MemoryTable {
    fn lock(&self) -> std::sync::MutexGuard<'_, (Checkpoint, HashMap<StreamId, StreamAccount>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
