//! Making room: records that are older than they may be, and more than there may be.
//!
//! # Age
//! A segment goes as a whole once its newest record is too old. The last segment is ended when its
//! oldest record is a day old, so with ordinary traffic a record goes at most a day after its time. Where
//! old and new stand together, because old ones were imported, the old ones are erased out of it.
//!
//! # Room
//! Over the quota, the least severe records go first, of each kind the oldest ones: debug logs, info
//! logs, then metrics, traces and vitals, then events, then warnings. Errors, feedback and reports go
//! only when nothing else is left, with the oldest segments.
//!
//! # What is not indexed yet
//! How old records are and what they are is asked of the index. A segment of which it lacks a line, since
//! one came in when the segment was ended, is left alone until the next time.
//!
//! # What stays
//! Counts by minute and hour stay for good. A late copy of a record that went is a duplicate for as
//! long as duplicates are known at all.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::journal::{SegmentInfo, SegmentName, Stored as InSegment};

use super::Progress;
use super::discarded::{Reason, write_down};
use super::premises::{ChangeError, Premises};
use super::rows::{Group, Rows};

/// What may stay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// For how many days; 0 for ever.
    pub retention_days: u64,
    /// How many bytes all of the data folder may take.
    pub quota: Option<u64>,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotated {
    /// Segments that are gone.
    pub segments: u64,
    /// Records that went because of their age, by kind.
    pub too_old: BTreeMap<String, u64>,
    /// Records that went because of the quota, by kind.
    pub shed: BTreeMap<String, u64>,
    /// Screenshots that went with their reports.
    pub uploads: u64,
    /// Bytes that records and their index take now.
    pub bytes: u64,
}

/// How old the records of segments are, as far as it was looked up. Segments that are closed and indexed
/// get no new ones.
pub type Ages = HashMap<SegmentName, Option<(u64, u64)>>;

/// Makes room. `now` is in epoch milliseconds.
///
/// # Errors
/// What is in the way. What is gone by then is counted.
pub fn rotate(
    premises: &Premises,
    limits: Limits,
    now: u64,
    ages: &mut Ages,
    progress: &dyn Progress,
) -> Result<Rotated, ChangeError> {
    let rows = premises.rows()?;
    let mut rotation = Rotation { premises, rows, ages, now, progress, done: Rotated::default() };
    rotation.end_last_segment()?;
    rotation.delete_orphans()?;
    if limits.retention_days > 0 {
        rotation.remove_old(now.saturating_sub(limits.retention_days.saturating_mul(DAY_MILLIS)))?;
    }
    rotation.done.bytes = rotation.bytes()?;
    if let Some(quota) = limits.quota {
        rotation.shed(quota)?;
    }
    let _ = rotation.rows.empty_log()?;
    Ok(rotation.done)
}

struct Rotation<'a> {
    premises: &'a Premises,
    rows: Rows,
    ages: &'a mut Ages,
    now: u64,
    progress: &'a dyn Progress,
    done: Rotated,
}

impl Rotation<'_> {
    /// A site with little traffic must not keep its records longer than one with much.
    fn end_last_segment(&self) -> Result<(), ChangeError> {
        let Some(last) = self.premises.last() else { return Ok(()) };
        match self.rows.ages(last.name.first, u64::MAX)? {
            Some((oldest, _)) if oldest + DAY_MILLIS <= self.now => self.premises.roll().map(drop),
            _ => Ok(()),
        }
    }

    /// Rows of segments that are gone: a run was killed, or somebody deleted them by hand.
    fn delete_orphans(&self) -> Result<(), ChangeError> {
        let first = self.premises.closed()?.first().map(|segment| segment.name.first);
        let first = first.or_else(|| self.premises.last().map(|last| last.name.first));
        Ok(self.rows.delete_below(first.unwrap_or_default())?)
    }

    fn remove_old(&mut self, cutoff: u64) -> Result<(), ChangeError> {
        let segments = self.indexed()?;
        let total = segments.iter().map(|segment| segment.disk_bytes).sum();
        let mut looked_at = 0;
        for (index, segment) in segments.iter().enumerate() {
            self.progress.tell("removing old records", looked_at, total);
            looked_at += segment.disk_bytes;
            let Some((oldest, newest)) = self.age(&segments[index..])? else { continue };
            let is_overdue = oldest + DAY_MILLIS < cutoff;
            if newest < cutoff {
                let group = self.rows.matching(segment, "1")?;
                self.remove(segment, Reason::Retention, &group)?;
            } else if is_overdue {
                let group = self.rows.received_before(segment, cutoff)?;
                self.erase(segment, Reason::Retention, &group)?;
            }
        }
        self.rows.delete_visitors_before(cutoff)?;
        self.done.uploads = remove_uploads(&self.premises.data.join("uploads"), cutoff)?;
        Ok(())
    }

    /// The segments that may be changed and are in the index to their last line.
    fn indexed(&self) -> Result<Vec<SegmentInfo>, ChangeError> {
        let indexed_n = self.rows.position_n()?;
        let mut segments = self.premises.closed()?;
        segments.retain(|segment| segment.next_first - 1 <= indexed_n);
        Ok(segments)
    }

    /// How old the records of the first of these segments are. One that has none any more is as old as
    /// those that follow it.
    fn age(&mut self, segments: &[SegmentInfo]) -> Result<Option<(u64, u64)>, ChangeError> {
        for segment in segments {
            let known = self.ages.get(&segment.name).copied();
            let age = match known {
                Some(age) => age,
                None => self.rows.ages(segment.name.first, segment.next_first)?,
            };
            self.ages.insert(segment.name, age);
            if let Some((oldest, newest)) = age {
                let is_first = segment.name == segments[0].name;
                return Ok(Some(if is_first { (oldest, newest) } else { (oldest, oldest) }));
            }
        }
        Ok(None)
    }

    /// Frees what is over nine tenths of the quota, if there is more than the quota.
    fn shed(&mut self, quota: u64) -> Result<(), ChangeError> {
        if self.done.bytes <= quota {
            return Ok(());
        }
        // Compressed they take less, and what is erased in them takes nothing.
        while self.premises.archive.seal_next()?.is_some() {}
        let target = quota / 10 * 9;
        for condition in LEAST_SEVERE_FIRST {
            for segment in self.indexed()? {
                if self.is_within(quota, target)? {
                    return Ok(());
                }
                let group = self.rows.matching(&segment, condition)?;
                self.erase(&segment, Reason::Quota, &group)?;
            }
        }
        for segment in self.indexed()? {
            if self.is_within(quota, target)? {
                return Ok(());
            }
            let group = self.rows.matching(&segment, "1")?;
            self.remove(&segment, Reason::Quota, &group)?;
        }
        self.is_within(quota, target).map(drop)
    }

    fn is_within(&mut self, quota: u64, target: u64) -> Result<bool, ChangeError> {
        self.done.bytes = self.bytes()?;
        let over = self.done.bytes.saturating_sub(target);
        self.progress.tell("making room", quota - target, over.max(quota - target));
        // Where half of the quota is enough for the journal, it is not the records that take the room.
        let journal: u64 = self.premises.closed()?.iter().map(|segment| segment.disk_bytes).sum();
        Ok(over == 0 || journal <= quota / 2)
    }

    fn bytes(&self) -> Result<u64, ChangeError> {
        // What is freed in the log is not free in the file yet.
        let _ = self.rows.empty_log()?;
        Ok(self.premises.records_bytes()?.saturating_sub(self.rows.free_bytes()?))
    }

    /// Removes a segment with all that is in it. That which holds the last indexed line stays, with
    /// nothing in it: the index finds its place in the journal by it.
    fn remove(&mut self, segment: &SegmentInfo, why: Reason, group: &Group) -> Result<(), ChangeError> {
        // Before, since nobody finds them again after.
        write_down(&self.premises.data, self.now, why, group)?;
        if (segment.name.first..segment.next_first).contains(&self.rows.position_n()?) {
            self.premises.archive.rewrite(segment.name, |_| true)?;
        } else {
            self.premises.remove(segment)?;
            self.done.segments += 1;
        }
        self.forget_rows(segment, why, group)
    }

    fn erase(&mut self, segment: &SegmentInfo, why: Reason, group: &Group) -> Result<(), ChangeError> {
        if group.numbers.is_empty() {
            return Ok(());
        }
        let numbers: HashSet<u64> = group.numbers.iter().copied().collect();
        let is_erased =
            |stored: &InSegment<'_>| matches!(stored, InSegment::Line(line) if numbers.contains(&line.n));
        self.premises.archive.rewrite(segment.name, is_erased)?;
        self.forget_rows(segment, why, group)
    }

    /// After the journal, so that a kill in between leaves rows to be found again.
    fn forget_rows(&mut self, segment: &SegmentInfo, why: Reason, group: &Group) -> Result<(), ChangeError> {
        write_down(&self.premises.data, self.now, why, group)?;
        self.rows.delete(&group.numbers)?;
        self.ages.remove(&segment.name);
        let kinds = if why == Reason::Quota { &mut self.done.shed } else { &mut self.done.too_old };
        for (kind, count) in &group.kinds {
            *kinds.entry(kind.clone()).or_default() += count;
        }
        Ok(())
    }
}

/// What goes when there is no room, in this order.
const LEAST_SEVERE_FIRST: [&str; 5] = [
    "type = 'log' AND level = 'debug'",
    "type = 'log' AND level = 'info'",
    "type IN ('metric', 'trace', 'vital')",
    "type = 'event'",
    "type IN ('log', 'error') AND level IN ('warn', 'warning', 'info')",
];

/// Removes screenshots that came a day or more before the oldest record that is left: their reports have
/// gone, or never came. One that is sent again counts as new.
fn remove_uploads(folder: &Path, cutoff: u64) -> io::Result<u64> {
    let oldest = UNIX_EPOCH + Duration::from_millis(cutoff.saturating_sub(DAY_MILLIS));
    let mut removed = 0;
    for file in fs::read_dir(folder).into_iter().flatten() {
        let file = file?;
        if file.metadata()?.modified()? < oldest {
            fs::remove_file(file.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

const DAY_MILLIS: u64 = 86_400_000;

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Mutex;

    use beaconry_protocol::format_millis;
    use serde_json::json;

    use super::*;
    use crate::operations::import::{Record, Target};
    use crate::operations::{Silent, StoppedFolder};

    const NOW: u64 = 1_800_000_000_000;

    fn log(seq: u64, received_at: u64) -> Record {
        let (id, at) = (format!("{}-{seq}", "7".repeat(32)), format_millis(received_at));
        let fields = format!(
            r#""received_at":"{at}","key":"k","id":"{id}","type":"log","timestamp":"{at}","level":"info""#
        );
        serde_json::from_value(json!({"id": id, "type": "log", "fields": fields, "beside": null})).unwrap()
    }

    fn new_folder(test: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("beaconry-rotate-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// Opens the folder, with all that it holds in the index, and makes room.
    fn rotate_after(folder: &Path, limits: Limits, ages: &mut Ages, late: Option<Record>) -> Rotated {
        let stopped = Mutex::new(StoppedFolder::open(folder).unwrap());
        let mut premises = stopped.lock().unwrap().premises(folder);
        let (roll, late) = (premises.roll, Mutex::new(late));
        // It comes when the index was waited for and the segment is not ended yet.
        premises.roll = Box::new(move || {
            if let Some(record) = late.lock().unwrap().take() {
                stopped.lock().unwrap().store(vec![record]).unwrap();
            }
            roll()
        });
        rotate(&premises, limits, NOW, ages, &Silent).unwrap()
    }

    #[test]
    fn what_came_in_when_the_segment_was_ended_stays() {
        let days = Limits { retention_days: 30, quota: None };
        for (name, limits) in [("age", days), ("room", Limits { retention_days: 0, quota: Some(1) })] {
            let folder = new_folder(name);
            let old = NOW - 100 * DAY_MILLIS;
            let mut stopped = StoppedFolder::open(&folder).unwrap();
            stopped.store((1..=3).map(|seq| log(seq, old)).collect()).unwrap();
            drop(stopped);
            let mut ages = Ages::new();
            let rotated = rotate_after(&folder, limits, &mut ages, Some(log(4, NOW)));
            assert_eq!((rotated.too_old.len(), rotated.shed.len()), (0, 0), "{name}");
            let rotated = rotate_after(&folder, days, &mut ages, None);
            assert_eq!(rotated.too_old, BTreeMap::from([("log info".to_owned(), 3)]), "{name}");
            let rotated =
                rotate_after(&folder, Limits { retention_days: 1, quota: Some(1) }, &mut ages, None);
            assert_eq!(rotated.shed, BTreeMap::from([("log info".to_owned(), 1)]), "{name}");
            fs::remove_dir_all(folder).unwrap();
        }
    }
}
