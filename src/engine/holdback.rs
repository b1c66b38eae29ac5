//! Records that have no place in the stream yet: they wait in memory for the user's consent, or for
//! an error that makes what led to it worth sending (the flight recorder).
//!
//! Nothing of this is ever on the storage.

use std::rc::Rc;

use beaconry_protocol::RecordType;

use super::call::Rank;

/// A record that is encoded but for its place.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) record_type: RecordType,
    pub(super) rank: Rank,
    pub(super) text: String,
    pub(super) scope: Rc<String>,
}

/// Drafts in the order in which they were made, within a bound.
#[derive(Debug, Default)]
pub(super) struct Holdback {
    drafts: Vec<Draft>,
    bytes: usize,
}

impl Holdback {
    /// Takes a draft, and gives up the oldest of the least severe when there are more than
    /// `most_bytes`: an eighth more than needed, so that a full one does not do this at every call.
    pub(super) fn push(&mut self, draft: Draft, most_bytes: usize) -> Vec<RecordType> {
        self.bytes += draft.text.len();
        self.drafts.push(draft);
        let mut given_up = Vec::new();
        if self.bytes > most_bytes {
            for rank in &Rank::GIVEN_UP {
                self.give_up(*rank, most_bytes / 8 * 7, &mut given_up);
            }
        }
        given_up
    }

    /// Takes everything out.
    pub(super) fn take(&mut self) -> Vec<Draft> {
        self.bytes = 0;
        std::mem::take(&mut self.drafts)
    }

    /// What is held.
    pub(super) fn drafts(&self) -> &[Draft] {
        &self.drafts
    }

    /// Bytes of what is held.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    fn give_up(&mut self, rank: Rank, down_to: usize, given_up: &mut Vec<RecordType>) {
        for draft in std::mem::take(&mut self.drafts) {
            if draft.rank != rank || self.bytes <= down_to {
                self.drafts.push(draft);
            } else {
                self.bytes -= draft.text.len();
                given_up.push(draft.record_type);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(rank: Rank, digit: usize) -> Draft {
        let text = digit.to_string().repeat(100);
        Draft { record_type: RecordType::Log, rank, text, scope: Rc::default() }
    }

    #[test]
    fn the_oldest_of_the_least_severe_go_first() {
        let mut holdback = Holdback::default();
        for digit in 0..9 {
            let rank = if digit % 2 == 0 { Rank::Usual } else { Rank::Debug };
            assert_eq!(holdback.push(draft(rank, digit), 1_000), []);
        }
        assert_eq!(holdback.push(draft(Rank::Notable, 9), 999).len(), 2, "an eighth more than needed");
        let left: String = holdback.take().iter().map(|draft| &draft.text[..1]).collect();
        assert_eq!(left, "02456789");
        assert_eq!((holdback.bytes(), holdback.drafts().len()), (0, 0));
    }
}
