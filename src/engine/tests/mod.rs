//! Facts about the engine: inputs in, commands out, time by hand. This is the lab; the facts stand
//! beside it, by what they are about.

use std::borrow::Cow;
use std::collections::BTreeMap;

use beaconry_protocol::{
    Answer, Body, DiscardReason, ErrorCode, Level, RecordResult, SeqRange, StreamId, Verdict, limits,
};

use super::*;

mod answers;
mod consent;
mod exit;
mod life;
mod page;
mod sampling;
mod spooling;

/// An engine with a storage that works, and the requests that it made.
struct Lab {
    engine: Engine,
    now: Millis,
    storage: BTreeMap<String, String>,
    sent: Vec<Sent>,
    settled: Vec<(u64, Settled)>,
    wake_at: Option<Millis>,
    is_watching_unload: bool,
    is_attached: bool,
    left_to_browser: Vec<String>,
    stored_off: Option<String>,
    warnings: Vec<String>,
}

#[derive(Debug, Clone)]
struct Sent {
    id: SendId,
    body: String,
    keepalive: bool,
}

const START: Millis = 1_766_361_600_000;

impl Lab {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Config)) -> Self {
        let endpoint = Given::Text("https://t.example/ingest".to_owned());
        let mut config = Config::from_given(Given::Map(vec![("endpoint".to_owned(), endpoint)])).unwrap();
        change(&mut config);
        Self::start(config, 1, BTreeMap::new())
    }

    fn start(config: Config, stream: u128, storage: BTreeMap<String, String>) -> Self {
        let start = Start {
            stream: StreamId::from_random(stream),
            seed: 7,
            bucket: 5_000,
            has_fetch_later: false,
            platform: String::new(),
            page: Some("https://app.example/quiz?user=ann".to_owned()),
        };
        let mut lab = Self {
            engine: Engine::new(config, start, START),
            now: START,
            storage,
            sent: Vec::new(),
            settled: Vec::new(),
            wake_at: None,
            is_watching_unload: false,
            is_attached: false,
            left_to_browser: Vec::new(),
            stored_off: None,
            warnings: Vec::new(),
        };
        lab.tell(Input::Started);
        lab
    }

    /// Another page of the same origin, at the same time, with the same storage.
    fn next_page(self, stream: u128) -> Self {
        let mut next = Self::start(self.engine.config().clone(), stream, self.storage);
        next.now = self.now;
        next.recover();
        next
    }

    fn tell(&mut self, input: Input<'_>) {
        let (mut recover, mut wiped) = (false, None::<Vec<_>>);
        for command in self.engine.handle(input, self.now) {
            match command {
                Command::Spool { key, value } => {
                    assert!(self.is_attached, "written by a client that has no storage");
                    self.storage.insert(key, value);
                }
                Command::Unspool { key } if self.is_attached => drop(self.storage.remove(&key)),
                // Nobody listens.
                Command::Unspool { .. } => {}
                Command::Attach(is_wanted) => self.is_attached = is_wanted,
                Command::Wipe => wiped = Some(std::mem::take(&mut self.storage).into_iter().collect()),
                Command::SendLater(body) => self.left_to_browser.push(body),
                Command::CancelLater => self.left_to_browser.clear(),
                Command::StoreOff(text) => self.stored_off = Some(text),
                Command::Send { id, body, keepalive, .. } => {
                    assert!(self.is_attached, "sent by a client that has no locks");
                    self.sent.push(Sent { id, body, keepalive });
                }
                Command::WakeAt(at) => self.wake_at = at,
                Command::WatchBeforeUnload(is_wanted) => self.is_watching_unload = is_wanted,
                Command::Settle(ticket, outcome) => self.settled.push((ticket.0, outcome)),
                Command::Warn(message) => self.warnings.push(message),
                Command::Recover => recover = true,
                Command::StoreSession(_) | Command::StoreBucket(_) | Command::Abort(_) => {}
            }
        }
        assert!(self.engine.keepalive_bytes() <= limits::KEEPALIVE_BYTES);
        self.assert_the_ledger_adds_up();
        if let Some(chunks) = wiped {
            self.tell(Input::Wiped(&borrowed(&chunks)));
        }
        if recover {
            self.recover();
        }
    }

    fn recover(&mut self) {
        let left: Vec<_> = self.storage.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        self.tell(Input::Recovered(&borrowed(&left)));
    }

    fn assert_the_ledger_adds_up(&self) {
        let ledger = self.engine.ledger();
        let discarded: u64 = ledger.discarded().map(|(_, count)| count).sum();
        let queued = self.engine.waiting().len() + self.engine.in_flight();
        let came = ledger.recorded + ledger.adopted;
        let gone = ledger.acknowledged + ledger.handed_over + discarded;
        assert_eq!(came, gone + queued as u64, "{:?}", self.engine.ledger());
    }

    fn log(&mut self, message: &str) {
        self.log_at(Level::Info, message);
    }

    fn log_at(&mut self, level: Level, message: &str) {
        self.tell(Input::Record(&Call::new(&Body::Log { level, message: Cow::Borrowed(message) }, None)));
    }

    /// Lets time pass and wakes the engine whenever it wants to be woken.
    fn pass(&mut self, span: Millis) {
        let end = self.now + span;
        while let Some(at) = self.wake_at.filter(|at| *at <= end) {
            self.now = self.now.max(at);
            // A timer fires once.
            self.wake_at = None;
            self.tell(Input::Wake);
        }
        self.now = end;
    }

    fn answer(&mut self, at: usize, answer: Answer) {
        let id = self.sent[at].id;
        self.tell(Input::Answered(id, &Reply::from_answer(Some(answer), None)));
    }

    fn lose(&mut self, at: usize) {
        let id = self.sent[at].id;
        self.tell(Input::Answered(id, &Reply::unknown(None)));
    }

    fn stored_messages(&self) -> usize {
        self.storage.values().map(|value| value.matches(r#""type":"log""#).count()).sum()
    }

    fn discarded(&self) -> Vec<(DiscardReason, u64)> {
        self.engine.ledger().discarded().collect()
    }
}

fn ours(stream: u128) -> Answer {
    let stream = Some(StreamId::from_random(stream).to_hex());
    Answer { beaconry: 1, success: true, stream, ..Answer::default() }
}

fn acknowledging(stream: u128, ranges: &[(u64, u64)]) -> Answer {
    Answer { acknowledged: ranges.iter().map(|(a, b)| SeqRange(*a, *b)).collect(), ..ours(stream) }
}

/// The verdict that the record at this place of a body will never be taken.
fn rejection(index: u64) -> RecordResult {
    let reason = Some(DiscardReason::InvalidField);
    RecordResult { index, id: None, verdict: Verdict::Rejected, reason, message: None }
}

/// Keys and values as an input takes them.
fn borrowed(entries: &[(String, String)]) -> Vec<(&str, &str)> {
    entries.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}
