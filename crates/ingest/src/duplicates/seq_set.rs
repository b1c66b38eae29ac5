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

    /// Adds every number of a range, however many there are.
    pub fn insert_range(&mut self, range: SeqRange) {
        let begin = self.ranges.partition_point(|other| other.1 < range.0.saturating_sub(1));
        let end = self.ranges.partition_point(|other| other.0 <= range.1.saturating_add(1));
        let touched = self.ranges.get(begin..end).unwrap_or_default();
        let first = touched.first().map_or(range.0, |other| other.0.min(range.0));
        let last = touched.last().map_or(range.1, |other| other.1.max(range.1));
        self.ranges.splice(begin..end.max(begin), [SeqRange(first, last)]);
    }

    /// Takes the lowest range out.
    pub fn take_first(&mut self) -> Option<SeqRange> {
        (!self.ranges.is_empty()).then(|| self.ranges.remove(0))
    }

    /// How many numbers there are.
    pub fn count(&self) -> u64 {
        self.ranges.iter().fold(0, |sum, range| sum.saturating_add(count(*range)))
    }

    /// How many numbers there are that another set has too.
    pub fn count_common(&self, other: &Self) -> u64 {
        let overlap = |range: &SeqRange| {
            let from = other.first_ending_from(range.0);
            let touched = other.ranges[from..].iter().take_while(|other| other.0 <= range.1);
            touched.map(|other| count(SeqRange(other.0.max(range.0), other.1.min(range.1)))).sum::<u64>()
        };
        self.ranges.iter().map(overlap).sum()
    }

    /// The highest number.
    pub fn last(&self) -> Option<u64> {
        self.ranges.last().map(|range| range.1)
    }

    /// Whether a number is there.
    pub fn contains(&self, seq: u64) -> bool {
        self.ranges.get(self.first_ending_from(seq)).is_some_and(|range| range.contains(seq))
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

/// How many numbers a range has.
pub(super) fn count(range: SeqRange) -> u64 {
    (range.1 - range.0).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Step {
        Insert(u64),
        InsertRange(u64, u64),
        TakeFirst,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let seq = prop_oneof![1..24u64, Just(u64::MAX), Just(u64::MAX - 1)];
        let step = prop_oneof![
            6 => seq.prop_map(Step::Insert),
            2 => (1..24u64, 0..6u64).prop_map(|(first, more)| Step::InsertRange(first, first + more)),
            1 => Just(Step::TakeFirst),
        ];
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
                    Step::InsertRange(first, last) => {
                        set.insert_range(SeqRange(first, last));
                        model.extend(first..=last);
                    }
                    Step::TakeFirst => {
                        let taken = set.take_first();
                        model.retain(|seq| taken.is_none_or(|range| !range.contains(*seq)));
                    }
                }
                for seq in (1..30).chain([u64::MAX - 1, u64::MAX]) {
                    prop_assert_eq!(set.contains(seq), model.contains(&seq));
                }
                prop_assert_eq!(set.count(), model.len() as u64);
                prop_assert_eq!(set.last(), model.iter().max().copied());
                let common = SeqSet::from_ranges(vec![SeqRange(3, 8), SeqRange(12, u64::MAX)]).unwrap();
                let in_common = model.iter().filter(|seq| common.contains(**seq)).count() as u64;
                prop_assert_eq!((set.count_common(&common), common.count_common(&set)), (in_common, in_common));
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
