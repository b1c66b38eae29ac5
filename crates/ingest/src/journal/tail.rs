//! How far the journal is committed, for those who read after the writer: it tells them at once
//! instead of letting them poll.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Journal, Segment, SegmentName};

/// The committed part of a journal, as its readers see it.
#[derive(Debug, Default)]
pub struct Tail {
    state: Mutex<State>,
    changed: Condvar,
    /// For those who wait for segments, who need not be woken by every line.
    rolled: Condvar,
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
        let last = |segments: &[Segment]| segments.last().map(|last| last.name);
        let is_rolled = last(&state.segments) != last(journal.segments());
        state.segments.clear();
        state.segments.extend_from_slice(journal.segments());
        state.last_n = journal.last_n();
        drop(state);
        self.changed.notify_all();
        if is_rolled {
            self.rolled.notify_all();
        }
    }

    /// Says that nothing more will come.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
        self.rolled.notify_all();
    }

    /// Waits until there are lines after `n` and returns the segments they are in, and the last of
    /// them; `None` when there will be none.
    pub fn wait_beyond(&self, n: u64) -> Option<(Vec<Segment>, u64)> {
        let waiting = |state: &mut State| state.last_n <= n && !state.is_closed;
        let state = self.changed.wait_while(self.lock(), waiting).unwrap_or_else(PoisonError::into_inner);
        (state.last_n > n).then(|| (state.segments.clone(), state.last_n))
    }

    /// Waits until another segment than `last` is the last one, no longer than `limit`; `false` when
    /// nothing more will come.
    pub fn wait_for_segment(&self, last: Option<SegmentName>, limit: Duration) -> bool {
        let is_last = |state: &State| state.segments.last().map(|segment| segment.name) == last;
        let waiting = |state: &mut State| is_last(state) && !state.is_closed;
        let waited = self.rolled.wait_timeout_while(self.lock(), limit, waiting);
        !waited.unwrap_or_else(PoisonError::into_inner).0.is_closed
    }

    /// The segment that is written to.
    pub fn last_segment(&self) -> Option<SegmentName> {
        self.lock().segments.last().map(|segment| segment.name)
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
