//! The commands of `beaconry`, a file each: its options, and what it does.

pub mod keys;
pub mod serve;

use std::error::Error;

use crate::config::ConfigError;

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
