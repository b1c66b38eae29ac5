//! When the engine has to be woken, and what it does then.

use beaconry_protocol::limits;

use super::life::Life;
use super::{Command, Engine, FlushCause, Millis};

impl Engine {
    pub(super) fn schedule(&mut self, now: Millis) {
        let wake_at = self.next_wake(now);
        if wake_at != self.wake_at {
            self.wake_at = wake_at;
            self.commands.push(Command::WakeAt(wake_at));
        }
        let is_at_risk = self.is_open() && self.queue.unspooled_since().is_some();
        if is_at_risk != self.is_watching_unload {
            self.is_watching_unload = is_at_risk;
            self.commands.push(Command::WatchBeforeUnload(is_at_risk));
        }
    }

    fn next_wake(&self, now: Millis) -> Option<Millis> {
        let mut hanging = None;
        for flight in &self.flights {
            hanging = earliest(&[hanging, Some(flight.deadline)]);
        }
        if !self.is_open() {
            return hanging;
        }
        let spool = self.spool_due();
        let held = self.queue.held();
        let is_full = held.records >= self.config.batch_size || held.bytes >= limits::CHUNK_BYTES;
        let is_full = is_full || (self.is_leaving(now) && held.records > 0);
        let flush =
            if is_full { Some(now) } else { held.since.map(|since| since + self.config.flush_interval) };
        // Who is closing tries while it works, and leaves the rest to the next page.
        let is_done = self.life == Life::Closing && self.backoff.has_failed();
        let can_send = self.flights.is_empty() && self.queue.has_ready() && !is_done;
        let send = can_send.then(|| self.backoff.paused_until(now).unwrap_or(now));
        let expire = self.queue.oldest().map(|made_at| made_at + self.config.max_spool_age);
        let expire = expire.filter(|_| self.life == Life::On);
        let next = earliest(&[hanging, spool, flush, send, expire]);
        next.map(|at| at.max(now))
    }

    pub(super) fn wake(&mut self, now: Millis) {
        self.wake_at = None;
        self.expire(now);
        self.give_up_hanging(now);
        if !self.is_open() {
            return;
        }
        if let Some(cause) = self.due_flush(now) {
            self.flush(cause, now);
        }
        if self.spool_due().is_some_and(|due| due <= now) {
            self.spool();
        }
    }

    fn spool_due(&self) -> Option<Millis> {
        let usual = self.queue.unspooled_since()? + self.config.spool_delay;
        Some(self.spool_errors_at.map_or(usual, |errors| errors.min(usual)))
    }

    fn due_flush(&self, now: Millis) -> Option<FlushCause> {
        let held = self.queue.held();
        if self.is_leaving(now) && held.records > 0 {
            Some(FlushCause::Hidden)
        } else if held.records >= self.config.batch_size {
            Some(FlushCause::BatchSize)
        } else if held.bytes >= limits::CHUNK_BYTES {
            Some(FlushCause::Bytes)
        } else if held.since? + self.config.flush_interval <= now {
            Some(FlushCause::Timer)
        } else {
            None
        }
    }
}

fn earliest(times: &[Option<Millis>]) -> Option<Millis> {
    let mut earliest = None;
    for time in times {
        if earliest.is_none() || time.is_some() && *time < earliest {
            earliest = *time;
        }
    }
    earliest
}
