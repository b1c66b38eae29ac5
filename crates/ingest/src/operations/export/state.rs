//! How far a folder of exported files is: a small file among them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::operations::write_whole;

/// What is known of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct State {
    /// What the folder holds, in the words of the options.
    pub(super) what: String,
    /// The times that these words meant when they were first said.
    pub(super) since: Option<u64>,
    pub(super) until: Option<u64>,
    /// Where the next run begins: everything before is whole and stays as it is.
    pub(super) checkpoint: Mark,
    /// The line up to which finished runs have told of records.
    #[serde(default)]
    pub(super) told: u64,
    /// Where the last run ended, if it did.
    pub(super) end: Option<Mark>,
}

/// A line of the journal, and how long each file is with all lines up to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) n: u64,
    pub(super) files: BTreeMap<String, u64>,
}

impl State {
    /// `None` if there is none yet.
    pub(super) fn read(folder: &Path) -> io::Result<Option<Self>> {
        match fs::read(folder.join(FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            bytes => serde_json::from_slice(&bytes?).map(Some).map_err(io::Error::other),
        }
    }

    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        write_whole(&folder.join(FILE), &serde_json::to_vec(self)?)
    }
}

pub(super) const FILE: &str = ".beaconry-export.json";
