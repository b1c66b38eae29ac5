//! Pages that come and go while the network is away: what they leave on the storage together.

use beaconry::engine::{Input, Millis, Random};

use crate::clock::Clock;
use crate::plan::Plan;
use crate::storage::Storage;
use crate::tab::Tab;

/// What was on the storage.
#[derive(Debug, Clone, Copy)]
pub struct Hoard {
    /// The most UTF-16 units of our keys and values.
    pub most_units: usize,
    /// What the option allows.
    pub max_queue_bytes: usize,
}

/// Lets so many pages come and go one after the other, each with more records than fit.
///
/// # Errors
/// What went over another bound meanwhile.
pub fn run(pages: u32, seed: u64) -> Result<Hoard, String> {
    let plan = Plan {
        spool_delay: 1_000,
        max_spool_age: 14 * 86_400_000,
        batch_size: 10.0,
        queue_bytes: 64 * 1024,
        ..Plan::default()
    };
    let mut random = Random::from_seed(seed);
    let mut storage = Storage::new(QUOTA);
    for page in 0..pages {
        visit(&plan, START + u64::from(page) * 60_000, &mut storage, &mut random)?;
    }
    let (most_units, max_queue_bytes) = (storage.most_own_bytes() / 2, plan.queue_bytes);
    Ok(Hoard { most_units, max_queue_bytes })
}

/// A page that records a lot and goes. Its requests end nowhere.
fn visit(plan: &Plan, now: Millis, storage: &mut Storage, random: &mut Random) -> Result<(), String> {
    let mut tab = Tab::open(plan, Clock::default(), now, random);
    if let Some(left_behind) = tab.left_behind(storage) {
        tab.tell(left_behind, now, storage)?;
    }
    for later in 0..RECORDS {
        let call = tab.call(random.bits(), 100);
        tab.tell(Input::Record(call), now + later, storage)?;
    }
    for moment in [Input::BeforeUnload, Input::PageHide, Input::Hidden] {
        tab.tell(moment, now + RECORDS, storage)?;
    }
    Ok(())
}

const START: Millis = 1_766_361_600_000;
const RECORDS: u64 = 1_000;
const QUOTA: usize = 10 << 20;
