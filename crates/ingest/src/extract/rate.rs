//! How often somebody may come: so many requests a second, and a few seconds' worth of them at once.
//!
//! What is remembered of somebody is one number, the time at which all that came would have come at an
//! even pace (the generic cell rate algorithm), so a limit costs eight bytes and no lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// So many requests a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate(f64);

impl Rate {
    /// Takes from one request in about a quarter of an hour to a million in a second.
    pub fn new(a_second: f64) -> Option<Self> {
        (0.001..=1_000_000.0).contains(&a_second).then_some(Self(a_second))
    }

    /// A rate of our own.
    pub(crate) const fn of(a_second: f64) -> Self {
        Self(a_second)
    }

    /// Requests in a second.
    pub fn a_second(self) -> f64 {
        self.0
    }

    fn interval(self) -> u64 {
        nanos(Duration::from_secs_f64(1.0 / self.0))
    }

    /// How far ahead of an even pace somebody may be.
    fn lead(self) -> u64 {
        nanos(AT_ONCE).max(self.interval().saturating_mul(FEWEST_AT_ONCE))
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} requests a second", self.0)
    }
}

/// How far somebody is ahead of an even pace.
#[derive(Debug, Default)]
pub struct Pace {
    /// In nanoseconds of the clock that the callers share.
    due: AtomicU64,
}

impl Pace {
    /// Lets one request in at `now`, or says how long to wait.
    ///
    /// # Errors
    /// How long it takes until the next one may come.
    pub fn take(&self, rate: Rate, now: Duration) -> Result<(), Duration> {
        let now = nanos(now);
        let next = |due: u64| due.max(now).saturating_add(rate.interval());
        let in_time = |due: u64| (next(due) - now <= rate.lead()).then(|| next(due));
        match self.due.fetch_update(Ordering::Relaxed, Ordering::Relaxed, in_time) {
            Ok(_) => Ok(()),
            Err(due) => Err(Duration::from_nanos(next(due) - now - rate.lead())),
        }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// A page that starts sends more at once than one that runs.
const AT_ONCE: Duration = Duration::from_secs(5);
const FEWEST_AT_ONCE: u64 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(time: f64) -> Duration {
        Duration::from_secs_f64(time)
    }

    #[test]
    fn five_seconds_worth_come_at_once_and_then_an_even_pace() {
        let (rate, pace) = (Rate::new(10.0).unwrap(), Pace::default());
        let at = |time| pace.take(rate, seconds(time));
        assert_eq!((0..60).filter(|_| at(100.0).is_ok()).count(), 50);
        assert_eq!(at(100.0), Err(seconds(0.1)));
        assert_eq!(at(100.04), Err(seconds(0.06)));
        assert_eq!((at(100.1), at(100.1)), (Ok(()), Err(seconds(0.1))));
        assert_eq!((0..60).filter(|_| at(200.0).is_ok()).count(), 50);
    }

    #[test]
    fn whoever_may_seldom_come_may_still_come_a_few_times_at_once() {
        let (rate, pace) = (Rate::new(0.1).unwrap(), Pace::default());
        assert_eq!((0..9).filter(|_| pace.take(rate, seconds(0.0)).is_ok()).count(), 5);
        assert_eq!(pace.take(rate, seconds(9.0)), Err(seconds(1.0)));
    }

    #[test]
    fn a_rate_is_a_number_above_zero() {
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
            assert_eq!(Rate::new(wrong), None);
        }
    }
}
