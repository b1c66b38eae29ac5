//! The journal against a model, over a disk that fails, dies and loses power wherever it hurts most.
//!
//! Each seed is a life: commits, new segments, sealing, retention, erasure, restarts, with faults in
//! between and in the middle. The model knows what was promised; after every restart the journal is
//! read in every way there is, and has to have exactly that. `BEACONRY_JOURNAL_SEEDS=100000 cargo test
//! -p beaconry-ingest --test journal` runs more of them, `BEACONRY_JOURNAL_SEED=7` one alone, and with
//! `-- --nocapture` says what happens in it.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is how a wrong answer is told")]
#![expect(clippy::print_stdout, reason = "whoever traces a seed reads it")]

mod disk;
mod life;
mod model;
mod random;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use life::{Life, Seen};

/// Enough to meet every fault in the middle of every operation.
const SEEDS: u64 = 1_000;

#[test]
fn what_was_promised_is_there_whatever_happens_to_the_disk() {
    let only = number("BEACONRY_JOURNAL_SEED");
    let seeds = only.map_or(0..number("BEACONRY_JOURNAL_SEEDS").unwrap_or(SEEDS), |seed| seed..seed + 1);
    let next = AtomicU64::new(seeds.start);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let seen = thread::scope(|scope| {
        let work = || {
            let mut seen = Seen::default();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    return seen;
                }
                let lived = catch_unwind(AssertUnwindSafe(|| Life::of(seed, only.is_some()).live()));
                seen.add(lived.unwrap_or_else(|_| panic!("BEACONRY_JOURNAL_SEED={seed} fails")));
            }
        };
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().fold(Seen::default(), |mut all, thread| {
            all.add(thread.join().unwrap());
            all
        })
    });
    println!("{seen:#?}");
    // A model that meets nothing proves nothing.
    assert!(only.is_some() || seen.has_seen_everything(), "{seen:#?}");
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap())
}
