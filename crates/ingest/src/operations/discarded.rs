//! What was removed from the journal, and why: `discarded.jsonl` in the data folder.
//!
//! A line is written when the records are gone from the journal, and before the index has forgotten
//! them; who is killed in between counts them again, under the same first number. So of several lines
//! of the same reason and first number the last one counts.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use beaconry_protocol::format_millis;
use serde::{Deserialize, Serialize};

use super::rows::Group;

/// Why records went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Reason {
    /// They were too old.
    Retention,
    /// There was no room for them.
    Quota,
    /// They were of somebody who is to be forgotten.
    Forget,
}

/// Records that went together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    at: String,
    why: Reason,
    /// The first and the last of their numbers.
    first: u64,
    last: u64,
    /// How many there were of each kind.
    records: BTreeMap<String, u64>,
}

/// How many records went, by reason and kind.
pub type Discards = BTreeMap<Reason, BTreeMap<String, u64>>;

/// Writes down that records went.
pub(super) fn write_down(data: &Path, now: u64, why: Reason, group: &Group) -> io::Result<()> {
    let (Some(first), Some(last)) = (group.numbers.first(), group.numbers.last()) else { return Ok(()) };
    let at = format_millis(now);
    let entry = Entry { at, why, first: *first, last: *last, records: group.kinds.clone() };
    let mut options = OpenOptions::new();
    let mut file = options.append(true).create(true).mode(0o600).open(data.join(FILE))?;
    // On a line of its own, even after one that was cut off.
    file.write_all(format!("\n{}\n", serde_json::to_string(&entry)?).as_bytes())?;
    file.sync_all()
}

/// What was removed from a data folder so far.
///
/// # Errors
/// When it cannot be read.
pub fn discards(data: &Path) -> io::Result<Discards> {
    let text = match fs::read_to_string(data.join(FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        text => text?,
    };
    let entries = text.lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok());
    let last: BTreeMap<_, _> = entries.map(|entry| ((entry.why, entry.first), entry.records)).collect();
    let mut discards = Discards::new();
    for ((why, _), records) in last {
        for (kind, count) in records {
            *discards.entry(why).or_default().entry(kind).or_default() += count;
        }
    }
    Ok(discards)
}

const FILE: &str = "discarded.jsonl";
