//! `beaconry import`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use clap::Args;

use super::{DataOption, Failure};
use crate::clock::now_millis;
use crate::config::wrong;
use crate::control::{Connection, ControlError, Request};
use crate::operations::import::{
    Import, ImportError, ImportOptions as Options, Imported, REFUSED, Record, Taken, Target, find_sources,
};
use crate::operations::{Bar, Silent, StoppedFolder};
use crate::pipeline::{Privacy, Pseudonyms};
use crate::server::install_secret;

/// The options of `beaconry import`.
#[derive(Debug, Args)]
pub struct ImportOptions {
    /// Files, or folders with such files; *.jsonl, also packed as *.jsonl.gz or *.jsonl.zst
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    data: DataOption,

    /// The app of records that name none
    #[arg(long, value_name = "APP")]
    app: Option<String>,

    /// A key that stays in the queries of pages, with its value: what `serve` was given
    #[arg(long, value_name = "KEY", env = "BEACONRY_ALLOW_QUERY_KEYS", value_delimiter = ',')]
    allow_query_key: Vec<String>,

    /// Take a file whose first line is that of one imported before, and that goes on differently, as
    /// another file; what both have is stored twice
    #[arg(long)]
    as_new: bool,
}

/// Not everything was imported.
#[derive(Debug, thiserror::Error)]
enum NotAll {
    #[error("{0} files were not imported, for the reasons above; all others were")]
    Files(usize),
    #[error("{}", refused(*lines, kept))]
    Lines { lines: u64, kept: PathBuf },
    #[error("{files} files were not imported, for the reasons above, and {}", refused(*lines, kept))]
    Both { files: usize, lines: u64, kept: PathBuf },
}

fn refused(lines: u64, kept: &Path) -> String {
    let kept = kept.display();
    format!(
        "{lines} lines are no records and were not imported: see {kept}, mend them where they stand, and import \
         again"
    )
}

/// Imports the files.
///
/// # Errors
/// A wrong option, what is in the way, or files or lines that are not taken; all others are imported then.
pub fn run(options: &ImportOptions) -> Result<(), Failure> {
    let folder = options.data.to_fill()?;
    let app = options.app.as_deref().map(|app| match is_app(app) {
        true => Ok(app.to_owned()),
        false => Err(wrong("--app", app)("1 to 64 letters, digits, '.', '_' or '-'")),
    });
    let app = app.transpose()?;
    let allow_query_keys = crate::config::query_keys(&options.allow_query_key)?;
    let sources = find_sources(&options.paths).map_err(Failure::of)?;
    if let Some(own) = sources.iter().find(|source| source.is_below(&folder)) {
        return Err(wrong("PATH", &own.shown())(OUTSIDE).into());
    }
    let mut target = open_target(&folder)?;
    let pseudonyms = Pseudonyms::new(install_secret(&folder).map_err(Failure::of)?);
    let privacy = Privacy { pseudonyms, allow_query_keys };
    let mut told = 0;
    let mut tell = |what: &str| {
        told += 1;
        if told <= MOST_TOLD {
            // What cannot be told here is in the file of refused lines.
            let _ = writeln!(io::stderr(), "beaconry: {what}");
        }
    };
    let bar = Bar::new();
    let settings = Options { app, as_new: options.as_new, now: now_millis() };
    let import =
        Import::new(&folder, &mut *target, &privacy, &settings, &bar, &mut tell).map_err(Failure::of)?;
    let imported = import.run(&sources).map_err(Failure::of)?;
    drop(bar);
    let Imported { new, known, refused, left } = imported;
    writeln!(io::stdout(), "{new} records imported, {known} were there already").map_err(Failure::of)?;
    left.iter().for_each(|why| drop(writeln!(io::stderr(), "beaconry: {why}")));
    let kept = folder.join(REFUSED);
    match (left.len(), refused) {
        (0, 0) => Ok(()),
        (0, lines) => Err(Failure::of(NotAll::Lines { lines, kept })),
        (files, 0) => Err(Failure::of(NotAll::Files(files))),
        (files, lines) => Err(Failure::of(NotAll::Both { files, lines, kept })),
    }
}

fn is_app(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
}

/// The running server of the folder, or the folder itself.
fn open_target(folder: &Path) -> Result<Box<dyn Target>, Failure> {
    match Connection::open(folder).map_err(Failure::of)? {
        Some(connection) => Ok(Box::new(RunningServer(connection))),
        None => Ok(Box::new(StoppedFolder::open(folder).map_err(Failure::of)?)),
    }
}

struct RunningServer(Connection);

impl Target for RunningServer {
    /// A server that has much to do refuses for a moment; what it was given is tried again.
    fn store(&mut self, records: Vec<Record>) -> Result<Taken, ImportError> {
        let request = Request::Store { records };
        let mut tries = 0;
        loop {
            tries += 1;
            match self.0.ask(&request, &Silent) {
                Err(ControlError::Failed(_)) if tries < TRIES => thread::sleep(PAUSE),
                Err(error) => return Err(ImportError::Store(error.into())),
                Ok(taken) => return Ok(taken),
            }
        }
    }
}

const OUTSIDE: &str = "files outside of the data folder (--data), since what the server has stored there is in it \
    already; copy other files elsewhere first";

const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(500);

/// Lines that are named one by one.
const MOST_TOLD: u64 = 20;

pub(crate) const EXAMPLE: &str = "\
Examples:
  beaconry import ./telemetry-data                     # logs/2025-12-22.jsonl, metrics/…, traces/…
  beaconry import ./archive/2025-12-22.jsonl.zst       # what `beaconry export` wrote
  beaconry import --app quiz /var/telemetry/saberloop

Records may be brought into a server that runs, and into the folder of one that does not.

Import as often as you like: nothing is stored twice, and an import that was killed is just run again. \
Records of ours keep their ids. Other lines are known by the first line of their file and their number \
in it, so a file may be renamed, packed and longer than it was. Lines that are no records are named, \
and kept in FOLDER/import-refused.jsonl, and the exit code is 1; mend them where they stand and import the \
file again. A file that was changed otherwise, or cannot be read, is named too, and all others are imported.

Old records count as old: retention deletes them by their received_at, so serve with a --retention-days \
that covers them.";
