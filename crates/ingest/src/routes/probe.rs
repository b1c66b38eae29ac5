//! A real write, to tell whether the disk takes any.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tries the disk, at most once a second however many ask.
#[derive(Debug)]
pub struct WriteProbe {
    path: PathBuf,
    last: Mutex<Option<(Instant, Probed)>>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub(super) struct Probed {
    pub(super) took: Duration,
    pub(super) error: Option<String>,
}

impl WriteProbe {
    /// Tries it with a file of this name, which goes again.
    pub fn new(path: PathBuf) -> Self {
        Self { path, last: Mutex::new(None) }
    }

    /// Writes, syncs and removes the file. Waits for the disk.
    pub(super) fn probe(&self) -> Probed {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, probed)) = &*last
            && at.elapsed() < PAUSE
        {
            return probed.clone();
        }
        let begun = Instant::now();
        let error = write(&self.path).err().map(|error| error.to_string());
        let probed = Probed { took: begun.elapsed(), error };
        *last = Some((Instant::now(), probed.clone()));
        probed
    }
}

fn write(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(b"can this be written?\n")?;
    file.sync_data()?;
    fs::remove_file(path)
}

const PAUSE: Duration = Duration::from_secs(1);
