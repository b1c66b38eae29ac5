//! `beaconry backup`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::{DataOption, Failure};
use crate::clock::now_millis;
use crate::control::{Connection, Request};
use crate::journal::RealFiles;
use crate::operations::backup::{BackedUp, Origin, back_up};
use crate::operations::{Bar, snapshot};
use crate::server::FolderLock;

/// The options of `beaconry backup`.
#[derive(Debug, Args)]
pub struct BackupOptions {
    /// The folder for the backup: new, or that of an older one, which it replaces
    #[arg(value_name = "DEST")]
    to: PathBuf,

    #[command(flatten)]
    data: DataOption,
}

/// Makes a backup: the running server does, or the command itself.
///
/// # Errors
/// A wrong option, or what is in the way.
pub fn run(options: &BackupOptions) -> Result<(), Failure> {
    let folder = options.data.existing()?;
    let to = std::path::absolute(&options.to).map_err(Failure::of)?;
    let bar = Bar::new();
    let done = match Connection::open(&folder).map_err(Failure::of)? {
        Some(mut server) => server.ask(&Request::Backup { to: to.clone() }, &bar).map_err(Failure::of)?,
        None => of_stopped(&folder, &to, &bar)?,
    };
    drop(bar);
    let BackedUp { files, bytes, records, last_n } = done;
    let megabytes = bytes.div_ceil(1_000_000);
    writeln!(
        io::stdout(),
        "{records} records up to line {last_n}, {files} files, {megabytes} MB, read back: {}",
        to.display()
    )
    .map_err(Failure::of)
}

fn of_stopped(folder: &Path, to: &Path, bar: &Bar) -> Result<BackedUp, Failure> {
    let _lock = FolderLock::take(folder).map_err(Failure::of)?;
    let files = RealFiles::open(folder).map_err(Failure::of)?;
    let origin = Origin { data: folder, committed: &|| snapshot(&files), last_n: 0 };
    back_up(&origin, to, now_millis(), bar).map_err(Failure::of)
}

pub(crate) const EXAMPLE: &str = "\
Examples:
  beaconry backup /backups/telemetry                      # each night, by cron
  beaconry restore /backups/telemetry --data ./telemetry

The server goes on meanwhile. Every record that it had acknowledged when the backup began is in it. \
The backup is read back before it takes the place of the older one; sealed segments of the journal that \
did not change are shared with that one, so they cost neither time nor space.

A backup holds everything, also the secrets of the installation: keep it as private as the data folder.";
