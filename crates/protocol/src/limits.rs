//! Every bound that the wire keeps, written once. Both halves cut or refuse by these.

/// Records in one native batch.
pub const RECORDS_PER_BATCH: usize = 1_000;
/// Records in one body of the seeds' shapes (`{logs,traces,metrics}` and a bare `{events}`).
pub const RECORDS_PER_SEED_BODY: usize = 100;
/// Bytes of one record as JSON, whatever is in it.
pub const RECORD_BYTES: usize = 256 * 1024;
/// Digits, signs and points of a number as text.
pub const NUMBER_BYTES: usize = 40;
/// Entries of one report.
pub const REPORT_DISCARDS: usize = 32;
/// Ranges of places in one entry of a report.
pub const REPORT_RANGES: usize = 256;
/// Characters in the name of a metric, trace, vital or event.
pub const NAME_CHARS: usize = 100;
/// Bytes of a log or error message.
pub const MESSAGE_BYTES: usize = 8 * 1024;
/// Bytes of a stack or component stack.
pub const STACK_BYTES: usize = 64 * 1024;
/// Bytes of any other string of a record or scope: a page, a user agent, an id.
pub const FIELD_BYTES: usize = 2 * 1024;
/// Keys in one object of a context, and items in one array of it.
pub const CONTEXT_KEYS: usize = 32;
/// Objects and arrays inside one another in a context.
pub const CONTEXT_DEPTH: usize = 6;
/// Bytes of a whole context as JSON.
pub const CONTEXT_BYTES: usize = 16 * 1024;
/// Bytes of one string inside a context.
pub const CONTEXT_STRING_BYTES: usize = 8 * 1024;
/// Bytes of a request body as sent.
pub const BODY_BYTES: usize = 1024 * 1024;
/// Bytes of a request body after decompression.
pub const INFLATED_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of the records in one chunk of the spool. Small enough that a body takes two, so that the
/// keepalive bytes of an exit are used well; a larger record is a chunk of its own.
pub const CHUNK_BYTES: usize = 30 * 1024;
/// Bytes of all bodies with `keepalive` that a page has in flight. Browsers allow 64 KiB; the rest
/// is left to the app.
pub const KEEPALIVE_BYTES: usize = 60 * 1024;
/// Bytes of one screenshot.
pub const SCREENSHOT_BYTES: usize = 1024 * 1024;
/// Objects and arrays inside one another in a whole body, before anything is read from it.
pub const BODY_DEPTH: usize = 32;
/// The latest time of a record, in epoch milliseconds: the end of the year 9999, where RFC 3339 ends.
pub const LATEST_MILLIS: u64 = 253_402_207_199_999;
