//! What a running server does with its data folder: by itself every hour, and when a command asks.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::clock::now_millis;
use crate::control::{Handler, Listener, Request};
use crate::journal::{Archive, Files};
use crate::operations::backup::{BackedUp, Origin, back_up};
use crate::operations::forget::{Forgotten, Whom, forget};
use crate::operations::import::{Record, Taken};
use crate::operations::missing::{Missing, missing};
use crate::operations::retention::{Ages, Limits, Rotated, rotate};
use crate::operations::{Premises, Progress, Silent};
use crate::routes::App;
use crate::signals::{NearlyFull, PersonForgotten, RecordsRemoved, Signal, UpkeepFailed};

/// Keeps the data folder of a running server.
#[derive(Debug)]
pub(super) struct Housekeeping {
    app: Arc<App>,
    runtime: Handle,
    premises: Premises,
    limits: Limits,
    /// Held by whoever needs that segments stay what they are, or changes them.
    turn: Mutex<Ages>,
}

/// Who keeps it, as long as this is there.
#[derive(Debug)]
#[must_use = "nobody keeps the folder any more when this is dropped"]
pub(super) struct Housekeeper {
    _control: Option<Listener>,
    _stop: Sender<()>,
}

impl Housekeeping {
    pub(super) fn new(
        app: &Arc<App>,
        data: PathBuf,
        files: Arc<dyn Files>,
        archive: Arc<Archive>,
        limits: Limits,
    ) -> Self {
        let (app, runtime) = (Arc::clone(app), Handle::current());
        let (rolling, waiting) = (Arc::clone(&app), runtime.clone());
        let roll = move || waiting.block_on(rolling.committer.roll()).map_err(|error| chain(&error));
        let (settling, waiting) = (Arc::clone(&app), runtime.clone());
        let settle = move |n| {
            // The table is behind by little, so there is seldom anything to wait for.
            let is_known = settling.committer.known().table.checkpoint().is_ok_and(|known| known.n >= n);
            if is_known {
                return Ok(());
            }
            waiting.block_on(settling.committer.settle()).map_err(|error| chain(&error))
        };
        let premises = Premises {
            data,
            files,
            tail: Arc::clone(&app.tail),
            archive,
            roll: Box::new(roll),
            settle: Box::new(settle),
        };
        Self { app, runtime, premises, limits, turn: Mutex::default() }
    }

    /// Begins to keep the folder. A server that commands cannot reach does everything else.
    pub(super) fn start(self) -> std::io::Result<Housekeeper> {
        let own = Arc::new(self);
        let (stop, stopped) = channel();
        let hourly = Arc::clone(&own);
        thread::Builder::new().name("housekeeping".into()).spawn(move || hourly.rotate_hourly(&stopped))?;
        let data = own.premises.data.clone();
        let control = Listener::start(&data, own).inspect_err(|error| {
            UpkeepFailed { task: "control", error }.emit();
        });
        Ok(Housekeeper { _control: control.ok(), _stop: stop })
    }

    fn rotate_hourly(&self, stopped: &Receiver<()>) {
        let mut pause = FIRST_PAUSE;
        while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            pause = PAUSE;
            if let Err(why) = self.rotate(self.limits, &Silent) {
                UpkeepFailed { task: "rotate", error: &*Box::<dyn Error + Send + Sync>::from(why) }.emit();
            }
        }
    }

    fn rotate(&self, limits: Limits, progress: &dyn Progress) -> Result<Rotated, String> {
        let mut ages = self.take_turn();
        let rotated = rotate(&self.premises, limits, now_millis(), &mut ages, progress);
        let rotated = rotated.map_err(|error| chain(&error))?;
        drop(ages);
        self.count_uploads();
        RecordsRemoved(&rotated).emit();
        if let Some(quota) = limits.quota.filter(|quota| rotated.bytes > quota / 10 * 8) {
            NearlyFull { bytes: rotated.bytes, quota }.emit();
        }
        Ok(rotated)
    }

    /// Stores what a command brings, in one order with what is received.
    fn store(&self, records: Vec<Record>) -> Result<Taken, String> {
        let batch = Record::prepare(records)?;
        let outcome = self.runtime.block_on(self.app.committer.commit(batch));
        outcome.map(|outcome| Taken::of(&outcome)).map_err(|refusal| refusal.to_string())
    }

    fn forget(&self, whom: &Whom, progress: &dyn Progress) -> Result<Forgotten, String> {
        let mut ages = self.take_turn();
        ages.clear();
        let forgotten = forget(&self.premises, whom, &self.app.privacy.pseudonyms, now_millis(), progress);
        let forgotten = forgotten.map_err(|error| chain(&error))?;
        let records: u64 = forgotten.records.values().sum();
        self.count_uploads();
        PersonForgotten { records, uploads: forgotten.uploads }.emit();
        Ok(forgotten)
    }

    /// Files went: there is room for others.
    fn count_uploads(&self) {
        if let Err(error) = self.app.uploads.count_again() {
            UpkeepFailed { task: "uploads", error: &error }.emit();
        }
    }

    fn back_up(&self, to: &Path, progress: &dyn Progress) -> Result<BackedUp, String> {
        let _turn = self.take_turn();
        let tail = &self.premises.tail;
        let origin =
            Origin { data: &self.premises.data, committed: &|| Ok(tail.segments()), last_n: tail.last_n() };
        back_up(&origin, to, now_millis(), progress).map_err(|error| chain(&error))
    }

    /// Once the table knows of all that is stored now.
    fn missing(&self, most: usize, progress: &dyn Progress) -> Result<Missing, String> {
        (self.premises.settle)(self.premises.tail.last_n())?;
        let table = self.app.committer.known().table;
        missing(&*table, most, progress).map_err(|error| chain(&error))
    }

    /// One at a time; a backup that meets the hourly rotation waits for it.
    fn take_turn(&self) -> MutexGuard<'_, Ages> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handler for Housekeeping {
    fn handle(&self, request: Request, progress: &dyn Progress) -> Result<Value, String> {
        match request {
            Request::Store { records } => self.store(records).map(|taken| json!(taken)),
            Request::Backup { to } => self.back_up(&to, progress).map(|done| json!(done)),
            Request::Forget { whom } => self.forget(&whom, progress).map(|done| json!(done)),
            Request::Missing { most } => self.missing(most, progress).map(|done| json!(done)),
            Request::Rotate { retention_days, quota } => {
                let retention_days = retention_days.unwrap_or(self.limits.retention_days);
                let limits = Limits { retention_days, quota: quota.or(self.limits.quota) };
                self.rotate(limits, progress).map(|done| json!(done))
            }
        }
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    let cause = error.source().map(|cause| format!(": {}", chain(cause)));
    format!("{error}{}", cause.unwrap_or_default())
}

/// A start has other things to do first.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_secs(3600);
