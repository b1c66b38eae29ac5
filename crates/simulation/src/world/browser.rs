//! What befalls the browser as a whole: its back/forward cache, its end, and the user's mind.

use beaconry::engine::{Consent, Input, SendId};

use super::World;
use super::tabs::Ending;
use crate::network::{Packet, Route};
use crate::tab::draw_stream;

impl World {
    /// The user changes their mind, and the app tells all tabs; the server changes its flag.
    pub(super) fn change_minds(&mut self) -> Result<(), String> {
        if self.chance(self.plan.flag_changed) {
            self.change_flag();
        }
        let rate = if self.consent == Consent::Granted { 1 } else { 5 };
        if self.chance(self.plan.consent_changed * rate) {
            let says_no =
                self.consent == Consent::Granted || (self.consent == Consent::Pending && self.chance(500));
            let next = if says_no { Consent::Denied } else { Consent::Granted };
            return self.say(next);
        }
        Ok(())
    }

    /// All tabs hear of it but those in the back/forward cache.
    pub(super) fn say(&mut self, consent: Consent) -> Result<(), String> {
        self.consent = consent;
        self.origin.is_wiped &= consent == Consent::Denied;
        for at in self.open_tabs() {
            self.hear(at)?;
        }
        Ok(())
    }

    fn hear(&mut self, at: usize) -> Result<(), String> {
        let consent = self.consent;
        let is_news =
            self.tabs[at].as_ref().is_some_and(|tab| tab.consent() != consent && !tab.is_suspended());
        if is_news { self.tell(at, Input::Consent(consent)) } else { Ok(()) }
    }

    pub(super) fn is_suspended(&self, at: usize) -> bool {
        self.tabs[at].as_ref().is_some_and(|tab| tab.is_suspended())
    }

    /// The user leaves the page, and the browser keeps it.
    pub(super) fn suspend(&mut self, at: usize) -> Result<(), String> {
        if self.tabs[at].as_ref().is_some_and(|tab| tab.is_attached()) {
            self.tell(at, Input::PageHide)?;
        }
        self.note(|| format!("tab {at} is in the back/forward cache"));
        self.origin.pass_to(self.now);
        if let Some(tab) = &mut self.tabs[at] {
            tab.suspend(&mut self.origin);
        }
        Ok(())
    }

    /// What happens to a page there: nothing, or it comes back, or the browser needs the memory.
    pub(super) fn keep(&mut self, at: usize) -> Result<(), String> {
        match self.random.below(20) {
            0..=5 => self.come_back(at),
            6 => self.end_tab(at, Ending::Closed),
            7 => {
                self.post_later(at);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn come_back(&mut self, at: usize) -> Result<(), String> {
        let next = draw_stream(&mut self.random);
        let Some(tab) = self.tabs[at].as_mut().filter(|tab| tab.is_suspended()) else { return Ok(()) };
        self.trace.note(self.now - super::START, || format!("tab {at} is back, perhaps as {next}"));
        self.origin.pass_to(self.now);
        let requests = tab.come_back(next, &mut self.origin)?;
        self.post(at, requests);
        self.note_wiped();
        self.hear(at)
    }

    /// The browser posts what was left to it.
    pub(super) fn post_later(&mut self, at: usize) {
        let bodies = self.tabs[at].as_mut().map(|tab| std::mem::take(&mut tab.later)).unwrap_or_default();
        for body in bodies {
            self.note(|| format!("the browser posts {} bytes of tab {at}", body.len()));
            let arrives_at = self.delay();
            if !self.chance(self.plan.request_lost) {
                let route = Route { tab: at, send: SendId(u64::MAX) };
                self.network.send(arrives_at, Packet::Request(route, body));
            }
        }
    }

    /// The whole browser is killed, and what it had not written to the disk is gone.
    pub(super) fn kill_browser(&mut self) -> Result<(), String> {
        self.note(|| "the browser is killed".to_owned());
        self.browser_kills += 1;
        self.origin.pass_to(self.now);
        self.origin.lose_browser(&mut self.random);
        // What was removed because the user wants it may be there again.
        self.origin.is_wiped = false;
        self.open_tabs().into_iter().try_for_each(|at| self.end_tab(at, Ending::KilledWithBrowser))?;
        self.note_browser_killed();
        Ok(())
    }

    /// What was wiped is named by whoever wiped it.
    pub(super) fn note_wiped(&mut self) {
        for (key, value) in std::mem::take(&mut self.origin.wiped) {
            self.evidence.note_wiped(&key, &value);
        }
        if self.consent == Consent::Denied {
            self.host.move_out(&self.origin.local);
        }
    }
}
