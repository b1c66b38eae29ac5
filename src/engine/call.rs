//! What the app calls, before it becomes a record.

use beaconry_protocol::{Body, Context, Fields, Level, RecordType, Severity};

use super::Millis;

/// One call of the app.
#[derive(Debug)]
pub struct Call<'a> {
    /// What it says. A trace without ids is given its own.
    pub fields: Fields<'a>,
    /// What the app added.
    pub context: Option<Context>,
    /// When it was made, if that was before the engine was there.
    pub at: Option<Millis>,
}

impl<'a> Call<'a> {
    /// A call that is made now.
    pub fn new(body: &'a Body<'_>, context: Option<Context>) -> Self {
        Self { fields: body.fields(), context, at: None }
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

    pub(super) fn of(fields: &Fields<'_>) -> Self {
        let usual = Self::of_type(fields.record_type);
        match (fields.record_type, fields.values) {
            (RecordType::Log, [Some(level), ..]) => match Level::find(level) {
                Some(Level::Debug) => Self::Debug,
                Some(Level::Warn) => Self::Notable,
                Some(Level::Error) => Self::Failure,
                _ => usual,
            },
            (RecordType::Error, [_, _, _, Some(severity), ..]) => match Severity::find(severity) {
                Some(Severity::Info | Severity::Warning) => Self::Notable,
                _ => usual,
            },
            _ => usual,
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
