//! The browser's page as the place of a client: starts the shell and passes on.
//!
//! All that this folder knows of the shell and of JavaScript stands here.

use std::cell::RefCell;

use beaconry_protocol::Number;
use js_sys::Reflect;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::browser::{Clock, Shell, current_page, number_text, random_bits};
use crate::engine::{Config, Engine, Input, Settled, Ticket};

/// A running client of this page.
#[derive(Debug)]
pub(super) struct Host {
    shell: &'static Shell,
    /// The URL that the engine knows.
    page: RefCell<Option<String>>,
}

impl Host {
    pub(super) fn start(config: Config) -> Option<Self> {
        Some(Self { shell: Shell::start(config), page: RefCell::new(current_page()) })
    }

    pub(super) fn tell(&self, input: Input<'_>) {
        self.shell.tell(input);
    }

    pub(super) fn read<T>(&self, read: impl FnOnce(&Engine) -> T) -> T {
        self.shell.read(read)
    }

    pub(super) fn promise<F: FnOnce(Ticket) -> Input<'static>>(
        &self,
        input: F,
    ) -> impl Future<Output = Settled> + use<F> {
        outcome(self.shell.promise(input))
    }

    /// An app that navigates without loading a page tells nobody, so each record looks.
    pub(super) fn follow_page(&self) {
        let page = current_page();
        if *self.page.borrow() == page {
            return;
        }
        if let Some(page) = &page {
            self.shell.tell(Input::Navigated(page));
        }
        self.page.replace(page);
    }

    pub(super) fn storage_name(&self) -> &'static str {
        self.shell.storage_name()
    }
}

/// Milliseconds that only go forward, to measure with.
pub(super) fn now() -> f64 {
    Clock::start().elapsed()
}

/// Random bits.
pub(super) fn seed() -> u64 {
    random_bits()
}

/// A finite number as JSON text, written by the browser: its shortest form is JSON's form.
pub(super) fn number(value: f64) -> Option<Number<'static>> {
    Number::from_text(number_text(value))
}

/// Where we are: the stack of JavaScript and wasm. The frames of a panic and of this call lie on top
/// of it, and browsers keep ten frames unless they are asked for more.
pub(super) fn stack() -> Option<String> {
    let (limit, error) = (JsValue::from_str("stackTraceLimit"), error_class()?);
    let usual = Reflect::get(&error, &limit).ok().filter(|usual| usual.as_f64().is_some());
    if usual.is_some() {
        let _ = Reflect::set(&error, &limit, &JsValue::from_f64(FRAMES));
    }
    let stack = Reflect::get(&js_sys::Error::new(""), &JsValue::from_str("stack"));
    if let Some(usual) = usual {
        let _ = Reflect::set(&error, &limit, &usual);
    }
    stack.ok()?.as_string().filter(|stack| !stack.is_empty())
}

fn error_class() -> Option<js_sys::Function> {
    Reflect::get(&js_sys::global(), &JsValue::from_str("Error")).ok()?.dyn_into().ok()
}

async fn outcome(promise: JsValue) -> Settled {
    let word =
        JsFuture::from(js_sys::Promise::resolve(&promise)).await.ok().and_then(|word| word.as_string());
    match word.as_deref() {
        Some("delivered") => Settled::Delivered,
        Some("discarded") => Settled::Discarded,
        Some("pending") => Settled::Pending,
        _ => Settled::Spooled,
    }
}

const FRAMES: f64 = 60.0;
