//! How hostile a run is. Drawn from the seed, so that some runs are calm and some are hopeless.

use beaconry::engine::{Millis, Random};

/// Chances (in a thousand, at each opportunity) and sizes of one run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) steps: u32,
    pub(crate) most_tabs: usize,
    pub(crate) tab_opened: u64,
    pub(crate) tab_killed: u64,
    pub(crate) tab_closed: u64,
    pub(crate) tab_shut: u64,
    pub(crate) tab_sleeps: u64,
    /// The whole browser is.
    pub(crate) browser_killed: u64,
    pub(crate) tab_suspended: u64,
    pub(crate) switched: u64,
    pub(crate) consent_changed: u64,
    pub(crate) asks_consent: bool,
    pub(crate) flag_changed: u64,
    pub(crate) user_changed: u64,
    pub(crate) sample_rate: f64,
    pub(crate) burst: u64,
    pub(crate) padding: u64,

    pub(crate) spool_delay: Millis,
    pub(crate) max_spool_age: Millis,
    pub(crate) batch_size: f64,
    pub(crate) queue_bytes: usize,

    /// How far clocks are off at most.
    pub(crate) clock_off: Millis,
    pub(crate) quota: usize,
    pub(crate) host_writes: u64,
    pub(crate) storage_refuses: u64,
    pub(crate) is_storage_blocked: bool,
    pub(crate) has_journal: bool,
    /// How long the journal takes to open, and to be read.
    pub(crate) journal_takes: Millis,
    pub(crate) journal_lost: u64,
    pub(crate) has_locks: bool,
    pub(crate) has_fetch_later: bool,
    pub(crate) vandalised: u64,

    pub(crate) request_lost: u64,
    pub(crate) answer_lost: u64,
    pub(crate) request_repeated: u64,
    pub(crate) answer_foreign: u64,
    pub(crate) longest_delay: Millis,

    pub(crate) server_killed: u64,
    pub(crate) server_rolled: u64,
    pub(crate) server_moody: u64,
    pub(crate) server_busy: u64,
    pub(crate) power_cut: u64,
    pub(crate) disk_fails: u64,
    pub(crate) segment_bytes: u64,
}

impl Plan {
    pub(crate) fn draw(random: &mut Random) -> Self {
        // Each fault is left out of half of the runs, so that no fault hides another.
        let mut chance = |most: u64| if random.below(2) == 0 { 0 } else { random.below(most) + 1 };
        let faults = Self {
            switched: chance(30),
            tab_opened: 300,
            tab_killed: chance(20),
            tab_closed: chance(30),
            tab_shut: chance(15),
            tab_sleeps: chance(20),
            request_lost: chance(300),
            answer_lost: chance(300),
            request_repeated: chance(200),
            answer_foreign: chance(100),
            server_killed: chance(20),
            server_rolled: chance(60),
            server_moody: chance(60),
            power_cut: chance(20),
            disk_fails: chance(60),
            server_busy: chance(200),
            host_writes: chance(150),
            storage_refuses: chance(40),
            vandalised: chance(30),
            browser_killed: chance(20),
            tab_suspended: chance(60),
            consent_changed: chance(60),
            flag_changed: chance(60),
            user_changed: chance(60),
            journal_lost: chance(15),
            ..Self::default()
        };
        Self { is_storage_blocked: random.below(40) == 0, ..faults.with_sizes(random) }
    }

    fn with_sizes(self, random: &mut Random) -> Self {
        // Large bursts are worth their time only sometimes: what they find shows in few runs, too.
        let is_large = random.below(12) == 0;
        Self {
            longest_delay: pick(random, [50, 500, 5_000, 45_000]),
            steps: u32::try_from(30 + random.below(70)).unwrap_or(30),
            most_tabs: pick(random, [1, 2, 3, 4, if is_large { 12 } else { 2 }]),
            spool_delay: pick(random, [0, 100, 1_000]),
            max_spool_age: pick(random, [60_000, 1_209_600_000, 1_209_600_000]),
            batch_size: pick(random, [1.0, 3.0, 10.0, 50.0]),
            queue_bytes: pick(random, [16_384, 65_536, 2_097_152]),
            burst: pick(random, [2, 4, if is_large { 40 } else { 8 }]),
            padding: pick(random, [1, 1, 100, if is_large { 7_000 } else { 1 }]),
            segment_bytes: pick(random, [2_000, 20_000, 64 << 20]),
            clock_off: pick(random, [0, 0, 10_000, 7_200_000, 20 * 86_400_000]),
            quota: pick(random, [10 << 20, 10 << 20, 400_000, 60_000, 8_000]),
            asks_consent: self.consent_changed > 0 && random.below(2) == 0,
            sample_rate: pick(random, [1.0, 1.0, 1.0, 0.5, 0.0]),
            has_journal: random.below(4) > 0,
            journal_takes: pick(random, [0, 5, 60, 3_000]),
            has_locks: random.below(4) > 0,
            has_fetch_later: random.below(2) == 0,
            ..self
        }
    }

    /// The same without faults: what is left has to reach the server now.
    pub(crate) fn calm(&self) -> Self {
        Self {
            longest_delay: 50,
            queue_bytes: self.queue_bytes,
            spool_delay: self.spool_delay,
            max_spool_age: self.max_spool_age,
            batch_size: self.batch_size,
            segment_bytes: self.segment_bytes,
            tab_shut: 300,
            has_journal: self.has_journal,
            journal_takes: self.journal_takes,
            has_locks: self.has_locks,
            has_fetch_later: self.has_fetch_later,
            sample_rate: 1.0,
            burst: 1,
            padding: 1,
            quota: 10 << 20,
            ..Self::default()
        }
    }
}

fn pick<T: Copy, const N: usize>(random: &mut Random, from: [T; N]) -> T {
    from[usize::try_from(random.below(N as u64)).unwrap_or(0)]
}
