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
        let mut next = NEVER;
        for flight in &self.flights {
            next = next.min(flight.deadline);
        }
        if self.is_open() {
            if self.due_flush(now).is_some() {
                next = now;
            } else if let Some(since) = self.queue.held().since {
                next = next.min(since + self.config.flush_interval);
            }
            // Who is closing tries while it works, and leaves the rest to the next page.
            let is_done = self.life == Life::Closing && self.backoff.has_failed();
            if self.flights.is_empty() && self.queue.has_ready() && !is_done {
                next = next.min(self.backoff.paused_until(now).unwrap_or(now));
            }
            if let Some(made_at) = self.queue.oldest()
                && self.life == Life::On
            {
                next = next.min(made_at + self.config.max_spool_age);
            }
            next = next.min(self.spool_due().unwrap_or(NEVER));
        }
        (next < NEVER).then(|| next.max(now))
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

const NEVER: Millis = Millis::MAX;
