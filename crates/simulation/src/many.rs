//! Many seeds, on all cores.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::check::{Failure, Summary};
use crate::run;

/// Runs the seeds, as many at a time as there are cores, and tells of each that is done.
///
/// # Errors
/// The seeds that fail, the smallest first; after the first of them no further ones are begun.
pub fn run_many(seeds: Range<u64>, on_done: impl Fn() + Sync) -> Result<Summary, Vec<Failure>> {
    let next = AtomicU64::new(seeds.start);
    let outcome = Mutex::new((Summary::default(), Vec::new()));
    let lock = || outcome.lock().unwrap_or_else(PoisonError::into_inner);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end || !lock().1.is_empty() {
                return;
            }
            match run(seed) {
                Ok(summary) => lock().0.add(&summary),
                Err(failure) => lock().1.push(failure),
            }
            on_done();
        }
    };
    let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
    let (total, mut failures) = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    failures.sort_by_key(|failure| failure.seed);
    if failures.is_empty() { Ok(total) } else { Err(failures) }
}
