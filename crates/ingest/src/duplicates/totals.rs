//! All streams together, in numbers: kept up with every change, so that nobody has to read them all.

use beaconry_protocol::StreamId;

use super::code;
use super::stream::{Places, StreamAccount};
use crate::pipeline::is_of_request;

/// What all streams add up to, since the data folder was made. A stream that is forgotten stays counted.
///
/// `highest = stored + reported + missing`, as for each of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Streams that were heard of.
    pub streams: u64,
    /// Those of them that were ended by their client.
    pub closed: u64,
    /// Those of them that miss more places than any client skips: a stranger made up their numbers. Of
    /// their places, only the stored ones are counted.
    pub implausible: u64,
    /// The places of them all.
    pub places: Places,
}

impl Totals {
    /// Puts a stream as it is in the place of what it was.
    pub(super) fn replace(
        &mut self,
        stream: StreamId,
        before: Option<&StreamAccount>,
        after: &StreamAccount,
    ) {
        let of = |account| Self::of(stream, account);
        let (minus, plus) = (before.map(of).unwrap_or_default(), of(after));
        for ((total, minus), plus) in self.numbers_mut().into_iter().zip(minus.numbers()).zip(plus.numbers())
        {
            *total = (*total + plus).saturating_sub(minus);
        }
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        self.numbers().into_iter().for_each(|number| code::push(out, number));
    }

    pub(super) fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let mut totals = Self::default();
        for number in totals.numbers_mut() {
            *number = code::take(bytes)?;
        }
        Some(totals)
    }

    /// What one stream adds to it.
    pub(crate) fn of(stream: StreamId, account: &StreamAccount) -> Self {
        let mut places = account.places();
        // It came as a whole: what has no place in it was refused, and its sender told.
        let is_whole = is_of_request(stream);
        let is_implausible = !is_whole && places.highest - places.stored > PLAUSIBLE_LOSS;
        if is_implausible || is_whole {
            places = Places { highest: places.stored, stored: places.stored, ..Places::default() };
        }
        Self {
            streams: 1,
            closed: u64::from(account.is_closed() || is_whole),
            implausible: u64::from(is_implausible),
            places,
        }
    }

    fn numbers(&self) -> [u64; 7] {
        let Self { streams, closed, implausible, places } = *self;
        let Places { highest, stored, reported, missing } = places;
        [streams, closed, implausible, highest, stored, reported, missing]
    }

    fn numbers_mut(&mut self) -> [&mut u64; 7] {
        let Self { streams, closed, implausible, places } = self;
        let Places { highest, stored, reported, missing } = places;
        [streams, closed, implausible, highest, stored, reported, missing]
    }
}

/// Records that one page may lose and be believed.
const PLAUSIBLE_LOSS: u64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: StreamId = StreamId::from_random(0xbeac);

    #[test]
    fn a_change_counts_once_and_made_up_numbers_do_not_hide_real_ones() {
        let mut totals = Totals::default();
        let mut account = StreamAccount::default();
        account.store(3);
        totals.replace(STREAM, None, &account);
        let before = account.clone();
        account.store(1);
        account.close();
        totals.replace(STREAM, Some(&before), &account);
        let places = Places { highest: 3, stored: 2, reported: 0, missing: 1 };
        assert_eq!(totals, Totals { streams: 1, closed: 1, implausible: 0, places });

        let mut made_up = StreamAccount::default();
        made_up.store(u64::MAX);
        totals.replace(STREAM, None, &made_up);
        assert_eq!((totals.streams, totals.implausible, totals.places.missing), (2, 1, 1));
        assert_eq!((totals.places.highest, totals.places.stored), (4, 3));
        let mut bytes = Vec::new();
        totals.encode(&mut bytes);
        assert_eq!(Totals::decode(&mut &bytes[..]), Some(totals));
    }
}
