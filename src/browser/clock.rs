//! The time: wall time at the start, monotonic from there on, so that a clock that is set while the
//! page is open neither reorders records nor stretches a timer.

use crate::engine::Millis;

/// Tells the time.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    started_at: f64,
    performance: Option<web_sys::Performance>,
    performance_at_start: f64,
}

impl Clock {
    /// Begins with the wall time of now.
    pub(crate) fn start() -> Self {
        let performance = web_sys::window().and_then(|window| window.performance());
        let performance_at_start = performance.as_ref().map_or(0.0, web_sys::Performance::now);
        Self { started_at: js_sys::Date::now(), performance, performance_at_start }
    }

    /// Milliseconds since 1970.
    pub(crate) fn now(&self) -> Millis {
        let now = match &self.performance {
            Some(performance) => self.started_at + performance.now() - self.performance_at_start,
            None => js_sys::Date::now(),
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time since 1970")]
        {
            now as Millis
        }
    }
}

/// Milliseconds with their fraction, which only go forward: to measure with, not to date with.
pub(crate) fn stopwatch() -> f64 {
    let performance = web_sys::window().and_then(|window| window.performance());
    performance.map_or_else(js_sys::Date::now, |performance| performance.now())
}
