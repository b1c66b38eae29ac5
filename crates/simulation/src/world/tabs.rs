//! What people and apps do with tabs.

use beaconry::engine::{Input, Millis};
use beaconry_protocol::{DiscardReason, RecordId};

use super::World;
use crate::check::Life;
use crate::clock::Clock;
use crate::tab::Tab;

impl World {
    pub(super) fn open_tab(&mut self) -> Result<usize, String> {
        let off = i64::try_from(self.plan.clock_off).unwrap_or(0);
        let ahead = i64::try_from(self.random.below(2 * self.plan.clock_off + 1)).unwrap_or(0) - off;
        let tab = Tab::open(&self.plan, Clock::new(ahead), self.now, &mut self.random);
        let at = self.tabs.len();
        self.note(|| format!("tab {at} opens as {}, its clock is {ahead} ms ahead", tab.engine.stream()));
        let left_behind = tab.left_behind(&self.storage);
        self.tabs.push(Some(tab));
        left_behind.map_or(Ok(()), |input| self.tell(at, input))?;
        Ok(at)
    }

    pub(super) fn use_tab(&mut self, at: usize) -> Result<(), String> {
        for _ in 0..self.random.below(self.plan.burst) {
            let (kind, padding) = (self.random.bits(), self.random.below(self.plan.padding));
            let Some(tab) = &self.tabs[at] else { return Ok(()) };
            let call = tab.call(kind, padding);
            self.tell(at, Input::Record(call))?;
            if self.chance(100) {
                self.pass(1)?;
            }
        }
        match () {
            () if self.chance(self.plan.tab_killed) => self.end_tab(at, true),
            () if self.chance(self.plan.tab_closed) => self.close_tab(at),
            () if self.chance(self.plan.tab_shut) => self.shut_tab(at),
            () => self.move_tab(at),
        }
    }

    fn move_tab(&mut self, at: usize) -> Result<(), String> {
        let moment = match self.random.below(40) {
            0 => Input::Hidden,
            1 => Input::Freeze,
            2 | 3 => Input::Shown,
            4 => Input::Online,
            5 => match &mut self.tabs[at] {
                Some(tab) => Input::Flush(tab.ticket()),
                None => return Ok(()),
            },
            _ if self.chance(self.plan.switched) => Input::Enabled(false),
            _ => Input::Enabled(true),
        };
        self.tell(at, moment)?;
        let is_quiet = self.tabs[at].as_ref().is_some_and(|tab| tab.is_quiet(self.now));
        if is_quiet { self.end_quiet(at) } else { Ok(()) }
    }

    /// A page that goes: the events in the order in which browsers send them, then nothing.
    pub(super) fn close_tab(&mut self, at: usize) -> Result<(), String> {
        if self.chance(200) {
            self.shut_tab(at)?;
        }
        self.tell(at, Input::BeforeUnload)?;
        self.tell(at, Input::PageHide)?;
        self.tell(at, Input::Hidden)?;
        self.end_tab(at, false)
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
            return Err(format!(
                "half an hour after its shutdown a tab is busy: {}",
                tab.engine.stats_json()
            ));
        }
        // They were off when they were shut down, and so had nothing to end.
        self.open_tabs().into_iter().try_for_each(|at| self.close_tab(at))
    }

    /// A client that was shut down needs no event of the page any more.
    fn end_quiet(&mut self, at: usize) -> Result<(), String> {
        self.tabs[at].as_ref().map_or(Ok(()), Tab::check_quiet)?;
        self.end_tab(at, false)
    }

    pub(super) fn tell(&mut self, at: usize, input: Input<'_>) -> Result<(), String> {
        let Some(tab) = self.tabs.get_mut(at).and_then(Option::as_mut) else { return Ok(()) };
        self.trace.note(self.now - super::START, || format!("tab {at}: {input:?}"));
        let is_exit = matches!(input, Input::BeforeUnload | Input::PageHide | Input::Hidden | Input::Freeze);
        let requests = tab.tell(input, self.now, &mut self.storage)?;
        if is_exit && requests.iter().any(|request| !request.keepalive) {
            return Err("a request without keepalive at the exit".to_owned());
        }
        self.post(at, requests);
        Ok(())
    }

    /// Takes a tab away, and writes down what is known of it.
    fn end_tab(&mut self, at: usize, is_killed: bool) -> Result<(), String> {
        let Some(tab) = self.tabs[at].take() else { return Ok(()) };
        self.note(|| format!("tab {at} ends, killed: {is_killed}, {}", tab.engine.stats_json()));
        self.check_discards(&tab)?;
        let stream = tab.engine.stream();
        // A page that goes by itself offers once more what was refused.
        let is_saved = !is_killed && tab.engine.is_enabled() && self.storage.takes_everything();
        for seq in tab.refused(&self.storage).into_iter().filter(|_| !is_saved) {
            self.evidence.refused.insert(RecordId { stream, seq });
        }
        for (stream, ranges) in tab.engine.ledger().lost() {
            self.evidence.discarded.insert_ranges(stream, ranges);
        }
        let killed_at: Option<Millis> = is_killed.then(|| tab.clock.awake(self.now));
        self.evidence.lives.insert(stream, Life { made_at: tab.made_at, killed_at });
        Ok(())
    }

    /// Nothing in a run gives reason to discard a record but these.
    fn check_discards(&self, tab: &Tab) -> Result<(), String> {
        let is_allowed = |reason| match reason {
            DiscardReason::TooOld => self.may_expire,
            DiscardReason::StorageCorrupt => self.may_be_damaged,
            DiscardReason::TooLarge => self.may_be_split,
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
