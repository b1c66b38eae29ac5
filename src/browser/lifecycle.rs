//! What the browser says about the life of the page.
//!
//! At the exit the order is `beforeunload`, `pagehide` on window (the page still says that it is
//! visible), `visibilitychange` to hidden; on a phone often only the last one comes. A page that goes
//! into the back/forward cache says so in `pagehide`, and comes back with `pageshow`.

use std::cell::RefCell;

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::EventTarget;

use super::global::{get, global};

/// An event of the page's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Hidden,
    /// The page goes; `is_kept` says whether it may come back.
    PageHide {
        is_kept: bool,
    },
    Freeze,
    BeforeUnload,
    /// The page is visible again.
    Visible,
    /// The page is back from the back/forward cache.
    BackFromCache,
    Online,
}

/// Listens while it lives.
#[must_use = "dropping it stops listening"]
#[derive(Debug)]
pub(crate) struct Lifecycle {
    _always: Vec<Listener>,
    beforeunload: RefCell<Option<Listener>>,
}

impl Lifecycle {
    /// Tells of every moment but `beforeunload`.
    pub(crate) fn listen(tell: impl Fn(Moment) + Clone + 'static) -> Self {
        let scope = JsValue::from(js_sys::global());
        let document = global("document");
        let mut listeners = Vec::new();
        for name in ["pagehide", "pageshow", "online", "visibilitychange", "freeze"] {
            let target = if matches!(name, "visibilitychange" | "freeze") { &document } else { &scope };
            let tell = tell.clone();
            listeners.extend(Listener::attach(target, name, move |event| {
                if let Some(moment) = moment(name, event) {
                    tell(moment);
                }
            }));
        }
        Self { _always: listeners, beforeunload: RefCell::new(None) }
    }

    /// Listens to `beforeunload`, or stops it.
    pub(crate) fn watch_beforeunload(&self, is_wanted: bool, tell: impl Fn(Moment) + 'static) {
        let listener = is_wanted.then(|| {
            Listener::attach(&js_sys::global(), "beforeunload", move |_| tell(Moment::BeforeUnload))
        });
        self.beforeunload.replace(listener.flatten());
    }
}

fn moment(name: &str, event: &JsValue) -> Option<Moment> {
    let is_kept = get(event, "persisted").is_truthy();
    match name {
        "pagehide" => Some(Moment::PageHide { is_kept }),
        "pageshow" => is_kept.then_some(Moment::BackFromCache),
        "online" => Some(Moment::Online),
        "freeze" => Some(Moment::Freeze),
        _ if get(&global("document"), "visibilityState") == "hidden" => Some(Moment::Hidden),
        _ => Some(Moment::Visible),
    }
}

/// One listener, detached when it is dropped.
#[derive(Debug)]
struct Listener {
    target: EventTarget,
    name: &'static str,
    callback: Closure<dyn FnMut(JsValue)>,
}

impl Listener {
    /// Nothing where there is no such target: in a worker.
    fn attach(target: &JsValue, name: &'static str, call: impl Fn(&JsValue) + 'static) -> Option<Self> {
        let target: EventTarget =
            get(target, "addEventListener").is_function().then(|| target.clone())?.unchecked_into();
        let callback = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| call(&event));
        let function = callback.as_ref().unchecked_ref();
        target.add_event_listener_with_callback_and_bool(name, function, true).ok()?;
        Some(Self { target, name, callback })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.callback.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback_and_bool(self.name, function, true);
    }
}
