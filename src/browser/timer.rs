//! The one timer of a client.

use std::cell::RefCell;

use gloo_timers::callback::Timeout;

use crate::engine::Millis;

/// Holds at most one timeout; a new one replaces it, and dropping it cancels it.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    timeout: RefCell<Option<Timeout>>,
}

impl Timer {
    /// Calls `wake` in `delay`, instead of at any time set before.
    pub(crate) fn set(&self, delay: Millis, wake: impl FnOnce() + 'static) {
        // `setTimeout` takes a signed 32-bit number and fires at once beyond it.
        let delay = u32::try_from(delay.min(LONGEST)).unwrap_or(u32::MAX);
        self.timeout.replace(Some(Timeout::new(delay, wake)));
    }

    /// Cancels the timeout.
    pub(crate) fn clear(&self) {
        self.timeout.replace(None);
    }
}

const LONGEST: Millis = 86_400_000;
