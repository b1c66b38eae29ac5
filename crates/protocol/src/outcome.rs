//! Why a record was not stored. One list for both halves, so that a loss in the browser and a
//! refusal on the server are counted under the same names.

use serde::{Deserialize, Serialize};

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

    /// The reason with this name; [`Other`](Self::Other) for the name of a newer version.
    pub fn parse(name: &str) -> Self {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name).unwrap_or(Self::Other)
    }

    /// The name on the wire and in every count.
    #[inline(never)] // Else there is a table of all names wherever one is asked for.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::ConsentDenied => "consent_denied",
            Self::SampledOut => "sampled_out",
            Self::BeforeSend => "before_send",
            Self::Filtered => "filtered",
            Self::RateLimited => "rate_limited",
            Self::ClientFailed => "client_failed",
            Self::InvalidArgument => "invalid_argument",
            Self::QueueOverflow => "queue_overflow",
            Self::StorageCorrupt => "storage_corrupt",
            Self::TooOld => "too_old",
            Self::TooLarge => "too_large",
            Self::UnknownType => "unknown_type",
            Self::InvalidField => "invalid_field",
            Self::MissingField => "missing_field",
            Self::Other => "other",
        }
    }
}
