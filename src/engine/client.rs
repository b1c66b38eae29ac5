//! The engine: takes inputs, keeps the promise, returns commands.

use std::borrow::Cow;
use std::rc::Rc;

use beaconry_protocol::{Body, DiscardReason, Record, RecordType, Scope, StreamId, User, clean_page};

use super::backoff::Backoff;
use super::call::Rank;
use super::chunk::{Discarded, Entry};
use super::delivery::{BODY_LIMIT, Flight};
use super::queue::Queue;
use super::settle::Waits;
use super::spool;
use super::{Call, Command, Config, FlushCause, Input, Ledger, Millis, Random, Session, Settled, Ticket};

/// What an engine is started with, beside its config.
#[derive(Debug)]
pub struct Start {
    /// 128 random bits.
    pub stream: StreamId,
    /// 64 random bits more, for ids and jitter.
    pub seed: u64,
    /// The session as the storage has it.
    pub session: Option<String>,
    /// What the platform says of itself: user agent, language, viewport, … The session, release,
    /// environment and user are put in by the engine.
    pub platform: Scope<'static>,
    /// The URL of the page.
    pub page: Option<String>,
}

/// The client's core.
#[derive(Debug)]
pub struct Engine {
    pub(super) config: Config,
    pub(super) stream: StreamId,
    pub(super) random: Random,
    session: Session,
    scope: Scope<'static>,
    encoded_scope: Rc<str>,
    redact_keys: Rc<[String]>,
    page: Option<String>,
    pub(super) life: Life,
    last_seq: u64,
    pub(super) queue: Queue,
    pub(super) flights: Vec<Flight>,
    pub(super) sends: u64,
    pub(super) body_limit: usize,
    pub(super) backoff: Backoff,
    pub(super) ledger: Ledger,
    waits: Waits,
    pub(super) wake_at: Option<Millis>,
    pub(super) is_watching_unload: bool,
    /// When the page was hidden or began to go, if it is not visible.
    left_at: Option<Millis>,
    /// Whether the input that is handled may be the page's last.
    pub(super) is_exit: bool,
    /// Whether the spool has chunks for which there was no room.
    pub(super) has_left_some: bool,
    pub(super) has_warned: bool,
    pub(super) commands: Vec<Command>,
}

/// Whether the client takes records and sends them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    On,
    Off,
    /// Takes nothing more, and sends what is left while sending works.
    Closing,
}

impl Engine {
    /// An engine with an empty queue.
    pub fn new(config: Config, start: Start, now: Millis) -> Self {
        let mut random = Random::from_seed(start.seed);
        let session = Session::resume(start.session.as_deref(), now, &mut random);
        let life = if config.enabled { Life::On } else { Life::Off };
        let redact_keys = config.redact_keys.clone().into();
        let mut scope = start.platform;
        scope.release = config.release.clone().map(Cow::Owned);
        scope.environment = config.environment.clone().map(Cow::Owned);
        let mut engine = Self {
            config,
            stream: start.stream,
            random,
            session,
            scope,
            encoded_scope: "{}".into(),
            redact_keys,
            page: start.page.map(|page| clean_page(&page).into_owned()),
            life,
            last_seq: 0,
            queue: Queue::default(),
            flights: Vec::new(),
            sends: 0,
            body_limit: BODY_LIMIT,
            backoff: Backoff::default(),
            ledger: Ledger::default(),
            waits: Waits::default(),
            wake_at: None,
            is_watching_unload: false,
            left_at: None,
            is_exit: false,
            has_left_some: false,
            has_warned: false,
            commands: Vec::new(),
        };
        engine.renew_scope();
        engine
    }

    /// Takes one input at a time that never goes back, and says what to do, in order.
    pub fn handle(&mut self, input: Input<'_>, now: Millis) -> Vec<Command> {
        let is_call = matches!(input, Input::Record(_) | Input::Misuse { .. });
        self.is_exit = false;
        self.take(input, now);
        self.tidy();
        if !is_call {
            // A call of the app costs no request: those are made when the engine is woken.
            self.send_ready(now);
        }
        self.settle();
        self.schedule(now);
        std::mem::take(&mut self.commands)
    }

    /// The stream of this client.
    pub const fn stream(&self) -> StreamId {
        self.stream
    }

    /// The place of the record that was made last; 0 if there is none.
    pub const fn last_seq(&self) -> u64 {
        self.last_seq
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

    /// Whether calls are recorded.
    pub fn is_enabled(&self) -> bool {
        self.life == Life::On
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

    /// The keys that the app wants taken out of contexts.
    pub const fn redact_keys(&self) -> &Rc<[String]> {
        &self.redact_keys
    }

    /// The account of every record.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Records that wait to be sent, encoded, with their types.
    pub fn waiting(&self) -> impl Iterator<Item = (RecordType, &str)> {
        self.queue.waiting().map(|entry| (entry.record_type, &*entry.text))
    }

    /// Records that are on their way.
    pub fn in_flight(&self) -> usize {
        self.queue.flying_count()
    }

    /// Bytes of the records in the queue.
    pub fn queued_bytes(&self) -> usize {
        self.queue.bytes()
    }

    /// Bytes of the bodies with `keepalive` that are in flight.
    pub fn keepalive_bytes(&self) -> usize {
        self.flights.iter().map(|flight| flight.keepalive_bytes).sum()
    }

    /// The beginning of all keys under which earlier pages left chunks.
    pub fn spool_prefix(&self) -> String {
        spool::key_prefix(&self.config.app)
    }

    fn take(&mut self, input: Input<'_>, now: Millis) {
        match input {
            Input::Record(call) => self.record(call, now),
            Input::Misuse { record_type, advice } => self.misuse(record_type, advice),
            Input::User { id, anonymous_id } => self.set_user(id, anonymous_id),
            Input::Session(stored) => {
                self.session = Session::resume(stored.as_deref(), now, &mut self.random);
                self.renew_scope();
            }
            Input::Navigated(page) => self.page = Some(clean_page(page).into_owned()),
            Input::Recovered(chunks) => self.recover(chunks, now),
            Input::Enabled(is_on) => self.switch(is_on),
            Input::Refused(reason, count) => {
                self.ledger.recorded += count;
                self.ledger.refuse(reason, None, count);
            }
            Input::Hidden => self.leave(FlushCause::Hidden, now),
            Input::PageHide => self.leave(FlushCause::PageHide, now),
            Input::Freeze => self.leave(FlushCause::Freeze, now),
            // It may be cancelled; if it is not, `pagehide` follows.
            Input::BeforeUnload => self.flush(FlushCause::BeforeUnload, now),
            Input::Shown => self.left_at = None,
            Input::Online => {
                self.backoff.retry_now();
                self.flush(FlushCause::Online, now);
            }
            Input::Flush(ticket) => self.flush_for(ticket, now),
            Input::Delivered(ticket, seq) if self.has_made(seq) => self.waits.delivered(ticket, seq),
            Input::Delivered(ticket, _) => self.tell(vec![(ticket, Settled::Discarded)]),
            Input::Shutdown(ticket) => self.shut_down(ticket, now),
            Input::Wake => self.wake(now),
            Input::Answered(send, reply) => self.answered(send, reply, now),
            Input::SpoolFailed { key } => {
                self.ledger.spool_refusals += 1;
                let app = &self.config.app;
                self.queue.refuse(|stream, first_seq| spool::key(app, stream, first_seq) == key);
            }
        }
    }

    /// Whether the record at this place was made and can still be waited for.
    fn has_made(&self, seq: u64) -> bool {
        (1..=self.last_seq).contains(&seq)
    }

    // ---- Records come in ----

    fn record(&mut self, call: Call<'_>, now: Millis) {
        self.ledger.recorded += 1;
        let record_type = call.body.record_type();
        if self.life != Life::On {
            return self.ledger.refuse(DiscardReason::Disabled, Some(record_type), 1);
        }
        if let Err((field, takes)) = call.body.check() {
            self.ledger.recorded -= 1;
            return self.misuse(
                Some(record_type),
                &[record_type.as_str(), "(): ", field, " takes ", takes].concat(),
            );
        }
        if self.session.touch(now, &mut self.random) {
            self.renew_scope();
        }
        if let Some(session) = self.session.text_if_stale() {
            self.commands.push(Command::StoreSession(session));
        }
        let call = call.with_ids(&mut self.random);
        self.admit(call.body, call.context, call.at.unwrap_or(now), now);
        if self.queue.bytes() > self.config.max_queue_bytes {
            self.make_room(now);
        }
    }

    /// Gives the record its place and puts it into the queue.
    fn admit(
        &mut self,
        body: Body<'_>,
        context: Option<beaconry_protocol::Context>,
        at: Millis,
        now: Millis,
    ) {
        self.last_seq += 1;
        let (record_type, rank) = (body.record_type(), Rank::of(&body));
        let page = self.page.as_deref().map(Cow::Borrowed);
        let record = Record { seq: Some(self.last_seq), timestamp: at, page, body, context };
        let text = record.encode().into_boxed_str();
        self.queue.push(
            self.stream,
            &self.encoded_scope,
            Entry { seq: self.last_seq, record_type, rank, text },
            now,
        );
        // A page that goes has no later: web vitals are reported in the same event that ends it.
        if rank.is_spooled_at_once() || self.left_at.is_some() {
            self.spool();
        }
    }

    fn misuse(&mut self, record_type: Option<RecordType>, advice: &str) {
        self.ledger.recorded += 1;
        self.ledger.refuse(DiscardReason::InvalidArgument, record_type, 1);
        if self.config.debug {
            self.warn(advice);
        }
    }

    fn set_user(&mut self, id: Option<String>, anonymous_id: Option<String>) {
        self.scope.user = User { id: id.map(Cow::Owned), anonymous_id: anonymous_id.map(Cow::Owned) };
        self.renew_scope();
    }

    fn renew_scope(&mut self) {
        self.scope.session_id = Some(Cow::Owned(self.session.id().to_owned()));
        self.encoded_scope = self.scope.encode().into();
    }

    // ---- When to write and send ----

    /// The page goes, or may: from now on everything is written down at once.
    fn leave(&mut self, cause: FlushCause, now: Millis) {
        self.left_at.get_or_insert(now);
        self.flush(cause, now);
    }

    /// Makes everything ready to be sent and puts it on the storage.
    pub(super) fn flush(&mut self, cause: FlushCause, now: Millis) {
        if self.life != Life::Off {
            self.report(false, now);
            if self.queue.release() {
                self.ledger.flush(cause);
            }
            self.is_exit = cause.is_exit();
            if self.is_exit {
                self.queue.offer_refused(now);
            }
        }
        self.spool();
    }

    fn flush_for(&mut self, ticket: Ticket, now: Millis) {
        self.backoff.retry_now();
        self.flush(FlushCause::Manual, now);
        self.waits.flushed(ticket, self.last_seq);
        let is_held_back = self.life == Life::Off || self.backoff.paused_until(now).is_some();
        if is_held_back {
            self.settle();
            self.settle_tried();
        }
    }

    fn shut_down(&mut self, ticket: Ticket, now: Millis) {
        if self.life == Life::On {
            self.report(true, now);
        }
        self.flush_for(ticket, now);
        self.life = if self.life == Life::Off { Life::Off } else { Life::Closing };
    }

    /// Admits a record of what the server has not been told yet; more than one if one cannot hold it.
    fn report(&mut self, closing: bool, now: Millis) {
        while self.life == Life::On && (closing || self.ledger.has_unreported()) {
            let discards = self.ledger.take_unreported();
            let is_last = !self.ledger.has_unreported();
            self.ledger.recorded += 1;
            self.admit(Body::Report { discards, closing: closing && is_last }, None, now, now);
            if is_last {
                return;
            }
        }
    }

    /// Off: the spool is kept, nothing is sent, nothing is recorded.
    fn switch(&mut self, is_on: bool) {
        match (self.life, is_on) {
            (Life::On, false) => {
                self.spool();
                self.life = Life::Off;
                self.settle_all();
            }
            (Life::Off, true) => self.life = Life::On,
            _ => {}
        }
    }

    /// Writes down what is not on the storage yet.
    pub(super) fn spool(&mut self) {
        let (app, endpoint) = (&self.config.app, &self.config.endpoint);
        for chunk in self.queue.take_unspooled().filter(|chunk| !chunk.entries().is_empty()) {
            self.ledger.spool_writes += 1;
            self.commands.push(Command::Spool {
                key: spool::key(app, chunk.stream, chunk.first_seq),
                value: spool::encode(chunk, endpoint),
            });
        }
    }

    // ---- Records go ----

    pub(super) fn discard(&mut self, lost: Vec<Discarded>) {
        for record in lost {
            self.ledger.discard(record, self.stream);
        }
    }

    pub(super) fn expire(&mut self, now: Millis) {
        let expired = self.queue.expire(now.saturating_sub(self.config.max_spool_age));
        self.discard(expired);
    }

    /// Takes from the storage what is no longer in the queue, and reads on there when what was taken
    /// over from it has gone.
    fn tidy(&mut self) {
        let gone = self.queue.take_empty();
        let has_room = !gone.is_empty() && !self.queue.has_adopted(self.stream);
        for (stream, first_seq) in gone {
            self.commands.push(Command::Unspool { key: spool::key(&self.config.app, stream, first_seq) });
        }
        if self.has_left_some && has_room {
            self.has_left_some = false;
            self.commands.push(Command::Recover);
        }
    }

    pub(super) fn settle(&mut self) {
        if self.waits.is_empty() {
            return;
        }
        let (queue, ledger, stream) = (&self.queue, &self.ledger, self.stream);
        let settled = self.waits.take_settled(
            queue.first_seq(stream),
            |seq| queue.has(stream, seq),
            |seq| ledger.is_discarded(stream, seq),
        );
        self.tell(settled);
    }

    /// Nothing will be tried any more.
    pub(super) fn settle_all(&mut self) {
        let all = self.waits.take_all();
        self.tell(all);
    }

    pub(super) fn settle_tried(&mut self) {
        let tried = self.waits.take_tried();
        self.tell(tried);
    }

    fn tell(&mut self, settled: Vec<(Ticket, Settled)>) {
        self.commands.extend(settled.into_iter().map(|(ticket, outcome)| Command::Settle(ticket, outcome)));
    }

    pub(super) fn warn(&mut self, message: &str) {
        self.commands.push(Command::Warn(["[beaconry] ", message].concat()));
    }
}

/// How long after it was hidden a page may still be going.
const LEAVING: Millis = 1_000;
