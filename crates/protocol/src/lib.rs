//! The wire contract of Beaconry: the one place where client and server meet.
//!
//! It says how a record, a batch and an answer look as bytes, and what limits they keep. It does no
//! I/O, reads no clock and depends on none of our other crates. What the client needs (writing
//! records, reading answers) is always here; what only the server needs (reading records that
//! strangers wrote) is behind the feature `decode`, so that a browser never downloads it.

mod answer;
mod batch;
mod context;
#[cfg(feature = "decode")]
pub mod decode;
mod fields;
mod id;
mod json;
pub mod limits;
mod name;
mod outcome;
mod page;
mod pseudonym;
mod record;
mod redact;
mod remote;
#[cfg(feature = "schema")]
pub mod schema;
mod scope;
pub mod sensitive;
mod text;
#[cfg(feature = "decode")]
mod time;

pub use answer::{Advice, Answer, ErrorCode, Received, RecordResult, Status, Verdict};
pub use batch::encode_batch;
pub use context::{Context, ContextWriter};
pub use fields::{Fields, Holds, MOST_FIELDS};
pub use id::{ParseIdError, RecordId, SeqRange, StreamId};
pub use json::{JsonWriter, Number, digits, hex, is_json_number, push_hex};
pub use name::check_event_name;
pub use outcome::DiscardReason;
pub use page::{clean_page, clean_page_keeping};
pub use pseudonym::pseudonym;
pub use record::{
    Body, Discard, Level, Record, RecordType, Severity, UnknownWord, encode_record, is_upload_id, page_json,
    truth,
};
pub use redact::redact_text;
pub use remote::{FeatureFlag, Features, Phase, RemoteConfig, Sampling, bucket_of};
pub use scope::{Scope, User, encode_platform, encode_scope};
pub use text::{Parts, cut, fnv1a, has_text, join, parse_whole, parts, place_of, split_at_byte};
#[cfg(feature = "decode")]
pub use time::{format_millis, parse_rfc3339};

/// The version of the batch format that this build writes, and the newest one that it reads.
pub const VERSION: u32 = 1;
