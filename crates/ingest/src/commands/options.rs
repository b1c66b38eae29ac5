//! Options that several commands have.

use std::io;
use std::path::PathBuf;

use clap::Args;

use crate::clock::now_millis;
use crate::config::{ConfigError, data, wrong};
use crate::operations::export::{Compression, Layout, Selection};
use crate::operations::{MOMENT, parse_moment};

/// The data folder of the server.
#[derive(Debug, Args)]
pub struct DataOption {
    /// The data folder of the server
    #[arg(long, value_name = "FOLDER", env = "TELEMETRY_STORAGE_PATH", default_value = "./beaconry-data")]
    pub data: String,
}

impl DataOption {
    /// The path of a data folder that is there.
    pub(super) fn existing(&self) -> Result<PathBuf, ConfigError> {
        let path = data(&self.data)?;
        let wrong = wrong("--data (TELEMETRY_STORAGE_PATH)", &self.data);
        match path.join("journal").metadata() {
            Ok(found) if found.is_dir() => Ok(path),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Err(wrong("a folder that you may read: run this as the user that the server runs as"))
            }
            _ => Err(wrong("the data folder of a server that ran once")),
        }
    }

    /// The path of a data folder that may be made.
    pub(super) fn new_or_existing(&self) -> Result<PathBuf, ConfigError> {
        data(&self.data)
    }
}

/// Which records.
#[derive(Debug, Args)]
pub(super) struct SelectionOptions {
    /// Only records received since then: 7d, 24h, 2025-12-22 (UTC) or 2025-12-22T08:30:00Z
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,

    /// Only records received before then
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,

    /// Only records of this type (log, error, metric, …), or events of this name
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,

    /// Only records of this app
    #[arg(long, value_name = "APP")]
    pub app: Option<String>,
}

impl SelectionOptions {
    pub(super) fn read(&self) -> Result<Selection, ConfigError> {
        let now = now_millis();
        let moment = |setting, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => parse_moment(text, now).map(Some).ok_or_else(|| wrong(setting, text)(MOMENT)),
        };
        Ok(Selection {
            since: moment("--since", &self.since)?,
            until: moment("--until", &self.until)?,
            kind: self.kind.clone(),
            app: self.app.clone(),
        })
    }

    /// The same as it was said, to know it again.
    pub(super) fn words(&self) -> String {
        let options =
            [("since", &self.since), ("until", &self.until), ("type", &self.kind), ("app", &self.app)];
        let said = options.into_iter().filter_map(|(name, text)| text.as_ref().map(|text| (name, text)));
        said.map(|(name, text)| format!(" --{name} {text}")).collect()
    }
}

/// How files are written.
#[derive(Debug, Args)]
pub(super) struct FormOptions {
    /// days: FOLDER/2025-12-22.jsonl; saberloop: FOLDER/logs/2025-12-22.jsonl, traces/, metrics/ and so on
    #[arg(long, value_name = "LAYOUT", default_value = "days")]
    pub layout: String,

    /// Compress with gzip
    #[arg(long, conflicts_with = "zstd")]
    pub gzip: bool,

    /// Compress with zstd
    #[arg(long)]
    pub zstd: bool,
}

impl FormOptions {
    pub(super) fn layout(&self) -> Result<Layout, ConfigError> {
        let known = [Layout::Days, Layout::Saberloop];
        let layout = known.into_iter().find(|layout| layout.as_str() == self.layout);
        layout.ok_or_else(|| wrong("--layout", &self.layout)("days or saberloop"))
    }

    pub(super) fn compression(&self) -> Compression {
        match (self.gzip, self.zstd) {
            (true, _) => Compression::Gzip,
            (_, true) => Compression::Zstd,
            _ => Compression::None,
        }
    }
}
