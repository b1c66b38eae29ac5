//! The command line. Values are taken as text here and checked in [`config`](crate::config), so
//! that a wrong one is told the same way wherever it came from.

use clap::{Parser, Subcommand};

use crate::commands::backup::{self, BackupOptions};
use crate::commands::export::{self, ExportOptions};
use crate::commands::forget::{self, ForgetOptions};
use crate::commands::import::{self, ImportOptions};
use crate::commands::keys::{self, KeysOptions};
use crate::commands::pull::{self, PullOptions};
use crate::commands::reindex::{self, ReindexOptions};
use crate::commands::restore::{self, RestoreOptions};
use crate::commands::rotate::{self, RotateOptions};
use crate::commands::serve::{self, ServeOptions};
use crate::commands::verify::{self, VerifyOptions};

/// `beaconry`.
#[derive(Debug, Parser)]
#[command(name = "beaconry", version, about = "Browser telemetry that does not lose anything: the server")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Take records in, store them, and show them on a dashboard
    #[command(after_help = serve::EXAMPLE)]
    Serve(Box<ServeOptions>),

    /// Say who may send records, and who may look at them
    #[command(after_help = keys::EXAMPLE)]
    Keys(KeysOptions),

    /// Take records out as JSON Lines
    #[command(after_help = export::EXAMPLE)]
    Export(ExportOptions),

    /// Bring records in, out of JSON Lines
    #[command(after_help = import::EXAMPLE)]
    Import(ImportOptions),

    /// Fetch the records of another server
    #[command(after_help = pull::EXAMPLE)]
    Pull(PullOptions),

    /// Copy the data folder, also while the server runs
    #[command(after_help = backup::EXAMPLE)]
    Backup(BackupOptions),

    /// Put a backup back
    #[command(after_help = restore::EXAMPLE)]
    Restore(RestoreOptions),

    /// Delete records that are too old, or for which there is no room
    #[command(after_help = rotate::EXAMPLE)]
    Rotate(RotateOptions),

    /// Erase what is stored of one person, and show that nothing is left
    #[command(after_help = forget::EXAMPLE)]
    Forget(ForgetOptions),

    /// Read everything that is stored, and say what is wrong with it
    #[command(after_help = verify::EXAMPLE)]
    Verify(VerifyOptions),

    /// Make the index anew from the journal
    #[command(after_help = reindex::EXAMPLE)]
    Reindex(ReindexOptions),
}

/// A wrong command line in one line: what is wrong, and where to read more.
pub fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut what = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    if what.ends_with(':') {
        what = format!("{what} {}", lines.next().unwrap_or_default());
    }
    let tip = lines.find(|line| line.starts_with("tip: ")).map(|tip| format!("; {}", &tip[5..]));
    format!("{what}{}; see {} --help", tip.unwrap_or_default(), command_of(&text))
}

/// The command that the usage speaks of: `beaconry` and the names that follow it.
fn command_of(text: &str) -> String {
    let usage = text.lines().find_map(|line| line.strip_prefix("Usage: ")).unwrap_or("beaconry");
    let is_name = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    usage.split(' ').take_while(is_name).collect::<Vec<_>>().join(" ")
}
