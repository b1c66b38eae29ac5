//! `beaconry restore`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::{DataOption, Failure};
use crate::clock::now_millis;
use crate::operations::Bar;
use crate::operations::backup::{BackedUp, restore};

/// The options of `beaconry restore`.
#[derive(Debug, Args)]
pub struct RestoreOptions {
    /// The folder of the backup
    #[arg(value_name = "SRC")]
    from: PathBuf,

    #[command(flatten)]
    data: DataOption,

    /// Set what is in the data folder aside, into FOLDER/.replaced-TIME
    #[arg(long)]
    replace: bool,
}

/// Puts a backup back.
///
/// # Errors
/// A wrong option, or what is in the way.
pub fn run(options: &RestoreOptions) -> Result<(), Failure> {
    let folder = options.data.new_or_existing()?;
    let bar = Bar::new();
    let restored =
        restore(&options.from, &folder, options.replace, now_millis(), &bar).map_err(Failure::of)?;
    drop(bar);
    let BackedUp { files, records, last_n, .. } = restored.summary;
    let say = || {
        let mut out = io::stdout().lock();
        let (folder, created_at) = (folder.display(), &restored.created_at);
        writeln!(out, "{records} records up to line {last_n}, {files} files, as of {created_at}: {folder}")?;
        match &restored.replaced {
            Some(aside) => writeln!(out, "what was there before is in {}", aside.display()),
            None => Ok(()),
        }
    };
    say().map_err(Failure::of)
}

pub(crate) const EXAMPLE: &str = "\
Example:
  beaconry restore /backups/telemetry --data ./telemetry
  beaconry serve --data ./telemetry

The backup is checked before anything is touched, and the copy after it. If it is killed, run it again: \
until it is finished no server starts in that folder.";
