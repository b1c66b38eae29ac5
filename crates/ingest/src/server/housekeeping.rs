//! What a running server does with its data folder when a command asks for it.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::clock::now_millis;
use crate::control::{Handler, Request};
use crate::operations::Progress;
use crate::operations::backup::{BackedUp, Origin, back_up};
use crate::operations::import::Record;
use crate::routes::App;

/// Keeps the data folder of a running server.
#[derive(Debug)]
pub(super) struct Housekeeping {
    pub(super) app: Arc<App>,
    pub(super) runtime: Handle,
    pub(super) data: PathBuf,
    /// Held by whoever needs that segments stay what they are, or changes them.
    pub(super) turn: Mutex<()>,
}

impl Handler for Housekeeping {
    fn handle(&self, request: Request, progress: &dyn Progress) -> Result<Value, String> {
        match request {
            Request::Store { records } => self.store(records).map(|new| json!(new)),
            Request::Backup { to } => self.back_up(&to, progress).map(|done| json!(done)),
        }
    }
}

impl Housekeeping {
    /// Stores what a command brings, in one order with what is received.
    fn store(&self, records: Vec<Record>) -> Result<u64, String> {
        let batch = Record::prepare(records)?;
        let outcome = self.runtime.block_on(self.app.committer.commit(batch));
        outcome.map(|outcome| outcome.recorded()).map_err(|refusal| refusal.to_string())
    }

    fn back_up(&self, to: &Path, progress: &dyn Progress) -> Result<BackedUp, String> {
        let _turn = self.take_turn()?;
        let tail = &self.app.tail;
        let origin = Origin { data: &self.data, committed: &|| Ok(tail.segments()), last_n: tail.last_n() };
        back_up(&origin, to, now_millis(), progress).map_err(|error| chain(&error))
    }

    fn take_turn(&self) -> Result<MutexGuard<'_, ()>, String> {
        match self.turn.try_lock() {
            Ok(turn) => Ok(turn),
            Err(TryLockError::Poisoned(turn)) => Ok(turn.into_inner()),
            Err(TryLockError::WouldBlock) => {
                Err("the server is busy with another backup or the like".to_owned())
            }
        }
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    let cause = error.source().map(|cause| format!(": {}", chain(cause)));
    format!("{error}{}", cause.unwrap_or_default())
}
