//! The command line. Values are taken as text here and checked in [`config`](crate::config), so
//! that a wrong one is told the same way wherever it came from.

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::backup::{self, BackupOptions};
use crate::commands::export::{self, ExportOptions};
use crate::commands::forget::{self, ForgetOptions};
use crate::commands::import::{self, ImportOptions};
use crate::commands::keys::{self, KeysOptions};
use crate::commands::missing::{self, MissingOptions};
use crate::commands::pull::{self, PullOptions};
use crate::commands::reindex::{self, ReindexOptions};
use crate::commands::restore::{self, RestoreOptions};
use crate::commands::rotate::{self, RotateOptions};
use crate::commands::serve::{self, ServeOptions};
use crate::commands::verify::{self, VerifyOptions};
use crate::config::{ConfigError, ConfigFile, ConfigFileError, phase_said, without_empty_variables};

/// `beaconry`.
#[derive(Debug, Parser)]
#[command(name = "beaconry", version, about = "Browser telemetry that does not lose anything: the server")]
pub struct Cli {
    /// A file of settings for `serve`; other commands find the data folder by it [default: ./beaconry.toml, if it is there]
    #[arg(long, value_name = "FILE", env = "BEACONRY_CONFIG", global = true)]
    pub config: Option<String>,

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

    /// Show which streams miss records
    #[command(after_help = missing::EXAMPLE)]
    Missing(MissingOptions),

    /// Read everything that is stored, and say what is wrong with it
    #[command(after_help = verify::EXAMPLE)]
    Verify(VerifyOptions),

    /// Make the index anew from the journal
    #[command(after_help = reindex::EXAMPLE)]
    Reindex(ReindexOptions),
}

/// A command line that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CliError {
    /// It is wrong itself, or asks for help.
    #[error(transparent)]
    CommandLine(#[from] clap::Error),
    /// The file of settings is.
    #[error(transparent)]
    File(#[from] ConfigFileError),
    /// A variable is.
    #[error(transparent)]
    Variable(#[from] ConfigError),
}

/// Where the settings of a command line came from.
#[derive(Debug)]
pub struct Origin {
    file: Option<ConfigFile>,
    matches: ArgMatches,
}

impl Cli {
    /// Reads the command line of this process, and what stands below it: variables, then the file of
    /// settings.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn read() -> Result<(Self, Origin), CliError> {
        let command = Self::command();
        // Once for what it says itself: which file, which command, or that it is wrong.
        let matches = command.clone().try_get_matches()?;
        let named = Self::from_arg_matches(&matches)?.config;
        let file = ConfigFile::find(named.as_deref(), serve_of(&command))?;
        let command = match &file {
            Some(file) => file.as_defaults(command),
            None => command,
        };
        let command = with_phase(without_empty_variables(command), matches.subcommand_name())?;
        let matches = command.try_get_matches()?;
        Ok((Self::from_arg_matches(&matches)?, Origin { file, matches }))
    }
}

impl Origin {
    /// The file of settings that was read.
    pub fn file(&self) -> Option<&ConfigFile> {
        self.file.as_ref()
    }

    /// A wrong setting, named as where it came from has it.
    pub fn tell(&self, error: &ConfigError) -> String {
        let mut matches = &self.matches;
        while let Some((_, of_command)) = matches.subcommand() {
            matches = of_command;
        }
        let of_file = self.file.as_ref().and_then(|file| file.blame(error, matches));
        of_file.map_or_else(|| error.to_string(), |error| error.to_string())
    }
}

/// The options that are settings.
fn serve_of(command: &clap::Command) -> &clap::Command {
    command.find_subcommand("serve").unwrap_or(command)
}

/// A variable that stands below the option's own, and above the file.
fn with_phase(command: clap::Command, asked: Option<&str>) -> Result<clap::Command, ConfigError> {
    let phase = if asked == Some("serve") { phase_said()? } else { None };
    Ok(match phase {
        Some(phase) => command.mut_subcommand("serve", |serve| {
            serve.mut_arg("feature_phase", |option| option.default_value(phase))
        }),
        None => command,
    })
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
