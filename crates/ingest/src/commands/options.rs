//! Options that several commands have.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::clock::now_millis;
use crate::config::{ConfigError, DATA, data, wrong};
use crate::operations::export::{Compression, Layout, Selection};
use crate::operations::{MOMENT, parse_moment};
use crate::server::is_data_folder;

/// The data folder of the server.
#[derive(Debug, Args)]
pub struct DataOption {
    /// The data folder of the server
    #[arg(long, value_name = "FOLDER", env = "TELEMETRY_STORAGE_PATH", default_value = "./beaconry-data")]
    pub data: String,
}

impl DataOption {
    /// The path of a data folder that has a journal.
    pub(super) fn existing(&self) -> Result<PathBuf, ConfigError> {
        let path = data(&self.data)?;
        match path.join("journal").metadata() {
            Ok(found) if found.is_dir() => Ok(path),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Err(wrong_data(&path)(NOT_YOURS))
            }
            _ => Err(wrong_data(&path)(NOT_THERE)),
        }
    }

    /// The path of a data folder, or of an empty one that may become it.
    pub(super) fn to_fill(&self) -> Result<PathBuf, ConfigError> {
        data(&self.data).and_then(to_fill)
    }

    /// The path of a data folder that may be made.
    pub(super) fn new_or_existing(&self) -> Result<PathBuf, ConfigError> {
        data(&self.data)
    }
}

/// A data folder, or an empty one that may become it. One that is not there is not made: what is stored
/// under a mistyped name is not found again.
pub(super) fn to_fill(path: PathBuf) -> Result<PathBuf, ConfigError> {
    match fs::read_dir(&path).map(|mut entries| entries.next().is_none()) {
        Ok(is_empty) if is_empty || is_data_folder(&path) => Ok(path),
        Ok(_) => Err(wrong_data(&path)("the data folder of a server, or an empty one: this one is neither")),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(wrong_data(&path)(NOT_YOURS)),
        Err(_) => Err(wrong_data(&path)(NOT_MADE)),
    }
}

/// A data folder that a server or another command has made.
pub(super) fn made(path: PathBuf) -> Result<PathBuf, ConfigError> {
    if is_data_folder(&path) { Ok(path) } else { Err(wrong_data(&path)(NOT_THERE)) }
}

fn wrong_data(path: &Path) -> impl Fn(&'static str) -> ConfigError + use<> {
    let got = path.to_string_lossy().into_owned();
    move |takes| wrong(DATA, &got)(takes)
}

const NOT_YOURS: &str = "a folder that you may read: run this as the user that the server runs as";
const NOT_THERE: &str = "the data folder of a server, which the first `beaconry serve` makes";
const NOT_MADE: &str =
    "the data folder of a server: make one with the first `beaconry serve`, or with mkdir -m 700";

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
