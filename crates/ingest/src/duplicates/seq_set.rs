//! A set of sequence numbers, kept as ranges: dense numbers cost nothing, only gaps do.

use beaconry_protocol::SeqRange;

/// Sequence numbers of one stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeqSet {
    /// Ascending, with at least one number missing between two of them.
    ranges: Vec<SeqRange>,
}

impl SeqSet {
    /// Adds a number; `false` if it is there already.
    pub fn insert(&mut self, seq: u64) -> bool {
        let at = self.first_ending_from(seq);
        if self.ranges.get(at).is_some_and(|range| range.contains(seq)) {
            return false;
        }
        let extends_left = at > 0 && self.ranges[at - 1].1 + 1 == seq;
        let extends_right = self.ranges.get(at).is_some_and(|range| range.0 - 1 == seq);
        match (extends_left, extends_right) {
            (true, true) => {
                self.ranges[at - 1].1 = self.ranges[at].1;
                self.ranges.remove(at);
            }
            (true, false) => self.ranges[at - 1].1 = seq,
            (false, true) => self.ranges[at].0 = seq,
            (false, false) => self.ranges.insert(at, SeqRange(seq, seq)),
        }
        true
    }

    /// Removes a number, if it is there.
    pub fn remove(&mut self, seq: u64) {
        let at = self.first_ending_from(seq);
        let Some(&range) = self.ranges.get(at).filter(|range| range.contains(seq)) else { return };
        match (range.0 == seq, range.1 == seq) {
            (true, true) => {
                self.ranges.remove(at);
            }
            (true, false) => self.ranges[at].0 += 1,
            (false, true) => self.ranges[at].1 -= 1,
            (false, false) => {
                self.ranges[at].1 = seq - 1;
                self.ranges.insert(at + 1, SeqRange(seq + 1, range.1));
            }
        }
    }

    /// Whether a number is there.
    pub fn contains(&self, seq: u64) -> bool {
        self.ranges.get(self.first_ending_from(seq)).is_some_and(|range| range.contains(seq))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The ranges, ascending and apart from one another.
    pub fn ranges(&self) -> &[SeqRange] {
        &self.ranges
    }

    /// A set of ranges as [`ranges`](Self::ranges) gave them; `None` if they are not in order.
    pub fn from_ranges(ranges: Vec<SeqRange>) -> Option<Self> {
        let are_ranges = ranges.iter().all(|range| range.0 <= range.1 && range.0 > 0);
        let are_apart = ranges.windows(2).all(|pair| pair[1].0.saturating_sub(pair[0].1) > 1);
        (are_ranges && are_apart).then_some(Self { ranges })
    }

    /// The first range that does not end before `seq`.
    fn first_ending_from(&self, seq: u64) -> usize {
        // Nearly always the number comes after all others.
        match self.ranges.last() {
            Some(last) if last.1 < seq => self.ranges.len(),
            _ => self.ranges.partition_point(|range| range.1 < seq),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Step {
        Insert(u64),
        Remove(u64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let seq = prop_oneof![1..24u64, Just(u64::MAX), Just(u64::MAX - 1)];
        let step = (any::<bool>(), seq)
            .prop_map(|(inserts, seq)| if inserts { Step::Insert(seq) } else { Step::Remove(seq) });
        proptest::collection::vec(step, 0..120)
    }

    proptest! {
        #[test]
        fn is_a_set(steps in steps()) {
            let mut set = SeqSet::default();
            let mut model = HashSet::new();
            for step in steps {
                match step {
                    Step::Insert(seq) => prop_assert_eq!(set.insert(seq), model.insert(seq)),
                    Step::Remove(seq) => {
                        set.remove(seq);
                        model.remove(&seq);
                    }
                }
                for seq in (1..24).chain([u64::MAX - 1, u64::MAX]) {
                    prop_assert_eq!(set.contains(seq), model.contains(&seq));
                }
                prop_assert_eq!(SeqSet::from_ranges(set.ranges().to_vec()), Some(set.clone()));
            }
        }
    }

    #[test]
    fn dense_numbers_are_one_range_in_whatever_order_they_come() {
        let mut set = SeqSet::default();
        for seq in [3, 1, 5, 4, 2] {
            assert!(set.insert(seq));
        }
        assert_eq!(set.ranges(), [SeqRange(1, 5)]);
    }

    #[test]
    fn ranges_that_are_none_are_refused() {
        for bad in [vec![SeqRange(2, 1)], vec![SeqRange(0, 1)], vec![SeqRange(1, 2), SeqRange(3, 4)]] {
            assert_eq!(SeqSet::from_ranges(bad), None);
        }
    }
}
