//! Starting servers, speaking to them, and looking at what they stored.

mod account;
mod batch;
mod folder;
mod http;
mod process;

pub(crate) use account::{conservation, conservation_with_journal, numbers};
pub(crate) use batch::{Batch, STREAM, copies, error_of};
pub(crate) use folder::Folder;
pub(crate) use http::{Reply, Request};
pub(crate) use process::{Server, kill_after_each, run_to_end, to_end};

use std::time::{Duration, Instant};

/// The key of every server that a test starts.
pub(crate) const KEY: &str = "a-test-key";

/// Asks again and again until `condition` gives an answer; fails after a time that is far longer
/// than it should take.
pub(crate) fn eventually<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(answer) = condition() {
            return answer;
        }
        assert!(Instant::now() < deadline, "{what}: did not happen in time");
        std::thread::sleep(Duration::from_millis(5));
    }
}
