//! A data folder that no server has.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::duplicates::StreamTable;
use crate::index::Follower;
use crate::intake::Intake;
use crate::journal::{Archive, Files, RealFiles, StorageError, Tail};
use crate::live::Live;
use crate::server::{FolderError, FolderLock, StartError, claim, known, open};

use super::import::{ImportError, Record, Taken, Target};
use super::premises::Premises;

/// A data folder that this process has alone, open for changes; made if it is not there.
#[derive(Debug)]
pub struct StoppedFolder {
    intake: Arc<Mutex<Intake>>,
    tail: Arc<Tail>,
    files: Arc<dyn Files>,
    _lock: FolderLock,
}

impl StoppedFolder {
    /// Opens a folder, mending what an unclean end left behind, and lets the index catch up.
    ///
    /// # Errors
    /// When a server has it, or it cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, StartError> {
        let unusable = |source| FolderError::Unusable { path: folder.to_owned(), source };
        claim(folder)?;
        let files: Arc<dyn Files> = Arc::new(RealFiles::open(folder).map_err(unusable)?);
        let lock = FolderLock::take(folder)?;
        let duplicates = known(folder, None)?;
        let (intake, index) = open(Arc::clone(&files), duplicates, &folder.join("index.db"))?;
        let tail = Arc::new(Tail::default());
        tail.publish(intake.journal());
        // With a closed tail the follower ends where the journal does.
        tail.close();
        let follower = Follower {
            index,
            files: Arc::clone(&files),
            tail: Arc::clone(&tail),
            live: Live::new(),
            old_n: u64::MAX,
            last_work: Duration::MAX,
        };
        let (_, thread) = follower.start()?;
        // One that stays behind is told of where the index has to be up to date.
        let _ = thread.join();
        Ok(Self { intake: Arc::new(Mutex::new(intake)), tail, files, _lock: lock })
    }

    /// What is known of its streams, all of it.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn streams(&self) -> Result<Arc<dyn StreamTable>, StorageError> {
        let mut intake = self.intake.lock().unwrap_or_else(PoisonError::into_inner);
        intake.settle()?;
        Ok(intake.duplicates().known().table)
    }

    /// What operations need of it.
    pub fn premises(&self, folder: &Path) -> Premises {
        let (intake, tail) = (Arc::clone(&self.intake), Arc::clone(&self.tail));
        let settling = Arc::clone(&self.intake);
        Premises {
            data: folder.to_owned(),
            files: Arc::clone(&self.files),
            tail: Arc::clone(&self.tail),
            archive: Arc::new(Archive::new(Arc::clone(&self.files), Arc::clone(&self.tail))),
            roll: Box::new(move || {
                let mut intake = intake.lock().unwrap_or_else(PoisonError::into_inner);
                let rolled = intake.roll().map_err(|error| error.to_string());
                tail.publish(intake.journal());
                rolled
            }),
            settle: Box::new(move |_| {
                let mut intake = settling.lock().unwrap_or_else(PoisonError::into_inner);
                intake.settle().map_err(|error| error.to_string())
            }),
        }
    }
}

impl Target for StoppedFolder {
    fn store(&mut self, records: Vec<Record>) -> Result<Taken, ImportError> {
        let batch = Record::prepare(records).map_err(|why| ImportError::Store(why.into()))?;
        let mut intake = self.intake.lock().unwrap_or_else(PoisonError::into_inner);
        match intake.commit(vec![batch]).pop() {
            Some(Ok(outcome)) => Ok(Taken::of(&outcome)),
            Some(Err(error)) => Err(ImportError::Store(error.into())),
            None => Ok(Taken::default()),
        }
    }
}
