//! Records that have no place in the stream yet: they wait in memory for the user's consent, or for
//! an error that makes what led to it worth sending (the flight recorder).
//!
//! Nothing of this is ever on the storage.

use beaconry_protocol::DiscardReason;

use super::Ledger;
use super::call::Rank;
use super::chunk::{Entry, keep};

/// Records in the order in which they were made, within a bound.
#[derive(Debug, Default)]
pub(super) struct Holdback {
    entries: Vec<Entry>,
    bytes: usize,
}

impl Holdback {
    /// Takes a record, and gives up the oldest of the least severe, for this reason, when there are more than
    /// `most_bytes`: an eighth more than needed, so that a full one does not do this at every call.
    pub(super) fn push(
        &mut self,
        entry: Entry,
        most_bytes: usize,
        reason: DiscardReason,
        ledger: &mut Ledger,
    ) {
        self.bytes += entry.bytes();
        self.entries.push(entry);
        if self.bytes > most_bytes {
            for rank in &Rank::GIVEN_UP {
                keep(&mut self.entries, &mut |entry| {
                    let stays = entry.rank != *rank || self.bytes <= most_bytes / 8 * 7;
                    if !stays {
                        self.bytes -= entry.bytes();
                        ledger.refuse(reason, Some(entry.record_type), 1);
                    }
                    stays
                });
            }
        }
    }

    /// Takes everything out.
    pub(super) fn take(&mut self) -> Vec<Entry> {
        self.bytes = 0;
        std::mem::take(&mut self.entries)
    }

    /// What is held.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Bytes of what is held.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use beaconry_protocol::RecordType;

    use super::*;

    fn entry(rank: Rank, digit: usize) -> Entry {
        let text = digit.to_string().repeat(100);
        Entry { seq: 0, record_type: RecordType::Log, rank, text, scope: Rc::default() }
    }

    #[test]
    fn the_oldest_of_the_least_severe_go_first() {
        let (mut holdback, mut ledger) = (Holdback::default(), Ledger::default());
        for digit in 0..9 {
            let rank = if digit % 2 == 0 { Rank::Usual } else { Rank::Debug };
            holdback.push(entry(rank, digit), 1_000, DiscardReason::SampledOut, &mut ledger);
        }
        assert_eq!(ledger.discarded().next(), None);
        holdback.push(entry(Rank::Notable, 9), 999, DiscardReason::SampledOut, &mut ledger);
        let given_up: Vec<_> = ledger.discarded().collect();
        assert_eq!(given_up, [(DiscardReason::SampledOut, 2)], "an eighth more than needed");
        let left: String = holdback.take().iter().map(|entry| &entry.text[..1]).collect();
        assert_eq!(left, "02456789");
        assert_eq!((holdback.bytes(), holdback.entries().len()), (0, 0));
    }
}
