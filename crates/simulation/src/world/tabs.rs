//! What people and apps do with tabs.

use beaconry::engine::{Input, LOCAL_BYTES, Millis};
use beaconry_protocol::{DiscardReason, RecordId, StreamId};

use super::World;
use crate::check::End;
use crate::clock::Clock;
use crate::storage::UNWRITTEN_FOR;
use crate::tab::{Tab, is_exit};

/// How a tab ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Closed,
    Killed,
    KilledWithBrowser,
}

/// A tab that has ended.
#[derive(Debug, Clone)]
pub(super) struct Gone {
    lives: Vec<StreamId>,
    taken_late: Vec<RecordId>,
    at: Millis,
    awake: Millis,
    journals_since: Option<Millis>,
}

impl World {
    pub(super) fn open_tab(&mut self) -> Result<usize, String> {
        let off = i64::try_from(self.plan.clock_off).unwrap_or(0);
        let ahead = i64::try_from(self.random.below(2 * self.plan.clock_off + 1)).unwrap_or(0) - off;
        self.origin.pass_to(self.now);
        let (plan, clock, at) = (&self.plan, Clock::new(ahead), self.tabs.len());
        let (tab, requests) = Tab::open(plan, at, clock, self.consent, &mut self.origin, &mut self.random)?;
        self.note(|| format!("tab {at} opens as {}, its clock is {ahead} ms ahead", tab.engine.stream()));
        self.tabs.push(Some(tab));
        self.post(at, requests);
        Ok(at)
    }

    pub(super) fn use_tab(&mut self, at: usize) -> Result<(), String> {
        if self.is_suspended(at) {
            return self.keep(at);
        }
        for _ in 0..self.random.below(self.plan.burst) {
            let (kind, padding) = (self.random.bits(), self.random.below(self.plan.padding));
            self.record(at, kind, padding)?;
            if self.chance(100) {
                self.pass(1)?;
            }
        }
        match () {
            () if self.chance(self.plan.tab_killed) => self.end_tab(at, Ending::Killed),
            () if self.chance(self.plan.tab_suspended) => self.suspend(at),
            () if self.chance(self.plan.tab_closed) => self.close_tab(at),
            () if self.chance(self.plan.tab_shut) => self.shut_tab(at),
            () => self.move_tab(at),
        }
    }

    fn move_tab(&mut self, at: usize) -> Result<(), String> {
        let id;
        let moment = match self.random.below(40) {
            0 => Input::Hidden,
            1 => Input::Freeze,
            2 | 3 => Input::Shown,
            4 => Input::Online,
            5 => match &mut self.tabs[at] {
                Some(tab) => Input::Flush(tab.ticket()),
                None => return Ok(()),
            },
            _ if self.chance(self.plan.user_changed) => {
                id = (!self.chance(300)).then(|| format!("user-{}", self.random.below(50)));
                Input::User { anonymous_id: id.as_deref(), id: id.as_deref() }
            }
            _ if self.chance(self.plan.switched) => Input::Enabled(false),
            _ => Input::Enabled(true),
        };
        let is_of_page = is_exit(&moment) || matches!(moment, Input::Shown | Input::Online);
        // Who is off does not listen.
        if !is_of_page || self.tabs[at].as_ref().is_some_and(Tab::is_attached) {
            self.tell(at, moment)?;
        }
        let is_quiet = self.tabs[at].as_ref().is_some_and(|tab| tab.is_quiet(self.now));
        if is_quiet { self.end_quiet(at) } else { Ok(()) }
    }

    /// A page that goes: the events in the order in which browsers send them, then nothing.
    pub(super) fn close_tab(&mut self, at: usize) -> Result<(), String> {
        if self.chance(200) {
            self.shut_tab(at)?;
        }
        if self.tabs[at].as_ref().is_some_and(Tab::watches_unload) {
            self.tell(at, Input::BeforeUnload)?;
        }
        for moment in [Input::PageHide, Input::Hidden] {
            if self.tabs[at].as_ref().is_some_and(Tab::is_attached) {
                self.tell(at, moment)?;
            }
        }
        self.end_tab(at, Ending::Closed)
    }

    /// The app shuts the client down, and the page stays.
    pub(super) fn shut_tab(&mut self, at: usize) -> Result<(), String> {
        let Some(tab) = &mut self.tabs[at] else { return Ok(()) };
        let ticket = tab.ticket();
        self.tell(at, Input::Shutdown(ticket))
    }

    /// Waits until every tab that was shut down is done.
    pub(super) fn wait_for_quiet(&mut self) -> Result<(), String> {
        for _ in 0..MOST_MINUTES {
            self.pass(60_000)?;
            for at in self.open_tabs() {
                if self.tabs[at].as_ref().is_some_and(|tab| tab.is_quiet(self.now)) {
                    self.end_quiet(at)?;
                }
            }
            if self.open_tabs().is_empty() {
                return Ok(());
            }
        }
        if let Some(tab) = self.tabs.iter().flatten().find(|tab| tab.is_shut()) {
            return Err(format!("half an hour after its shutdown a tab is busy: {:?}", tab.engine.ledger()));
        }
        // They were off when they were shut down, and so had nothing to end.
        self.open_tabs().into_iter().try_for_each(|at| self.close_tab(at))
    }

    /// A client that was shut down needs no event of the page any more.
    fn end_quiet(&mut self, at: usize) -> Result<(), String> {
        self.tabs[at].as_ref().map_or(Ok(()), Tab::check_quiet)?;
        self.end_tab(at, Ending::Closed)
    }

    pub(super) fn tell(&mut self, at: usize, input: Input<'_>) -> Result<(), String> {
        let Some(tab) = self.tabs.get_mut(at).and_then(Option::as_mut) else { return Ok(()) };
        self.trace.note(self.now - super::START, || format!("tab {at}: {input:?}"));
        let is_exit = is_exit(&input);
        self.origin.pass_to(self.now);
        let requests = tab.tell(input, &mut self.origin)?;
        if is_exit && requests.iter().any(|request| !request.keepalive) {
            return Err("a request without keepalive at the exit".to_owned());
        }
        self.post(at, requests);
        self.note_wiped();
        Ok(())
    }

    fn record(&mut self, at: usize, kind: u64, padding: u64) -> Result<(), String> {
        let Some(tab) = self.tabs.get_mut(at).and_then(Option::as_mut) else { return Ok(()) };
        self.trace.note(self.now - super::START, || format!("tab {at}: a record of kind {}", kind % 8));
        self.origin.pass_to(self.now);
        let requests = tab.record(kind, padding, &mut self.origin)?;
        self.post(at, requests);
        Ok(())
    }

    /// Takes a tab away, and writes down what is known of it.
    pub(super) fn end_tab(&mut self, at: usize, ending: Ending) -> Result<(), String> {
        if ending != Ending::KilledWithBrowser || self.chance(500) {
            self.post_later(at);
        }
        let Some(tab) = self.tabs[at].take() else { return Ok(()) };
        self.note(|| format!("tab {at} ends, {ending:?}, {:?}", tab.engine.ledger()));
        self.check_discards(&tab)?;
        // A page that goes by itself offers once more what was refused.
        let offers = ending == Ending::Closed && tab.has_local() && !tab.is_suspended();
        let room = self.plan.queue_bytes.min(LOCAL_BYTES).saturating_sub(self.origin.local.measured());
        let is_saved = offers && self.origin.local.takes_everything() && 2 * tab.engine.queued_bytes() < room;
        if !is_saved {
            tab.refused(&self.origin).for_each(|id| self.evidence.refused.insert(id));
        }
        for (stream, ranges) in tab.engine.ledger().lost() {
            self.evidence.discarded.insert_ranges(stream, ranges);
        }
        let damaged =
            tab.engine.ledger().discarded().find(|(reason, _)| *reason == DiscardReason::StorageCorrupt);
        self.evidence.counted_as_damaged += damaged.map_or(0, |(_, count)| count);
        let awake = tab.clock.awake(self.now);
        let (taken_late, journals_since) = (tab.taken_late(&self.origin), tab.journals_since());
        self.origin.locks.release_all(at);
        let mut lives = Vec::new();
        for (stream, mut life) in tab.into_lives() {
            if ending == Ending::Killed {
                life.end(End::Killed(awake));
            }
            self.evidence.lives.insert(stream, life);
            lives.push(stream);
        }
        self.gone.push(Gone { lives, taken_late, at: self.now, awake, journals_since });
        Ok(())
    }

    /// What tabs wrote that have just ended is as unsafe as what is written now.
    pub(super) fn note_browser_killed(&mut self) {
        for gone in std::mem::take(&mut self.gone) {
            let since = self.now - gone.at;
            for stream in &gone.lives {
                let life = self.evidence.lives.get_mut(stream);
                let end = End::BrowserKilled(gone.awake + since, gone.journals_since);
                life.into_iter().for_each(|life| life.end(end));
            }
            if since <= UNWRITTEN_FOR {
                gone.taken_late.into_iter().for_each(|id| self.evidence.refused.insert(id));
            }
        }
    }

    /// Nothing in a run gives reason to discard a record but these.
    fn check_discards(&self, tab: &Tab) -> Result<(), String> {
        let is_allowed = |reason| match reason {
            DiscardReason::TooOld => self.may_expire,
            DiscardReason::StorageCorrupt => self.may_be_damaged,
            DiscardReason::TooLarge => self.may_be_split,
            DiscardReason::ConsentDenied => self.may_be_denied,
            DiscardReason::SampledOut => self.may_be_sampled,
            DiscardReason::QueueOverflow | DiscardReason::Disabled => true,
            _ => false,
        };
        match tab.engine.ledger().discarded().find(|(reason, _)| !is_allowed(*reason)) {
            None => Ok(()),
            Some((reason, count)) => Err(format!("{count} records were discarded as {reason:?}")),
        }
    }

    pub(super) fn open_tabs(&self) -> Vec<usize> {
        (0..self.tabs.len()).filter(|at| self.tabs[*at].is_some()).collect()
    }
}

const MOST_MINUTES: u32 = 30;
