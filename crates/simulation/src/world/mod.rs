//! The scheduler: one seed, one clock, one thing after the other.

mod tabs;
mod traffic;

use beaconry::engine::{Input, Millis, Random};

use crate::check::{Evidence, Failure, Summary};
use crate::host::Host;
use crate::network::Network;
use crate::plan::Plan;
use crate::server::Server;
use crate::storage::{Mood, OWN_PREFIX, Storage};
use crate::tab::Tab;
use crate::trace::Trace;

/// Everything there is in a run.
pub(crate) struct World {
    seed: u64,
    plan: Plan,
    random: Random,
    now: Millis,
    storage: Storage,
    host: Host,
    /// Closed and killed tabs leave an empty place: answers to them arrive nowhere.
    tabs: Vec<Option<Tab>>,
    network: Network,
    server: Server,
    evidence: Evidence,
    is_calm: bool,
    may_expire: bool,
    may_be_damaged: bool,
    may_be_split: bool,
    trace: Trace,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::from_seed(seed);
        let plan = Plan::draw(&mut random);
        let server = Server::new(random.bits(), &plan);
        let mut storage = Storage::new(plan.quota);
        let host = Host::move_in(&mut storage, &mut random);
        if plan.is_storage_blocked {
            storage.set_mood(Mood::Blocked);
        }
        Self {
            seed,
            may_expire: plan.max_spool_age < DAY || plan.clock_off > DAY || plan.vandalised > 0,
            may_be_damaged: plan.vandalised > 0,
            may_be_split: plan.server_moody > 0,
            plan,
            random,
            now: START,
            storage,
            host,
            tabs: Vec::new(),
            network: Network::default(),
            server,
            evidence: Evidence::default(),
            is_calm: false,
            trace: Trace::default(),
        }
    }

    pub(crate) fn run(mut self) -> Result<Summary, Failure> {
        let seed = self.seed;
        self.play().map_err(|what| Failure { seed, what })
    }

    /// The same, and the last lines of what happened.
    pub(crate) fn run_traced(mut self, lines: usize) -> (Result<Summary, Failure>, Vec<String>) {
        self.trace = Trace::keeping(lines);
        self.trace.note(0, || format!("{:?}", self.plan));
        let seed = self.seed;
        let outcome = self.play().map_err(|what| Failure { seed, what });
        (outcome, self.trace.into_lines())
    }

    fn play(&mut self) -> Result<Summary, String> {
        for _ in 0..self.plan.steps {
            self.step()?;
        }
        self.calm_down()?;
        self.host.check(&self.storage)?;
        let stored = self.server.stored()?;
        let summary = self.evidence.judge(&stored, self.plan.spool_delay)?;
        let most_stored = self.storage.most_own_bytes() * 100 / self.plan.queue_bytes;
        let (server_kills, power_cuts) = (self.server.kills, self.server.power_cuts);
        Ok(Summary { server_kills, power_cuts, most_stored, ..summary })
    }

    /// One stretch of time with whatever befalls it.
    fn step(&mut self) -> Result<(), String> {
        if self.open_tabs().len() < self.plan.most_tabs && self.chance(self.plan.tab_opened) {
            self.open_tab()?;
        }
        for at in self.open_tabs() {
            self.use_tab(at)?;
        }
        self.befall_storage();
        self.befall_server();
        if self.chance(self.plan.tab_sleeps) {
            return self.sleep();
        }
        let span = [1, 20, 300, 2_000, 40_000][self.index(5)];
        self.pass(span)
    }

    /// The faults end: everyone closes, and one last page finds what is left.
    fn calm_down(&mut self) -> Result<(), String> {
        self.note(|| "the faults end".to_owned());
        self.plan = self.plan.calm();
        self.is_calm = true;
        self.server.heal();
        self.storage.set_mood(Mood::Usual);
        self.storage.set_quota(self.plan.quota);
        for at in self.open_tabs() {
            if self.chance(self.plan.tab_shut) { self.shut_tab(at)? } else { self.close_tab(at)? }
        }
        self.wait_for_quiet()?;
        let last = self.open_tab()?;
        for _ in 0..LAST_TRIES {
            self.pass(60_000)?;
            let is_idle = self.tabs[last].as_ref().is_some_and(|tab| tab.engine.waiting().next().is_none());
            if self.left_on_storage().is_none() && is_idle {
                self.shut_tab(last)?;
                return self.wait_for_quiet();
            }
        }
        Err(format!("the spool is not empty in the end: {:?}", self.left_on_storage()))
    }

    /// A key of ours for whose being there is no reason.
    fn left_on_storage(&self) -> Option<&str> {
        let mut ours = self.storage.under(OWN_PREFIX);
        ours.find(|(key, value)| !self.host.explains(key, value)).map(|(key, _)| key)
    }

    // ---- Storage ----

    fn befall_storage(&mut self) {
        if self.chance(self.plan.host_writes) {
            self.host.fill_or_free(&mut self.storage, &mut self.random);
        }
        if self.chance(self.plan.vandalised) {
            self.note(|| "a stranger damages a chunk".to_owned());
            self.host.vandalise(&mut self.storage, &mut self.random, &mut self.evidence.harmed);
        }
        if !self.plan.is_storage_blocked && self.chance(self.plan.storage_refuses) {
            let mood = [Mood::Usual, Mood::Usual, Mood::ReadOnly, Mood::Blocked][self.index(4)];
            self.note(|| format!("the storage is {mood:?}"));
            self.storage.set_mood(mood);
        }
    }

    // ---- Time ----

    /// Lets time pass, and everything happen that is due in it, in order.
    fn pass(&mut self, span: Millis) -> Result<(), String> {
        let end = self.now + span;
        for _ in 0..MOST_HAPPENINGS {
            let wakes = self.tabs.iter().flatten().filter_map(Tab::wakes_at);
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

    /// The laptop sleeps: no tab gets anything done, and every timer is late.
    fn sleep(&mut self) -> Result<(), String> {
        let span = [30_000, 600_000, 40_000_000][self.index(3)];
        let stands_still = self.chance(500);
        self.note(|| format!("all tabs sleep for {span} ms, their clocks stand still: {stands_still}"));
        for tab in self.tabs.iter_mut().flatten() {
            tab.clock.fall_asleep(self.now, span, stands_still);
        }
        self.pass(span)
    }

    fn wake_tabs(&mut self) -> Result<(), String> {
        for at in self.open_tabs() {
            let now = self.now;
            let Some(tab) = &mut self.tabs[at] else { continue };
            if tab.clock.is_asleep(now) {
                continue;
            }
            // A timer fires once.
            let time = tab.clock.at(now);
            if tab.wake_at.take_if(|at| *at <= time).is_some() {
                self.tell(at, Input::Wake)?;
            }
        }
        Ok(())
    }

    // ---- Chance ----

    fn chance(&mut self, in_a_thousand: u64) -> bool {
        self.random.below(1_000) < in_a_thousand
    }

    fn index(&mut self, bound: u64) -> usize {
        usize::try_from(self.random.below(bound)).unwrap_or(0)
    }

    fn note(&mut self, line: impl FnOnce() -> String) {
        self.trace.note(self.now - START, line);
    }
}

const DAY: Millis = 86_400_000;
const START: Millis = 1_766_361_600_000;
const LAST_TRIES: u32 = 60;
/// More than any stretch of time holds, unless a timer is set to the past again and again.
const MOST_HAPPENINGS: u32 = 200_000;
