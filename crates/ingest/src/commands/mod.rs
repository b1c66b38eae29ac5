//! The commands of `beaconry`, a file each: its options, and what it does.

pub mod backup;
pub mod export;
pub mod forget;
pub mod import;
pub mod keys;
pub mod missing;
mod options;
pub mod pull;
pub mod reindex;
pub mod restore;
pub mod rotate;
pub mod serve;
pub mod verify;

use std::error::Error;

use crate::config::ConfigError;

pub use options::DataOption;

/// Why a command did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It was asked for in a wrong way; nothing was done.
    #[error(transparent)]
    WrongUse(#[from] ConfigError),
    /// It could not be done.
    #[error(transparent)]
    Failed(#[from] Box<dyn Error>),
}

impl Failure {
    /// An error of the work itself.
    pub(crate) fn of(error: impl Error + 'static) -> Self {
        Self::Failed(Box::new(error))
    }
}
