//! The promise, on a thousand seeds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

#[test]
fn every_record_is_stored_once_or_named() {
    let next = AtomicU64::new(0);
    let work = || {
        let seeds = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        let failures =
            seeds.take_while(|seed| *seed < SEEDS).filter_map(|seed| beaconry_simulation::run(seed).err());
        failures.collect::<Vec<_>>()
    };
    let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let failures: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(
        failures.is_empty(),
        "{} of {SEEDS} seeds fail; the first is {}; run it again with: cargo xtask simulate --seed {} --seeds 1",
        failures.len(),
        failures[0],
        failures[0].seed,
    );
}

const SEEDS: u64 = 1_000;
