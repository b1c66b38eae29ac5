//! The keys of a running server: read again when somebody has changed them.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use super::{Given, KeyRing};
use crate::signals::{ReadAgain, Signal, UpkeepFailed};
use crate::state::{State, StateError};

/// The keys that are in use now.
#[derive(Debug)]
pub struct LiveKeys {
    ring: Arc<RwLock<Arc<KeyRing>>>,
    /// Dropped, it ends the thread that looks.
    _end: mpsc::Sender<()>,
}

impl LiveKeys {
    /// Reads the keys, and looks twice a second whether a command has changed them.
    ///
    /// # Errors
    /// When they cannot be read, or the system gives no thread.
    pub fn start(state: State, given: Given) -> Result<Self, StateError> {
        let seen = state.data_version()?;
        let ring = Arc::new(RwLock::new(Arc::new(KeyRing::new(&given, state.keys()?, None))));
        let (end, ended) = mpsc::channel();
        let looking = Looking { state, given, seen, ring: Arc::clone(&ring) };
        let thread = thread::Builder::new().name("keys".to_owned()).spawn(move || looking.until(&ended));
        thread.map_err(StateError::NoThread)?;
        Ok(Self { ring, _end: end })
    }

    /// The keys that are in use now.
    pub fn current(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Looking {
    state: State,
    given: Given,
    seen: i64,
    ring: Arc<RwLock<Arc<KeyRing>>>,
}

impl Looking {
    fn until(mut self, ended: &mpsc::Receiver<()>) {
        while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
            if let Err(error) = self.look() {
                // Those that were read last stay in use: records are not to be lost for this.
                UpkeepFailed { task: "keys", error: &error }.emit();
            }
        }
    }

    fn look(&mut self) -> Result<(), StateError> {
        let version = self.state.data_version()?;
        if version == self.seen {
            return Ok(());
        }
        let rows = self.state.keys()?;
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        *ring = Arc::new(KeyRing::new(&self.given, rows, Some(&ring)));
        self.seen = version;
        ReadAgain { task: "keys" }.emit();
        Ok(())
    }
}

const EVERY: Duration = Duration::from_millis(500);
