//! What each key may have in the queue, so that a flood with one key leaves room for the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that wait for the disk, by key.
#[derive(Debug, Clone, Default)]
pub(super) struct Shares(Arc<Mutex<HashMap<String, usize>>>);

/// Bytes of one key that wait, until this is dropped.
#[derive(Debug)]
pub(super) struct Share {
    shares: Shares,
    key: String,
    bytes: usize,
}

impl Shares {
    /// A share for a batch of `key`, unless as much as `most` waits with that key already.
    pub(super) fn take(&self, key: &str, bytes: usize, most: usize) -> Option<Share> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = waiting.entry(key.to_owned()).or_default();
        if *waits > most {
            return None;
        }
        *waits += bytes;
        Some(Share { shares: self.clone(), key: key.to_owned(), bytes })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut waiting = self.shares.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(waits) = waiting.get_mut(&self.key) else { return };
        *waits -= self.bytes;
        if *waits == 0 {
            waiting.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_has_its_share_leaves_the_others_theirs() {
        let shares = Shares::default();
        let [first, second] = [shares.take("a", 10, 10), shares.take("a", 10, 10)];
        assert!(first.is_some() && second.is_some(), "what fits at its beginning is taken, however large");
        assert!(shares.take("a", 1, 10).is_none() && shares.take("b", 1, 10).is_some());
        drop(first);
        assert!(shares.take("a", 1, 10).is_some());
        drop(second);
        assert!(shares.0.lock().unwrap().is_empty());
    }
}
