//! The scheduler: one seed, one clock, one thing after the other.

mod browser;
mod tabs;
mod traffic;

use beaconry::engine::{Consent, Input, LOCAL_BYTES, Millis, Random};

use crate::check::{Evidence, Failure, Summary};
use crate::host::Host;
use crate::network::Network;
use crate::origin::Origin;
use crate::plan::Plan;
use crate::server::Server;
use crate::storage::{Mood, OWN_PREFIX};
use crate::tab::Tab;
use crate::trace::Trace;
use tabs::{Ending, Gone};

/// Everything there is in a run.
pub(crate) struct World {
    seed: u64,
    plan: Plan,
    random: Random,
    now: Millis,
    origin: Origin,
    /// What the user has said last.
    consent: Consent,
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
    may_be_denied: bool,
    may_be_sampled: bool,
    browser_kills: u32,
    /// Tabs that have ended since the browser was started.
    gone: Vec<Gone>,
    trace: Trace,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::from_seed(seed);
        let plan = Plan::draw(&mut random);
        let server = Server::new(random.bits(), &plan);
        let mut origin = Origin::new(plan.quota, plan.has_journal, plan.has_locks);
        origin.journal_takes = plan.journal_takes;
        let consent = if plan.asks_consent { Consent::Pending } else { Consent::Granted };
        let host = Host::move_in(&mut origin.local, &mut random);
        if plan.is_storage_blocked {
            origin.local.set_mood(Mood::Blocked);
        }
        Self {
            seed,
            may_expire: plan.max_spool_age < DAY || plan.clock_off > DAY || plan.vandalised > 0,
            may_be_damaged: plan.vandalised > 0,
            may_be_split: plan.server_moody > 0,
            may_be_denied: plan.consent_changed > 0,
            may_be_sampled: plan.sample_rate < 1.0 || plan.flag_changed > 0,
            plan,
            random,
            now: START,
            origin,
            consent,
            host,
            tabs: Vec::new(),
            network: Network::default(),
            server,
            evidence: Evidence::default(),
            is_calm: false,
            browser_kills: 0,
            gone: Vec::new(),
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
        self.host.check(&self.origin.local)?;
        let stored = self.server.stored()?;
        let summary = self.evidence.judge(&stored, self.plan.spool_delay)?;
        let most_stored = self.origin.local.most_own_bytes() * 100 / self.plan.queue_bytes;
        let (server_kills, power_cuts) = (self.server.kills, self.server.power_cuts);
        Ok(Summary { server_kills, power_cuts, browser_kills: self.browser_kills, most_stored, ..summary })
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
        self.change_minds()?;
        if self.chance(self.plan.browser_killed) {
            self.kill_browser()?;
        }
        self.check_storage()?;
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
        self.origin.local.set_mood(Mood::Usual);
        self.origin.local.set_quota(self.plan.quota);
        self.say(Consent::Granted)?;
        for at in self.open_tabs() {
            if self.chance(500) {
                self.come_back(at)?;
            } else if self.is_suspended(at) {
                self.end_tab(at, Ending::Closed)?;
            }
            if self.chance(self.plan.tab_shut) { self.shut_tab(at)? } else { self.close_tab(at)? }
        }
        self.wait_for_quiet()?;
        let last = self.open_tab()?;
        for _ in 0..LAST_TRIES {
            self.pass(60_000)?;
            let is_idle = self.tabs[last].as_ref().is_some_and(|tab| tab.engine.waiting().is_empty());
            if self.left_on_storage().is_none() && is_idle {
                self.shut_tab(last)?;
                return self.wait_for_quiet();
            }
        }
        Err(format!("the spool is not empty in the end: {:?}", self.left_on_storage()))
    }

    /// A key of ours for whose being there is no reason.
    fn left_on_storage(&self) -> Option<&str> {
        let mut ours = self.origin.local.under(OWN_PREFIX);
        ours.find(|(key, value)| !self.host.explains(key, value)).map(|(key, _)| key)
    }

    // ---- Storage ----

    /// All tabs together take no more than what is theirs, as far as they can know; and nothing is
    /// there that the user has not allowed.
    fn check_storage(&self) -> Result<(), String> {
        let cap = self.plan.queue_bytes.min(LOCAL_BYTES);
        let most = cap + (self.plan.most_tabs + 1) * cap.min(MEASURED_EVERY) + SMALL_THINGS;
        let bytes = self.origin.local.measured();
        if bytes > most {
            return Err(format!("{bytes} bytes are ours on localStorage, and {cap} may be"));
        }
        let remnant =
            self.origin.remnant().filter(|_| self.consent == Consent::Denied && self.origin.is_wiped);
        remnant.map_or(Ok(()), |key| Err(format!("`{key}` is there although the user has denied it")))
    }

    fn befall_storage(&mut self) {
        if self.chance(self.plan.host_writes) {
            self.host.fill_or_free(&mut self.origin.local, &mut self.random);
        }
        if self.chance(self.plan.vandalised) {
            self.note(|| "a stranger damages a chunk".to_owned());
            self.host.vandalise(&mut self.origin.local, &mut self.random, &mut self.evidence.harm);
        }
        if !self.plan.is_storage_blocked && self.chance(self.plan.storage_refuses) {
            let mood = [Mood::Usual, Mood::Usual, Mood::ReadOnly, Mood::Blocked][self.index(4)];
            self.note(|| format!("the storage is {mood:?}"));
            self.origin.local.set_mood(mood);
        }
        if self.chance(self.plan.journal_lost) {
            let open = self.open_tabs();
            let drawn = self.index(open.len().max(1) as u64);
            let Some(at) = open.get(drawn) else { return };
            self.note(|| format!("tab {at} loses the journal"));
            self.tabs[*at].iter_mut().for_each(Tab::lose_journal);
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
            if tab.clock.is_asleep(now) || tab.is_suspended() {
                continue;
            }
            // A timer fires once.
            let time = tab.clock.at(now);
            let is_due = tab.wake_at.take_if(|at| *at <= time).is_some();
            self.origin.pass_to(now);
            let requests = tab.do_tasks(&mut self.origin)?;
            self.post(at, requests);
            if is_due {
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
/// What a tab writes before it measures again.
const MEASURED_EVERY: usize = 128 * 1024;
/// Session, flag, bucket and fences, and what others have under names like ours.
const SMALL_THINGS: usize = 8 * 1024;
const LAST_TRIES: u32 = 60;
/// More than any stretch of time holds, unless a timer is set to the past again and again.
const MOST_HAPPENINGS: u32 = 200_000;
