//! A thousand tabs that lost the same server, and come back to it.
//!
//! What matters is how even the load is on a server that has just come up: the requests of the worst
//! second. Only the engines are real; the server takes everything at once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use beaconry::engine::{Call, Command, Config, Engine, Given, Input, Millis, Random, Reply, SendId, Start};
use beaconry_protocol::{Answer, Body, Level, SeqRange, StreamId};

/// What ended the outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The server is up again; tabs find out when they try.
    ServerUp,
    /// The network is back, and every browser says so within the same second.
    NetworkBack,
}

/// The load after the outage.
#[derive(Debug, Clone)]
pub struct Load {
    /// Requests in each second after the end of the outage.
    pub per_second: Vec<u32>,
    /// Tabs that delivered everything.
    pub delivered: usize,
}

impl Load {
    /// The requests of the worst second.
    pub fn peak(&self) -> u32 {
        self.per_second.iter().copied().max().unwrap_or(0)
    }
}

/// Lets so many tabs lose their server for ten minutes, and looks at the ten minutes after.
pub fn run(tabs: usize, end: End, seed: u64) -> Load {
    let mut storm = Storm::new(tabs, seed);
    storm.record_in_each();
    storm.pass_until(OUTAGE_END);
    if end == End::NetworkBack {
        for at in 0..tabs {
            let moment = OUTAGE_END + storm.random.below(1_000);
            storm.happenings.push(Reverse((moment, at, What::Online)));
        }
    }
    storm.pass_until(OUTAGE_END + AFTERMATH);
    let delivered = storm.tabs.iter().filter(|tab| tab.engine.ledger().acknowledged > 0).count();
    Load { per_second: storm.per_second, delivered }
}

struct Storm {
    random: Random,
    tabs: Vec<Tab>,
    happenings: BinaryHeap<Reverse<(Millis, usize, What)>>,
    per_second: Vec<u32>,
}

struct Tab {
    engine: Engine,
    wake_at: Option<Millis>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Wake,
    Online,
    Answer(SendId, bool),
}

impl Storm {
    fn new(tabs: usize, seed: u64) -> Self {
        let mut random = Random::from_seed(seed);
        let tabs = (0..tabs).map(|_| Tab::open(&mut random)).collect();
        let per_second = vec![0; usize::try_from(AFTERMATH / 1_000).unwrap_or(0)];
        Self { random, tabs, happenings: BinaryHeap::new(), per_second }
    }

    /// Each tab records something in the first half minute of the outage.
    fn record_in_each(&mut self) {
        for at in 0..self.tabs.len() {
            let body = Body::Log { level: Level::Error, message: "the server is gone".into() };
            let call = Call::new(&body, None);
            let moment = START + self.random.below(30_000);
            self.tell(at, Input::Record(&call), moment);
        }
    }

    fn pass_until(&mut self, end: Millis) {
        while let Some(Reverse((now, at, what))) = self.happenings.pop() {
            if now >= end {
                self.happenings.push(Reverse((now, at, what)));
                return;
            }
            match what {
                What::Wake if self.tabs[at].wake_at.take_if(|due| *due <= now).is_some() => {
                    self.tell(at, Input::Wake, now);
                }
                What::Wake => {}
                What::Online => self.tell(at, Input::Online, now),
                What::Answer(send, is_taken) => {
                    let reply = self.reply(at, is_taken);
                    self.tell(at, Input::Answered(send, &reply), now);
                }
            }
        }
    }

    fn tell(&mut self, at: usize, input: Input<'_>, now: Millis) {
        for command in self.tabs[at].engine.handle(input, now) {
            match command {
                Command::WakeAt(due) => {
                    self.tabs[at].wake_at = due;
                    self.happenings.extend(due.map(|due| Reverse((due.max(now), at, What::Wake))));
                }
                Command::Send { id, .. } => {
                    self.count(now);
                    let answered_at = now + 20 + self.random.below(80);
                    self.happenings.push(Reverse((answered_at, at, What::Answer(id, now >= OUTAGE_END))));
                }
                _ => {}
            }
        }
    }

    fn count(&mut self, now: Millis) {
        let second = now.checked_sub(OUTAGE_END).and_then(|after| usize::try_from(after / 1_000).ok());
        if let Some(requests) = second.and_then(|second| self.per_second.get_mut(second)) {
            *requests += 1;
        }
    }

    fn reply(&self, at: usize, is_taken: bool) -> Reply {
        let acknowledged = vec![SeqRange(1, self.tabs[at].engine.last_seq())];
        let stream = Some(self.tabs[at].engine.stream().to_hex());
        let answer = Answer { beaconry: 1, success: true, stream, acknowledged, ..Answer::default() };
        Reply::from_answer(is_taken.then_some(answer), None)
    }
}

impl Tab {
    fn open(random: &mut Random) -> Self {
        let endpoint = Given::Text("https://telemetry.example/api/telemetry/batch".to_owned());
        let options = Given::Map(vec![("endpoint".to_owned(), endpoint)]);
        let config = Config::from_given(options).unwrap_or_else(|error| unreachable!("{error}"));
        let stream = StreamId::from_random((u128::from(random.bits()) << 64) | u128::from(random.bits()));
        let (platform, seed) = (String::new(), random.bits());
        let (bucket, has_fetch_later) = (0, false);
        let start = Start { stream, seed, bucket, has_fetch_later, platform, page: None };
        Self { engine: Engine::new(config, start, START), wake_at: None }
    }
}

const START: Millis = 1_766_361_600_000;
const OUTAGE_END: Millis = START + 600_000;
const AFTERMATH: Millis = 600_000;
