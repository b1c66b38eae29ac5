//! A tab: the real engine in a made-up browser.

mod shell;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use beaconry::engine::{
    Call, Command, Config, Consent, Engine, Given, Input, Millis, Random, SendId, Start, Ticket,
};
use beaconry_protocol::{Body, Level, Number, RecordId, StreamId, limits};

use crate::check::{Life, Mark};
use crate::clock::Clock;
use crate::origin::Origin;
use crate::plan::Plan;
use crate::storage::UNWRITTEN_FOR;
use shell::Attached;

/// An open tab.
#[derive(Debug)]
pub(crate) struct Tab {
    pub(crate) engine: Engine,
    pub(crate) clock: Clock,
    number: usize,
    /// In the time of its clock.
    pub(crate) wake_at: Option<Millis>,
    attached: Option<Attached>,
    /// What the app has told it.
    consent: Consent,
    /// Whether the user has just denied it and nothing was wiped yet.
    owes_wipe: bool,
    /// Commands that are not performed yet.
    pending: VecDeque<Command>,
    requests: Vec<Request>,
    /// Bodies that the browser posts when the page is gone.
    pub(crate) later: Vec<String>,
    /// Whether it is in the back/forward cache, and the requests whose answers it misses there.
    suspended: Option<Vec<SendId>>,
    calls: u64,
    /// What is known of the records of its present stream, and of those before.
    life: Life,
    earlier: Vec<(StreamId, Life)>,
    is_shut: bool,
    watches_unload: bool,
    told_at: Millis,
    /// Bodies that the browser would carry on after the page.
    keepalive: BTreeMap<SendId, usize>,
    /// The streams of requests under way.
    flights: BTreeMap<SendId, StreamId>,
    /// Streams of which it may send something without their locks: it has lost them, or was just
    /// sending them when it was suspended.
    lost: BTreeSet<StreamId>,
    /// Chunks that localStorage refused, by their keys.
    refused: BTreeMap<String, Refused>,
    last_ticket: u64,
    open_tickets: BTreeSet<u64>,
}

/// A chunk that localStorage refused.
#[derive(Debug)]
struct Refused {
    ids: Vec<RecordId>,
    /// When it took it after all, in the time that the tab was awake.
    taken_at: Option<Millis>,
}

/// What a tab asks of the network.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) send: SendId,
    pub(crate) body: String,
    pub(crate) keepalive: bool,
}

impl Tab {
    pub(crate) fn open(
        plan: &Plan,
        number: usize,
        clock: Clock,
        consent: Consent,
        origin: &mut Origin,
        random: &mut Random,
    ) -> Result<(Self, Vec<Request>), String> {
        let start = Start {
            stream: draw_stream(random),
            seed: random.bits(),
            bucket: u16::try_from(random.below(10_000)).unwrap_or(0),
            has_fetch_later: plan.has_fetch_later,
            platform: String::new(),
            page: None,
        };
        let engine = Engine::new(Config { consent, ..config(plan) }, start, clock.at(origin.now));
        let mut tab = Self {
            engine,
            number,
            wake_at: None,
            attached: None,
            consent,
            owes_wipe: false,
            pending: VecDeque::new(),
            requests: Vec::new(),
            later: Vec::new(),
            suspended: None,
            calls: 0,
            life: Life::of(number),
            earlier: Vec::new(),
            is_shut: false,
            watches_unload: false,
            told_at: clock.awake(origin.now),
            clock,
            keepalive: BTreeMap::new(),
            flights: BTreeMap::new(),
            lost: BTreeSet::new(),
            refused: BTreeMap::new(),
            last_ticket: 0,
            open_tickets: BTreeSet::new(),
        };
        let requests = tab.tell(Input::Started, origin)?;
        Ok((tab, requests))
    }

    /// Tells the engine, and performs what it says. Returns its requests.
    pub(crate) fn tell(&mut self, input: Input<'_>, origin: &mut Origin) -> Result<Vec<Request>, String> {
        if let Input::Answered(send, _) = &input {
            self.keepalive.remove(send);
            self.flights.remove(send);
        }
        if let Input::Consent(consent) = &input {
            let before = std::mem::replace(&mut self.consent, *consent);
            self.owes_wipe = *consent == Consent::Denied && before != Consent::Denied && self.is_attached();
        }
        self.is_shut |= matches!(input, Input::Shutdown(_)) && self.engine.is_enabled();
        let is_exit = is_exit(&input);
        self.told_at = self.clock.awake(origin.now);
        self.feed(input, origin);
        self.end_turn(origin)?;
        if is_exit {
            self.commit(origin);
        }
        Ok(std::mem::take(&mut self.requests))
    }

    /// The app makes a record that says which one it is.
    pub(crate) fn record(
        &mut self,
        kind: u64,
        padding: u64,
        origin: &mut Origin,
    ) -> Result<Vec<Request>, String> {
        self.calls += 1;
        let call = Mark { tab: self.number, call: self.calls };
        let body = body(call, kind, padding);
        let has_to_be_kept = matches!(body, Body::Log { level: Level::Error, .. })
            && self.may_store()
            && self.engine.is_enabled();
        if self.engine.is_session_over(self.clock.at(origin.now)) {
            self.resume_session(origin);
        }
        let before = self.engine.last_seq();
        self.told_at = self.clock.awake(origin.now);
        self.feed(Input::Record(&Call::new(&body, None)), origin);
        match self.engine.last_seq() - before {
            0 if has_to_be_kept => return Err("an error was not kept".to_owned()),
            1 => self.life.note(self.told_at, Some(call)),
            // What it brought along has its own marks, which nobody can know here.
            _ => {}
        }
        self.end_turn(origin)?;
        Ok(std::mem::take(&mut self.requests))
    }

    /// A promise of the app that is open from now on.
    pub(crate) fn ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        self.open_tickets.insert(self.last_ticket);
        Ticket(self.last_ticket)
    }

    /// When it has to be woken, in true time.
    pub(crate) fn wakes_at(&self) -> Option<Millis> {
        if self.is_suspended() {
            return None;
        }
        let sleeps_until = self.clock.sleeps_until();
        let task = self.next_task().map(|at| at.max(sleeps_until.unwrap_or(0)));
        let timer = self.wake_at.map(|at| self.clock.truth(at));
        timer.into_iter().chain(task).chain(sleeps_until).min()
    }

    pub(crate) const fn consent(&self) -> Consent {
        self.consent
    }

    pub(crate) const fn is_suspended(&self) -> bool {
        self.suspended.is_some()
    }

    /// Whether it listens to what befalls the page.
    pub(crate) const fn is_attached(&self) -> bool {
        self.attached.is_some()
    }

    /// Whether localStorage worked when it tried that.
    pub(crate) fn has_local(&self) -> bool {
        self.attached.as_ref().is_some_and(Attached::has_local)
    }

    pub(crate) const fn watches_unload(&self) -> bool {
        self.watches_unload && self.attached.is_some()
    }

    /// Whether the app has shut the client down while it was on.
    pub(crate) const fn is_shut(&self) -> bool {
        self.is_shut
    }

    /// Whether it was shut down, and everything that followed from that is over.
    pub(crate) fn is_quiet(&self, truth: Millis) -> bool {
        let spool_delay = self.engine.config().spool_delay;
        self.is_shut && self.engine.in_flight() == 0 && self.clock.awake(truth) > self.told_at + spool_delay
    }

    /// Its records that no storage has, because localStorage refused them.
    pub(crate) fn refused<'a>(&'a self, origin: &'a Origin) -> impl Iterator<Item = RecordId> + 'a {
        let refused =
            self.refused.iter().filter(|(key, refused)| refused.taken_at.is_none() && !origin.has(key));
        refused.flat_map(|(_, refused)| refused.ids.iter().copied())
    }

    /// Its records that localStorage took so late that they are not safe, should the browser be killed.
    pub(crate) fn taken_late(&self, origin: &Origin) -> Vec<RecordId> {
        let now = self.clock.awake(origin.now);
        let is_late = |refused: &&Refused| refused.taken_at.is_some_and(|at| at + UNWRITTEN_FOR >= now);
        self.refused.values().filter(is_late).flat_map(|refused| refused.ids.iter().copied()).collect()
    }

    /// What is known of its records, by stream.
    pub(crate) fn into_lives(mut self) -> Vec<(StreamId, Life)> {
        self.earlier.push((self.engine.stream(), self.life));
        self.earlier
    }

    /// Since when what it writes is in the journal at once, in the time that it was awake.
    pub(crate) fn journals_since(&self) -> Option<Millis> {
        self.attached.as_ref().and_then(Attached::journals_since)
    }

    /// Performs what the engine says until it has nothing more to say.
    fn end_turn(&mut self, origin: &mut Origin) -> Result<(), String> {
        self.perform_all(origin)?;
        self.note_made();
        if self.owes_wipe {
            return Err("the user has denied it, and nothing was wiped".to_owned());
        }
        self.check()
    }

    /// A record that the engine made itself, a report, or that waited, is made now.
    fn note_made(&mut self) {
        while self.life.last_seq() < self.engine.last_seq() {
            self.life.note(self.told_at, None);
        }
    }

    /// What holds at any time.
    fn check(&self) -> Result<(), String> {
        let ledger = self.engine.ledger();
        let discarded: u64 = ledger.discarded().map(|(_, count)| count).sum();
        let queued = (self.engine.waiting().len() + self.engine.in_flight()) as u64;
        let gone = ledger.acknowledged + discarded + ledger.handed_over;
        if ledger.recorded + ledger.adopted != gone + queued {
            return Err(format!("the ledger does not add up: {:?}", self.engine.ledger()));
        }
        let keepalive: usize = self.keepalive.values().sum();
        if keepalive > limits::KEEPALIVE_BYTES {
            return Err(format!("{keepalive} keepalive bytes in flight"));
        }
        let later: usize = self.later.iter().map(String::len).sum();
        if later > limits::KEEPALIVE_BYTES {
            return Err(format!("{later} bytes are left to the browser"));
        }
        if later > 0 && !self.may_store() {
            return Err("the browser has something to post that the user does not allow".to_owned());
        }
        let has_only_recorder =
            self.consent != Consent::Pending && self.engine.last_receipt() + ledger.adopted == 0;
        let most = if has_only_recorder {
            RECORDER_BYTES
        } else {
            self.engine.config().max_queue_bytes + RECORDER_BYTES + 2 * limits::KEEPALIVE_BYTES
        };
        if self.engine.queued_bytes() > most {
            return Err(format!("{} bytes in memory", self.engine.queued_bytes()));
        }
        Ok(())
    }

    /// What holds when it was shut down and is quiet.
    pub(crate) fn check_quiet(&self) -> Result<(), String> {
        match (self.wake_at, self.open_tickets.len()) {
            (None, 0) => Ok(()),
            (Some(_), _) => Err(format!("a timer is left after the shutdown: {:?}", self.engine.ledger())),
            (None, open) => Err(format!("{open} promises are left after the shutdown")),
        }
    }
}

/// Whether the page may be gone after it.
pub(crate) const fn is_exit(input: &Input<'_>) -> bool {
    matches!(input, Input::BeforeUnload | Input::PageHide | Input::Hidden | Input::Freeze)
}

pub(crate) fn draw_stream(random: &mut Random) -> StreamId {
    StreamId::from_random((u128::from(random.bits()) << 64) | u128::from(random.bits()))
}

fn config(plan: &Plan) -> Config {
    let options = [
        ("endpoint", Given::Text("https://telemetry.example/api/telemetry/batch".to_owned())),
        ("batchSize", Given::Number(plan.batch_size)),
        ("sampleRate", Given::Number(plan.sample_rate)),
    ];
    let options = options.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let config = Config::from_given(Given::Map(options)).unwrap_or_else(|error| unreachable!("{error}"));
    Config {
        spool_delay: plan.spool_delay,
        max_spool_age: plan.max_spool_age,
        max_queue_bytes: plan.queue_bytes,
        ..config
    }
}

fn body(mark: Mark, kind: u64, padding: u64) -> Body<'static> {
    let padding = ["x", "ü", "\"", "𝄞"][usize::try_from(kind / 8 % 4).unwrap_or(0)]
        .repeat(usize::try_from(padding).unwrap_or(0));
    let mark = mark.to_string();
    let message = Cow::Owned([&mark, " ", &padding].concat());
    match kind % 8 {
        0 => Body::Log { level: Level::Error, message },
        1 => Body::Log { level: Level::Debug, message },
        2 => Body::Metric { name: Cow::Owned(mark), value: Number::from(kind), unit: None },
        _ => Body::Log { level: Level::Info, message },
    }
}

/// What the flight recorder may hold.
const RECORDER_BYTES: usize = 64 * 1024;
