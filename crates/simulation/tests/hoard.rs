//! Twenty pages without a network: what they take of the origin's storage.

use beaconry_simulation::hoard;

#[test]
fn one_page_leaves_no_more_than_its_share() {
    let hoard = hoard::run(1, 1).unwrap();
    // Keys and the session come on top of the values.
    assert!(hoard.most_units <= hoard.max_queue_bytes * 11 / 10, "{hoard:?}");
}

#[test]
fn many_pages_leave_no_more_than_one_may() {
    let hoard = hoard::run(20, 1).unwrap();
    assert!(hoard.most_units <= hoard.max_queue_bytes * 11 / 10, "{hoard:?}");
}
