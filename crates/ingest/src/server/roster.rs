//! Who has a place: the connections that are open, and which of them goes when there is none left.
//!
//! A connection *waits* while its sender has the next word: a request that has not come whole, or an
//! answer that is not taken. Anyone can open many and say nothing. So when a newcomer finds no place, the
//! one that has waited longest goes, out of those of the address that holds the most: whoever opens two
//! thousand of them pushes out its own. A connection that the server works for is never closed.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::clock::steady;

/// All places, and who has them.
#[derive(Debug)]
pub(super) struct Roster {
    places: Arc<Semaphore>,
    seats: Mutex<HashMap<u64, Taken>>,
    next: AtomicU64,
}

#[derive(Debug)]
struct Taken {
    address: IpAddr,
    wait: Arc<Wait>,
}

/// Whether a connection waits for its sender, and the end of it.
#[derive(Debug, Default)]
pub(super) struct Wait {
    /// Since when, in nanoseconds; [`NEVER`] while the server has the word.
    since: AtomicU64,
    close: Notify,
}

/// The place of one connection; given back when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    roster: Arc<Roster>,
    id: u64,
    pub(super) wait: Arc<Wait>,
    _place: OwnedSemaphorePermit,
}

impl Roster {
    pub(super) fn new(places: usize) -> Self {
        let places = Arc::new(Semaphore::new(places));
        Self { places, seats: Mutex::default(), next: AtomicU64::default() }
    }

    /// A place for a connection from `address`, of which there may be `most` at once. `None`: all of them
    /// are being worked for.
    pub(super) async fn seat(self: &Arc<Self>, address: IpAddr, most: Option<u32>) -> Option<Seat> {
        let is_full = most.is_some_and(|most| self.count(address) >= most as usize);
        if is_full && !self.close_longest_waiting(|of| of == address) {
            return None;
        }
        let place = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => place,
            Err(_) => {
                self.make_room();
                // Nobody closes the semaphore.
                Arc::clone(&self.places).acquire_owned().await.ok()?
            }
        };
        let wait = Arc::new(Wait::default());
        wait.begin(steady());
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(id, Taken { address, wait: Arc::clone(&wait) });
        Some(Seat { roster: Arc::clone(self), id, wait, _place: place })
    }

    /// Waits until every place has been given back.
    pub(super) async fn all_gone(&self, places: u32) {
        let _ = self.places.acquire_many(places).await;
    }

    fn count(&self, address: IpAddr) -> usize {
        self.lock().values().filter(|taken| taken.address == address && !taken.wait.is_closed()).count()
    }

    fn make_room(&self) {
        let most = {
            let seats = self.lock();
            let mut counts = HashMap::<IpAddr, usize>::new();
            seats.values().for_each(|taken| *counts.entry(taken.address).or_default() += 1);
            counts.into_iter().max_by_key(|(_, count)| *count).map(|(address, _)| address)
        };
        if !self.close_longest_waiting(|address| Some(address) == most) {
            self.close_longest_waiting(|_| true);
        }
    }

    /// Closes the one that has waited longest, of those from such addresses. False: none of them waits.
    fn close_longest_waiting(&self, is_such: impl Fn(IpAddr) -> bool) -> bool {
        let seats = self.lock();
        let waiting = seats.values().filter(|taken| is_such(taken.address));
        let longest = waiting
            .filter_map(|taken| Some((taken.wait.since()?, &taken.wait)))
            .min_by_key(|(since, _)| *since);
        longest.is_some_and(|(_, wait)| {
            wait.close();
            true
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Taken>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.roster.lock().remove(&self.id);
    }
}

impl Wait {
    /// The sender has the word.
    pub(super) fn begin(&self, now: Duration) {
        // Once it is closed, it stays so.
        let now = u64::try_from(now.as_nanos()).unwrap_or(CLOSED).clamp(NEVER + 1, CLOSED - 1);
        let open = |since| (since != CLOSED).then_some(now);
        let _ = self.since.fetch_update(Ordering::Relaxed, Ordering::Relaxed, open);
    }

    /// The server has the word.
    pub(super) fn end(&self) {
        let open = |since| (since != CLOSED).then_some(NEVER);
        let _ = self.since.fetch_update(Ordering::Relaxed, Ordering::Relaxed, open);
    }

    /// Comes true when the connection has to go.
    pub(super) async fn closed(&self) {
        self.close.notified().await;
    }

    fn since(&self) -> Option<u64> {
        let since = self.since.load(Ordering::Relaxed);
        (since != NEVER && since != CLOSED).then_some(since)
    }

    fn is_closed(&self) -> bool {
        self.since.load(Ordering::Relaxed) == CLOSED
    }

    fn close(&self) {
        self.since.store(CLOSED, Ordering::Relaxed);
        self.close.notify_one();
    }
}

const NEVER: u64 = 0;
const CLOSED: u64 = u64::MAX;

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    async fn seat(roster: &Arc<Roster>, last: u8, since: u64) -> Seat {
        let seat = roster.seat(address(last), None).await.unwrap();
        seat.wait.begin(Duration::from_nanos(since));
        seat
    }

    fn is_closed(seat: &Seat) -> bool {
        seat.wait.closed().now_or_never().is_some()
    }

    #[tokio::test]
    async fn the_longest_waiting_of_the_address_with_the_most_goes() {
        let roster = Arc::new(Roster::new(4));
        let alone = seat(&roster, 1, 10).await;
        let [old, new, busy] =
            [seat(&roster, 2, 30).await, seat(&roster, 2, 40).await, seat(&roster, 2, 20).await];
        busy.wait.end();
        // Nobody gives a place back yet, so the newcomers wait for theirs.
        let mut first = Box::pin(roster.seat(address(3), None));
        assert!(first.as_mut().now_or_never().is_none());
        assert_eq!([&alone, &old, &new, &busy].map(is_closed), [false, true, false, false]);
        drop(old);
        assert!(first.await.is_some());
    }

    #[tokio::test]
    async fn what_the_server_works_for_is_never_closed() {
        let roster = Arc::new(Roster::new(1));
        let busy = seat(&roster, 1, 10).await;
        busy.wait.end();
        assert!(roster.seat(address(2), None).now_or_never().is_none());
        assert!(!is_closed(&busy));
    }

    #[tokio::test]
    async fn an_address_has_so_many_and_its_own_make_room() {
        let roster = Arc::new(Roster::new(9));
        let [one, two] = [seat(&roster, 1, 10).await, seat(&roster, 1, 20).await];
        assert!(roster.seat(address(1), Some(2)).await.is_some());
        assert_eq!([&one, &two].map(is_closed), [true, false]);
        two.wait.end();
        drop(one);
        let last = roster.seat(address(1), Some(2)).await.unwrap();
        last.wait.end();
        assert!(roster.seat(address(1), Some(2)).await.is_none());
        assert!(roster.seat(address(2), Some(2)).await.is_some());
    }
}
