//! Batches on their way to the disk. For every key, at rest, and since the process began:
//! received = stored + duplicate + rejected + put off.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use super::metrics::{OfKey, Rejected, metrics};
use super::{Cause, Signal};
use crate::intake::{BatchOutcome, Fate};

/// A body was read, and its records are to be stored.
#[derive(Debug)]
pub(crate) struct BatchReceived<'a> {
    pub(crate) key: &'a str,
    pub(crate) records: u64,
}

impl Signal for BatchReceived<'_> {
    fn emit(self) {
        tracing::trace!(key = self.key, records = self.records, "a batch came in");
        let mut keys = metrics().keys.lock().unwrap_or_else(PoisonError::into_inner);
        if !keys.contains(self.key) {
            keys.insert(self.key.to_owned());
        }
        drop(keys);
        metrics().received.get_or_create(&OfKey { key: self.key.to_owned() }).inc_by(self.records);
    }
}

/// Every record of a batch has its verdict.
#[derive(Debug)]
pub(crate) struct BatchSettled<'a> {
    pub(crate) key: &'a str,
    pub(crate) outcome: &'a BatchOutcome,
}

impl Signal for BatchSettled<'_> {
    fn emit(self) {
        let (mut stored, mut duplicate, mut rejected) = (0, 0, BTreeMap::new());
        for record in &self.outcome.records {
            match &record.fate {
                Fate::Recorded(_) => stored += 1,
                Fate::Duplicate(_) => duplicate += 1,
                Fate::Rejected { reason, .. } => *rejected.entry(reason.as_str()).or_insert(0) += 1,
            }
        }
        tracing::debug!(key = self.key, stored, duplicate, ?rejected, "a batch is settled");
        let key = OfKey { key: self.key.to_owned() };
        metrics().stored.get_or_create(&key).inc_by(stored);
        metrics().duplicate.get_or_create(&key).inc_by(duplicate);
        for (reason, records) in rejected {
            let key = self.key.to_owned();
            metrics().rejected.get_or_create(&Rejected { key, reason }).inc_by(records);
        }
    }
}

/// A batch was not taken, and is to be sent again.
#[derive(Debug)]
pub(crate) struct BatchPutOff<'a> {
    pub(crate) key: &'a str,
    pub(crate) records: u64,
    pub(crate) reason: &'static str,
}

impl Signal for BatchPutOff<'_> {
    fn emit(self) {
        let Self { key, records, reason } = self;
        tracing::debug!(key, records, reason, "a batch is put off");
        metrics().put_off.get_or_create(&Rejected { key: key.to_owned(), reason }).inc_by(records);
    }
}

/// A group of batches is on disk.
#[derive(Debug)]
pub(crate) struct GroupCommitted {
    pub(crate) batches: usize,
    pub(crate) records: u64,
    pub(crate) took: Duration,
}

impl Signal for GroupCommitted {
    fn emit(self) {
        let Self { batches, records, took } = self;
        tracing::trace!(batches, records, ?took, "a group is stored");
        metrics().group_batches.observe(batches as f64);
        metrics().group_records.observe(records as f64);
        metrics().group_seconds.observe(took.as_secs_f64());
    }
}

/// A group of batches is not on disk.
#[derive(Debug)]
pub(crate) struct GroupNotCommitted<'a> {
    pub(crate) error: Cause<'a>,
}

impl Signal for GroupNotCommitted<'_> {
    fn emit(self) {
        tracing::error!(error = self.error, "records could not be stored");
        metrics().group_failures.inc();
    }
}
