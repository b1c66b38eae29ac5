//! Promises of the app that are still open.

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

/// What the open promises wait for.
#[derive(Debug, Default)]
pub(super) struct Waits {
    open: Vec<Wait>,
}

#[derive(Debug)]
struct Wait {
    ticket: Ticket,
    until: Until,
}

#[derive(Debug, Clone, Copy)]
enum Until {
    /// No record up to this place is left in the queue, or a try to send them has failed.
    Flushed(u64),
    /// The record at this place has left the queue.
    Delivered(u64),
}

impl Waits {
    pub(super) fn flushed(&mut self, ticket: Ticket, last_seq: u64) {
        self.open.push(Wait { ticket, until: Until::Flushed(last_seq) });
    }

    pub(super) fn delivered(&mut self, ticket: Ticket, seq: u64) {
        self.open.push(Wait { ticket, until: Until::Delivered(seq) });
    }

    /// Takes out the promises that have come true. `oldest` is the first place of the own stream
    /// that is still in the queue, `is_queued` and `is_discarded` tell of single places.
    pub(super) fn take_settled(
        &mut self,
        oldest: Option<u64>,
        is_queued: &dyn Fn(u64) -> bool,
        is_discarded: &dyn Fn(u64) -> bool,
    ) -> Vec<(Ticket, Settled)> {
        self.take(&|until| match until {
            Until::Flushed(last) => oldest.is_none_or(|oldest| oldest > last).then_some(Settled::Delivered),
            Until::Delivered(seq) if is_queued(seq) => None,
            Until::Delivered(seq) if is_discarded(seq) => Some(Settled::Discarded),
            Until::Delivered(_) => Some(Settled::Delivered),
        })
    }

    /// Whether nobody waits for anything.
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Takes out everything, because nothing will be tried any more.
    pub(super) fn take_all(&mut self, outcome: Settled) -> Vec<(Ticket, Settled)> {
        self.take(&|_| Some(outcome))
    }

    /// Takes out the flushes, because a try to send has failed.
    pub(super) fn take_tried(&mut self) -> Vec<(Ticket, Settled)> {
        self.take(&|until| matches!(until, Until::Flushed(_)).then_some(Settled::Spooled))
    }

    fn take(&mut self, settled: &dyn Fn(Until) -> Option<Settled>) -> Vec<(Ticket, Settled)> {
        let mut taken = Vec::new();
        for wait in std::mem::take(&mut self.open) {
            match settled(wait.until) {
                Some(outcome) => taken.push((wait.ticket, outcome)),
                None => self.open.push(wait),
            }
        }
        taken
    }
}
