//! Which types of records a sender may send.

use beaconry_protocol::decode::{IncomingRecord, Rejection};
use beaconry_protocol::{DiscardReason, RecordType};

/// A set of record types. A client's report of its losses is in every one: without it, they would not be
/// known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordTypes(u16);

impl RecordTypes {
    /// All there are, and those to come.
    pub const ALL: Self = Self(u16::MAX);

    /// Whether a type is one of them.
    pub fn contains(self, record_type: RecordType) -> bool {
        self.0 & Self::bit(record_type) != 0
    }

    /// Their names.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let all = RecordType::ALL.iter();
        all.filter(move |record_type| self.contains(**record_type)).map(|record_type| record_type.as_str())
    }

    /// Lets a record through whose type is one of them.
    pub(super) fn check<'a>(self, record: IncomingRecord<'a>) -> Result<IncomingRecord<'a>, Rejection> {
        let record_type = record.record.body.record_type();
        if self.contains(record_type) {
            return Ok(record);
        }
        let takes = self.names().collect::<Vec<_>>().join(", ");
        let message = format!("type: this key takes {takes}, got {}", record_type.as_str());
        Err(Rejection { reason: DiscardReason::Disabled, message, id: record.id })
    }

    const fn bit(record_type: RecordType) -> u16 {
        1 << record_type as u16
    }
}

impl FromIterator<RecordType> for RecordTypes {
    fn from_iter<T: IntoIterator<Item = RecordType>>(types: T) -> Self {
        Self(types.into_iter().map(Self::bit).fold(Self::bit(RecordType::Report), |all, bit| all | bit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_losses_is_in_every_set_of_types() {
        let types: RecordTypes = [RecordType::Error].into_iter().collect();
        assert_eq!(types.names().collect::<Vec<_>>(), ["error", "report"]);
        assert!(!types.contains(RecordType::Log) && RecordTypes::ALL.contains(RecordType::Feedback));
    }
}
