//! How long to wait after a try that failed: exponential, with full jitter, so that a thousand tabs
//! that lost the same server do not come back to it at the same moment.

use super::{Millis, Random};

/// The pause between tries.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    paused_until: Millis,
    is_asked: bool,
}

impl Backoff {
    /// A try failed. `asked` is how long the server wants to be left alone.
    pub(super) fn failed(&mut self, now: Millis, asked: Option<Millis>, random: &mut Random) {
        let ceiling = (FIRST << self.failures.min(16)).min(LONGEST);
        let jittered = FIRST / 2 + random.below(ceiling);
        self.failures += 1;
        self.is_asked = asked.is_some();
        self.paused_until =
            now + asked.map_or(jittered, |asked| asked.min(LONGEST_ASKED) + random.below(FIRST));
    }

    /// Nothing can get better before a person has changed something: try rarely.
    pub(super) fn wait_for_a_person(&mut self, now: Millis) {
        self.failures = self.failures.max(1);
        self.is_asked = true;
        self.paused_until = now + LONGEST;
    }

    /// A try got through.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// The app wants a try now: what the server asked for still holds.
    pub(super) fn retry_now(&mut self) {
        if !self.is_asked {
            self.paused_until = 0;
        }
    }

    /// The network is back, for this page and perhaps for every page of a building: each waits a
    /// moment of its own.
    pub(super) fn retry_soon(&mut self, now: Millis, random: &mut Random) {
        if !self.is_asked && self.has_failed() {
            self.paused_until = self.paused_until.min(now + random.below(NETWORK_IS_BACK));
        }
    }

    /// Whether the last try failed.
    pub(super) const fn has_failed(&self) -> bool {
        self.failures > 0
    }

    /// When the next try may be made, if that is not now.
    pub(super) fn paused_until(&self, now: Millis) -> Option<Millis> {
        (self.paused_until > now).then_some(self.paused_until)
    }
}

const FIRST: Millis = 1_000;
const NETWORK_IS_BACK: Millis = 3_000;
const LONGEST: Millis = 5 * 60_000;
/// A server that asks for more than an hour is taken to have made a mistake.
const LONGEST_ASKED: Millis = 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_000_000;

    #[test]
    fn pauses_grow_with_each_failure_and_are_spread() {
        let mut longest = Vec::new();
        for failures in 1..=12 {
            let pauses = (0..200).map(|seed| {
                let mut backoff = Backoff::default();
                let mut random = Random::from_seed(seed);
                (0..failures).for_each(|_| backoff.failed(NOW, None, &mut random));
                backoff.paused_until(NOW).unwrap() - NOW
            });
            longest.push(pauses.max().unwrap());
        }
        assert!(longest.is_sorted_by(|a, b| a < b || *b > LONGEST * 9 / 10), "{longest:?}");
        assert!(longest[0] <= FIRST * 3 / 2 && longest[11] <= LONGEST + FIRST, "{longest:?}");
    }

    #[test]
    fn what_the_server_asks_for_holds_whatever_happens() {
        let mut backoff = Backoff::default();
        backoff.failed(NOW, Some(7_000), &mut Random::from_seed(1));
        backoff.retry_now();
        assert!(backoff.paused_until(NOW + 6_999).is_some());
        assert_eq!(backoff.paused_until(NOW + 8_000), None);
    }

    #[test]
    fn a_network_that_is_back_ends_the_pause() {
        let mut backoff = Backoff::default();
        backoff.failed(NOW, None, &mut Random::from_seed(1));
        backoff.retry_soon(NOW, &mut Random::from_seed(2));
        assert_eq!(backoff.paused_until(NOW + NETWORK_IS_BACK), None);
        backoff.retry_now();
        assert_eq!(backoff.paused_until(NOW), None);
    }
}
