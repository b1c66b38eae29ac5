//! What earlier pages left in the spool, and the room that there is for it.

use beaconry_protocol::DiscardReason;

use super::chunk::Chunk;
use super::spool::{self, Stored};
use super::{Command, Engine, Millis};

impl Engine {
    /// Takes over what earlier pages left behind, as far as there is room; the rest stays in the spool
    /// until some of it has gone.
    pub(super) fn recover(&mut self, chunks: &[(&str, &str)], now: Millis) {
        if !self.is_open() {
            return;
        }
        self.has_left_some = false;
        for (key, value) in chunks {
            match spool::decode(key, value, &self.config.app, &self.config.endpoint) {
                Stored::Chunk(chunk, damaged) if chunk.stream != self.stream => {
                    let fits = self.queue.bytes() + chunk.bytes() <= self.config.max_queue_bytes / 2;
                    if !fits && self.queue.has_adopted() {
                        self.has_left_some = true;
                        continue;
                    }
                    self.adopt(chunk, damaged, now);
                }
                Stored::Unreadable(records) => {
                    self.lose_damaged(records);
                    self.commands.push(Command::Unspool { key: (*key).to_owned() });
                }
                // Nobody may ever send it again: the app has moved to another endpoint.
                Stored::Elsewhere { made_at, records }
                    if made_at.saturating_add(self.config.max_spool_age) <= now =>
                {
                    self.ledger.adopted += records;
                    self.ledger.refuse(DiscardReason::TooOld, None, records);
                    self.commands.push(Command::Unspool { key: (*key).to_owned() });
                }
                Stored::Chunk(..) | Stored::Elsewhere { .. } | Stored::Foreign => {}
            }
        }
        self.expire(now);
    }

    /// Lets go of what earlier pages left behind, as far as it is not on its way.
    pub(super) fn let_go(&mut self) {
        let let_go = self.queue.let_go();
        self.ledger.adopted -= let_go as u64;
        self.has_left_some |= let_go > 0;
    }

    fn adopt(&mut self, mut chunk: Chunk, damaged: u64, now: Millis) {
        if damaged > 0 {
            // Written anew without the damaged lines, so that they are counted once.
            chunk.touch();
        }
        let records = chunk.entries().len() as u64;
        if self.queue.adopt(chunk, now) {
            self.ledger.adopted += records;
            self.lose_damaged(damaged);
        }
    }

    /// Counts records of which nothing is left but that they were there.
    fn lose_damaged(&mut self, records: u64) {
        if records > 0 {
            self.ledger.adopted += records;
            self.ledger.refuse(DiscardReason::StorageCorrupt, None, records);
        }
    }

    /// Brings a queue that is over its bound back below it: first what earlier pages left behind
    /// goes back to the spool, then the least severe is given up.
    pub(super) fn make_room(&mut self, now: Millis) {
        self.let_go();
        if self.queue.bytes() > self.config.max_queue_bytes {
            // An eighth more than needed, so that a full queue does not do this at every call.
            let most = self.config.max_queue_bytes / 8 * 7;
            self.queue.evict(most, now, &mut self.ledger, self.stream);
            // Before they are named: who takes the storage over must not find them there.
            self.spool();
        }
    }
}
