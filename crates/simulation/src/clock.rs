//! The clock of one tab: it never goes back, but it may be days off, and the laptop may sleep.

use beaconry::engine::Millis;

/// A clock beside the true one.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead: i64,
    slept: Millis,
    sleep: Option<Sleep>,
}

#[derive(Debug)]
struct Sleep {
    since: Millis,
    until: Millis,
    /// Some platforms stop the clock that pages see, others do not.
    stands_still: bool,
}

impl Clock {
    pub(crate) fn new(ahead: i64) -> Self {
        Self { ahead, ..Self::default() }
    }

    /// What the tab sees.
    pub(crate) fn at(&self, truth: Millis) -> Millis {
        truth.saturating_add_signed(self.ahead)
    }

    /// When it is `time` for the tab, timers being late while it sleeps.
    pub(crate) fn truth(&self, time: Millis) -> Millis {
        let truth = time.saturating_add_signed(-self.ahead);
        self.sleep.as_ref().map_or(truth, |sleep| truth.max(sleep.until))
    }

    /// How long the tab has been awake, counted from any moment.
    pub(crate) fn awake(&self, truth: Millis) -> Millis {
        self.sleep.as_ref().map_or(truth, |sleep| sleep.since) - self.slept
    }

    pub(crate) fn fall_asleep(&mut self, truth: Millis, span: Millis, stands_still: bool) {
        self.sleep = Some(Sleep { since: truth, until: truth + span, stands_still });
    }

    /// Until when it sleeps.
    pub(crate) fn sleeps_until(&self) -> Option<Millis> {
        self.sleep.as_ref().map(|sleep| sleep.until)
    }

    /// Wakes up, if it is time. Returns whether it sleeps on.
    pub(crate) fn is_asleep(&mut self, truth: Millis) -> bool {
        if let Some(sleep) = self.sleep.take_if(|sleep| sleep.until <= truth) {
            let span = truth - sleep.since;
            self.slept += span;
            self.ahead -= if sleep.stands_still { i64::try_from(span).unwrap_or(0) } else { 0 };
        }
        self.sleep.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_stands_still_goes_on_where_it_was() {
        for (stands_still, after) in [(true, 1_100), (false, 6_100)] {
            let mut clock = Clock::new(100);
            clock.fall_asleep(1_000, 5_000, stands_still);
            assert!(clock.is_asleep(5_999));
            assert_eq!((clock.awake(5_999), clock.truth(1_200)), (1_000, 6_000));
            assert!(!clock.is_asleep(6_000));
            assert_eq!((clock.at(6_000), clock.awake(6_000)), (after, 1_000));
        }
    }
}
