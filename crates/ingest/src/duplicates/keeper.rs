//! The thread that takes changed streams to the table, so that no commit waits for that.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::table::{Chunk, StreamTable, TableError};
use crate::signals::{Signal, StreamsNotWritten, StreamsWritten};

/// The way to that thread. It has one chunk at a time.
#[derive(Debug)]
pub(super) struct Keeper {
    chunks: Option<SyncSender<Chunk>>,
    results: Receiver<Result<(), TableError>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub(super) fn start(table: Arc<dyn StreamTable>) -> io::Result<Self> {
        let (chunks, given) = sync_channel(1);
        let (tell, results) = sync_channel(1);
        let work = Work { table, given, tell };
        let thread = thread::Builder::new().name("streams".into()).spawn(move || work.run())?;
        Ok(Self { chunks: Some(chunks), results, thread: Some(thread) })
    }

    /// Gives a chunk, which the last one must have made room for.
    pub(super) fn give(&self, chunk: Chunk) {
        if let Some(chunks) = &self.chunks {
            // An error says that the thread is gone, which the next look at the results says again.
            let _ = chunks.send(chunk);
        }
    }

    /// What became of the chunk, if that is known; a failed one is tried again and again.
    pub(super) fn try_result(&self) -> Option<Result<(), TableError>> {
        match self.results.try_recv() {
            Ok(result) => Some(result),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(gone())),
        }
    }

    /// Waits for what becomes of the chunk.
    pub(super) fn result(&self) -> Result<(), TableError> {
        self.results.recv().unwrap_or_else(|_| Err(gone()))
    }
}

impl Drop for Keeper {
    /// The table is closed when its thread has ended.
    fn drop(&mut self) {
        self.chunks = None;
        // Lets a thread go on that waits to tell something.
        self.results = sync_channel(1).1;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn gone() -> TableError {
    TableError::new("nobody is there to write it")
}

struct Work {
    table: Arc<dyn StreamTable>,
    given: Receiver<Chunk>,
    tell: SyncSender<Result<(), TableError>>,
}

impl Work {
    fn run(self) {
        while let Ok(chunk) = self.given.recv() {
            let begun = Instant::now();
            while let Err(error) = self.table.write(&chunk) {
                StreamsNotWritten { error: &error }.emit();
                if self.tell.send(Err(error)).is_err() {
                    // Everybody has gone; the journal has what the table lacks.
                    return;
                }
                thread::sleep(RETRY_PAUSE);
            }
            StreamsWritten { streams: chunk.streams.len(), took: begun.elapsed() }.emit();
            if self.tell.send(Ok(())).is_err() {
                return;
            }
        }
    }
}

const RETRY_PAUSE: Duration = Duration::from_secs(1);
