//! Erasing what is stored of one person, and showing that nothing is left.
//!
//! # What is of a person
//! Of a user: every record with one of the user's pseudonyms, or with the id itself as a text in it;
//! and what the same sessions and the same browser sent while nobody was logged in. Records of somebody
//! else in such a session stay. Of a session: every record of it.
//!
//! # How
//! First all of the journal is read, and what is known of the person by then is written down in
//! `forgetting-<hash>.json`: once the first record is erased, it could not be found out again. Then, a
//! segment after the other, the rows of the index are deleted and the lines erased in the journal (see
//! [`journal`](crate::journal), "Erased records"); then who was there in which hour, screenshots, and
//! what was set aside as damaged or refused. A run that was killed is gone on with by the same command.
//!
//! # Proof
//! At the end every file of the data folder is searched, unpacked, for every name that the person had.

mod person;
mod proof;
mod set_aside;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::journal::{Segment, SegmentInfo, Stored as InSegment};
use crate::pipeline::Pseudonyms;

use super::discarded::{Reason, write_down};
use super::premises::{ChangeError, Premises};
use super::rows::{Group, Rows};
use super::{Progress, read_between, write_whole};

pub use person::Whom;
use person::{Person, Traits};
pub use proof::Proof;
use set_aside::{Sought, damaged_segments};

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// Records that were erased, by kind.
    pub records: BTreeMap<String, u64>,
    /// Screenshots that were deleted.
    pub uploads: u64,
    /// What was searched, and what was found.
    pub proof: Proof,
}

/// Erases what is stored of a person now. `now` is in epoch milliseconds.
///
/// # Errors
/// What is in the way: the same command goes on from there.
pub fn forget(
    premises: &Premises,
    whom: &Whom,
    pseudonyms: &Pseudonyms,
    now: u64,
    progress: &dyn Progress,
) -> Result<Forgotten, ChangeError> {
    // Not what was written last before it: what is written meanwhile would be erased in the segment, and its rows not.
    let last_n = premises.roll()?;
    let mut work = Forgetting { premises, rows: premises.rows()?, last_n, now, progress };
    let note = premises.data.join(format!("forgetting-{}.json", whom.hash()));
    let person = work.find_out(whom, pseudonyms, &note)?;
    let records = work.erase(&person)?;
    let uploads = work.delete_uploads(&person)?;
    work.clean_set_aside(&person)?;
    work.rows.delete_visitors(person.names())?;
    remove_if_there(&note)?;
    let proof = work.prove(&person)?;
    Ok(Forgotten { records, uploads, proof })
}

struct Forgetting<'a> {
    premises: &'a Premises,
    rows: Rows,
    /// What comes after this line came after the person was to be forgotten.
    last_n: u64,
    now: u64,
    progress: &'a dyn Progress,
}

impl Forgetting<'_> {
    /// Reads the journal for the names of the person, and adds what an earlier run knew.
    fn find_out(&self, whom: &Whom, pseudonyms: &Pseudonyms, note: &PathBuf) -> Result<Person, ChangeError> {
        let mut apps = BTreeSet::new();
        self.read("reading the journal", |_, traits, _| {
            apps.extend(traits.app.as_deref().map(str::to_owned));
        })?;
        let mut person = Person::new(whom, pseudonyms, &apps);
        match fs::read(note) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            known => person.add(serde_json::from_slice(&known?).map_err(io::Error::other)?),
        }
        self.read("looking for the person", |_, traits, json| person.learn(traits, json))?;
        // Of what belongs to a session or a browser only, screenshots are known once these are.
        let mut uploads = BTreeSet::new();
        self.read("looking for what belongs to them", |_, traits, json| {
            uploads
                .extend(traits.screenshot.as_deref().filter(|_| person.has(traits, json)).map(str::to_owned));
        })?;
        person.uploads.extend(uploads);
        write_whole(note, &serde_json::to_vec(&person).map_err(io::Error::other)?)?;
        Ok(person)
    }

    fn erase(&mut self, person: &Person) -> Result<BTreeMap<String, u64>, ChangeError> {
        let mut groups: BTreeMap<u64, Group> = BTreeMap::new();
        let segments = self.premises.closed()?;
        self.read("counting", |n, traits, json| {
            if person.has(traits, json) {
                let group = groups.entry(holding(&segments, n)).or_default();
                group.numbers.push(n);
                *group.kinds.entry(traits.kind()).or_default() += 1;
            }
        })?;
        let sought = person.sought(|_| true);
        let damaged = damaged_segments(&self.premises.data, &sought)?;
        let mut records = BTreeMap::new();
        let total = groups.values().map(|group| group.numbers.len() as u64).sum();
        let mut done = 0;
        for segment in &segments {
            let Some(group) = groups.get(&segment.name.first) else {
                if damaged.contains(&segment.name.path()) {
                    self.rewrite(segment, person, &sought)?;
                }
                continue;
            };
            self.progress.tell("erasing", done, total);
            // Before the lines, by which they would be found again.
            write_down(&self.premises.data, self.now, Reason::Forget, group)?;
            self.rows.delete(&group.numbers)?;
            self.rewrite(segment, person, &sought)?;
            done += group.numbers.len() as u64;
            for (kind, count) in &group.kinds {
                *records.entry(kind.clone()).or_default() += count;
            }
        }
        Ok(records)
    }

    /// Erases what is of the person in a segment, damaged bytes included.
    fn rewrite(&self, segment: &SegmentInfo, person: &Person, sought: &Sought) -> Result<(), ChangeError> {
        let is_erased = |stored: &InSegment<'_>| match stored {
            InSegment::Line(line) => {
                Traits::read(line.json).is_some_and(|traits| person.has(&traits, line.json))
            }
            InSegment::Damage(bytes) => sought.is_in(bytes),
        };
        self.premises.archive.rewrite(segment.name, is_erased)?;
        Ok(())
    }

    /// Deletes the screenshots of the person that nobody else's report shows too.
    fn delete_uploads(&self, person: &Person) -> Result<u64, ChangeError> {
        let mut left = person.uploads.clone();
        self.read("looking for screenshots of others", |_, traits, _| {
            traits.screenshot.as_deref().map(|id| left.remove(id));
        })?;
        let mut deleted = 0;
        for id in left {
            deleted += u64::from(remove_if_there(&self.premises.data.join("uploads").join(id))?);
        }
        Ok(deleted)
    }

    /// Takes out of the files of lines that were set aside what names the person.
    fn clean_set_aside(&self, person: &Person) -> Result<(), ChangeError> {
        let sought = person.sought(|_| true);
        for name in set_aside::FILES {
            let path = self.premises.data.join(name);
            let bytes = read_if_there(&path)?;
            let lines = bytes.split_inclusive(|byte| *byte == b'\n');
            let kept: Vec<u8> = lines.filter(|line| !sought.is_in(line)).flatten().copied().collect();
            if kept.len() < bytes.len() {
                write_whole(&path, &kept)?;
            }
        }
        Ok(())
    }

    /// Hands every record that was there to `visit`.
    fn read(&self, what: &str, mut visit: impl FnMut(u64, &Traits<'_>, &str)) -> Result<(), ChangeError> {
        let segments = self.premises.tail.segments();
        let total = segments.iter().map(|segment| segment.length).sum();
        read_between(&*self.premises.files, &segments, 0, self.last_n, |segment, line| {
            if line.n.is_multiple_of(TOLD_EVERY) {
                self.progress.tell(what, before(&segments, segment) + line.offset, total);
            }
            if let Some(traits) = Traits::read(line.json) {
                visit(line.n, &traits, line.json);
            }
            true
        })?;
        Ok(())
    }
}

fn before(segments: &[Segment], segment: &Segment) -> u64 {
    segments.iter().take_while(|other| other.name < segment.name).map(|other| other.length).sum()
}

/// The first number of the segment that has line `n`.
fn holding(segments: &[SegmentInfo], n: u64) -> u64 {
    let after = segments.partition_point(|segment| segment.name.first <= n);
    after.checked_sub(1).and_then(|at| segments.get(at)).map_or(0, |segment| segment.name.first)
}

fn read_if_there(path: &Path) -> io::Result<Vec<u8>> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        bytes => bytes,
    }
}

fn remove_if_there(path: &PathBuf) -> io::Result<bool> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removed => removed.map(|()| true),
    }
}

const TOLD_EVERY: u64 = 1024;
