//! The shell around one engine: feeds it what happens and performs what it says.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

use super::lifecycle::{Lifecycle, Moment};
use super::timer::Timer;
use super::transport::Transport;
use super::{Clock, Storage};
use crate::engine::{Command, Engine, Input, Millis, Reply, SendId, Settled, Ticket};

/// A running client. The engine is never borrowed while a command is performed: performing may call
/// code of the app (a `fetch` that it replaced), which may call the client again.
#[derive(Debug)]
pub(crate) struct Shell {
    engine: RefCell<Engine>,
    clock: Clock,
    storage: Storage,
    session_key: String,
    transport: Transport,
    timer: Timer,
    lifecycle: RefCell<Option<Lifecycle>>,
    /// Commands that are not performed yet, in order.
    pending: RefCell<VecDeque<Command>>,
    is_performing: Cell<bool>,
    flights: RefCell<Vec<(SendId, AbortController)>>,
    promises: RefCell<Vec<(Ticket, js_sys::Function)>>,
    last_ticket: Cell<u64>,
}

impl Shell {
    /// Starts: listens to the page, and takes over what earlier pages left in the spool.
    pub(crate) fn start(engine: Engine, clock: Clock, storage: Storage, session_key: String) -> Rc<Self> {
        let config = engine.config();
        let transport = Transport::new(config.endpoint.clone(), config.token.clone());
        let shell = Rc::new(Self {
            engine: RefCell::new(engine),
            clock,
            storage,
            session_key,
            transport,
            timer: Timer::default(),
            lifecycle: RefCell::new(None),
            pending: RefCell::default(),
            is_performing: Cell::new(false),
            flights: RefCell::default(),
            promises: RefCell::default(),
            last_ticket: Cell::new(0),
        });
        if shell.read(Engine::is_enabled) {
            shell.wake_up();
        }
        shell
    }

    /// Tells the engine what happened and does what follows from it.
    pub(crate) fn tell(self: &Rc<Self>, input: Input<'_>) {
        let now = self.clock.now();
        let is_new_visit =
            matches!(input, Input::Record(_)) && self.read(|engine| engine.is_session_over(now));
        if is_new_visit {
            // Another tab may have kept the session alive, or begun the next one.
            let stored = self.storage.get(&self.session_key);
            self.tell(Input::Session(stored));
        }
        let commands = self.engine.borrow_mut().handle(input, now);
        self.pending.borrow_mut().extend(commands);
        // Performing may call code of the app that calls us again: its commands wait for their turn.
        if self.is_performing.replace(true) {
            return;
        }
        loop {
            let Some(command) = self.pending.borrow_mut().pop_front() else { break };
            self.perform(command);
        }
        self.is_performing.set(false);
    }

    /// Reads something off the engine.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Engine) -> T) -> T {
        read(&self.engine.borrow())
    }

    /// Where records are kept.
    pub(crate) const fn storage(&self) -> Storage {
        self.storage
    }

    /// Switches recording and sending on or off. Off leaves no listener and no timer.
    pub(crate) fn switch(self: &Rc<Self>, is_on: bool) {
        if is_on == self.read(Engine::is_enabled) {
            return;
        }
        self.tell(Input::Enabled(is_on));
        // What was shut down stays so.
        if self.read(Engine::is_enabled) {
            self.wake_up();
        } else {
            self.lifecycle.replace(None);
        }
    }

    /// A promise that the engine will settle, and what to tell the engine of it.
    pub(crate) fn promise(self: &Rc<Self>, input: impl FnOnce(Ticket) -> Input<'static>) -> js_sys::Promise {
        let ticket = Ticket(self.last_ticket.get() + 1);
        self.last_ticket.set(ticket.0);
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            self.promises.borrow_mut().push((ticket, resolve));
        });
        self.tell(input(ticket));
        promise
    }

    /// Ends: nothing is listened to any more. A request that is under way goes on.
    pub(crate) fn stop_listening(&self) {
        self.lifecycle.replace(None);
    }

    fn wake_up(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        self.lifecycle.replace(Some(Lifecycle::listen(move |moment| on_moment(&weak, moment))));
        self.recover();
    }

    fn recover(self: &Rc<Self>) {
        let left_behind = self.storage.entries(&self.read(Engine::spool_prefix));
        if !left_behind.is_empty() {
            self.tell(Input::Recovered(left_behind));
        }
    }

    fn perform(self: &Rc<Self>, command: Command) {
        match command {
            Command::Spool { key, value } => {
                if !self.storage.set(&key, &value) {
                    self.tell(Input::SpoolFailed { key });
                }
            }
            Command::Unspool { key } => self.storage.remove(&key),
            Command::StoreSession(session) => {
                self.storage.set(&self.session_key, &session);
            }
            Command::Send { id, body, keepalive, is_exit } => self.send(id, &body, keepalive, is_exit),
            Command::Abort(id) => {
                if let Some(abort) = take(&self.flights, id) {
                    abort.abort();
                }
            }
            Command::WakeAt(None) => self.timer.clear(),
            Command::Recover => self.recover(),
            Command::WakeAt(Some(at)) => self.wake_at(at),
            Command::WatchBeforeUnload(is_wanted) => {
                let weak = Rc::downgrade(self);
                if let Some(lifecycle) = &*self.lifecycle.borrow() {
                    lifecycle.watch_beforeunload(is_wanted, move |moment| on_moment(&weak, moment));
                }
            }
            Command::Settle(ticket, outcome) => self.settle(ticket, outcome),
            Command::Warn(message) => warn(&message),
        }
    }

    fn wake_at(self: &Rc<Self>, at: Millis) {
        let weak = Rc::downgrade(self);
        let wake = move || {
            if let Some(shell) = weak.upgrade() {
                shell.tell(Input::Wake);
            }
        };
        let now = self.clock.now();
        if at <= now && self.read(|engine| engine.is_leaving(now)) {
            // The timers of a page that goes never fire; what is promised still happens.
            self.timer.clear();
            spawn_local(async move { wake() });
        } else {
            self.timer.set(at.saturating_sub(now), wake);
        }
    }

    fn send(self: &Rc<Self>, id: SendId, body: &str, keepalive: bool, is_exit: bool) {
        let request = AbortController::new().and_then(|abort| {
            let request = self.transport.post(body, keepalive, is_exit, &abort)?;
            self.flights.borrow_mut().push((id, abort));
            Ok(request)
        });
        let shell = Rc::clone(self);
        spawn_local(async move {
            let reply = match request {
                Ok(request) => Transport::reply(request).await,
                Err(_) => Reply::Unknown { retry_after: None },
            };
            take(&shell.flights, id);
            shell.tell(Input::Answered(id, reply));
        });
    }

    fn settle(&self, ticket: Ticket, outcome: Settled) {
        if let Some(resolve) = take(&self.promises, ticket) {
            let word = match outcome {
                Settled::Delivered => "delivered",
                Settled::Spooled => "spooled",
                Settled::Discarded => "discarded",
            };
            let _ = resolve.call1(&JsValue::UNDEFINED, &JsValue::from_str(word));
        }
    }
}

fn on_moment(shell: &Weak<Shell>, moment: Moment) {
    let Some(shell) = shell.upgrade() else { return };
    shell.tell(match moment {
        Moment::Hidden => Input::Hidden,
        Moment::PageHide => Input::PageHide,
        Moment::Freeze => Input::Freeze,
        Moment::BeforeUnload => Input::BeforeUnload,
        Moment::Shown => Input::Shown,
        Moment::Online => Input::Online,
    });
}

/// Calls whatever `console.warn` is by now: an app may have replaced it with one that throws.
fn warn(message: &str) {
    let console = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("console")).unwrap_or_default();
    let warn = js_sys::Reflect::get(&console, &JsValue::from_str("warn")).unwrap_or_default();
    if let Some(warn) = warn.dyn_ref::<js_sys::Function>() {
        let _ = warn.call1(&console, &JsValue::from_str(message));
    }
}

/// Takes an entry out of a short list. A hash map would cost more wasm than it saves time.
fn take<K: PartialEq, V>(list: &RefCell<Vec<(K, V)>>, key: K) -> Option<V> {
    let mut list = list.borrow_mut();
    let at = list.iter().position(|(known, _)| *known == key)?;
    Some(list.swap_remove(at).1)
}
