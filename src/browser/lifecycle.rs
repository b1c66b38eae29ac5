//! What the browser says about the life of the page.
//!
//! At the exit the order is `beforeunload`, `pagehide` on window (the page still says that it is
//! visible), `visibilitychange` to hidden; on a phone often only the last one comes.

use std::cell::RefCell;

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventTarget};

/// An event of the page's life.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    Hidden,
    PageHide,
    Freeze,
    BeforeUnload,
    Shown,
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
        let mut always = Vec::new();
        if let Some(window) = web_sys::window() {
            for (name, moment) in
                [("pagehide", Moment::PageHide), ("pageshow", Moment::Shown), ("online", Moment::Online)]
            {
                let tell = tell.clone();
                always.push(Listener::attach(&window, name, move || tell(moment)));
            }
            if let Some(document) = window.document() {
                let (hidden, freeze) = (tell.clone(), tell);
                let shown = document.clone();
                always.push(Listener::attach(&document, "visibilitychange", move || {
                    let is_hidden = shown.visibility_state() == web_sys::VisibilityState::Hidden;
                    hidden(if is_hidden { Moment::Hidden } else { Moment::Shown });
                }));
                always.push(Listener::attach(&document, "freeze", move || freeze(Moment::Freeze)));
            }
        }
        Self { _always: always, beforeunload: RefCell::new(None) }
    }

    /// Listens to `beforeunload`, or stops it.
    pub(crate) fn watch_beforeunload(&self, is_wanted: bool, tell: impl Fn(Moment) + 'static) {
        let listener = web_sys::window().filter(|_| is_wanted);
        let listener = listener
            .map(|window| Listener::attach(&window, "beforeunload", move || tell(Moment::BeforeUnload)));
        self.beforeunload.replace(listener);
    }
}

/// One listener, detached when it is dropped.
#[derive(Debug)]
struct Listener {
    target: EventTarget,
    name: &'static str,
    callback: Closure<dyn FnMut(Event)>,
}

impl Listener {
    fn attach(target: &EventTarget, name: &'static str, call: impl Fn() + 'static) -> Self {
        let callback = Closure::<dyn FnMut(Event)>::new(move |_| call());
        let options = web_sys::AddEventListenerOptions::new();
        options.set_capture(true);
        let function = callback.as_ref().unchecked_ref();
        let _ =
            target.add_event_listener_with_callback_and_add_event_listener_options(name, function, &options);
        Self { target: target.clone(), name, callback }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.callback.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback_and_bool(self.name, function, true);
    }
}
