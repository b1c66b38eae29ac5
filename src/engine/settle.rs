//! Promises of the app that are still open.

use super::{Command, Engine};

/// One promise. The shell hands it in and gets it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// How a promise ended. None of them is a failure that the app would have to handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// Everything that it spoke of is on the server's disk.
    Delivered,
    /// It was tried, and what is left waits in the spool.
    Spooled,
    /// It was discarded; the ledger says why.
    Discarded,
    /// It is in memory only, until the user has said whether it may be stored.
    Pending,
}

/// A promise that is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait {
    pub(super) ticket: Ticket,
    pub(super) until: Until,
}

/// What it waits for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Until {
    /// No record up to this place is left in the queue, or a try to send them has failed.
    Flushed(u64),
    /// The record at this place has left the queue.
    Delivered(u64),
}

impl Engine {
    pub(super) fn wait(&mut self, ticket: Ticket, until: Until) {
        self.waits.push(Wait { ticket, until });
    }

    /// Keeps the promises that have come true.
    pub(super) fn settle(&mut self) {
        self.settle_by(&Self::come_true);
    }

    /// Those that speak of a try, because one to send has failed.
    pub(super) fn settle_tried(&mut self) {
        self.settle_by(&|_, until| matches!(until, Until::Flushed(_)).then_some(Settled::Spooled));
    }

    /// All, because nothing will be tried any more.
    pub(super) fn settle_all(&mut self, outcome: Settled) {
        self.settle_by(&|_, _| Some(outcome));
    }

    fn settle_by(&mut self, outcome: &dyn Fn(&Self, Until) -> Option<Settled>) {
        for wait in std::mem::take(&mut self.waits) {
            match outcome(self, wait.until) {
                Some(outcome) => self.tell(wait.ticket, outcome),
                None => self.waits.push(wait),
            }
        }
    }

    fn come_true(&self, until: Until) -> Option<Settled> {
        let (stream, queue) = (self.stream, &self.queue);
        match until {
            Until::Flushed(last) if queue.first_seq(stream).is_some_and(|oldest| oldest <= last) => None,
            Until::Delivered(seq) if queue.has(stream, seq) => None,
            Until::Delivered(seq) if self.ledger.is_discarded(stream, seq) => Some(Settled::Discarded),
            Until::Flushed(_) | Until::Delivered(_) => Some(Settled::Delivered),
        }
    }

    pub(super) fn tell(&mut self, ticket: Ticket, outcome: Settled) {
        self.commands.push(Command::Settle(ticket, outcome));
    }
}
