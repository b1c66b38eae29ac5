//! What the server answers. The client believes nothing else: an answer without the `beaconry`
//! mark (a captive portal, a firewall, an app's fallback page) neither acknowledges nor discards.

use serde::{Deserialize, Serialize};

use crate::{DiscardReason, RecordType, RemoteConfig, SeqRange};

/// The answer to a batch, and to every request to an ingest route that failed as a whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Answer {
    /// The mark: the protocol version of the server that answered. 0 means that it is not ours.
    pub beaconry: u32,
    /// How the batch as a whole fared.
    pub status: Status,
    /// Whether no record failed.
    pub success: bool,
    /// Records in the body: recorded + duplicate + failed.
    pub total: u64,
    /// Records that are on disk now and were not before.
    pub recorded: u64,
    /// Records that were on disk already.
    pub duplicate: u64,
    /// Records that were refused.
    pub failed: u64,
    /// Recorded ones by type.
    pub received: Received,
    /// The stream that `acknowledged` speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// Records that are on disk, by their sequence numbers: the client may forget these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acknowledged: Vec<SeqRange>,
    /// A verdict for each record that was not simply recorded.
    pub results: Vec<RecordResult>,
    /// Why the request as a whole failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorCode>,
    /// What was wrong and what to do, for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How long to wait before the next try, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// What the server asks of its clients, where that is not the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<RemoteConfig>,
    /// The server's clock, in epoch milliseconds.
    pub server_time: u64,
}

impl Answer {
    /// An answer that refuses the request as a whole.
    pub fn error(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            beaconry: crate::VERSION,
            status: Status::Error,
            error: Some(code),
            message: Some(message.into()),
            ..Self::default()
        }
    }

    /// Whether this is recognisably an answer of a Beaconry server.
    pub const fn is_ours(&self) -> bool {
        self.beaconry > 0
    }
}

/// How a batch fared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every record is on disk.
    #[default]
    Ok,
    /// Some records are, the others have a verdict.
    Partial,
    /// No record is; each has a verdict.
    Rejected,
    /// The request failed as a whole; see `error`.
    Error,
}

/// The verdict on one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RecordResult {
    /// Its place in the body, from 0. For `{logs,traces,metrics}` the lists follow one another.
    pub index: u64,
    /// Its id, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<DiscardReason>,
    /// What was wrong with which field and what it takes, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What became of a record that was not simply recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is on disk since an earlier request. An acknowledgement too.
    Duplicate,
    /// It will never be taken: discard it and count it.
    Rejected,
    /// A verdict of a newer version: keep the record.
    #[serde(other)]
    Unknown,
}

/// How many records of each type were recorded. The seeds' three are always there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[expect(missing_docs, reason = "each field is the plural of its record type")]
pub struct Received {
    pub logs: u64,
    pub traces: u64,
    pub metrics: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub errors: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub vitals: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub events: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub feedback: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub reports: u64,
}

impl Received {
    /// Counts one record.
    pub fn count(&mut self, record_type: RecordType) {
        *match record_type {
            RecordType::Log => &mut self.logs,
            RecordType::Trace => &mut self.traces,
            RecordType::Metric => &mut self.metrics,
            RecordType::Error => &mut self.errors,
            RecordType::Vital => &mut self.vitals,
            RecordType::Event => &mut self.events,
            RecordType::Feedback => &mut self.feedback,
            RecordType::Report => &mut self.reports,
        } += 1;
    }
}

/// Why a request failed as a whole. The HTTP status is for people and proxies, this is for clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "`http_status` says what each one is")]
pub enum ErrorCode {
    InvalidJson,
    InvalidBody,
    Upgrade,
    Unauthorized,
    OriginNotAllowed,
    NotFound,
    MethodNotAllowed,
    TooLarge,
    UnsupportedEncoding,
    UnsupportedType,
    TooManyRequests,
    Internal,
    Overloaded,
    StorageFull,
    /// A code of a newer version: wait and try again.
    #[serde(other)]
    Unknown,
}

impl ErrorCode {
    /// The name on the wire and in every count.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid_json",
            Self::InvalidBody => "invalid_body",
            Self::Upgrade => "upgrade",
            Self::Unauthorized => "unauthorized",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TooLarge => "too_large",
            Self::UnsupportedEncoding => "unsupported_encoding",
            Self::UnsupportedType => "unsupported_type",
            Self::TooManyRequests => "too_many_requests",
            Self::Internal => "internal",
            Self::Overloaded => "overloaded",
            Self::StorageFull => "storage_full",
            Self::Unknown => "unknown",
        }
    }

    /// The HTTP status that goes with the code.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::InvalidJson | Self::InvalidBody | Self::Upgrade => 400,
            Self::Unauthorized => 401,
            Self::OriginNotAllowed => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TooLarge => 413,
            Self::UnsupportedEncoding | Self::UnsupportedType => 415,
            Self::TooManyRequests => 429,
            Self::Internal | Self::Unknown => 500,
            Self::Overloaded => 503,
            Self::StorageFull => 507,
        }
    }

    /// What a client does with the records of the request. None of it discards a record.
    pub const fn advice(self) -> Advice {
        match self {
            Self::TooLarge => Advice::Split,
            Self::Unauthorized | Self::OriginNotAllowed | Self::Upgrade => Advice::Wait,
            _ => Advice::Retry,
        }
    }
}

/// What a client does after an [`ErrorCode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Try again after a back-off.
    Retry,
    /// Send fewer records in one body.
    Split,
    /// A person has to change something first: keep the records, tell once, try rarely.
    Wait,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
