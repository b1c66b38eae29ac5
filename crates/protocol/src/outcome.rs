//! Why a record was not stored. One list for both halves, so that a loss in the browser and a
//! refusal on the server are counted under the same names.

use serde::{Deserialize, Serialize};

use crate::place_of;

/// The reason of a discard, as it is counted, reported and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DiscardReason {
    /// The feature flag or the config says off.
    Disabled,
    /// The user has not allowed it: consent was denied, or Global Privacy Control says no.
    ConsentDenied,
    /// The session is not one of those that are recorded.
    SampledOut,
    /// The app's own `beforeSend` dropped it.
    BeforeSend,
    /// An error that `ignoreErrors`, `allowUrls` or `denyUrls` leave out.
    Filtered,
    /// A hook saw more of it than it records in a short time.
    RateLimited,
    /// The client itself could not be loaded, or broke.
    ClientFailed,
    /// A call with arguments of which no record can be made.
    InvalidArgument,
    /// The queue was full and this was the least severe, oldest record in it.
    QueueOverflow,
    /// A chunk of the spool could not be read any more.
    StorageCorrupt,
    /// Older than `maxSpoolAge`, or than the server still takes.
    TooOld,
    /// One record alone is larger than what the server takes.
    TooLarge,
    /// A record type that the server does not know.
    UnknownType,
    /// A field has a value that it does not take.
    InvalidField,
    /// A field that the record type needs is not there.
    MissingField,
    /// A reason of a newer version.
    #[serde(other)]
    Other,
}

impl DiscardReason {
    /// Every reason, in the order of the ledger.
    pub const ALL: [Self; 16] = [
        Self::Disabled,
        Self::ConsentDenied,
        Self::SampledOut,
        Self::BeforeSend,
        Self::Filtered,
        Self::RateLimited,
        Self::ClientFailed,
        Self::InvalidArgument,
        Self::QueueOverflow,
        Self::StorageCorrupt,
        Self::TooOld,
        Self::TooLarge,
        Self::UnknownType,
        Self::InvalidField,
        Self::MissingField,
        Self::Other,
    ];

    const NAMES: [&str; 16] = [
        "disabled",
        "consent_denied",
        "sampled_out",
        "before_send",
        "filtered",
        "rate_limited",
        "client_failed",
        "invalid_argument",
        "queue_overflow",
        "storage_corrupt",
        "too_old",
        "too_large",
        "unknown_type",
        "invalid_field",
        "missing_field",
        "other",
    ];

    /// The reason with this name; [`Other`](Self::Other) for the name of a newer version.
    pub fn parse(name: &str) -> Self {
        place_of(name, &Self::NAMES).map_or(Self::Other, |at| Self::ALL[at])
    }

    /// The name on the wire and in every count.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self.place()]
    }

    /// Its place in [`ALL`](Self::ALL).
    pub const fn place(self) -> usize {
        self as usize
    }
}
