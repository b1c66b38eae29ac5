//! What the app calls, before it becomes a record.

use std::borrow::Cow;

use beaconry_protocol::{Body, Context, Level, RecordType, Severity};

use super::{Millis, Random};

/// One call of the app.
#[derive(Debug)]
pub struct Call<'a> {
    /// What it says.
    pub body: Body<'a>,
    /// What the app added.
    pub context: Option<Context>,
    /// When it was made, if that was before the engine was there.
    pub at: Option<Millis>,
}

impl<'a> Call<'a> {
    /// A call that is made now.
    pub const fn new(body: Body<'a>, context: Option<Context>) -> Self {
        Self { body, context, at: None }
    }

    /// Gives a trace without ids its own.
    pub(super) fn with_ids(mut self, random: &mut Random) -> Self {
        if let Body::Trace { trace_id, span_id, .. } = &mut self.body {
            if trace_id.is_empty() {
                *trace_id = Cow::Owned(random.hex(32));
            }
            if span_id.is_empty() {
                *span_id = Cow::Owned(random.hex(16));
            }
        }
        self
    }
}

/// What a full queue gives up first: the least severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Debug,
    Usual,
    Notable,
    Failure,
    /// The client's own account of what it lost: never given up.
    Report,
}

impl Rank {
    pub(super) const GIVEN_UP: [Self; 4] = [Self::Debug, Self::Usual, Self::Notable, Self::Failure];

    pub(super) const fn of(body: &Body<'_>) -> Self {
        match body {
            Body::Log { level: Level::Debug, .. } => Self::Debug,
            Body::Log { level: Level::Info, .. }
            | Body::Metric { .. }
            | Body::Trace { .. }
            | Body::Event { .. } => Self::Usual,
            Body::Log { level: Level::Warn, .. } | Body::Vital { .. } => Self::Notable,
            Body::Error { severity: Severity::Info | Severity::Warning, .. } => Self::Notable,
            Body::Log { level: Level::Error, .. } | Body::Error { .. } | Body::Feedback { .. } => {
                Self::Failure
            }
            Body::Report { .. } => Self::Report,
        }
    }

    /// The rank of a record of which only the type is known: one that an earlier page spooled.
    pub(super) const fn of_type(record_type: RecordType) -> Self {
        match record_type {
            RecordType::Log | RecordType::Metric | RecordType::Trace | RecordType::Event => Self::Usual,
            RecordType::Vital => Self::Notable,
            RecordType::Error | RecordType::Feedback => Self::Failure,
            RecordType::Report => Self::Report,
        }
    }

    /// Whether the record is worth a write to the spool of its own.
    pub(super) fn is_spooled_at_once(self) -> bool {
        self >= Self::Failure
    }
}
