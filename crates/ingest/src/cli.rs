//! The command line. Values are taken as text here and checked in [`config`](crate::config), so
//! that a wrong one is told the same way wherever it came from.

use clap::{Parser, Subcommand};

use crate::commands::reindex::{self, ReindexOptions};
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
    let what = lines.next().unwrap_or_default().trim_start_matches("error: ");
    let tip = lines.find(|line| line.starts_with("tip: ")).map(|tip| format!("; {}", &tip[5..]));
    format!("{what}{}; see beaconry serve --help", tip.unwrap_or_default())
}
