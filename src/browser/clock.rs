//! The time: wall time at the start, monotonic from there on, so that a clock that is set while the
//! page is open neither reorders records nor stretches a timer.

use std::cell::Cell;

use wasm_bindgen::JsCast as _;

use super::global::global;
use crate::engine::Millis;

/// Tells the time.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    performance: Option<web_sys::Performance>,
    /// Wall time when the monotonic clock stood at 0.
    origin: Cell<f64>,
}

impl Clock {
    /// Begins with the wall time of now.
    pub(crate) fn start() -> Self {
        let performance = global("performance");
        let performance = performance.is_object().then(|| performance.unchecked_into());
        let clock = Self { performance, origin: Cell::new(0.0) };
        clock.origin.set(js_sys::Date::now() - clock.elapsed());
        clock
    }

    /// Milliseconds since 1970. Never goes back.
    pub(crate) fn now(&self) -> Millis {
        self.wall_time(self.elapsed())
    }

    /// The same, of a moment that the monotonic clock was read at.
    pub(crate) fn wall_time(&self, elapsed: f64) -> Millis {
        let now = if self.performance.is_some() { self.origin.get() + elapsed } else { js_sys::Date::now() };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time since 1970")]
        {
            now as Millis
        }
    }

    /// Milliseconds of the monotonic clock, with fractions.
    pub(crate) fn elapsed(&self) -> f64 {
        self.performance.as_ref().map_or(0.0, web_sys::Performance::now)
    }

    /// Catches up with the wall time: while a laptop sleeps, the monotonic clock may stand still. A
    /// wall clock that is behind is not followed.
    pub(crate) fn catch_up(&self) {
        let slept = js_sys::Date::now() - (self.origin.get() + self.elapsed());
        if slept > LONGER_THAN_ANY_ROUNDING {
            self.origin.set(self.origin.get() + slept);
        }
    }
}

const LONGER_THAN_ANY_ROUNDING: f64 = 1_000.0;
