//! What is known of one stream: which of its records are stored, which its client has reported as lost,
//! and whether it has ended.

use beaconry_protocol::SeqRange;

use super::code;
use super::seq_set::{SeqSet, count};

/// The account of one stream. `highest = stored + reported + missing`, always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamAccount {
    /// Stored places, those above the floor.
    stored: SeqSet,
    /// Up to here nothing is taken any more, and what is stored is only counted: see [`MAX_GAPS`].
    floor: u64,
    stored_below: u64,
    /// What the client has lost and told.
    reported: Option<Box<Reported>>,
    is_closed: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Reported {
    places: SeqSet,
    /// Places that are only counted, because there were too many ranges.
    dropped: u64,
    highest: u64,
}

/// What is known of one place in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Its record is not stored.
    Free,
    /// Its record is stored.
    Stored,
    /// Nobody knows any more: it lies below a gap that was closed.
    Closed,
}

/// A stream in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Places {
    /// The highest place that was heard of.
    pub highest: u64,
    /// Places whose record is stored.
    pub stored: u64,
    /// Places whose record the client has lost and told.
    pub reported: u64,
    /// Places that nothing was heard of.
    pub missing: u64,
}

impl StreamAccount {
    /// What is known of a place.
    pub fn place(&self, seq: u64) -> Place {
        match seq {
            _ if self.stored.contains(seq) => Place::Stored,
            _ if seq <= self.floor => Place::Closed,
            _ => Place::Free,
        }
    }

    /// Marks a free place as stored.
    pub fn store(&mut self, seq: u64) {
        self.stored.insert(seq);
        while self.gaps() > MAX_GAPS {
            self.close_lowest_gap();
        }
    }

    /// Takes down what the client says it has lost.
    pub fn report(&mut self, ranges: &[SeqRange]) {
        let reported = self.reported.get_or_insert_default();
        // What comes from outside may be the wrong way round.
        for range in ranges.iter().filter(|range| 0 < range.0 && range.0 <= range.1) {
            reported.places.insert_range(*range);
            reported.highest = reported.highest.max(range.1);
            while reported.places.ranges().len() > MAX_GAPS {
                reported.dropped += reported.places.take_first().map_or(0, count);
            }
        }
    }

    /// Takes down that the client has ended it.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    /// Whether its client has ended it.
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// The stream in numbers.
    pub fn places(&self) -> Places {
        let stored = self.stored_below + self.stored.count();
        let highest_stored = self.stored.last().unwrap_or(self.floor);
        let Some(reported) = &self.reported else {
            let missing = highest_stored.saturating_sub(stored);
            return Places { highest: highest_stored, stored, reported: 0, missing };
        };
        let highest = highest_stored.max(reported.highest);
        // A record that was lost and arrived all the same is stored.
        let lost = reported.places.count() - reported.places.count_common(&self.stored);
        let lost = lost.saturating_add(reported.dropped).min(highest.saturating_sub(stored));
        Places { highest, stored, reported: lost, missing: highest.saturating_sub(stored + lost) }
    }

    /// The first missing places. Of those below the floor nobody knows any more which they are.
    pub fn missing_ranges(&self, most: usize) -> Vec<SeqRange> {
        let reported = self.reported.iter().flat_map(|reported| reported.places.ranges());
        let mut heard_of: Vec<_> = self.stored.ranges().iter().chain(reported).collect();
        heard_of.sort_unstable_by_key(|range| range.0);
        let (mut missing, mut last) = (Vec::new(), self.floor);
        for range in heard_of {
            if range.0 > last.saturating_add(1) {
                missing.push(SeqRange(last + 1, range.0 - 1));
            }
            last = last.max(range.1);
        }
        missing.truncate(most);
        missing
    }

    /// Bytes of memory that it takes.
    pub(super) fn size(&self) -> usize {
        let ranges = |set: &SeqSet| size_of_val(set.ranges());
        let reported = self.reported.as_ref();
        size_of::<Self>()
            + ranges(&self.stored)
            + reported.map_or(0, |reported| size_of::<Reported>() + ranges(&reported.places))
    }

    /// Its form on disk.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.is_closed) | u8::from(self.reported.is_some()) << 1);
        code::push(out, self.floor);
        code::push(out, self.stored_below);
        push_ranges(out, &self.stored);
        if let Some(reported) = &self.reported {
            code::push(out, reported.dropped);
            code::push(out, reported.highest);
            push_ranges(out, &reported.places);
        }
    }

    /// Reads the form on disk; `None` if it is none.
    pub(super) fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let flags = bytes.split_off_first().copied().filter(|flags| *flags < 4)?;
        let (floor, stored_below) = (code::take(bytes)?, code::take(bytes)?);
        let stored = take_ranges(bytes)?;
        let reported = match flags & 2 {
            0 => None,
            _ => Some(Box::new(Reported {
                dropped: code::take(bytes)?,
                highest: code::take(bytes)?,
                places: take_ranges(bytes)?,
            })),
        };
        Some(Self { stored, floor, stored_below, reported, is_closed: flags & 1 == 1 })
    }

    fn gaps(&self) -> usize {
        let begins_with_gap = self.stored.ranges().first().is_some_and(|first| first.0 > self.floor + 1);
        self.stored.ranges().len().saturating_sub(1) + usize::from(begins_with_gap)
    }

    fn close_lowest_gap(&mut self) {
        if let Some(lowest) = self.stored.take_first() {
            self.stored_below += count(lowest);
            self.floor = lowest.1;
        }
    }
}

fn push_ranges(out: &mut Vec<u8>, set: &SeqSet) {
    code::push(out, set.ranges().len() as u64);
    let mut last = 0;
    for range in set.ranges() {
        code::push(out, range.0 - last);
        code::push(out, range.1 - range.0);
        last = range.1;
    }
}

fn take_ranges(bytes: &mut &[u8]) -> Option<SeqSet> {
    let mut ranges = Vec::new();
    let mut last: u64 = 0;
    for _ in 0..code::take(bytes)? {
        let first = last.checked_add(code::take(bytes)?)?;
        last = first.checked_add(code::take(bytes)?)?;
        ranges.push(SeqRange(first, last));
    }
    SeqSet::from_ranges(ranges)
}

/// Gaps that are kept of one stream. When there is one more, the lowest is closed: its places, and those
/// before it, take no record any more, for nobody could tell a second copy from a first one. Such a record
/// gets the verdict `too_old`, so that its client counts it as lost: never stored twice, never lost
/// without a word. A client sends its places nearly in order; only a stranger comes this far.
pub const MAX_GAPS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn account(stored: &[u64]) -> StreamAccount {
        let mut account = StreamAccount::default();
        stored.iter().for_each(|seq| account.store(*seq));
        account
    }

    fn numbers(account: &StreamAccount) -> (u64, u64, u64, u64) {
        let Places { highest, stored, reported, missing } = account.places();
        assert_eq!(highest, stored + reported + missing);
        (highest, stored, reported, missing)
    }

    #[test]
    fn every_place_is_stored_reported_or_missing() {
        let mut account = account(&[1, 2, 5]);
        assert_eq!(numbers(&account), (5, 3, 0, 2));
        account.report(&[SeqRange(3, 3), SeqRange(7, 8)]);
        assert_eq!(numbers(&account), (8, 3, 3, 2));
        // It had been sent before it was given up.
        account.store(3);
        assert_eq!(numbers(&account), (8, 4, 2, 2));
        account.report(&[SeqRange(1, 8)]);
        assert_eq!(numbers(&account), (8, 4, 4, 0));
    }

    #[test]
    fn a_report_of_nonsense_is_passed_over() {
        let mut account = account(&[1]);
        account.report(&[SeqRange(0, 4), SeqRange(9, 3), SeqRange(2, u64::MAX)]);
        assert_eq!(numbers(&account), (u64::MAX, 1, u64::MAX - 1, 0));
        (1..1_000).for_each(|at| account.report(&[SeqRange(at * 3, at * 3)]));
        numbers(&account);
    }

    #[test]
    fn one_gap_too_many_closes_the_lowest_and_what_was_stored_stays_counted() {
        let gaps = MAX_GAPS as u64;
        let every_second: Vec<u64> = (1..=gaps).map(|at| at * 2).collect();
        let mut account = account(&every_second);
        assert_eq!((account.place(1), account.place(2)), (Place::Free, Place::Stored));
        account.store(gaps * 2 + 2);
        assert_eq!(
            (account.place(1), account.place(2), account.place(3)),
            (Place::Closed, Place::Closed, Place::Free)
        );
        assert_eq!(account.gaps(), MAX_GAPS);
        assert_eq!(numbers(&account), (gaps * 2 + 2, gaps + 1, 0, gaps + 1));
        account.store(3);
        assert_eq!(
            (account.place(3), account.place(4), account.gaps()),
            (Place::Stored, Place::Stored, MAX_GAPS - 1)
        );
    }

    #[test]
    fn the_form_on_disk_comes_back_as_it_was_and_nonsense_does_not() {
        let mut full = account(&(1..=300).map(|at| at * 2).collect::<Vec<_>>());
        full.report(&[SeqRange(5, 5), SeqRange(900, u64::MAX)]);
        full.close();
        for account in [account(&[]), account(&[1, 2, 3]), account(&[u64::MAX]), full] {
            let mut bytes = Vec::new();
            account.encode(&mut bytes);
            assert_eq!(StreamAccount::decode(&mut &bytes[..]), Some(account));
            assert_eq!(StreamAccount::decode(&mut &bytes[..bytes.len() - 1]), None);
        }
        assert_eq!(StreamAccount::decode(&mut &[9, 0, 0, 0][..]), None);
    }
}
