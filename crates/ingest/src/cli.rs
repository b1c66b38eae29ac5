//! The command line. Values are taken as text here and checked in [`config`](crate::config), so
//! that a wrong one is told the same way wherever it came from.

use clap::{Args, Parser, Subcommand};

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
    #[command(after_help = SERVE_EXAMPLE)]
    Serve(ServeOptions),
}

/// The settings of `beaconry serve`, as they were given.
#[derive(Debug, Args)]
pub struct ServeOptions {
    /// The address to listen on; only those of this machine so far
    #[arg(long, value_name = "ADDRESS", env = "BEACONRY_LISTEN", default_value = DEFAULT_LISTEN)]
    pub listen: String,

    /// The folder that everything is stored in; made if it is not there
    #[arg(long, value_name = "FOLDER", env = "TELEMETRY_STORAGE_PATH", default_value = "./beaconry-data")]
    pub data: String,

    /// The key that clients send; without one, the first start makes one and keeps it in the data folder
    #[arg(long, value_name = "TOKEN", env = "TELEMETRY_TOKEN", hide_env_values = true)]
    pub token: Option<String>,

    /// A site whose pages may send records; may be given several times
    #[arg(long, value_name = "ORIGIN", env = "BEACONRY_ALLOW_ORIGINS", value_delimiter = ',', help = ALLOW_ORIGIN)]
    pub allow_origin: Vec<String>,

    /// A key that stays in the queries of pages, with its value; may be given several times [default: none]
    #[arg(long, value_name = "KEY", env = "BEACONRY_ALLOW_QUERY_KEYS", value_delimiter = ',')]
    pub allow_query_key: Vec<String>,

    /// Whether clients record at all: enabled or disabled
    #[arg(long, value_name = "PHASE", env = "BEACONRY_FEATURE_PHASE", default_value = DEFAULT_PHASE)]
    pub feature_phase: String,

    /// For how many percent of the users clients record
    #[arg(long, value_name = "PERCENT", env = "BEACONRY_ROLLOUT", default_value = DEFAULT_ROLLOUT)]
    pub rollout: String,

    /// Which share of sessions clients record, from 0 to 1; errors are always recorded [default: the app's own]
    #[arg(
        long,
        value_name = "SHARE",
        env = "BEACONRY_SAMPLE_RATE",
        default_value = "",
        hide_default_value = true
    )]
    pub sample_rate: String,

    /// Which share of the recorded sessions has traces, from 0 to 1 [default: the app's own]
    #[arg(
        long,
        value_name = "SHARE",
        env = "BEACONRY_TRACES_SAMPLE_RATE",
        default_value = "",
        hide_default_value = true
    )]
    pub traces_sample_rate: String,
}

/// A wrong command line in one line: what is wrong, and where to read more.
pub fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let what = lines.next().unwrap_or_default().trim_start_matches("error: ");
    let tip = lines.find(|line| line.starts_with("tip: ")).map(|tip| format!("; {}", &tip[5..]));
    format!("{what}{}; see beaconry serve --help", tip.unwrap_or_default())
}

pub(crate) const DEFAULT_LISTEN: &str = "127.0.0.1:7460";
pub(crate) const DEFAULT_PHASE: &str = "enabled";
pub(crate) const DEFAULT_ROLLOUT: &str = "100";

const ALLOW_ORIGIN: &str = "A site whose pages may send records, such as https://app.example; may be given \
    several times [default: every page of this machine]";

const SERVE_EXAMPLE: &str = "\
Example:
  beaconry serve --data ./telemetry --token my-site --allow-origin http://localhost:5173

  Then open http://127.0.0.1:7460/admin, and send a first record:
  curl http://127.0.0.1:7460/api/telemetry/batch -H 'X-Telemetry-Token: my-site' \\
       -d '{\"events\":[{\"type\":\"page_view\",\"page\":\"/\"}]}'

Every record is one line in FOLDER/journal/*.jsonl, readable with cat and jq.";
