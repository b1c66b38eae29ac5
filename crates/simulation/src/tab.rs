//! A tab: the real engine in a made-up browser.

use std::borrow::Cow;
use std::collections::BTreeMap;

use beaconry::engine::{Call, Command, Config, Engine, Given, Input, Millis, SendId, Start};
use beaconry_protocol::{Body, Level, Number, Scope, StreamId, limits};

use crate::plan::Plan;

/// The localStorage that all tabs of the origin share.
pub(crate) type Storage = BTreeMap<String, String>;

/// An open tab.
#[derive(Debug)]
pub(crate) struct Tab {
    pub(crate) engine: Engine,
    pub(crate) wake_at: Option<Millis>,
    /// When each record was made; the place of the first is 1.
    pub(crate) made_at: Vec<Millis>,
}

/// What a tab asks of the network.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) send: SendId,
    pub(crate) body: String,
    pub(crate) keepalive: bool,
}

impl Tab {
    pub(crate) fn open(plan: &Plan, stream: u128, seed: u64, now: Millis) -> Self {
        let options = [
            ("endpoint", Given::Text("https://telemetry.example/api/telemetry/batch".to_owned())),
            ("batchSize", Given::Number(plan.batch_size)),
            ("maxQueueBytes", Given::Number(plan.queue_bytes)),
        ];
        let options = options.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut config =
            Config::from_given(Given::Map(options)).unwrap_or_else(|error| unreachable!("{error}"));
        config.spool_delay = plan.spool_delay;
        config.max_spool_age = plan.max_spool_age;
        let start = Start {
            stream: StreamId::from_random(stream),
            seed,
            session: None,
            platform: Scope::default(),
            page: None,
        };
        let engine = Engine::new(config, start, now);
        Self { engine, wake_at: None, made_at: Vec::new() }
    }

    /// Tells the engine, and performs what it says. Returns its requests.
    pub(crate) fn tell(
        &mut self,
        input: Input<'_>,
        now: Millis,
        storage: &mut Storage,
    ) -> Result<Vec<Request>, String> {
        let mut requests = Vec::new();
        let mut reads_on = false;
        for command in self.engine.handle(input, now) {
            match command {
                Command::Spool { key, value } => drop(storage.insert(key, value)),
                Command::Unspool { key } => drop(storage.remove(&key)),
                Command::Send { id, body, keepalive, .. } => {
                    requests.push(Request { send: id, body, keepalive })
                }
                Command::WakeAt(at) => self.wake_at = at,
                Command::Recover => reads_on = true,
                Command::StoreSession(_)
                | Command::Abort(_)
                | Command::WatchBeforeUnload(_)
                | Command::Settle(..)
                | Command::Warn(_) => {}
            }
        }
        // A record that the engine made itself, a report, is made now too.
        while (self.made_at.len() as u64) < self.engine.last_seq() {
            self.made_at.push(now);
        }
        self.check()?;
        if reads_on {
            requests.extend(self.recover(now, storage)?);
        }
        Ok(requests)
    }

    /// Without locks a page takes over what it finds, even if the tab that wrote it still lives.
    pub(crate) fn recover(&mut self, now: Millis, storage: &mut Storage) -> Result<Vec<Request>, String> {
        let left_behind = storage.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        self.tell(Input::Recovered(left_behind), now, storage)
    }

    /// Makes a record that says which one it is.
    pub(crate) fn record(
        &mut self,
        kind: u64,
        now: Millis,
        storage: &mut Storage,
    ) -> Result<Vec<Request>, String> {
        let mark = mark(self.engine.stream(), self.engine.last_seq() + 1);
        let message = Cow::Owned(mark.clone());
        let body = match kind % 8 {
            0 => Body::Log { level: Level::Error, message },
            1 => Body::Log { level: Level::Debug, message },
            2 => Body::Metric { name: message, value: Number::from(kind), unit: None },
            _ => Body::Log { level: Level::Info, message },
        };
        self.tell(Input::Record(Call::new(body, None)), now, storage)
    }

    /// What holds at any time.
    fn check(&self) -> Result<(), String> {
        let ledger = self.engine.ledger();
        let discarded: u64 = ledger.discarded().map(|(_, count)| count).sum();
        let queued = (self.engine.waiting().count() + self.engine.in_flight()) as u64;
        if ledger.recorded + ledger.adopted != ledger.acknowledged + discarded + queued {
            return Err(format!("the ledger does not add up: {}", self.engine.stats_json()));
        }
        if self.engine.keepalive_bytes() > limits::KEEPALIVE_BYTES {
            return Err(format!("{} keepalive bytes in flight", self.engine.keepalive_bytes()));
        }
        Ok(())
    }
}

/// What the record at a place says.
pub(crate) fn mark(stream: StreamId, seq: u64) -> String {
    format!("{stream}-{seq}")
}
