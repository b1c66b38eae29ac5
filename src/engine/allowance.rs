//! How much of the origin's localStorage is ours: the app needs the rest.
//!
//! All tabs share the storage, and none knows what the others write. So what is there is measured
//! again after every few writes, and before anything is refused.

/// What may be written.
#[derive(Debug)]
pub struct Allowance {
    cap: usize,
    used: usize,
    since_measured: usize,
}

impl Allowance {
    /// At most `cap` bytes, of which `used` are there already.
    pub const fn new(cap: usize, used: usize) -> Self {
        Self { cap, used, since_measured: 0 }
    }

    /// Whether `bytes` more may be written. `measure` tells how much is there.
    pub fn takes(&mut self, bytes: usize, measure: impl FnOnce() -> usize) -> bool {
        let is_due = self.since_measured >= MEASURED_EVERY || self.used + bytes > self.cap;
        if is_due {
            self.used = measure();
            self.since_measured = 0;
        }
        let takes = self.used + bytes <= self.cap;
        if takes {
            self.used += bytes;
            self.since_measured += bytes;
        }
        takes
    }
}

/// Bytes of all chunks that the tabs of an origin keep on localStorage: browsers give 5 MiB or more.
pub const LOCAL_BYTES: usize = 2 << 20;
const MEASURED_EVERY: usize = 128 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_measured_before_anything_is_refused() {
        let mut allowance = Allowance::new(1_000, 0);
        assert!(allowance.takes(900, || unreachable!("there is room")));
        assert!(!allowance.takes(200, || 900));
        assert!(allowance.takes(200, || 100), "another tab has made room");
    }

    #[test]
    fn what_other_tabs_write_is_noticed() {
        let mut allowance = Allowance::new(10 * MEASURED_EVERY, 0);
        assert!(allowance.takes(MEASURED_EVERY, || 0));
        assert!(!allowance.takes(1, || 10 * MEASURED_EVERY));
    }
}
