//! A thousand tabs, one server: what it gets when it comes back.

use beaconry_simulation::storm::{self, End};

#[test]
fn a_server_that_is_up_again_gets_its_tabs_back_spread_over_minutes() {
    let load = storm::run(TABS, End::ServerUp, 1);
    // Full jitter up to five minutes: about 7 a second, and chance makes 3 times that of one second.
    assert!(load.peak() <= 30, "{} requests in the worst second", load.peak());
    assert_eq!(load.delivered, TABS);
}

#[test]
fn a_network_that_is_back_brings_not_all_tabs_in_one_second() {
    // Each tab waits for up to 3 s of its own: a third of them comes in the worst second, and chance
    // adds a little.
    let load = storm::run(TABS, End::NetworkBack, 1);
    assert!(load.peak() as usize <= TABS * 4 / 10, "{} requests in the worst second", load.peak());
    assert_eq!(load.delivered, TABS);
}

const TABS: usize = 1_000;
