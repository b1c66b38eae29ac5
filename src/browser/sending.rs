//! Requests under way: compressed where there is time, plain where the page may go first.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use beaconry_protocol::ErrorCode;
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::Shell;
use super::global::{call, construct};
use super::task::spawn;
use super::transport::{Manner, Transport};
use crate::engine::{Input, Reply, SendId};

/// What is on its way, and how it can be given up.
#[derive(Debug)]
pub(crate) struct Sending {
    transport: Transport,
    flights: RefCell<Vec<(SendId, JsValue)>>,
    /// Bodies that are being compressed and have not left yet.
    compressing: RefCell<Vec<(SendId, Unsent)>>,
    /// What was handed to the browser for later.
    later: RefCell<Vec<JsValue>>,
    /// Whether compressed bodies are made and understood here, as far as is known.
    can_gzip: Cell<bool>,
}

#[derive(Debug)]
struct Unsent {
    body: String,
    keepalive: bool,
}

impl Sending {
    pub(crate) const fn new(endpoint: String, token: Option<String>) -> Self {
        Self {
            transport: Transport::new(endpoint, token),
            flights: RefCell::new(Vec::new()),
            compressing: RefCell::new(Vec::new()),
            later: RefCell::new(Vec::new()),
            can_gzip: Cell::new(true),
        }
    }

    /// Gives up a request.
    pub(crate) fn abort(&self, id: SendId) {
        if take(&self.compressing, id).is_some() {
            // It took as long as a request may: what compresses here does not end.
            self.can_gzip.set(false);
        }
        if let Some(flight) = take(&self.flights, id) {
            let _ = call(&flight, "abort", &[]);
        }
    }

    /// Hands a body to the browser, to be posted when the page is gone.
    pub(crate) fn leave_to_browser(&self, body: &str) {
        let abort = controller();
        self.transport.post_later(body, &abort);
        self.later.borrow_mut().push(abort);
    }

    /// Takes back what was handed over, as far as the browser has not posted it.
    pub(crate) fn take_back(&self) {
        for abort in self.later.take() {
            let _ = call(&abort, "abort", &[]);
        }
    }

    fn post(&self, id: SendId, body: &JsValue, manner: Manner) -> Result<Promise, JsValue> {
        let abort = controller();
        let request = self.transport.post(body, manner, &abort)?;
        self.flights.borrow_mut().push((id, abort));
        Ok(request)
    }
}

impl Shell {
    /// Posts a body, and tells the engine how it went.
    pub(super) fn send(self: &Rc<Self>, id: SendId, body: String, keepalive: bool, is_exit: bool) {
        let packing = if is_exit || !self.sending.can_gzip.get() { None } else { Transport::gzip(&body) };
        let Some(packing) = packing else {
            let request = self.sending.post(
                id,
                &JsValue::from_str(&body),
                Manner { keepalive, is_exit, is_gzip: false },
            );
            return self.await_reply(id, request);
        };
        self.sending.compressing.borrow_mut().push((id, Unsent { body, keepalive }));
        let shell = Rc::clone(self);
        spawn(Box::pin(async move {
            let packed = JsFuture::from(packing).await;
            // It may have left as it was, or been given up, in the meantime.
            let Some(unsent) = take(&shell.sending.compressing, id) else { return };
            let is_gzip = packed.is_ok();
            let body = packed.unwrap_or_else(|_| JsValue::from_str(&unsent.body));
            let manner = Manner { keepalive: unsent.keepalive, is_exit: false, is_gzip };
            shell.await_reply(id, shell.sending.post(id, &body, manner));
        }));
    }

    /// Posts what is being compressed as it is, as far as it would outlive the page.
    pub(super) fn hurry(self: &Rc<Self>) {
        for (id, unsent) in self.sending.compressing.take() {
            if unsent.keepalive {
                let manner = Manner { keepalive: true, is_exit: true, is_gzip: false };
                self.await_reply(id, self.sending.post(id, &JsValue::from_str(&unsent.body), manner));
            } else {
                self.sending.compressing.borrow_mut().push((id, unsent));
            }
        }
    }

    fn await_reply(self: &Rc<Self>, id: SendId, request: Result<Promise, JsValue>) {
        let shell = Rc::clone(self);
        spawn(Box::pin(async move {
            let reply = match request {
                Ok(request) => Transport::reply(request).await,
                Err(_) => Reply::Unknown { retry_after: None },
            };
            take(&shell.sending.flights, id);
            if matches!(&reply, Reply::Ours(answer) if answer.error == Some(ErrorCode::InvalidBody)) {
                shell.sending.can_gzip.set(false);
            }
            shell.tell(Input::Answered(id, reply));
        }));
    }
}

fn controller() -> JsValue {
    construct("AbortController", &[]).unwrap_or_default()
}

/// Takes an entry out of a short list. A hash map would cost more wasm than it saves time.
fn take<V>(list: &RefCell<Vec<(SendId, V)>>, id: SendId) -> Option<V> {
    let mut list = list.borrow_mut();
    let at = list.iter().position(|(known, _)| *known == id)?;
    Some(list.swap_remove(at).1)
}
