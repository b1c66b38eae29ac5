//! The shell around one engine: feeds it what happens and performs what it says.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use beaconry_protocol::{DiscardReason, join, parse_whole};
use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;

use super::global::{call, global};
use super::journal::Journal;
use super::lease::Leases;
use super::lifecycle::{Lifecycle, Moment};
use super::sending::Sending;
use super::stores::{Stores, Tiers};
use super::task::spawn;
use super::timer::Timer;
use super::transport::Transport;
use super::{Clock, Storage, current_page, platform_scope, random_bits, stream_id};
use crate::engine::{Command, Config, Consent, Engine, Input, Millis, Settled, Start, Ticket};

/// A running client. The engine is never borrowed while a command is performed: performing may call
/// code of the app (a `fetch` that it replaced), which may call the client again.
#[derive(Debug)]
pub(crate) struct Shell {
    engine: RefCell<Engine>,
    clock: Clock,
    pub(super) sending: Sending,
    timer: Timer,
    /// Listeners, storages and locks: there while the client is on and allowed to, and gone without a
    /// trace after it.
    lifecycle: RefCell<Option<Lifecycle>>,
    attached: RefCell<Option<Rc<Attached>>>,
    /// Commands that are not performed yet, in order.
    pending: RefCell<Vec<Command>>,
    is_performing: Cell<bool>,
    /// Calls that came from within what is being performed: an app whose storage logs would go on for ever.
    nested: Cell<u32>,
    promises: RefCell<Vec<(Ticket, Function)>>,
    last_ticket: Cell<u64>,
    /// Milliseconds that were spent in here.
    cost: Cell<f64>,
}

/// The storages, and the locks that say whose is what in them.
#[derive(Debug)]
struct Attached {
    stores: Stores,
    leases: Leases,
    adoption: Cell<Adoption>,
}

/// Whether dead streams are being looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Adoption {
    #[default]
    Idle,
    UnderWay,
    /// Under way, and to be gone through once more.
    AskedAgain,
}

impl Attached {
    fn new(app: String, cap: usize) -> Rc<Self> {
        Rc::new(Self { stores: Stores::open(cap), leases: Leases::new(app), adoption: Cell::default() })
    }
}

impl Shell {
    /// Starts: what the engine is allowed to use of the browser, it begins to use.
    pub(crate) fn start(config: Config) -> Rc<Self> {
        let sending = Sending::new(config.endpoint.clone(), config.token.clone());
        let start = Start {
            stream: stream_id(),
            seed: random_bits(),
            bucket: bucket(&config),
            has_fetch_later: Transport::has_fetch_later(),
            platform: platform_scope(),
            page: current_page(),
        };
        let clock = Clock::start();
        let engine = Engine::new(config, start, clock.now());
        let shell = Rc::new(Self {
            engine: RefCell::new(engine),
            clock,
            sending,
            timer: Timer::default(),
            lifecycle: RefCell::default(),
            attached: RefCell::default(),
            pending: RefCell::default(),
            is_performing: Cell::new(false),
            nested: Cell::new(0),
            promises: RefCell::default(),
            last_ticket: Cell::new(0),
            cost: Cell::new(0.0),
        });
        shell.tell(Input::Started);
        shell
    }

    /// Tells the engine what happened and does what follows from it.
    pub(crate) fn tell(self: &Rc<Self>, input: Input<'_>) {
        let began = self.clock.elapsed();
        let now = self.clock.wall_time(began);
        let is_call = matches!(input, Input::Record(_));
        if is_call && self.is_performing.get() && self.nested.replace(self.nested.get() + 1) >= MOST_NESTED {
            let commands =
                self.engine.borrow_mut().handle(Input::Refused(DiscardReason::ClientFailed, 1), now);
            return self.pending.borrow_mut().extend(commands);
        }
        if is_call && !self.is_performing.get() && self.read(|engine| engine.is_session_over(now)) {
            // Another tab may have kept the session alive, or begun the next one.
            self.resume_session();
        }
        let commands = self.engine.borrow_mut().handle(input, now);
        self.pending.borrow_mut().extend(commands);
        // Performing may call code of the app that calls us again: its commands wait for their turn.
        if !self.is_performing.replace(true) {
            while let Some(command) = self.next_command() {
                self.perform(command);
            }
            self.is_performing.set(false);
            self.nested.set(0);
            self.cost.set(self.cost.get() + self.clock.elapsed() - began);
        }
    }

    fn next_command(&self) -> Option<Command> {
        let mut pending = self.pending.borrow_mut();
        // They are few.
        (!pending.is_empty()).then(|| pending.remove(0))
    }

    /// Reads something off the engine.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Engine) -> T) -> T {
        read(&self.engine.borrow())
    }

    /// Where records are kept.
    pub(crate) fn storage_name(&self) -> &'static str {
        self.attached.borrow().as_ref().map_or("memory", |attached| attached.stores.name())
    }

    /// Milliseconds of the main thread that the client has taken so far, but for what the browser
    /// does on its behalf.
    pub(crate) const fn cost(&self) -> f64 {
        self.cost.get()
    }

    /// A promise that the engine will settle, and what to tell the engine of it.
    pub(crate) fn promise(self: &Rc<Self>, input: impl FnOnce(Ticket) -> Input<'static>) -> Promise {
        let ticket = Ticket(self.last_ticket.get() + 1);
        self.last_ticket.set(ticket.0);
        let promise = Promise::new(&mut |resolve, _| self.promises.borrow_mut().push((ticket, resolve)));
        self.tell(input(ticket));
        promise
    }

    fn perform(self: &Rc<Self>, command: Command) {
        match command {
            Command::Attach(is_wanted) => self.attach(is_wanted),
            Command::Spool { key, value } => {
                if !self.attached().is_some_and(|attached| attached.stores.write(&key, &value)) {
                    self.tell(Input::SpoolFailed { key });
                }
            }
            Command::Unspool { key } => {
                if let Some(attached) = self.attached() {
                    attached.stores.remove(&key);
                }
            }
            Command::Recover => self.adopt(),
            Command::Wipe => self.wipe(),
            Command::StoreSession(session) => self.store("beaconry:session:", &session),
            Command::StoreOff(text) => self.store("beaconry:features:", &text),
            Command::StoreBucket(bucket) => {
                let bucket = beaconry_protocol::Number::from(u64::from(bucket));
                if let Some(attached) = self.attached() {
                    attached.stores.local.set(BUCKET, bucket.as_str());
                }
            }
            Command::Send { id, body, keepalive, is_exit } => self.send(id, body, keepalive, is_exit),
            Command::SendLater(body) => self.sending.leave_to_browser(&body),
            Command::CancelLater => self.sending.take_back(),
            Command::Abort(id) => self.sending.abort(id),
            Command::WakeAt(None) => self.timer.clear(),
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

    // ---- The page and its storage ----

    /// Lets go of the page: no listener, no lock, no database. What waits stays in the spool.
    fn detach(&self) {
        self.lifecycle.take();
        if let Some(attached) = self.attached.take() {
            attached.leases.release();
        }
    }

    /// Ends without a word: the client was freed.
    pub(crate) fn end(self: &Rc<Self>) {
        self.tell(Input::Enabled(false));
        self.detach();
        self.timer.clear();
    }

    fn attach(self: &Rc<Self>, is_wanted: bool) {
        if !is_wanted {
            return self.detach();
        }
        let weak = Rc::downgrade(self);
        self.lifecycle.replace(Some(Lifecycle::listen(move |moment| on_moment(&weak, moment))));
        let (app, cap) = self.read(|engine| (engine.config().app.clone(), engine.config().max_queue_bytes));
        self.attached.replace(Some(Attached::new(app, cap)));
        self.resume_session();
        self.adopt();
    }

    /// Takes over what no living page sends: what localStorage has at once, and what only the journal
    /// has when that is open.
    fn adopt(self: &Rc<Self>) {
        let Some(attached) = self.attached().filter(|attached| !attached.leases.are_released()) else {
            return;
        };
        if attached.adoption.get() != Adoption::Idle {
            return attached.adoption.set(Adoption::AskedAgain);
        }
        let shell = Rc::clone(self);
        spawn(Box::pin(async move {
            attached.adoption.set(Adoption::AskedAgain);
            while attached.adoption.replace(Adoption::UnderWay) == Adoption::AskedAgain
                && !attached.leases.are_released()
            {
                shell.keep_own(&attached).await;
                shell.take_over(&attached, Tiers::Local).await;
                shell.take_over(&attached, Tiers::Both).await;
            }
            attached.adoption.set(Adoption::Idle);
        }));
    }

    /// Holds the lock of the own stream, or begins a new one where another page has it: this page was
    /// off, or in the back/forward cache.
    async fn keep_own(self: &Rc<Self>, attached: &Attached) {
        let is_own = attached.leases.take(self.read(Engine::stream), None).await;
        if !is_own && !attached.leases.are_released() {
            self.lose_stream(attached);
            attached.leases.take(self.read(Engine::stream), None).await;
        }
    }

    /// Asks for the locks first and reads then: whoever held a lock may have sent some of it.
    async fn take_over(self: &Rc<Self>, attached: &Rc<Attached>, tiers: Tiers) {
        let (prefix, inherits) = self.read(|engine| (engine.spool_prefix(), engine.config().inherits));
        let stream_of = |key: &str| self.read(|engine| engine.stream_of(key));
        let mut seen = vec![self.read(Engine::stream)];
        let mut taken = Vec::new();
        for (key, _) in attached.stores.entries(&prefix, tiers).await {
            let Some(stream) = stream_of(&key).filter(|stream| !seen.contains(stream)) else { continue };
            seen.push(stream);
            if attached.leases.take(stream, inherits).await {
                attached.leases.take_fence(stream, &attached.stores.local);
                taken.push(stream);
            }
        }
        if !taken.is_empty() {
            let mut left_behind = Vec::new();
            for (key, value) in attached.stores.entries(&prefix, tiers).await {
                if stream_of(&key).is_some_and(|stream| taken.contains(&stream)) {
                    left_behind.push((key, value));
                }
            }
            // The client may have been switched off, or denied, in the meantime.
            if self.attached().is_some_and(|current| Rc::ptr_eq(&current, attached)) {
                self.tell(Input::Recovered(left_behind));
            }
        }
    }

    /// The page goes: locks would keep it from coming back.
    fn suspend(&self, is_kept: bool) {
        if let Some(attached) = self.attached() {
            let (own, has_spooled) = self.read(|engine| (engine.stream(), engine.has_spooled()));
            attached.leases.suspend(own, is_kept && has_spooled, &attached.stores.local);
        }
    }

    /// The page is back: either its stream is still its own, or it begins a new one.
    fn resume(self: &Rc<Self>) {
        let Some(attached) = self.attached() else { return };
        attached.leases.resume();
        let (own, has_spooled) = self.read(|engine| (engine.stream(), engine.has_spooled()));
        let fence_stands = attached.leases.take_fence(own, &attached.stores.local);
        self.tell(Input::LetGo);
        // Without the fence somebody has taken the stream over, unless the app has cleared its storage:
        // then what was in it is only here.
        let prefix = self.read(|engine| join(&[&engine.spool_prefix(), &own.to_hex()]));
        let is_there = !attached.stores.local.keys(&prefix).is_empty();
        if has_spooled && !fence_stands && is_there {
            self.lose_stream(&attached);
        }
        self.adopt();
    }

    fn lose_stream(self: &Rc<Self>, attached: &Attached) {
        attached.stores.forget_pending();
        self.tell(Input::StreamLost(stream_id()));
    }

    /// Removes all that is there, at once where that can be done, and says what it was.
    fn wipe(self: &Rc<Self>) {
        let Some(attached) = self.attached() else {
            // Nothing is in use, and nothing is begun for this.
            let local = Storage::unprobed();
            let left = local.entries(ANY_SPOOL);
            local.wipe();
            Journal::delete();
            return self.tell(Input::Wiped(left));
        };
        let local = attached.stores.local.entries(ANY_SPOOL);
        attached.stores.local.wipe();
        self.tell(Input::Wiped(local.clone()));
        let shell = Rc::clone(self);
        spawn(Box::pin(async move {
            let mut journalled = attached.stores.wipe_journal(ANY_SPOOL).await;
            journalled.retain(|(key, _)| !local.iter().any(|(known, _)| known == key));
            shell.tell(Input::Wiped(journalled));
        }));
    }

    fn resume_session(self: &Rc<Self>) {
        let Some(attached) = self.attached() else { return };
        let stored = attached.stores.local.get(&self.app_key("beaconry:session:"));
        self.tell(Input::Session(stored));
    }

    fn store(&self, prefix: &str, text: &str) {
        if let Some(attached) = self.attached() {
            attached.stores.local.set(&self.app_key(prefix), text);
        }
    }

    fn app_key(&self, prefix: &str) -> String {
        self.read(|engine| join(&[prefix, &engine.config().app]))
    }

    fn attached(&self) -> Option<Rc<Attached>> {
        self.attached.borrow().clone()
    }

    // ---- Time ----

    fn wake_at(self: &Rc<Self>, at: Millis) {
        let weak = Rc::downgrade(self);
        let wake = move || {
            if let Some(shell) = weak.upgrade() {
                shell.clock.catch_up();
                shell.tell(Input::Wake);
            }
        };
        let now = self.clock.now();
        if at <= now && self.read(|engine| engine.is_leaving(now)) {
            // The timers of a page that goes never fire; what is promised still happens.
            self.timer.clear();
            spawn(Box::pin(async move { wake() }));
        } else {
            self.timer.set(at.saturating_sub(now), wake);
        }
    }

    fn settle(&self, ticket: Ticket, outcome: Settled) {
        let mut promises = self.promises.borrow_mut();
        let Some(at) = promises.iter().position(|(open, _)| *open == ticket) else { return };
        let (_, resolve) = promises.swap_remove(at);
        drop(promises);
        let word = match outcome {
            Settled::Delivered => "delivered",
            Settled::Spooled => "spooled",
            Settled::Discarded => "discarded",
        };
        let _ = resolve.call1(&JsValue::UNDEFINED, &JsValue::from_str(word));
    }
}

fn on_moment(shell: &Weak<Shell>, moment: Moment) {
    let Some(shell) = shell.upgrade() else { return };
    shell.clock.catch_up();
    match moment {
        Moment::Hidden => {
            shell.leave(Input::Hidden);
            shell.commit();
        }
        Moment::Freeze => {
            shell.leave(Input::Freeze);
            shell.commit();
        }
        Moment::BeforeUnload => shell.leave(Input::BeforeUnload),
        Moment::PageHide { is_kept } => {
            shell.leave(Input::PageHide);
            shell.suspend(is_kept);
        }
        Moment::BackFromCache => {
            shell.resume();
            shell.tell(Input::Shown);
        }
        Moment::Visible => shell.tell(Input::Shown),
        Moment::Online => shell.tell(Input::Online),
    }
}

impl Shell {
    /// Writes to the second tier now: the page may be frozen next. A page that goes does not: a
    /// transaction that is under way would keep it out of the back/forward cache.
    fn commit(&self) {
        if let Some(attached) = self.attached().filter(|attached| !attached.leases.are_released()) {
            attached.stores.commit();
        }
    }

    fn leave(self: &Rc<Self>, exit: Input<'_>) {
        // What is being compressed goes as it is: the page may not be there when it would be done.
        self.hurry();
        self.tell(exit);
        if let Some(attached) = self.attached() {
            attached.stores.put_off();
        }
    }
}

/// The number that decides about a rollout: what was decided before the client was loaded, else what
/// an earlier page stored, else one drawn now. It is looked up only where the user allows it.
fn bucket(config: &Config) -> u16 {
    let may_look = config.consent == Consent::Granted && !config.feature_flag.is_same_for_everyone();
    let stored = || parse_whole(&Storage::unprobed().get(BUCKET)?)?.try_into().ok();
    let stored = config.bucket.or_else(|| may_look.then(stored).flatten()).filter(|bucket| *bucket < 10_000);
    stored.unwrap_or_else(|| u16::try_from(random_bits() % 10_000).unwrap_or(0))
}

/// Calls whatever `console.warn` is by now: an app may have replaced it with one that throws.
fn warn(message: &str) {
    let _ = call(&global("console"), "warn", &[&JsValue::from_str(message)]);
}

/// Calls of an app from within what the client does; beyond, they are counted and not recorded.
const MOST_NESTED: u32 = 100;
const BUCKET: &str = "beaconry:bucket";
/// The beginning of the keys of every app of the origin: consent is the user's, not the app's.
const ANY_SPOOL: &str = "beaconry:1:";
