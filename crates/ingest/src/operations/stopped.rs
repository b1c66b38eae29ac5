//! A data folder that no server has.

use std::path::Path;
use std::sync::Arc;

use crate::intake::Intake;
use crate::journal::{Files, RealFiles};
use crate::server::{FolderError, FolderLock, StartError, claim, open};

use super::import::{ImportError, Record, Target};

/// A data folder that this process has alone, open for changes; made if it is not there.
#[derive(Debug)]
pub struct StoppedFolder {
    intake: Intake,
    _lock: FolderLock,
}

impl StoppedFolder {
    /// Opens a folder, mending what an unclean end left behind.
    ///
    /// # Errors
    /// When a server has it, or it cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, StartError> {
        let unusable = |source| FolderError::Unusable { path: folder.to_owned(), source };
        claim(folder)?;
        let files: Arc<dyn Files> = Arc::new(RealFiles::open(folder).map_err(unusable)?);
        let lock = FolderLock::take(folder)?;
        let (intake, _) = open(files, &folder.join("index.db"))?;
        Ok(Self { intake, _lock: lock })
    }
}

impl Target for StoppedFolder {
    fn store(&mut self, records: Vec<Record>) -> Result<u64, ImportError> {
        let batch = Record::prepare(records).map_err(|why| ImportError::Store(why.into()))?;
        let outcome = self.intake.commit(vec![batch]).pop();
        match outcome {
            Some(Ok(outcome)) => Ok(outcome.recorded()),
            Some(Err(error)) => Err(ImportError::Store(error.into())),
            None => Ok(0),
        }
    }
}
