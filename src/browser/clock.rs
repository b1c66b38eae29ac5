//! The time: wall time at the start, monotonic from there on, so that a clock that is set while the
//! page is open neither reorders records nor stretches a timer.

use std::cell::Cell;

use super::page::{elapsed, wall_time};
use crate::engine::Millis;

/// Tells the time.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    /// Wall time when the monotonic clock stood at 0.
    origin: Cell<f64>,
}

impl Clock {
    /// Begins with the wall time of now.
    pub(crate) fn start() -> Self {
        Self { origin: Cell::new(plausible(wall_time()) - elapsed()) }
    }

    /// Milliseconds since 1970. Never goes back.
    pub(crate) fn now(&self) -> Millis {
        self.wall_time(self.elapsed())
    }

    /// The same, of a moment that the monotonic clock was read at.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time since 1970")]
    pub(crate) fn wall_time(&self, elapsed: f64) -> Millis {
        plausible(self.origin.get() + elapsed) as Millis
    }

    /// Milliseconds of the monotonic clock, with fractions.
    pub(crate) fn elapsed(&self) -> f64 {
        elapsed()
    }

    /// Catches up with the wall time: while a laptop sleeps, the monotonic clock may stand still. A
    /// wall clock that is behind is not followed.
    pub(crate) fn catch_up(&self) {
        let slept = plausible(wall_time()) - (self.origin.get() + self.elapsed());
        if slept > LONGER_THAN_ANY_ROUNDING {
            self.origin.set(self.origin.get() + slept);
        }
    }
}

/// A time, or 0 if an app has broken the clock: where it is later than any, everything is too old at once; where it
/// is no number, nothing ever goes on.
fn plausible(time: f64) -> f64 {
    if (0.0..YEAR_2100).contains(&time) { time } else { 0.0 }
}

const YEAR_2100: f64 = 4.1e12;
const LONGER_THAN_ANY_ROUNDING: f64 = 1_000.0;
