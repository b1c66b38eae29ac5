//! How hostile a run is. Drawn from the seed, so that some runs are calm and some are hopeless.

use beaconry::engine::{Millis, Random};

/// Chances (in a thousand, at each opportunity) and sizes of one run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) steps: u32,
    pub(crate) most_tabs: usize,
    pub(crate) spool_delay: Millis,
    pub(crate) max_spool_age: Millis,
    pub(crate) switched: u64,
    pub(crate) batch_size: f64,
    pub(crate) queue_bytes: f64,
    pub(crate) burst: u64,
    pub(crate) tab_killed: u64,
    pub(crate) tab_closed: u64,
    pub(crate) request_lost: u64,
    pub(crate) answer_lost: u64,
    pub(crate) request_repeated: u64,
    pub(crate) answer_foreign: u64,
    pub(crate) longest_delay: Millis,
    pub(crate) server_killed: u64,
    pub(crate) power_cut: u64,
    pub(crate) disk_fails: u64,
    pub(crate) server_busy: u64,
    pub(crate) segment_bytes: u64,
}

impl Plan {
    pub(crate) fn draw(random: &mut Random) -> Self {
        // Each fault is left out of half of the runs, so that no fault hides another.
        let mut chance = |most: u64| if random.below(2) == 0 { 0 } else { random.below(most) + 1 };
        Self {
            switched: chance(30),
            tab_killed: chance(20),
            tab_closed: chance(30),
            request_lost: chance(300),
            answer_lost: chance(300),
            request_repeated: chance(200),
            answer_foreign: chance(100),
            server_killed: chance(20),
            power_cut: chance(20),
            disk_fails: chance(60),
            server_busy: chance(200),
            longest_delay: [50, 500, 5_000, 45_000][index(random.below(4))],
            steps: u32::try_from(30 + random.below(100)).unwrap_or(30),
            most_tabs: index(random.below(4)) + 1,
            spool_delay: [0, 100, 1_000][index(random.below(3))],
            max_spool_age: [60_000, 1_209_600_000, 1_209_600_000][index(random.below(3))],
            batch_size: [1.0, 3.0, 10.0, 50.0][index(random.below(4))],
            queue_bytes: [16_384.0, 65_536.0, 2_097_152.0][index(random.below(3))],
            burst: [2, 4, 40][index(random.below(3))],
            segment_bytes: [2_000, 20_000, 64 << 20][index(random.below(3))],
        }
    }
}

fn index(drawn: u64) -> usize {
    usize::try_from(drawn).unwrap_or(0)
}
