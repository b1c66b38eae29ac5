//! The shell around one engine: tells it what happens and hands on what it says.

use std::cell::{Cell, RefCell};

use beaconry_protocol::{DiscardReason, digits, join, parse_whole, parts};
#[cfg(not(feature = "npm"))]
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use super::answer::from_flat;
use super::page::{self, Act, Page, has_fetch_later, platform_scope, stream_id};
use super::{Clock, current_page, random_bits};
use crate::engine::{
    Allowance, Command, Config, Consent, Engine, Input, LOCAL_BYTES, Millis, SendId, Settled, Start, Ticket,
};

/// A running client. The engine is never borrowed while a command is performed: performing may call
/// code of the app (a `fetch` that it replaced), which may call the client again.
#[derive(Debug)]
pub(crate) struct Shell {
    engine: RefCell<Engine>,
    clock: Clock,
    page: Page,
    /// How much of localStorage is left to us.
    allowance: RefCell<Allowance>,
    /// Commands that are not performed yet, in order.
    pending: RefCell<Vec<Command>>,
    is_performing: Cell<bool>,
    /// Calls that came from within what is being performed: an app whose storage logs would go on for ever.
    nested: Cell<u32>,
    last_ticket: Cell<u64>,
    /// Milliseconds that were spent in here.
    cost: Cell<f64>,
    /// Calls that made a record, or would have.
    calls: Cell<u32>,
}

impl Shell {
    /// Starts: what the engine is allowed to use of the browser, it begins to use.
    pub(crate) fn start(config: Config) -> &'static Self {
        #[cfg(not(feature = "npm"))]
        if SHELLS.with(|shells| shells.borrow().is_empty()) {
            listen();
        }
        let start = Start {
            stream: stream_id(),
            seed: random_bits(),
            bucket: bucket(&config),
            has_fetch_later: has_fetch_later(),
            platform: platform_scope(),
            page: current_page(),
        };
        let (clock, page) = (Clock::start(), Page::create(&config));
        let shell: &Self = Box::leak(Box::new(Self {
            engine: RefCell::new(Engine::new(config, start, clock.now())),
            clock,
            page,
            allowance: RefCell::new(Allowance::new(0, 0)),
            pending: RefCell::default(),
            is_performing: Cell::new(false),
            nested: Cell::new(0),
            last_ticket: Cell::new(0),
            cost: Cell::new(0.0),
            calls: Cell::new(0),
        }));
        SHELLS.with(|shells| shells.borrow_mut().push(shell));
        shell.tell(Input::Started);
        shell
    }

    /// The shell of a page, by its number.
    pub(crate) fn of(page: u32) -> Option<&'static Self> {
        SHELLS.with(|shells| shells.borrow().iter().find(|shell| shell.page.0 == page).copied())
    }

    /// The number of its page.
    #[cfg(feature = "npm")]
    pub(crate) const fn number(&self) -> u32 {
        self.page.0
    }

    /// Tells the engine what happened and does what follows from it.
    pub(crate) fn tell(&self, input: Input<'_>) {
        let began = self.clock.elapsed();
        let now = self.clock.wall_time(began);
        let is_call = matches!(input, Input::Record(_));
        if is_call && self.is_performing.get() && self.nested.replace(self.nested.get() + 1) >= MOST_NESTED {
            return self.decide(Input::Refused(DiscardReason::ClientFailed, 1), now);
        }
        if is_call && !self.is_performing.get() && self.read(|engine| engine.is_session_over(now)) {
            // Another tab may have kept the session alive, or begun the next one.
            self.resume_session();
        }
        self.decide(input, now);
        // Performing may call code of the app that calls us again: its commands wait for their turn.
        if !self.is_performing.replace(true) {
            loop {
                let commands = self.pending.take();
                if commands.is_empty() {
                    break;
                }
                commands.iter().for_each(|command| self.perform(command));
            }
            self.is_performing.set(false);
            self.nested.set(0);
            self.add_cost(is_call, began);
        }
    }

    /// A look at the clock takes a good part of a call: of calls, one of many is timed for all of them. The first
    /// stands for itself, since it takes longer than those after it.
    fn add_cost(&self, is_call: bool, began: f64) {
        let calls = self.calls.get();
        if is_call {
            self.calls.set(calls.wrapping_add(1));
            if !calls.is_multiple_of(TIMED_EVERY) {
                return;
            }
        }
        let times = if is_call && calls > 0 { TIMED_EVERY } else { 1 };
        self.cost.set(self.cost.get() + (self.clock.elapsed() - began) * f64::from(times));
    }

    fn decide(&self, input: Input<'_>, now: Millis) {
        let mut commands = self.engine.borrow_mut().handle(input, now);
        self.pending.borrow_mut().append(&mut commands);
    }

    /// Reads something off the engine.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Engine) -> T) -> T {
        read(&self.engine.borrow())
    }

    /// Where records are kept.
    pub(crate) fn storage_name(&self) -> &'static str {
        match self.page.act(Act::InUse) & (LOCAL | JOURNAL) {
            0 => "memory",
            LOCAL => "localStorage",
            JOURNAL => "indexedDB",
            _ => "localStorage+indexedDB",
        }
    }

    /// Microseconds of the main thread that the client has taken so far, but for what the browser
    /// does on its behalf.
    #[cfg(feature = "npm")]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float saturates")]
    pub(crate) const fn cost_micros(&self) -> u64 {
        (self.cost.get() * 1_000.0) as u64
    }

    /// Asks the engine for something that takes time; under the ticket it is told what came of it.
    pub(crate) fn ask(&self, input: impl FnOnce(Ticket) -> Input<'static>) -> Ticket {
        let ticket = Ticket(self.last_ticket.get() + 1);
        self.last_ticket.set(ticket.0);
        self.tell(input(ticket));
        ticket
    }

    /// The same with a promise for it.
    #[cfg(not(feature = "npm"))]
    pub(crate) fn promise(&self, input: impl FnOnce(Ticket) -> Input<'static>) -> JsValue {
        page::promise(self.page.0, &digits(self.ask(input).0))
    }

    fn perform(&self, command: &Command) {
        let page = self.page;
        match command {
            Command::Attach(is_wanted) => self.attach(*is_wanted),
            Command::Spool { key, value } => {
                let fits = page.act(Act::InUse) & LOCAL > 0
                    // What is there already has only become shorter.
                    && (self.allowance.borrow_mut().takes(value.len(), page::stored_bytes)
                        || page::stored(key).is_some());
                if page.act_with(Act::Write, key, value, yes(fits)) == 0 {
                    self.tell(Input::SpoolFailed { key });
                }
            }
            Command::Unspool { key } => page.act_on(Act::Remove, key),
            Command::Recover => page.act_on(Act::Adopt, ""),
            Command::Wipe => page.act_on(Act::Wipe, ""),
            Command::StoreSession(session) => self.keep(&self.app_key(SESSION), session),
            Command::StoreOff(text) => self.keep(&self.app_key("beaconry:features:"), text),
            Command::StoreBucket(bucket) => self.keep(BUCKET, &digits(u64::from(*bucket))),
            Command::Send { id, body, keepalive, is_exit } => {
                let manner = yes(*keepalive) + 2.0 * yes(*is_exit);
                page.act_with(Act::Send, &digits(id.0), body, manner);
            }
            Command::SendLater(body) => page.act_on(Act::SendLater, body),
            Command::CancelLater => page.act_on(Act::TakeBack, ""),
            Command::Abort(id) => page.act_on(Act::Abort, &digits(id.0)),
            Command::WakeAt(None) => page.act_on(Act::Sleep, ""),
            Command::WakeAt(Some(at)) => self.wake_at(*at),
            Command::WatchBeforeUnload(is_wanted) => page.act_as(Act::WatchBeforeUnload, yes(*is_wanted)),
            Command::Settle(ticket, outcome) => {
                let word = match outcome {
                    Settled::Delivered => "delivered",
                    Settled::Spooled => "spooled",
                    Settled::Discarded => "discarded",
                    Settled::Pending => "pending",
                };
                page.act_with(Act::Settle, &digits(ticket.0), word, 0.0);
            }
            Command::Warn(message) => page.act_on(Act::Warn, message),
        }
    }

    fn keep(&self, key: &str, value: &str) {
        self.page.act_with(Act::Keep, key, value, 0.0);
    }

    /// What the page tells, by the numbers of `page/scope.js`.
    fn happened(&self, what: u32, text: &str, numbers: &[f64]) {
        let page = self.page;
        if what <= LAST_MOMENT {
            self.clock.catch_up();
        }
        match what {
            0 | 2 => {
                self.leave(if what == 0 { Input::Hidden } else { Input::Freeze });
                page.act(Act::Commit);
            }
            1 => {
                self.leave(Input::PageHide);
                let is_kept = numbers.first().is_some_and(|kept| *kept > 0.0);
                page.act_as(Act::Suspend, yes(is_kept && self.read(Engine::has_spooled)));
            }
            3 => self.leave(Input::BeforeUnload),
            4 => self.tell(Input::Shown),
            5 => {
                page.act_as(Act::Resume, yes(self.read(Engine::has_spooled)));
                self.tell(Input::Restored);
            }
            6 => self.tell(Input::Online),
            7 => self.tell(Input::Wake),
            8 => self.answered(text, numbers),
            9 => self.tell(Input::Recovered(&entries(text))),
            10 => self.tell(Input::Wiped(&entries(text))),
            11 => self.tell(Input::LetGo),
            _ => {
                self.tell(Input::StreamLost(stream_id()));
                self.own_stream();
            }
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float saturates")]
    fn answered(&self, texts: &str, numbers: &[f64]) {
        let [id, wait, answer @ ..] = numbers else { return };
        let retry_after = if *wait > 0.0 { Some(*wait as Millis) } else { None };
        let mut reply = from_flat(texts, answer).unwrap_or_default();
        reply.retry_after = reply.retry_after.or(retry_after);
        self.tell(Input::Answered(SendId(*id as u64), &reply));
    }

    // ---- The page ----

    fn attach(&self, is_wanted: bool) {
        if !is_wanted {
            return self.page.act_on(Act::Detach, "");
        }
        self.page.act_on(Act::Attach, &self.read(Engine::spool_head));
        let cap = self.read(|engine| engine.config().max_queue_bytes);
        self.allowance.replace(Allowance::new(cap.min(LOCAL_BYTES), page::stored_bytes()));
        self.own_stream();
        self.resume_session();
        self.page.act(Act::Adopt);
    }

    fn own_stream(&self) {
        self.page.act_on(Act::SetOwn, &self.read(Engine::stream).to_hex());
    }

    /// Ends without a word: the client was freed.
    #[cfg(feature = "npm")]
    pub(crate) fn end(&self) {
        self.tell(Input::Enabled(false));
        self.page.act(Act::End);
        SHELLS.with(|shells| shells.borrow_mut().retain(|shell| shell.page.0 != self.page.0));
    }

    fn leave(&self, exit: Input<'_>) {
        // What is being compressed goes as it is: the page may not be there when it would be done.
        self.page.act(Act::Hurry);
        self.tell(exit);
        self.page.act(Act::PutOff);
    }

    fn resume_session(&self) {
        if self.page.act(Act::InUse) > 0 {
            self.tell(Input::Session(page::stored(&self.app_key(SESSION)).as_deref()));
        }
    }

    fn app_key(&self, prefix: &str) -> String {
        self.read(|engine| join(&[prefix, &engine.config().app]))
    }

    fn wake_at(&self, at: Millis) {
        let now = self.clock.now();
        if at <= now && self.read(|engine| engine.is_leaving(now)) {
            // The timers of a page that goes never fire; what is promised still happens.
            self.page.act(Act::WakeSoon);
        } else {
            self.page.act_as(Act::WakeIn, number(at.saturating_sub(now)));
        }
    }
}

/// Takes what happened on a page, by its number.
pub(crate) fn happened(page: u32, what: u32, text: &str, numbers: &[f64]) {
    if let Some(shell) = Shell::of(page) {
        shell.happened(what, text, numbers);
    }
}

/// Begins to take what happens on pages, once. In the package the glue does this, by an export.
fn listen() {
    let told = |page: u32, what: u32, text: String, numbers: Vec<f64>| happened(page, what, &text, &numbers);
    let told = Closure::<dyn Fn(u32, u32, String, Vec<f64>)>::new(told);
    page::connect(&told);
    told.forget();
}

/// For the tests in `tests/web`, which have no glue of the package's.
#[cfg(feature = "npm")]
#[expect(unreachable_pub, reason = "the crate exports what is in it")]
pub mod for_tests {
    use wasm_bindgen::JsValue;

    use super::{digits, page};

    /// Begins to take what happens on pages.
    pub fn listen() {
        super::listen();
    }

    /// What comes of what was asked under a ticket.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was a ticket")]
    pub fn promise(page: u32, ticket: f64) -> JsValue {
        page::promise(page, &digits(ticket as u64))
    }
}

thread_local! {
    /// Each by the number of its page. They are few, and live as long as their page does.
    static SHELLS: RefCell<Vec<&'static Shell>> = const { RefCell::new(Vec::new()) };
}

/// The number that decides about a rollout: what was decided before the client was loaded, else what
/// an earlier page stored, else one drawn now. It is looked up only where the user allows it.
fn bucket(config: &Config) -> u16 {
    let may_look = config.consent == Consent::Granted && !config.feature_flag.is_same_for_everyone();
    let stored = || parse_whole(&page::stored(BUCKET)?)?.try_into().ok();
    let stored = config.bucket.or_else(|| may_look.then(stored).flatten()).filter(|bucket| *bucket < 10_000);
    stored.unwrap_or_else(|| u16::try_from(random_bits() % 10_000).unwrap_or(0))
}

/// Keys and values in turn.
fn entries(text: &str) -> Vec<(&str, &str)> {
    let mut entries = Vec::new();
    let mut texts = parts(text, 0);
    while let (Some(key), Some(value)) = (texts.next(), texts.next()) {
        entries.push((key, value));
    }
    entries
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
const fn number(whole: u64) -> f64 {
    whole as f64
}

fn yes(is_so: bool) -> f64 {
    f64::from(u8::from(is_so))
}

/// What is in use, as [`Act::InUse`] tells it.
const LOCAL: u32 = 1;
const JOURNAL: u32 = 2;
/// Calls of an app from within what the client does; beyond, they are counted and not recorded.
const MOST_NESTED: u32 = 100;
/// Of so many calls one is timed.
const TIMED_EVERY: u32 = 16;
/// Up to here it is an event of the page, or a timer: the computer may have slept before it.
const LAST_MOMENT: u32 = 7;
const BUCKET: &str = "beaconry:bucket";
const SESSION: &str = "beaconry:session:";
