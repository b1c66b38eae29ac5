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
#[should_panic(expected = "requests in the worst second")]
fn a_network_that_is_back_brings_not_all_tabs_in_one_second() {
    // Known gap: `Input::Online` ends the pause at once, so every tab of a network that is back posts
    // in the very second in which its browser says so. With a jitter of 0 to 2 s this passes; then
    // `should_panic` goes.
    let load = storm::run(TABS, End::NetworkBack, 1);
    assert!(load.peak() as usize <= TABS * 6 / 10, "{} requests in the worst second", load.peak());
}

const TABS: usize = 1_000;
