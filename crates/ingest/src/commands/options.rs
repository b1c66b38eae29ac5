//! Options that several commands have.

use std::path::PathBuf;

use clap::Args;

use crate::config::{ConfigError, data, wrong};

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
        if path.join("journal").is_dir() {
            return Ok(path);
        }
        Err(wrong("--data (TELEMETRY_STORAGE_PATH)", &self.data)("the data folder of a server that ran once"))
    }
}
