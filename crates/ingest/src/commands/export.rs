//! `beaconry export`.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use clap::Args;

use super::options::{FormOptions, SelectionOptions};
use super::{DataOption, Failure};
use crate::config::path;
use crate::journal::{Files, RealFiles};
use crate::operations::export::{ExportFolder, Exported, Pipe, export};
use crate::operations::{Bar, Silent, snapshot};

/// The options of `beaconry export`.
#[derive(Debug, Args)]
pub struct ExportOptions {
    #[command(flatten)]
    data: DataOption,

    /// The folder to write into; a repeat adds what is new. Without it records go to standard output
    #[arg(long, value_name = "FOLDER")]
    to: Option<String>,

    #[command(flatten)]
    selection: SelectionOptions,

    #[command(flatten)]
    form: FormOptions,
}

/// Exports what is there now.
///
/// # Errors
/// A wrong option, or what could not be read or written.
pub fn run(options: &ExportOptions) -> Result<(), Failure> {
    let folder = options.data.existing()?;
    let files = RealFiles::open(&folder).map_err(Failure::of)?;
    match &options.to {
        None => to_output(&files, options),
        Some(to) => {
            let exported = to_folder(&files, &path("--to", to)?, options)?;
            let text =
                format!("{} new records were written, up to line {}", exported.records, exported.last_n);
            writeln!(io::stderr(), "beaconry: {text}").map_err(Failure::of)
        }
    }
}

fn to_output(files: &dyn Files, options: &ExportOptions) -> Result<(), Failure> {
    let selection = options.selection.read()?;
    let out = BufWriter::new(io::stdout().lock());
    let mut pipe = Pipe::new(out, options.form.layout()?, options.form.compression()).map_err(Failure::of)?;
    let segments = snapshot(files).map_err(Failure::of)?;
    match export(files, &segments, None, &selection, &mut pipe, &Silent) {
        Err(error) if !error.is_closed_pipe() => Err(Failure::of(error)),
        _ => Ok(()),
    }
}

fn to_folder(files: &dyn Files, to: &Path, options: &ExportOptions) -> Result<Exported, Failure> {
    let mut selection = options.selection.read()?;
    let (layout, compression) = (options.form.layout()?, options.form.compression());
    let segments = snapshot(files).map_err(Failure::of)?;
    let first_n = segments.first().map_or(1, |first| first.name.first);
    let words = options.selection.words();
    let mut folder =
        ExportFolder::open(to, &words, layout, compression, &mut selection, first_n).map_err(Failure::of)?;
    export(files, &segments, None, &selection, &mut folder, &Bar::new()).map_err(Failure::of)
}

pub(crate) const EXAMPLE: &str = "\
Examples:
  beaconry export --since 24h --type error | jq -r .message
  beaconry export --to ./archive --zstd
  beaconry export --to ./telemetry-data --layout saberloop --since 7d

Each line is one record, a JSON object. Times and days are those of received_at, in UTC.

Into a folder: run it again, by cron for instance, and it adds what has come since; if it was killed, \
it goes on. The bytes are the same however often it ran. `--since 7d` then means the seven days before \
the first run. Records that retention has deleted meanwhile stay in the folder.";
