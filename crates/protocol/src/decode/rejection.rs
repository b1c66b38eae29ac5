//! Why one record of a body is refused.

use crate::{DiscardReason, RecordId};

/// A record that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The reason as it is counted.
    pub reason: DiscardReason,
    /// What is wrong with which field, and what it takes.
    pub message: String,
    /// Its identity, if that much could be read.
    pub id: Option<RecordId>,
}

impl Rejection {
    pub(super) fn new(reason: DiscardReason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), id: None }
    }

    pub(super) fn missing(name: &str) -> Self {
        Self::new(DiscardReason::MissingField, format!("{name}: is missing"))
    }
}
