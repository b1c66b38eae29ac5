//! How far the journal is committed, for those who read after the writer: it tells them at once
//! instead of letting them poll.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::{Journal, Segment};

/// The committed part of a journal, as its readers see it.
#[derive(Debug, Default)]
pub struct Tail {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    segments: Vec<Segment>,
    last_n: u64,
    is_closed: bool,
}

impl Tail {
    /// Says that `journal` is committed up to where it is now.
    pub fn publish(&self, journal: &Journal) {
        let mut state = self.lock();
        state.segments.clear();
        state.segments.extend_from_slice(journal.segments());
        state.last_n = journal.last_n();
        drop(state);
        self.changed.notify_all();
    }

    /// Says that nothing more will come.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// Waits until there are lines after `n` and returns the segments they are in; `None` when
    /// there will be none.
    pub fn wait_beyond(&self, n: u64) -> Option<Vec<Segment>> {
        let waiting = |state: &mut State| state.last_n <= n && !state.is_closed;
        let state = self.changed.wait_while(self.lock(), waiting).unwrap_or_else(PoisonError::into_inner);
        (state.last_n > n).then(|| state.segments.clone())
    }

    /// Whether nothing more will come.
    pub fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    /// The number of the last committed line.
    pub fn last_n(&self) -> u64 {
        self.lock().last_n
    }

    /// The segments, each as long as what is committed of it.
    pub fn segments(&self) -> Vec<Segment> {
        self.lock().segments.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
