//! A tab: the real engine in a made-up browser.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use beaconry::engine::{Call, Command, Config, Engine, Given, Input, Millis, Random, SendId, Start, Ticket};
use beaconry_protocol::{Body, Level, Number, Scope, StreamId, limits};

use crate::clock::Clock;
use crate::plan::Plan;
use crate::storage::{OWN_PREFIX, Storage, seqs_in};

/// An open tab.
#[derive(Debug)]
pub(crate) struct Tab {
    pub(crate) engine: Engine,
    pub(crate) clock: Clock,
    /// In the time of its clock.
    pub(crate) wake_at: Option<Millis>,
    /// When each record was made, in the time that the tab was awake; the place of the first is 1.
    pub(crate) made_at: Vec<Millis>,
    is_shut: bool,
    told_at: Millis,
    /// Bodies that the browser would carry on after the page.
    keepalive: BTreeMap<SendId, usize>,
    /// Its chunks by their first places, and whether the storage refused the last version.
    chunks: BTreeMap<u64, bool>,
    last_ticket: u64,
    open_tickets: BTreeSet<u64>,
}

/// What a tab asks of the network.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) send: SendId,
    pub(crate) body: String,
    pub(crate) keepalive: bool,
}

impl Tab {
    pub(crate) fn open(plan: &Plan, clock: Clock, truth: Millis, random: &mut Random) -> Self {
        let stream = (u128::from(random.bits()) << 64) | u128::from(random.bits());
        let start = Start {
            stream: StreamId::from_random(stream),
            seed: random.bits(),
            bucket: 0,
            has_fetch_later: false,
            platform: Scope::default(),
            page: None,
        };
        let engine = Engine::new(config(plan), start, clock.at(truth));
        Self {
            engine,
            clock,
            wake_at: None,
            made_at: Vec::new(),
            is_shut: false,
            told_at: truth,
            keepalive: BTreeMap::new(),
            chunks: BTreeMap::new(),
            last_ticket: 0,
            open_tickets: BTreeSet::new(),
        }
    }

    /// Tells the engine, and performs what it says. Returns its requests.
    pub(crate) fn tell(
        &mut self,
        input: Input<'_>,
        truth: Millis,
        storage: &mut Storage,
    ) -> Result<Vec<Request>, String> {
        if let Input::Answered(send, _) = &input {
            self.keepalive.remove(send);
        }
        self.is_shut |= matches!(input, Input::Shutdown(_)) && self.engine.is_enabled();
        self.told_at = self.clock.awake(truth);
        let now = self.clock.at(truth);
        let mut requests = Vec::new();
        let mut commands = VecDeque::from(self.engine.handle(input, now));
        while let Some(command) = commands.pop_front() {
            let next = self.perform(command, storage, &mut requests)?;
            commands.extend(next.map(|input| self.engine.handle(input, now)).unwrap_or_default());
        }
        // A record that the engine made itself, a report, is made now too.
        while (self.made_at.len() as u64) < self.engine.last_seq() {
            self.made_at.push(self.told_at);
        }
        self.check()?;
        Ok(requests)
    }

    /// Performs a command. Returns what the engine has to be told of it.
    fn perform(
        &mut self,
        command: Command,
        storage: &mut Storage,
        requests: &mut Vec<Request>,
    ) -> Result<Option<Input<'static>>, String> {
        match command {
            Command::Spool { key, value } => return self.spool(key, &value, storage),
            Command::Unspool { key } => storage.remove(&key),
            Command::Send { id, body, keepalive, .. } => {
                if keepalive {
                    self.keepalive.insert(id, body.len());
                }
                requests.push(Request { send: id, body, keepalive });
            }
            Command::Abort(id) => drop(self.keepalive.remove(&id)),
            Command::WakeAt(at) => self.wake_at = at,
            Command::Settle(ticket, _) => {
                if !self.open_tickets.remove(&ticket.0) {
                    return Err(format!("{ticket:?} was settled twice"));
                }
            }
            Command::Recover => return Ok(self.left_behind(storage)),
            Command::Attach(_)
            | Command::Wipe
            | Command::SendLater(_)
            | Command::CancelLater
            | Command::StoreSession(_)
            | Command::StoreBucket(_)
            | Command::StoreOff(_)
            | Command::WatchBeforeUnload(_)
            | Command::Warn(_) => {}
        }
        Ok(None)
    }

    fn spool(
        &mut self,
        key: String,
        value: &str,
        storage: &mut Storage,
    ) -> Result<Option<Input<'static>>, String> {
        let is_taken = storage.set(&key, value);
        let own = key.strip_prefix(&self.prefix()).and_then(|first_seq| first_seq.parse().ok());
        own.map(|first_seq| self.chunks.insert(first_seq, !is_taken));
        // What is on its way is never given up, and neither is what the storage did not let go of.
        let most = self.engine.config().max_queue_bytes + limits::KEEPALIVE_BYTES;
        if !storage.has_refused() && storage.stream_bytes(&key) > most {
            return Err(format!("{} bytes of one stream on the storage", storage.stream_bytes(&key)));
        }
        Ok((!is_taken).then_some(Input::SpoolFailed { key }))
    }

    /// Without locks a page takes over what it finds, even if the tab that wrote it still lives.
    pub(crate) fn left_behind(&self, storage: &Storage) -> Option<Input<'static>> {
        let left_behind = storage.read(&self.engine.spool_prefix());
        (!left_behind.is_empty()).then_some(Input::Recovered(left_behind))
    }

    /// A promise of the app that is open from now on.
    pub(crate) fn ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        self.open_tickets.insert(self.last_ticket);
        Ticket(self.last_ticket)
    }

    /// Makes a record that says which one it is.
    pub(crate) fn call(&self, kind: u64, padding: u64) -> Call<'static> {
        let mark = mark(self.engine.stream(), self.engine.last_seq() + 1);
        let padding = ["x", "ü", "\"", "𝄞"][usize::try_from(kind / 8 % 4).unwrap_or(0)]
            .repeat(usize::try_from(padding).unwrap_or(0));
        let message = Cow::Owned([&mark, " ", &padding].concat());
        let body = match kind % 8 {
            0 => Body::Log { level: Level::Error, message },
            1 => Body::Log { level: Level::Debug, message },
            2 => Body::Metric { name: Cow::Owned(mark), value: Number::from(kind), unit: None },
            _ => Body::Log { level: Level::Info, message },
        };
        Call::new(body, None)
    }

    /// When it has to be woken, in true time.
    pub(crate) fn wakes_at(&self) -> Option<Millis> {
        let timer = self.wake_at.map(|at| self.clock.truth(at));
        timer.into_iter().chain(self.clock.sleeps_until()).min()
    }

    /// Whether the app has shut the client down while it was on.
    pub(crate) fn is_shut(&self) -> bool {
        self.is_shut
    }

    /// Whether it was shut down, and everything that followed from that is over.
    pub(crate) fn is_quiet(&self, truth: Millis) -> bool {
        let spool_delay = self.engine.config().spool_delay;
        self.is_shut && self.engine.in_flight() == 0 && self.clock.awake(truth) > self.told_at + spool_delay
    }

    /// Its own records that no storage has, because it refused them.
    pub(crate) fn refused(&self, storage: &Storage) -> Vec<u64> {
        if !self.chunks.values().any(|is_refused| *is_refused) {
            return Vec::new();
        }
        let on_storage: BTreeSet<u64> =
            storage.under(&self.prefix()).flat_map(|(_, value)| seqs_in(value)).collect();
        let is_refused =
            |seq: &u64| self.chunks.range(..=seq).next_back().is_some_and(|(_, is_refused)| *is_refused);
        (1..=self.engine.last_seq()).filter(|seq| is_refused(seq) && !on_storage.contains(seq)).collect()
    }

    fn prefix(&self) -> String {
        format!("{OWN_PREFIX}{}:", self.engine.stream())
    }

    /// What holds at any time.
    fn check(&self) -> Result<(), String> {
        let ledger = self.engine.ledger();
        let discarded: u64 = ledger.discarded().map(|(_, count)| count).sum();
        let queued = (self.engine.waiting().count() + self.engine.in_flight()) as u64;
        if ledger.recorded + ledger.adopted != ledger.acknowledged + discarded + queued {
            return Err(format!("the ledger does not add up: {}", self.engine.stats_json()));
        }
        let keepalive: usize = self.keepalive.values().sum();
        if keepalive > limits::KEEPALIVE_BYTES {
            return Err(format!("{keepalive} keepalive bytes in flight"));
        }
        Ok(())
    }

    /// What holds when it was shut down and is quiet.
    pub(crate) fn check_quiet(&self) -> Result<(), String> {
        match (self.wake_at, self.open_tickets.len()) {
            (None, 0) => Ok(()),
            (Some(_), _) => Err(format!("a timer is left after the shutdown: {}", self.engine.stats_json())),
            (None, open) => Err(format!("{open} promises are left after the shutdown")),
        }
    }
}

fn config(plan: &Plan) -> Config {
    let options = [
        ("endpoint", Given::Text("https://telemetry.example/api/telemetry/batch".to_owned())),
        ("batchSize", Given::Number(plan.batch_size)),
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

/// What the record at a place says.
pub(crate) fn mark(stream: StreamId, seq: u64) -> String {
    format!("{stream}-{seq}")
}
