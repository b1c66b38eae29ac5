//! `beaconry rotate`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::Args;

use super::{DataOption, Failure};
use crate::clock::now_millis;
use crate::config::{ConfigError, RETENTION_DAYS, quota, retention_days, wrong};
use crate::control::{Connection, Request};
use crate::operations::retention::{Ages, Limits, Rotated, rotate};
use crate::operations::{Bar, StoppedFolder};

/// The options of `beaconry rotate`.
#[derive(Debug, Args)]
pub struct RotateOptions {
    #[command(flatten)]
    data: DataOption,

    // What deletes records is said for each run, so these two are not the settings of the same name:
    // a file of settings may be newer than the server, or that of another folder.
    /// For how many days records are kept; 0 for ever [default: what the running server keeps]
    #[arg(
        id = "days_of_this_run",
        long = "retention-days",
        value_name = "DAYS",
        env = "TELEMETRY_RETENTION_DAYS",
        hide_env_values = false
    )]
    retention_days: Option<String>,

    /// How much the data folder may take of the disk, such as 10GB [default: what the running server takes, or all]
    #[arg(id = "quota_of_this_run", long = "quota", value_name = "SIZE", env = "BEACONRY_QUOTA")]
    quota: Option<String>,
}

/// Makes room: the running server does, or the command itself.
///
/// # Errors
/// A wrong option, or what is in the way.
pub fn run(options: &RotateOptions) -> Result<(), Failure> {
    let folder = options.data.existing()?;
    let (days, most) = options.read()?;
    let bar = Bar::new();
    let rotated: Rotated = match Connection::open(&folder).map_err(Failure::of)? {
        Some(mut server) => {
            let request = Request::Rotate { retention_days: days, quota: most };
            server.ask(&request, &bar).map_err(Failure::of)?
        }
        None => {
            // What the server kept the last time is not known here, and a guess would delete records.
            let retention_days = days.ok_or_else(|| wrong(RETENTION_DAYS, "nothing")(DAYS_NEEDED))?;
            let stopped = StoppedFolder::open(&folder).map_err(Failure::of)?;
            let limits = Limits { retention_days, quota: most };
            rotate(&stopped.premises(&folder), limits, now_millis(), &mut Ages::new(), &bar)
                .map_err(Failure::of)?
        }
    };
    drop(bar);
    announce(&rotated).map_err(Failure::of)
}

impl RotateOptions {
    fn read(&self) -> Result<(Option<u64>, Option<u64>), ConfigError> {
        let days = self.retention_days.as_deref().filter(|text| !text.is_empty());
        let most = self.quota.as_deref().filter(|text| !text.is_empty());
        Ok((days.map(retention_days).transpose()?, most.map(quota).transpose()?))
    }
}

fn announce(rotated: &Rotated) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "too old: {}; segments removed: {}", counted(&rotated.too_old), rotated.segments)?;
    if !rotated.shed.is_empty() {
        writeln!(out, "no room: {}", counted(&rotated.shed))?;
    }
    if rotated.uploads > 0 {
        writeln!(out, "screenshots removed: {}", rotated.uploads)?;
    }
    writeln!(out, "records and their index take {:.1} MB", rotated.bytes as f64 / 1e6)
}

fn counted(kinds: &BTreeMap<String, u64>) -> String {
    let total: u64 = kinds.values().sum();
    let each: Vec<_> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    match each.as_slice() {
        [] => "0 records".to_owned(),
        each => format!("{total} records ({})", each.join(", ")),
    }
}

const DAYS_NEEDED: &str = "a number of days, since no server runs there that would know it";

pub(crate) const EXAMPLE: &str = "\
Examples:
  beaconry rotate                                   # by cron, also while the server runs
  beaconry rotate --retention-days 7 --quota 10GB

A server does this by itself, every hour: see --retention-days and --quota of `beaconry serve`. With \
options, this run keeps to them instead.

Old segments of the journal are deleted with their rows of the index; counts by hour and minute stay. \
Over the quota the least severe records go first, the oldest of them first: debug logs, info logs, \
metrics and traces, events, warnings. What went is counted in FOLDER/discarded.jsonl, by kind.";
