//! What the server does beside its requests: sealing, making room, forgetting, reading keys and
//! certificates again.

use super::metrics::{OfReason, OfTask, metrics};
use super::{Cause, Signal};
use crate::operations::retention::Rotated;

/// A task beside the requests that failed. What was there stays in use, and it is tried again.
#[derive(Debug)]
pub(crate) struct UpkeepFailed<'a> {
    /// Which one: `control`, `rotate`, `seal`, `keys`, `certificate`, `export` or
    /// `uploads`.
    pub(crate) task: &'static str,
    pub(crate) error: Cause<'a>,
}

impl Signal for UpkeepFailed<'_> {
    fn emit(self) {
        let Self { task, error } = self;
        tracing::error!(task, error, "a task of the server failed");
        metrics().upkeep_failures.get_or_create(&OfTask { task }).inc();
    }
}

/// Keys or a certificate were read again.
#[derive(Debug)]
pub(crate) struct ReadAgain {
    /// Which: `keys` or `certificate`.
    pub(crate) task: &'static str,
}

impl Signal for ReadAgain {
    fn emit(self) {
        tracing::info!(what = self.task, "read again");
        metrics().read_again.get_or_create(&OfTask { task: self.task }).inc();
    }
}

/// Records were removed because they were too old, or for want of room.
#[derive(Debug)]
pub(crate) struct RecordsRemoved<'a>(pub(crate) &'a Rotated);

impl Signal for RecordsRemoved<'_> {
    fn emit(self) {
        let Rotated { too_old, shed, segments, .. } = self.0;
        let [too_old, shed] = [too_old, shed].map(|kinds| kinds.values().sum::<u64>());
        if too_old + shed > 0 {
            tracing::info!(too_old, shed, segments, "records were removed");
        }
        count_removed("too_old", too_old);
        count_removed("no_room", shed);
    }
}

/// The records take more than 80 % of the space that they may take.
#[derive(Debug)]
pub(crate) struct NearlyFull {
    pub(crate) bytes: u64,
    pub(crate) quota: u64,
}

impl Signal for NearlyFull {
    fn emit(self) {
        let Self { bytes, quota } = self;
        tracing::warn!(bytes, quota, "records take nearly all the space that they may take");
        metrics().quota_warnings.inc();
    }
}

/// A person was erased.
#[derive(Debug)]
pub(crate) struct PersonForgotten {
    pub(crate) records: u64,
    pub(crate) uploads: u64,
}

impl Signal for PersonForgotten {
    fn emit(self) {
        tracing::info!(records = self.records, uploads = self.uploads, "somebody was forgotten");
        count_removed("forgotten", self.records);
    }
}

/// A full segment of the journal has its last form.
#[derive(Debug)]
pub(crate) enum SegmentDone {
    /// It is compressed.
    Sealed { path: String, bytes: u64, disk_bytes: u64 },
    /// It had no line, and was removed.
    Empty { path: String },
    /// It has damaged lines, and stays as it is.
    Damaged { path: String },
}

impl Signal for SegmentDone {
    fn emit(self) {
        let state = match self {
            Self::Sealed { path, bytes, disk_bytes } => {
                tracing::info!(segment = path, bytes, disk_bytes, "a segment was sealed");
                "sealed"
            }
            Self::Empty { path } => {
                tracing::info!(segment = path, "a segment without a line was removed");
                "empty"
            }
            Self::Damaged { path } => {
                tracing::warn!(segment = path, "a segment has damaged lines and stays unsealed");
                "damaged"
            }
        };
        metrics().segments_done.get_or_create(&OfReason { reason: state }).inc();
    }
}

fn count_removed(reason: &'static str, records: u64) {
    metrics().removed.get_or_create(&OfReason { reason }).inc_by(records);
}
