//! What was written a moment ago: it is lost when the whole browser is killed.

use std::collections::VecDeque;

use beaconry::engine::{Millis, Random};

/// The last changes of a store, each with what was there before.
#[derive(Debug)]
pub(crate) struct Recent {
    changes: VecDeque<Change>,
    window: Millis,
}

/// A key, and its value before it was changed.
pub(crate) type Before = (String, Option<String>);

#[derive(Debug)]
struct Change {
    at: Millis,
    before: Before,
}

impl Recent {
    /// Nothing is on the disk before this span has passed, or everything is; that is chance.
    pub(crate) fn new(window: Millis) -> Self {
        Self { changes: VecDeque::new(), window }
    }

    pub(crate) fn note(&mut self, now: Millis, key: &str, before: Option<String>) {
        while self.changes.front().is_some_and(|change| change.at + self.window < now) {
            self.changes.pop_front();
        }
        self.changes.push_back(Change { at: now, before: (key.to_owned(), before) });
    }

    /// The browser is killed: what has to be put back, newest first. Browsers write in order, so
    /// everything after some moment is lost.
    pub(crate) fn lose(&mut self, now: Millis, random: &mut Random) -> Vec<Before> {
        let kept_until = now.saturating_sub(random.below(self.window + 1));
        let kept = self.changes.partition_point(|change| change.at <= kept_until);
        let lost = self.changes.split_off(kept);
        self.changes.clear();
        lost.into_iter().rev().map(|change| change.before).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_the_window_is_never_lost_and_the_newest_goes_first() {
        let mut losses = Vec::new();
        for seed in 0..100 {
            let mut recent = Recent::new(100);
            for at in [0, 50, 100, 150] {
                recent.note(at, &at.to_string(), None);
            }
            let lost = recent.lose(160, &mut Random::from_seed(seed));
            let lost: Vec<_> = lost.into_iter().map(|(key, _)| key).collect();
            assert!(lost == ["150", "100"] || lost == ["150"] || lost.is_empty(), "{lost:?}");
            losses.push(lost.len());
        }
        losses.sort_unstable();
        losses.dedup();
        assert_eq!(losses, [0, 1, 2]);
    }
}
