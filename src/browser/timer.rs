//! The one timer of a client.
//!
//! A browser may refuse to set it: Firefox does in a window that is closed, where records are still
//! made by observers that run late and by whoever holds the client of a removed frame. It may also be
//! an app's by now, which throws. A page that has no timers any more has the spool.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use super::global::call;
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
        self.timeout.replace(Timeout::new(delay, Closure::once(wake)));
    }

    /// Cancels the timeout.
    pub(crate) fn clear(&self) {
        self.timeout.replace(None);
    }
}

/// Cancelled when it is dropped.
#[derive(Debug)]
struct Timeout {
    id: JsValue,
    _wake: Closure<dyn FnMut()>,
}

impl Timeout {
    /// Nothing where the browser refuses it.
    fn new(delay: u32, wake: Closure<dyn FnMut()>) -> Option<Self> {
        let id = call(&js_sys::global(), "setTimeout", &[wake.as_ref(), &JsValue::from(delay)]).ok()?;
        Some(Self { id, _wake: wake })
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        let _ = call(&js_sys::global(), "clearTimeout", &[&self.id]);
    }
}

const LONGEST: Millis = 86_400_000;
