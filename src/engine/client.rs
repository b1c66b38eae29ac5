//! The engine: takes inputs, keeps the promise, returns commands.

use std::rc::Rc;

use beaconry_protocol::{
    DiscardReason, Sampling, StreamId, clean_page_keeping, encode_scope, join, page_json,
};

use super::backoff::Backoff;
use super::delivery::{BODY_LIMIT, Flight};
use super::holdback::Holdback;
use super::life::{Gate, Life};
use super::queue::Queue;
use super::settle::{Until, Wait};
use super::spool;
use super::{Command, Config, FlushCause, Input, Ledger, Millis, Random, Session, Settled, Ticket};

/// What an engine is started with, beside its config.
#[derive(Debug)]
pub struct Start {
    /// 128 random bits.
    pub stream: StreamId,
    /// 64 random bits more, for ids and jitter.
    pub seed: u64,
    /// The number from 0 to 9999 that decides about a rollout, while no user is known.
    pub bucket: u16,
    /// Whether the browser posts a body after the page has gone (`fetchLater`).
    pub has_fetch_later: bool,
    /// What the platform says of itself, as [`encode_platform`](beaconry_protocol::encode_platform) writes it.
    pub platform: String,
    /// The URL of the page.
    pub page: Option<String>,
}

/// The client's core.
#[derive(Debug)]
pub struct Engine {
    pub(super) config: Config,
    pub(super) gate: Gate,
    pub(super) life: Life,
    pub(super) is_attached: bool,
    pub(super) stream: StreamId,
    pub(super) last_seq: u64,
    /// Records of the streams that this client had before.
    pub(super) earlier_receipts: u64,
    pub(super) random: Random,
    pub(super) session: Session,
    pub(super) rates: Sampling,
    pub(super) platform: String,
    pub(super) user_id: Option<String>,
    pub(super) anonymous_id: Option<String>,
    pub(super) encoded_scope: Rc<String>,
    /// The page as JSON, as it stands in every record that is made on it.
    pub(super) page: Option<String>,
    /// Records that wait for the user's consent.
    pub(super) pending: Holdback,
    /// The flight recorder of a session that is not recorded.
    pub(super) recorder: Holdback,
    pub(super) queue: Queue,
    pub(super) flights: Vec<Flight>,
    pub(super) sends: u64,
    pub(super) body_limit: usize,
    /// Bytes that were handed to the browser for later.
    pub(super) later_bytes: usize,
    pub(super) has_fetch_later: bool,
    pub(super) backoff: Backoff,
    pub(super) ledger: Ledger,
    pub(super) waits: Vec<Wait>,
    /// When an error was written down on its own account, and when the next ones of its burst are.
    pub(super) spooled_errors_at: Millis,
    pub(super) spool_errors_at: Option<Millis>,
    pub(super) wake_at: Option<Millis>,
    pub(super) is_watching_unload: bool,
    /// When the page was hidden or began to go, if it is not visible.
    pub(super) left_at: Option<Millis>,
    /// What of the page's end the input that is handled may be.
    pub(super) exit: Option<FlushCause>,
    /// Whether the spool has chunks for which there was no room.
    pub(super) has_left_some: bool,
    pub(super) has_warned: bool,
    pub(super) commands: Vec<Command>,
}

impl Engine {
    /// An engine with an empty queue. Tell it [`Input::Started`] first.
    pub fn new(config: Config, start: Start, now: Millis) -> Self {
        let mut random = Random::from_seed(start.seed);
        let gate = Gate::new(&config, start.bucket);
        let life = if gate.is_open() { Life::On } else { Life::Off };
        let mut engine = Self {
            rates: config.rates(),
            page: start.page.map(|page| page_json(&clean_page_keeping(&page, &config.allow_query_keys))),
            config,
            gate,
            life,
            is_attached: false,
            stream: start.stream,
            last_seq: 0,
            earlier_receipts: 0,
            session: Session::begin(now, &mut random),
            random,
            platform: start.platform,
            user_id: None,
            anonymous_id: None,
            encoded_scope: Rc::default(),
            pending: Holdback::default(),
            recorder: Holdback::default(),
            queue: Queue::default(),
            flights: Vec::new(),
            sends: 0,
            body_limit: BODY_LIMIT,
            later_bytes: 0,
            has_fetch_later: start.has_fetch_later,
            backoff: Backoff::default(),
            ledger: Ledger::default(),
            waits: Vec::new(),
            spooled_errors_at: 0,
            spool_errors_at: None,
            wake_at: None,
            is_watching_unload: false,
            left_at: None,
            exit: None,
            has_left_some: false,
            has_warned: false,
            commands: Vec::new(),
        };
        engine.renew_scope();
        engine
    }

    /// Takes one input at a time that never goes back, and says what to do, in order.
    pub fn handle(&mut self, input: Input<'_>, now: Millis) -> Vec<Command> {
        // A call of the app costs no request: those are made when the engine is woken. And who is back
        // from the back/forward cache does not know yet whose its stream is.
        let may_send = !matches!(input, Input::Record(_) | Input::Misuse { .. } | Input::LetGo);
        self.exit = None;
        self.take(input, now);
        self.tidy();
        if may_send {
            self.send_ready(now);
        }
        self.settle();
        self.attach();
        self.schedule(now);
        std::mem::take(&mut self.commands)
    }

    fn take(&mut self, input: Input<'_>, now: Millis) {
        match input {
            Input::Started => {}
            Input::Record(call) => self.record(call, now),
            Input::Misuse { record_type, advice } => self.misuse(record_type, advice),
            Input::Refused(reason, count) => {
                self.ledger.recorded += count;
                self.ledger.refuse(reason, None, count);
            }
            Input::User { id, anonymous_id } => self.set_user(id, anonymous_id),
            Input::Session(stored) => self.resume_session(stored, now),
            Input::Navigated(page) => {
                self.page = Some(page_json(&clean_page_keeping(page, &self.config.allow_query_keys)));
            }
            Input::Recovered(chunks) => self.recover(chunks, now),
            Input::Enabled(is_on) => self.switch(is_on),
            Input::Consent(consent) => self.consent(consent, now),
            Input::Wiped(chunks) => self.count_wiped(chunks),
            Input::LetGo => self.let_go(),
            Input::StreamLost(next) => self.hand_over(next),
            Input::Hidden => self.leave(FlushCause::Hidden, now),
            Input::PageHide => self.leave(FlushCause::PageHide, now),
            Input::Freeze => self.leave(FlushCause::Freeze, now),
            // It may be cancelled; if it is not, `pagehide` follows.
            Input::BeforeUnload => self.flush(FlushCause::BeforeUnload, now),
            Input::Shown => self.come_back(),
            Input::Restored => {
                self.come_back();
                self.hurry_flights(now);
            }
            Input::Online => {
                self.backoff.retry_soon(now, &mut self.random);
                self.flush(FlushCause::Online, now);
            }
            Input::Flush(ticket) => self.flush_for(ticket, now),
            Input::Delivered(ticket, receipt) => self.wait_for(ticket, receipt),
            Input::Shutdown(ticket) => self.shut_down(ticket, now),
            Input::Wake => self.wake(now),
            Input::Answered(send, reply) => self.answered(send, reply, now),
            Input::SpoolFailed { key } => {
                self.ledger.spool_refusals += 1;
                if let Some((stream, first_seq)) = spool::place(key, &self.config.app) {
                    self.queue.refuse(stream, first_seq);
                }
            }
        }
    }

    // ---- When to write and send ----

    /// The page goes, or may: from now on everything is written down at once.
    fn leave(&mut self, cause: FlushCause, now: Millis) {
        self.left_at.get_or_insert(now);
        self.flush(cause, now);
    }

    /// The page is there again: what was left to the browser is sent in the usual way.
    fn come_back(&mut self) {
        self.left_at = None;
        self.cancel_later();
    }

    /// Takes back what was left to the browser.
    pub(super) fn cancel_later(&mut self) {
        if self.later_bytes > 0 {
            self.later_bytes = 0;
            self.queue.take_back();
            self.commands.push(Command::CancelLater);
        }
    }

    /// Makes everything ready to be sent and puts it on the storage.
    pub(super) fn flush(&mut self, cause: FlushCause, now: Millis) {
        if !self.is_open() {
            return;
        }
        self.report(false, now);
        if self.queue.release() {
            self.ledger.flush(cause);
        }
        if cause.is_exit() {
            self.exit = Some(cause);
            self.queue.offer_refused(now);
        }
        self.spool();
    }

    fn flush_for(&mut self, ticket: Ticket, now: Millis) {
        self.backoff.retry_now();
        self.flush(FlushCause::Manual, now);
        if !self.pending.entries().is_empty() {
            // What waits for consent has no place yet that could be waited for.
            return self.tell(ticket, Settled::Pending);
        }
        self.wait(ticket, Until::Flushed(self.last_seq));
        if !self.is_open() || self.backoff.paused_until(now).is_some() {
            self.settle();
            self.settle_tried();
        }
    }

    fn shut_down(&mut self, ticket: Ticket, now: Millis) {
        let gives_up = !self.pending.entries().is_empty();
        self.forget_drafts(DiscardReason::ConsentDenied);
        self.report(true, now);
        if gives_up {
            self.tell(ticket, Settled::Discarded);
        } else {
            self.flush_for(ticket, now);
        }
        self.gate.is_ended = true;
        self.life = if self.life == Life::Off { Life::Off } else { Life::Closing };
    }

    /// Writes down what is not on the storage yet.
    pub(super) fn spool(&mut self) {
        if !self.may_store() {
            return;
        }
        self.spool_errors_at = None;
        let (app, endpoint) = (&self.config.app, &self.config.endpoint);
        for chunk in self.queue.take_unspooled() {
            if chunk.take_unspooled() {
                self.ledger.spool_writes += 1;
                let key = spool::key(app, chunk.stream, chunk.first_seq);
                self.commands.push(Command::Spool { key, value: spool::encode(chunk, endpoint) });
            }
        }
    }

    // ---- Records go ----

    pub(super) fn expire(&mut self, now: Millis) {
        let oldest = now.saturating_sub(self.config.max_spool_age);
        self.queue.expire(oldest, &mut self.ledger, self.stream);
    }

    /// Takes from the storage what is no longer in the queue, and reads on there when what was taken
    /// over from it has gone.
    pub(super) fn tidy(&mut self) {
        if !self.queue.has_empty() {
            return;
        }
        let mut has_gone = false;
        for chunk in self.queue.chunks() {
            if chunk.entries().is_empty() && chunk.may_be_on_storage() {
                has_gone = true;
                let key = spool::key(&self.config.app, chunk.stream, chunk.first_seq);
                self.commands.push(Command::Unspool { key });
            }
        }
        self.queue.forget_empty();
        if self.has_left_some && has_gone && !self.queue.has_adopted() {
            self.has_left_some = false;
            self.commands.push(Command::Recover);
        }
    }

    // ---- Who waits ----

    fn wait_for(&mut self, ticket: Ticket, receipt: u64) {
        let is_ours = (1..=self.last_receipt()).contains(&receipt);
        match receipt.checked_sub(self.earlier_receipts) {
            Some(seq @ 1..) if is_ours && (self.is_open() || !self.queue.has(self.stream, seq)) => {
                self.wait(ticket, Until::Delivered(seq));
            }
            // It waits while nothing is sent; or it is of a stream that another page has taken over.
            _ if is_ours => self.tell(ticket, Settled::Spooled),
            _ => self.tell(ticket, Settled::Discarded),
        }
    }

    pub(super) fn warn(&mut self, message: &str) {
        self.commands.push(Command::Warn(join(&["[beaconry] ", message])));
    }

    // ---- What the scope says ----

    pub(super) fn renew_scope(&mut self) {
        let config = &self.config;
        let app = [Some(self.session.id()), config.release.as_deref(), config.environment.as_deref()];
        // What tells a visitor from others needs their consent.
        let anonymous_id = self.anonymous_id.as_deref().filter(|_| self.may_store());
        let user = [self.user_id.as_deref(), anonymous_id];
        self.encoded_scope = Rc::new(encode_scope(app, &self.platform, user));
    }

    fn resume_session(&mut self, stored: Option<&str>, now: Millis) {
        self.session.resume(stored, now, &mut self.random);
        self.renew_scope();
    }

    fn set_user(&mut self, id: Option<&str>, anonymous_id: Option<&str>) {
        self.gate.set_user(id);
        self.anonymous_id = self.config.name_of(anonymous_id);
        self.user_id = self.config.name_of(id);
        self.renew_scope();
        self.follow_gate();
    }
}

/// What can be read off an engine.
impl Engine {
    /// The stream of this client.
    pub const fn stream(&self) -> StreamId {
        self.stream
    }

    /// The place of the record that was made last; 0 if there is none.
    pub const fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// How many records have been given a place, in whatever stream: the name of the last one for
    /// [`Input::Delivered`].
    pub const fn last_receipt(&self) -> u64 {
        self.earlier_receipts + self.last_seq
    }

    /// The session that records belong to.
    pub fn session_id(&self) -> &str {
        self.session.id()
    }

    /// Whether the session is over, as far as this tab knows: tell it [`Input::Session`] before the
    /// next record.
    pub fn is_session_over(&self, now: Millis) -> bool {
        self.session.is_over(now)
    }

    /// Whether the page was hidden just now and may be going: no timer can be counted on, and what is
    /// recorded now is sent at once. A page that stays hidden goes back to batches.
    pub fn is_leaving(&self, now: Millis) -> bool {
        self.left_at.is_some_and(|left_at| now <= left_at + LEAVING)
    }

    /// The options.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// The account of every record.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Records that wait to be sent, encoded.
    pub fn waiting(&self) -> Vec<&str> {
        let mut waiting = Vec::new();
        for chunk in self.queue.chunks() {
            for entry in chunk.entries() {
                if !chunk.is_flying() {
                    waiting.push(&*entry.text);
                }
            }
        }
        for held_back in [self.pending.entries(), self.recorder.entries()].iter() {
            for entry in *held_back {
                waiting.push(&*entry.text);
            }
        }
        waiting
    }

    /// Records that are on their way.
    pub fn in_flight(&self) -> usize {
        let mut records = 0;
        for chunk in self.queue.chunks() {
            records += if chunk.is_flying() { chunk.entries().len() } else { 0 };
        }
        records
    }

    /// Bytes of the records in memory.
    pub fn queued_bytes(&self) -> usize {
        self.queue.bytes() + self.pending.bytes() + self.recorder.bytes()
    }

    /// Bytes of the bodies with `keepalive` that are in flight.
    pub fn keepalive_bytes(&self) -> usize {
        self.flights.iter().map(|flight| flight.keepalive_bytes).sum()
    }

    /// Whether the storage has records of this stream.
    pub fn has_spooled(&self) -> bool {
        self.queue.has_spooled(self.stream)
    }

    /// The stream to which a key of the spool belongs.
    pub fn stream_of(&self, key: &str) -> Option<StreamId> {
        spool::place(key, &self.config.app).map(|(stream, _)| stream)
    }

    /// How every chunk begins that this client may send.
    pub fn spool_head(&self) -> String {
        spool::head(&self.config.endpoint)
    }

    /// The beginning of all keys under which earlier pages left chunks.
    pub fn spool_prefix(&self) -> String {
        spool::key_prefix(&self.config.app)
    }
}

/// How long after it was hidden a page may still be going.
const LEAVING: Millis = 1_000;
