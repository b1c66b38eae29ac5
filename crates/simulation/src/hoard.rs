//! Pages that come and go while the network is away: what they leave on the storage together.

use beaconry::engine::{Consent, Input, Millis, Random};

use crate::clock::Clock;
use crate::origin::Origin;
use crate::plan::Plan;
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
        sample_rate: 1.0,
        ..Plan::default()
    };
    let mut random = Random::from_seed(seed);
    let mut origin = Origin::new(QUOTA, false, true);
    for page in 0..pages {
        origin.pass_to(START + u64::from(page) * 60_000);
        visit(&plan, page as usize, &mut origin, &mut random)?;
    }
    let (most_units, max_queue_bytes) = (origin.local.most_own_bytes() / 2, plan.queue_bytes);
    Ok(Hoard { most_units, max_queue_bytes })
}

/// A page that records a lot and goes. Its requests end nowhere.
fn visit(plan: &Plan, number: usize, origin: &mut Origin, random: &mut Random) -> Result<(), String> {
    let opened_at = origin.now;
    let (mut tab, _) = Tab::open(plan, number, Clock::default(), Consent::Granted, origin, random)?;
    for later in 0..RECORDS {
        origin.pass_to(opened_at + later);
        tab.record(random.bits(), 100, origin)?;
    }
    for moment in [Input::BeforeUnload, Input::PageHide, Input::Hidden] {
        tab.tell(moment, origin)?;
    }
    origin.locks.release_all(number);
    Ok(())
}

const START: Millis = 1_766_361_600_000;
const RECORDS: u64 = 1_000;
const QUOTA: usize = 10 << 20;
