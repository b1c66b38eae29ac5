//! How commands speak to the server that has the data folder: over the socket `control.sock` in it.
//!
//! Who may enter the folder may ask; that is its owner, so there is no other key. A request is one
//! line of JSON. The answer is any number of lines that say how far it is, and one with the end.
//! A connection takes one request after the other.

mod client;
mod listener;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::operations::forget::Whom;
use crate::operations::import::Record;

pub use client::{Connection, ControlError};
pub(crate) use listener::{Handler, Listener};

/// What can be asked for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "camelCase")]
pub enum Request {
    /// Store records that are encoded already.
    Store {
        /// The records.
        records: Vec<Record>,
    },
    /// Make room.
    Rotate {
        /// For how many days records are kept; what the server was started with if it is not said.
        retention_days: Option<u64>,
        /// How many bytes the folder may take; as above.
        quota: Option<u64>,
    },
    /// Erase what is stored of a person.
    Forget {
        /// The person.
        whom: Whom,
    },
    /// Say which streams miss records.
    Missing {
        /// How many of them.
        most: usize,
    },
    /// Make a backup.
    Backup {
        /// The folder for it.
        to: PathBuf,
    },
}

/// A line of the answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Reply {
    Progress { what: String, done: u64, total: u64 },
    Done(Value),
    Failed(String),
}

/// The address of the socket. A path that is too long for one leads over the open folder.
struct Address {
    path: PathBuf,
    /// Held as long as the path is used.
    _folder: Option<File>,
}

impl Address {
    fn of(folder: &Path) -> io::Result<Self> {
        let path = folder.join(FILE);
        if path.as_os_str().len() <= LONGEST_PATH {
            return Ok(Self { path, _folder: None });
        }
        let folder = File::open(folder)?;
        let number = std::os::fd::AsRawFd::as_raw_fd(&folder);
        let path = PathBuf::from(format!("/proc/self/fd/{number}/{FILE}"));
        Ok(Self { path, _folder: Some(folder) })
    }
}

const FILE: &str = "control.sock";

/// Of a path in the address of a socket; some systems take a few bytes more.
const LONGEST_PATH: usize = 100;
