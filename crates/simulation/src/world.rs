//! The scheduler: one seed, one clock, one thing after the other.

use beaconry::engine::{Input, Millis, Random, Reply, Ticket};
use beaconry_protocol::{Answer, DiscardReason, RecordId, RecordResult, SeqRange, Verdict};

use crate::check::{Evidence, Failure, Life, Summary};
use crate::network::{Network, Packet, Route};
use crate::plan::Plan;
use crate::server::Server;
use crate::tab::{Request, Storage, Tab};

/// Everything there is in a run.
pub(crate) struct World {
    seed: u64,
    plan: Plan,
    random: Random,
    now: Millis,
    storage: Storage,
    /// Closed and killed tabs leave an empty place: answers to them arrive nowhere.
    tabs: Vec<Option<Tab>>,
    network: Network,
    server: Server,
    evidence: Evidence,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::from_seed(seed);
        let plan = Plan::draw(&mut random);
        let server = Server::new(random.bits(), &plan);
        Self {
            seed,
            plan,
            random,
            now: 1_766_361_600_000,
            storage: Storage::new(),
            tabs: Vec::new(),
            network: Network::default(),
            server,
            evidence: Evidence::default(),
        }
    }

    pub(crate) fn run(mut self) -> Result<Summary, Failure> {
        let seed = self.seed;
        self.play().map_err(|what| Failure { seed, what })
    }

    fn play(&mut self) -> Result<Summary, String> {
        for _ in 0..self.plan.steps {
            self.step()?;
        }
        self.calm_down()?;
        let stored = self.server.stored()?;
        let summary = self.evidence.judge(&stored, self.plan.spool_delay)?;
        Ok(Summary { server_kills: self.server.kills, power_cuts: self.server.power_cuts, ..summary })
    }

    /// One stretch of time with whatever befalls it.
    fn step(&mut self) -> Result<(), String> {
        if self.open_tabs().len() < self.plan.most_tabs && self.chance(300) {
            self.open_tab()?;
        }
        for at in self.open_tabs() {
            self.use_tab(at)?;
        }
        self.befall_server();
        let span = [1, 20, 300, 2_000, 40_000][usize::try_from(self.random.below(5)).unwrap_or(0)];
        self.pass(span)
    }

    /// The faults end: everyone closes, and one last page finds what is left.
    fn calm_down(&mut self) -> Result<(), String> {
        let calm = Plan {
            request_lost: 0,
            answer_lost: 0,
            request_repeated: 0,
            answer_foreign: 0,
            disk_fails: 0,
            server_busy: 0,
            longest_delay: 50,
            switched: 0,
            ..self.plan.clone()
        };
        self.plan = calm;
        self.server.heal();
        for at in self.open_tabs() {
            self.close_tab(at)?;
        }
        let last = self.open_tab()?;
        for _ in 0..LAST_TRIES {
            self.pass(60_000)?;
            let is_idle = self.tabs[last].as_ref().is_some_and(|tab| tab.engine.waiting().next().is_none());
            if self.storage.is_empty() && is_idle {
                self.note_life(last, None);
                return Ok(());
            }
        }
        Err(format!("the spool is not empty in the end: {:?}", self.storage.keys()))
    }

    // ---- Tabs ----

    fn open_tab(&mut self) -> Result<usize, String> {
        let stream = (u128::from(self.random.bits()) << 64) | u128::from(self.random.bits());
        let tab = Tab::open(&self.plan, stream, self.random.bits(), self.now);
        let at = self.tabs.len();
        self.tabs.push(Some(tab));
        if let Some(tab) = &mut self.tabs[at] {
            let requests = tab.recover(self.now, &mut self.storage)?;
            self.post(at, requests);
        }
        Ok(at)
    }

    fn use_tab(&mut self, at: usize) -> Result<(), String> {
        for _ in 0..self.random.below(self.plan.burst) {
            let kind = self.random.bits();
            let Some(tab) = &mut self.tabs[at] else { return Ok(()) };
            let requests = tab.record(kind, self.now, &mut self.storage)?;
            self.post(at, requests);
            if self.chance(100) {
                self.pass(1)?;
            }
        }
        if self.chance(self.plan.tab_killed) {
            self.note_life(at, Some(self.now));
            self.tabs[at] = None;
        } else if self.chance(self.plan.tab_closed) {
            self.close_tab(at)?;
        }
        let moment = match self.random.below(40) {
            0 => Input::Hidden,
            1 => Input::Freeze,
            2 | 3 => Input::Shown,
            4 => Input::Online,
            5 => Input::Flush(Ticket(0)),
            _ if self.chance(self.plan.switched) => Input::Enabled(false),
            _ => Input::Enabled(true),
        };
        self.tell(at, moment)
    }

    /// A page that goes: the events in the order in which browsers send them, then nothing.
    fn close_tab(&mut self, at: usize) -> Result<(), String> {
        if self.chance(200) {
            self.tell(at, Input::Shutdown(Ticket(0)))?;
        }
        self.tell(at, Input::BeforeUnload)?;
        self.tell(at, Input::PageHide)?;
        self.tell(at, Input::Hidden)?;
        self.note_life(at, None);
        self.tabs[at] = None;
        Ok(())
    }

    fn tell(&mut self, at: usize, input: Input<'_>) -> Result<(), String> {
        let is_exit = matches!(input, Input::BeforeUnload | Input::PageHide | Input::Hidden | Input::Freeze);
        let Some(tab) = self.tabs.get_mut(at).and_then(Option::as_mut) else { return Ok(()) };
        let requests = tab.tell(input, self.now, &mut self.storage)?;
        if is_exit && requests.iter().any(|request| !request.keepalive) {
            return Err("a request without keepalive at the exit".to_owned());
        }
        self.post(at, requests);
        Ok(())
    }

    /// Writes down what is known of a tab that ends.
    fn note_life(&mut self, at: usize, killed_at: Option<Millis>) {
        let Some(tab) = &self.tabs[at] else { return };
        let life = Life { made_at: tab.made_at.clone(), killed_at };
        self.evidence.lives.insert(tab.engine.stream(), life);
        for (stream, ranges) in tab.engine.ledger().lost() {
            for seq in ranges.iter().flat_map(|range| range.0..=range.1) {
                self.evidence.discarded.insert(RecordId { stream, seq });
            }
        }
    }

    fn open_tabs(&self) -> Vec<usize> {
        (0..self.tabs.len()).filter(|at| self.tabs[*at].is_some()).collect()
    }

    // ---- Time ----

    /// Lets time pass, and everything happen that is due in it, in order.
    fn pass(&mut self, span: Millis) -> Result<(), String> {
        let end = self.now + span;
        for _ in 0..MOST_HAPPENINGS {
            let wakes = self.tabs.iter().flatten().filter_map(|tab| tab.wake_at);
            let Some(next) = wakes.chain(self.network.next_arrival()).min().filter(|next| *next <= end)
            else {
                self.now = end;
                return Ok(());
            };
            self.now = self.now.max(next);
            self.wake_tabs()?;
            self.deliver()?;
        }
        Err("a tab is woken over and over at the same moment".to_owned())
    }

    fn wake_tabs(&mut self) -> Result<(), String> {
        for at in self.open_tabs() {
            let now = self.now;
            // A timer fires once.
            let timer = self.tabs[at].as_mut().and_then(|tab| tab.wake_at.take_if(|at| *at <= now));
            if timer.is_some() {
                self.tell(at, Input::Wake)?;
            }
        }
        Ok(())
    }

    // ---- Network and server ----

    fn post(&mut self, tab: usize, requests: Vec<Request>) {
        for Request { send, body, .. } in requests {
            let route = Route { tab, send };
            if self.chance(self.plan.request_repeated) {
                let late = self.delay();
                self.network.send(late, Packet::Request(route, body.clone()));
            }
            let packet = match () {
                () if self.chance(self.plan.request_lost) => {
                    Packet::Answer(route, Reply::Unknown { retry_after: None })
                }
                () if self.chance(self.plan.answer_foreign) => {
                    Packet::Answer(route, Reply::from_answer(Some(self.forge(route)), None))
                }
                () => Packet::Request(route, body),
            };
            let arrives_at = self.delay();
            self.network.send(arrives_at, packet);
        }
    }

    fn deliver(&mut self) -> Result<(), String> {
        for packet in self.network.arrived(self.now) {
            match packet {
                Packet::Answer(route, reply) => self.tell(route.tab, Input::Answered(route.send, reply))?,
                Packet::Request(route, body) => {
                    if !self.server.accept(route, body) {
                        let arrives_at = self.delay();
                        self.network
                            .send(arrives_at, Packet::Answer(route, Reply::Unknown { retry_after: None }));
                    }
                }
            }
        }
        self.commit();
        Ok(())
    }

    fn commit(&mut self) {
        let answers = self.server.commit(self.now, &self.plan, &mut self.random);
        for (route, answer) in answers {
            self.note_acknowledged(&answer);
            let answer = match () {
                () if self.chance(self.plan.answer_lost) => None,
                () if self.chance(self.plan.answer_foreign) => Some(Self::cut_short(&answer)),
                () => Some(answer),
            };
            let reply = Reply::from_answer(answer, None);
            let arrives_at = self.delay();
            self.network.send(arrives_at, Packet::Answer(route, reply));
        }
        if self.server.is_dying() {
            if self.chance(500) { self.server.kill() } else { self.server.cut_power() }
        }
    }

    /// An answer that was cut on its way: it names only some of what was accepted.
    fn cut_short(answer: &Answer) -> Answer {
        let half = |range: &SeqRange| SeqRange(range.0, (range.0 + range.1) / 2);
        Answer { acknowledged: answer.acknowledged.iter().map(half).collect(), ..answer.clone() }
    }

    /// An answer of somebody in the server's place, who stored nothing: whatever it claims, one thing is
    /// not right about it.
    fn forge(&mut self, route: Route) -> Answer {
        let tab = self.tabs[route.tab].as_ref();
        let stream = tab.map(|tab| tab.engine.stream().to_hex());
        let claim = Answer {
            beaconry: 1,
            success: true,
            stream,
            acknowledged: vec![SeqRange(1, u64::MAX)],
            ..Answer::default()
        };
        match self.random.below(5) {
            0 => Answer { beaconry: 0, ..claim },
            1 => Answer { stream: None, ..claim },
            2 => Answer { stream: Some("0".repeat(32)), ..claim },
            3 => Answer { stream: None, acknowledged: Vec::new(), results: all_rejected(), ..claim },
            _ => Answer { acknowledged: Vec::new(), ..claim },
        }
    }

    fn note_acknowledged(&mut self, answer: &Answer) {
        let Some(stream) = answer.stream.as_deref().and_then(|text| text.parse().ok()) else { return };
        for seq in answer.acknowledged.iter().flat_map(|range| range.0..=range.1) {
            self.evidence.acknowledged.insert(RecordId { stream, seq });
        }
    }

    fn befall_server(&mut self) {
        if !self.server.is_up() {
            if self.chance(300) {
                self.server.start();
            }
        } else if self.chance(self.plan.server_killed) {
            self.server.kill();
        } else if self.chance(self.plan.power_cut) {
            self.server.cut_power();
        } else if self.chance(self.plan.power_cut + self.plan.server_killed) {
            self.server.die_soon(&mut self.random);
        }
    }

    fn delay(&mut self) -> Millis {
        if !self.server.is_up() && self.plan.longest_delay == 50 {
            // In the calm at the end a server that is down is started by whoever runs it.
            self.server.start();
        }
        self.now + self.random.below(self.plan.longest_delay) + 1
    }

    fn chance(&mut self, in_a_thousand: u64) -> bool {
        self.random.below(1_000) < in_a_thousand
    }
}

/// A verdict that would discard every record of a body.
fn all_rejected() -> Vec<RecordResult> {
    let reason = Some(DiscardReason::InvalidField);
    let result = |index| RecordResult { index, id: None, verdict: Verdict::Rejected, reason, message: None };
    (0..1_000).map(result).collect()
}

const LAST_TRIES: u32 = 600;
/// More than any stretch of time holds, unless a timer is set to the past again and again.
const MOST_HAPPENINGS: u32 = 200_000;
