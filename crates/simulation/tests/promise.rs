//! The promise, on ten thousand seeds.

use beaconry_simulation::run_many;

#[test]
fn every_record_is_stored_once_or_named() {
    if let Err(failures) = run_many(0..SEEDS, || ()) {
        let first = &failures[0];
        panic!("{first}\nsee what happens in it with: cargo xtask simulate --seed {} --trace", first.seed);
    }
}

const SEEDS: u64 = 10_000;
