//! The one thread that stores. While it waits for the disk, batches queue up; it then takes all of
//! them as one group, so that the cost of a sync is shared by everybody who waits.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tokio::sync::oneshot;

use super::share::{Share, Shares};
use super::{BatchOutcome, Intake};
use crate::duplicates::Known;
use crate::journal::{StorageError, Tail};
use crate::pipeline::Prepared;
use crate::signals::{BatchPutOff, BatchReceived, BatchSettled, GroupCommitted, GroupNotCommitted, Signal};

/// The way to the thread that stores.
#[derive(Debug)]
pub struct Committer {
    queue: SyncSender<Message>,
    /// Encoded records that wait or are being stored.
    queued_bytes: Arc<AtomicUsize>,
    shares: Shares,
    is_failing: Arc<AtomicBool>,
    /// What was known after the last group.
    known: Arc<Mutex<Known>>,
}

/// Why a batch was not stored. It may be sent again.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// More waits for the disk than memory is set apart for.
    #[error("too many batches wait to be stored")]
    Overloaded,
    /// The server is about to end.
    #[error("the server is stopping")]
    Stopping,
    /// The disk did not take it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Committer {
    /// Starts the thread. `tail` is told what is committed: now, and after every group.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(intake: Intake, tail: Arc<Tail>) -> io::Result<(Self, JoinHandle<()>)> {
        tail.publish(intake.journal());
        let (queue, messages) = sync_channel(QUEUE_BATCHES);
        let queued_bytes = Arc::new(AtomicUsize::new(0));
        let is_failing = Arc::new(AtomicBool::new(false));
        let known = Arc::new(Mutex::new(intake.duplicates().known()));
        let worker = Worker {
            intake,
            messages,
            tail,
            queued_bytes: Arc::clone(&queued_bytes),
            is_failing: Arc::clone(&is_failing),
            chores: Vec::new(),
            known: Arc::clone(&known),
            is_stopping: false,
        };
        let thread = thread::Builder::new().name("committer".into()).spawn(move || worker.run())?;
        Ok((Self { queue, queued_bytes, shares: Shares::default(), is_failing, known }, thread))
    }

    /// Stores a batch; returns when it is on disk.
    ///
    /// # Errors
    /// When it is not; see [`Refusal`].
    pub async fn commit(&self, batch: Prepared) -> Result<BatchOutcome, Refusal> {
        let (key, records) = (batch.key.clone(), batch.records.len() as u64);
        BatchReceived { key: &key, records }.emit();
        let committed = self.queue(batch).await;
        if let Err(refusal @ (Refusal::Overloaded | Refusal::Stopping)) = &committed {
            BatchPutOff { key: &key, records, reason: refusal.as_str() }.emit();
        }
        committed
    }

    async fn queue(&self, batch: Prepared) -> Result<BatchOutcome, Refusal> {
        let bytes = batch.size();
        let share = self.shares.take(&batch.key, bytes, QUEUE_BYTES / 4).ok_or(Refusal::Overloaded)?;
        let queued_before = self.queued_bytes.fetch_add(bytes, Ordering::Relaxed);
        let (reply, answer) = oneshot::channel();
        let job = Message::Store(Job { batch, bytes, reply, share });
        let queued = match queued_before {
            0..=QUEUE_BYTES => self.queue.try_send(job).map_err(Refusal::from),
            _ => Err(Refusal::Overloaded),
        };
        if let Err(refusal) = queued {
            self.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
            return Err(refusal);
        }
        answer.await.map_err(|_| Refusal::Stopping)?.map_err(Refusal::from)
    }

    /// Ends the journal's last segment, so that all that is stored by now may be sealed, rewritten or
    /// removed.
    ///
    /// # Errors
    /// When the disk does not take a new segment, or the server is stopping.
    pub async fn roll(&self) -> Result<(), Refusal> {
        self.ask(Chore::Roll).await
    }

    /// Makes durable what is known of all streams; see [`Intake::settle`].
    ///
    /// # Errors
    /// When the table cannot be written, or the server is stopping.
    pub async fn settle(&self) -> Result<(), Refusal> {
        self.ask(Chore::Settle).await
    }

    async fn ask(&self, chore: Chore) -> Result<(), Refusal> {
        let (reply, answer) = oneshot::channel();
        self.queue.try_send(Message::Do(chore, reply))?;
        answer.await.map_err(|_| Refusal::Stopping)?.map_err(Refusal::from)
    }

    /// Whether the disk did not take what was last given to it, or nobody is there to give it more.
    pub fn is_failing(&self) -> bool {
        self.is_failing.load(Ordering::Relaxed)
    }

    /// Bytes of encoded records that wait or are being stored.
    pub fn queued_bytes(&self) -> usize {
        self.queued_bytes.load(Ordering::Relaxed)
    }

    /// What is known of streams.
    pub fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets the thread end after it has stored what waits now.
    pub fn stop(&self) {
        // An error says that it has ended already.
        let _ = self.queue.send(Message::Stop);
    }
}

impl Refusal {
    /// All names in counts.
    pub(crate) const REASONS: [&str; 4] = ["overloaded", "stopping", "storage_full", "storage_failed"];

    /// The name in counts.
    const fn as_str(&self) -> &'static str {
        match self {
            Self::Overloaded => "overloaded",
            Self::Stopping => "stopping",
            Self::Storage(StorageError::Full(_)) => "storage_full",
            Self::Storage(_) => "storage_failed",
        }
    }
}

impl From<TrySendError<Message>> for Refusal {
    fn from(error: TrySendError<Message>) -> Self {
        match error {
            TrySendError::Full(_) => Self::Overloaded,
            TrySendError::Disconnected(_) => Self::Stopping,
        }
    }
}

#[derive(Debug)]
enum Message {
    Store(Job),
    Do(Chore, Done),
    Stop,
}

/// What only the one who writes can do.
#[derive(Debug, Clone, Copy)]
enum Chore {
    Roll,
    Settle,
}

type Done = oneshot::Sender<Result<(), StorageError>>;

#[derive(Debug)]
struct Job {
    batch: Prepared,
    bytes: usize,
    /// Given back when it is stored, whoever still waits for that.
    share: Share,
    reply: oneshot::Sender<Result<BatchOutcome, StorageError>>,
}

struct Worker {
    intake: Intake,
    messages: Receiver<Message>,
    tail: Arc<Tail>,
    queued_bytes: Arc<AtomicUsize>,
    is_failing: Arc<AtomicBool>,
    /// What is to be done after the next group, and who waits for it.
    chores: Vec<(Chore, Done)>,
    known: Arc<Mutex<Known>>,
    is_stopping: bool,
}

impl Worker {
    fn run(mut self) {
        while !self.is_stopping {
            let group = self.next_group();
            self.store(group);
            self.do_chores();
        }
        self.intake.finish();
    }

    /// Waits for a batch and takes with it what else is there.
    fn next_group(&mut self) -> Vec<Job> {
        let mut group = Vec::new();
        let mut bytes = 0;
        let mut next = self.messages.recv().unwrap_or(Message::Stop);
        loop {
            match next {
                Message::Stop => self.is_stopping = true,
                Message::Do(chore, reply) => self.chores.push((chore, reply)),
                Message::Store(job) => {
                    bytes += job.bytes;
                    group.push(job);
                }
            }
            if self.is_stopping || bytes >= GROUP_BYTES {
                return group;
            }
            next = match self.messages.try_recv() {
                Ok(message) => message,
                Err(_) => return group,
            };
        }
    }

    fn store(&mut self, group: Vec<Job>) {
        let bytes = group.iter().map(|job| job.bytes).sum();
        let (mut batches, mut waiting, mut shares) = (Vec::new(), Vec::new(), Vec::new());
        for Job { batch, reply, share, .. } in group {
            shares.push(share);
            waiting.push(Waiting { key: batch.key.clone(), records: batch.records.len() as u64, reply });
            batches.push(batch);
        }
        let stored_before = self.intake.journal().last_n();
        let begun = Instant::now();
        let results = self.intake.commit(batches);
        let records = self.intake.journal().last_n() - stored_before;
        self.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
        drop(shares);
        match results.iter().find_map(|result| result.as_ref().err()) {
            Some(error) => {
                self.is_failing.store(true, Ordering::Relaxed);
                GroupNotCommitted { error }.emit();
            }
            // A group of nothing new asks nothing of the disk, and says nothing about it.
            None if records > 0 => {
                self.is_failing.store(false, Ordering::Relaxed);
                GroupCommitted { batches: waiting.len(), records, took: begun.elapsed() }.emit();
            }
            None => {}
        }
        self.tail.publish(self.intake.journal());
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = self.intake.duplicates().known();
        waiting.into_iter().zip(results).for_each(|(waiting, result)| waiting.tell(result));
    }
}

/// Whoever waits for a batch.
struct Waiting {
    key: String,
    records: u64,
    reply: oneshot::Sender<Result<BatchOutcome, StorageError>>,
}

impl Waiting {
    /// Counted here, since nobody may be there to be told.
    fn tell(self, result: Result<BatchOutcome, StorageError>) {
        let Self { key, records, reply } = self;
        match &result {
            Ok(outcome) => BatchSettled { key: &key, outcome }.emit(),
            Err(error) => {
                let reason = Refusal::Storage(error.clone()).as_str();
                BatchPutOff { key: &key, records, reason }.emit();
            }
        }
        // Nobody waits any more when the connection has gone; the record is stored all the same.
        let _ = reply.send(result);
    }
}

impl Worker {
    fn do_chores(&mut self) {
        for (chore, reply) in std::mem::take(&mut self.chores) {
            let done = match chore {
                Chore::Roll => self.intake.roll(),
                Chore::Settle => self.intake.settle(),
            };
            self.tail.publish(self.intake.journal());
            let _ = reply.send(done);
        }
    }
}

impl Drop for Worker {
    /// Nobody stores any more, by a panic too.
    fn drop(&mut self) {
        self.is_failing.store(true, Ordering::Relaxed);
        self.tail.close();
    }
}

const QUEUE_BATCHES: usize = 4 * 1024;
const QUEUE_BYTES: usize = 64 * 1024 * 1024;
const GROUP_BYTES: usize = 8 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use beaconry_protocol::RecordType;
    use tokio::runtime::Builder;

    use super::*;
    use crate::duplicates::Duplicates;
    use crate::journal::memory_files::MemoryFiles;
    use crate::pipeline::PreparedRecord;

    fn start(files: &Arc<MemoryFiles>) -> (Committer, Arc<Tail>, JoinHandle<()>) {
        let intake = Intake::open(files.clone(), Duplicates::in_memory()).unwrap();
        let tail = Arc::new(Tail::default());
        let (committer, thread) = Committer::start(intake, Arc::clone(&tail)).unwrap();
        (committer, tail, thread)
    }

    fn batch(bytes: usize) -> Prepared {
        let fields = format!(r#""message":"{}""#, "x".repeat(bytes));
        let record = PreparedRecord { id: None, record_type: RecordType::Log, age: 0, fields, beside: None };
        Prepared { records: vec![Ok(record)], ..Prepared::default() }
    }

    fn wait_for<T>(future: impl Future<Output = T>) -> T {
        Builder::new_current_thread().build().unwrap().block_on(future)
    }

    fn commit(committer: &Committer, bytes: usize) -> Result<BatchOutcome, Refusal> {
        wait_for(committer.commit(batch(bytes)))
    }

    #[test]
    fn what_waits_for_the_disk_is_bounded() {
        let files = Arc::new(MemoryFiles::default());
        let (committer, tail, _thread) = start(&files);
        thread::scope(|scope| {
            let held = files.hold();
            let large = scope.spawn(|| commit(&committer, QUEUE_BYTES + 1));
            while committer.queued_bytes.load(Ordering::Relaxed) == 0 {
                thread::yield_now();
            }
            assert!(matches!(commit(&committer, 1), Err(Refusal::Overloaded)));
            drop(held);
            assert!(large.join().unwrap().is_ok());
        });
        assert!(commit(&committer, 1).is_ok());
        assert_eq!(tail.last_n(), 2);
    }

    #[test]
    fn a_disk_that_refuses_is_failing_until_it_takes_something() {
        let files = Arc::new(MemoryFiles::default());
        let (committer, ..) = start(&files);
        files.fail_syncs(true);
        assert!(commit(&committer, 1).is_err() && committer.is_failing());
        let nothing = Prepared::default();
        assert!(wait_for(committer.commit(nothing)).is_ok() && committer.is_failing());
        files.fail_syncs(false);
        assert!(commit(&committer, 1).is_ok() && !committer.is_failing());
    }

    #[test]
    fn a_committer_that_is_gone_is_failing() {
        let files = Arc::new(MemoryFiles::default());
        let (committer, tail, thread) = start(&files);
        assert!(!committer.is_failing());
        // As if it had panicked: whoever asks the poisoned disk does.
        let poisoned = thread::scope(|scope| {
            let poison = || {
                let _held = files.hold();
                panic!("a test that poisons a lock");
            };
            scope.spawn(poison).join()
        });
        assert!(poisoned.is_err());
        assert!(matches!(commit(&committer, 1), Err(Refusal::Stopping)));
        assert!(thread.join().is_err());
        assert!(committer.is_failing() && tail.is_closed());
    }

    #[test]
    fn what_waits_is_stored_before_the_end() {
        let files = Arc::new(MemoryFiles::default());
        let (committer, tail, thread) = start(&files);
        thread::scope(|scope| {
            let held = files.hold();
            let (sent, all_sent) = sync_channel(1);
            let committer = &committer;
            let waiting = scope.spawn(move || {
                wait_for(async {
                    // Each of them is in the queue when the next one is looked at.
                    tokio::join!(
                        biased;
                        committer.commit(batch(1)),
                        committer.commit(batch(2)),
                        committer.commit(batch(3)),
                        async { sent.send(()) },
                    )
                })
            });
            all_sent.recv().unwrap();
            committer.stop();
            drop(held);
            let (first, second, third, _) = waiting.join().unwrap();
            assert!(first.is_ok() && second.is_ok() && third.is_ok());
        });
        thread.join().unwrap();
        assert!(tail.is_closed() && tail.last_n() == 3);
        assert!(matches!(commit(&committer, 1), Err(Refusal::Stopping)));
    }
}
