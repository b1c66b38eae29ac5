//! What the journal promised, and what it may have done without promising it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What a line was made of. No two lines are made of the same.
pub(crate) type Serial = u64;

/// A line as a reader sees it; an erased one says no serial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) n: u64,
    pub(crate) serial: Option<Serial>,
    pub(crate) offset: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    /// Every line that counts, removed ones too.
    lines: BTreeMap<u64, Promised>,
    /// Numbers of lines that a power cut took out of the middle of a group, which was not promised yet.
    /// Nobody can tell that from damage, so they count as that.
    holes: BTreeSet<u64>,
    /// Groups that were refused since the last one was taken, and where they began.
    refused: Vec<(u64, Vec<Serial>)>,
    /// Below this number everything is gone.
    removed_to: u64,
    /// What may be gone, as a whole each.
    maybe_removed: Vec<Range<u64>>,
    /// What may be erased, as a whole each.
    maybe_erased: Vec<BTreeSet<u64>>,
}

#[derive(Debug)]
struct Promised {
    serial: Serial,
    is_erased: bool,
    /// Where it was when it was first read.
    offset: Option<u64>,
}

impl Model {
    pub(crate) fn last_n(&self) -> u64 {
        self.lines.last_key_value().map_or(0, |(n, _)| *n)
    }

    /// The numbers of lines that have to be there.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.lines.keys().copied().filter(|n| self.has(*n)).collect()
    }

    fn has(&self, n: u64) -> bool {
        n >= self.removed_to && !self.maybe_removed.iter().any(|range| range.contains(&n))
    }

    pub(crate) fn has_holes(&self) -> bool {
        !self.holes.is_empty()
    }

    /// A group was committed behind line `after`.
    pub(crate) fn take(&mut self, after: u64, serials: &[Serial]) {
        assert!(after >= self.last_n(), "numbers go on");
        let lines = (after + 1..).zip(serials);
        self.lines.extend(
            lines.map(|(n, serial)| (n, Promised { serial: *serial, is_erased: false, offset: None })),
        );
        self.refused.clear();
    }

    /// A group was refused; nobody knows what of it is on the disk.
    pub(crate) fn refuse(&mut self, after: u64, serials: Vec<Serial>) {
        self.refused.push((after, serials));
    }

    pub(crate) fn remove(&mut self, numbers: Range<u64>, is_done: bool) {
        if is_done {
            self.removed_to = self.removed_to.max(numbers.end);
        } else {
            self.maybe_removed.push(numbers);
        }
    }

    pub(crate) fn erase(&mut self, numbers: BTreeSet<u64>, is_done: bool) {
        if is_done {
            for n in numbers {
                self.lines.get_mut(&n).unwrap().is_erased = true;
            }
        } else {
            self.maybe_erased.push(numbers);
        }
    }

    /// The serials that may be in no file any more.
    pub(crate) fn erased(&self) -> BTreeSet<Serial> {
        self.lines.values().filter(|line| line.is_erased).map(|line| line.serial).collect()
    }

    /// After a restart nothing is uncertain any more: what was read is what is.
    pub(crate) fn restart(&mut self, read: &[Read]) {
        self.adopt_refused(read);
        let is_there: BTreeSet<_> = read.iter().map(|line| line.n).collect();
        for range in std::mem::take(&mut self.maybe_removed) {
            let known = |n: &u64| self.lines.contains_key(n) && *n >= self.removed_to;
            let there = range.clone().filter(known).filter(|n| is_there.contains(n)).count();
            assert!(there == 0 || there == range.clone().filter(known).count(), "half of {range:?} is gone");
            if there == 0 {
                self.removed_to = self.removed_to.max(range.end);
            }
        }
        let is_erased = |n: &u64| read.iter().any(|line| line.n == *n && line.serial.is_none());
        // Either all of a group or none of it; the groups may overlap.
        for numbers in std::mem::take(&mut self.maybe_erased) {
            let there: Vec<_> = numbers.into_iter().filter(|n| is_there.contains(n)).collect();
            if there.iter().all(is_erased) {
                there.iter().for_each(|n| self.lines.get_mut(n).unwrap().is_erased = true);
            }
        }
    }

    /// Lines of a refused group may count after a restart, as many as there are.
    fn adopt_refused(&mut self, read: &[Read]) {
        let last_n = self.last_n();
        let more: BTreeMap<_, _> =
            read.iter().filter(|line| line.n > last_n).map(|line| (line.n, line.serial.unwrap())).collect();
        let refused = std::mem::take(&mut self.refused);
        let Some((end, _)) = more.last_key_value() else { return };
        let is_of = |(after, group): &(u64, Vec<Serial>)| {
            let serial_of = |n: u64| group.get(usize::try_from(n - after - 1).unwrap());
            more.iter().all(|(n, serial)| n > after && serial_of(*n) == Some(serial))
        };
        let group = refused.iter().find(|group| is_of(group));
        let (after, _) = group.unwrap_or_else(|| panic!("{more:?} is of no group that was refused"));
        for n in after + 1..=*end {
            match more.get(&n) {
                Some(serial) => self.take(n - 1, &[*serial]),
                None => drop(self.holes.insert(n)),
            }
        }
    }

    /// Holds what was read against what was promised, while nothing restarts.
    pub(crate) fn check(&mut self, read: &[Read], from: u64) {
        let mut serials = BTreeSet::new();
        let mut before: Option<u64> = None;
        for line in read {
            let promised =
                self.lines.get_mut(&line.n).unwrap_or_else(|| panic!("{line:?} was never promised"));
            let mut between = before.map_or(line.n, |before| before + 1)..line.n;
            assert!(between.all(|n| self.holes.contains(&n)), "{before:?} is followed by {line:?}");
            before = Some(line.n);
            let may_be_erased =
                promised.is_erased || self.maybe_erased.iter().any(|all| all.contains(&line.n));
            match line.serial {
                Some(serial) => {
                    assert!(!promised.is_erased, "{line:?} was erased");
                    assert_eq!(serial, promised.serial, "{line:?}");
                    assert!(serials.insert(serial), "{line:?} is there twice");
                }
                None => assert!(may_be_erased, "{line:?} is erased"),
            }
            assert_eq!(*promised.offset.get_or_insert(line.offset), line.offset, "{line:?} has moved");
            assert!(line.n >= self.removed_to, "{line:?} was removed");
        }
        let is_read: BTreeSet<_> = read.iter().map(|line| line.n).collect();
        let missing: Vec<_> =
            self.numbers().into_iter().filter(|n| *n > from && !is_read.contains(n)).collect();
        assert!(missing.is_empty(), "{missing:?} were promised and are not there");
    }
}
