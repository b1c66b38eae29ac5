//! Where damaged lines are set aside, once each: `damaged.jsonl` in the data folder. The bytes stay
//! in their segment too; this file is for the person who looks after the server.

use std::collections::HashSet;
use std::io;

use beaconry_protocol::{JsonWriter, cut};
use serde::Deserialize;

use super::files::read_all;
use super::scan::BadPlace;
use super::segment::SegmentName;
use super::{Files, LogFile};

/// The damaged places that are known.
pub(super) struct DamagedLines {
    known: HashSet<(String, u64)>,
    /// Whether the file ends in the middle of an entry.
    is_torn: bool,
}

impl DamagedLines {
    /// Reads what was set aside before.
    pub(super) fn read(files: &dyn Files) -> io::Result<Self> {
        let bytes = match files.open(FILE) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            file => read_all(&*file?)?,
        };
        let entries = bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
        let known = entries.map(|Entry { segment, offset }| (segment, offset)).collect();
        Ok(Self { known, is_torn: bytes.last().is_some_and(|byte| *byte != b'\n') })
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.known.len() as u64
    }

    /// Copies places that are not known yet. That the copy fails must not keep the server from
    /// starting: the bytes are still where they were, and the next start tries again.
    pub(super) fn set_aside(&mut self, files: &dyn Files, segment: SegmentName, places: &[BadPlace]) {
        let segment = segment.path();
        let mut entries = if self.is_torn { String::from("\n") } else { String::new() };
        let new = places.iter().filter(|place| self.known.insert((segment.clone(), place.offset)));
        let before = entries.len();
        new.for_each(|place| entries.push_str(&entry(&segment, place)));
        if entries.len() > before {
            self.is_torn = write(files, entries.as_bytes()).is_err();
        }
    }
}

#[derive(Deserialize)]
struct Entry {
    segment: String,
    offset: u64,
}

fn entry(segment: &str, place: &BadPlace) -> String {
    let mut json = JsonWriter::default();
    json.open("{");
    json.string_field("segment", segment);
    json.integer_field("offset", place.offset);
    json.integer_field("length", place.length);
    json.string_field("text", &cut(&String::from_utf8_lossy(&place.bytes), TEXT_BYTES));
    json.close("}");
    json.finish() + "\n"
}

fn write(files: &dyn Files, bytes: &[u8]) -> io::Result<()> {
    let mut file: Box<dyn LogFile> = match files.create(FILE) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => files.reopen(FILE)?,
        created => created?,
    };
    file.append(bytes)?;
    file.sync_data()?;
    files.sync_folder(TOP)
}

/// The data folder itself.
const TOP: &str = "";
const FILE: &str = "damaged.jsonl";
const TEXT_BYTES: usize = 4 * 1024;
