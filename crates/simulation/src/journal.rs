//! The IndexedDB database that all tabs of an origin share: what is committed is there for good, but
//! for what the browser was just about to write when it was killed.

use std::collections::BTreeMap;

use beaconry::engine::{Millis, Random};

use crate::recent::Recent;

/// The database.
#[derive(Debug)]
pub(crate) struct Journal {
    entries: BTreeMap<String, String>,
    recent: Recent,
}

/// A key, and its value or nothing.
pub(crate) type Change = (String, Option<String>);

impl Journal {
    pub(crate) fn new() -> Self {
        Self { entries: BTreeMap::new(), recent: Recent::new(WRITTEN_IN) }
    }

    /// Takes a transaction. It is made even if the tab ends right after it.
    pub(crate) fn commit(&mut self, changes: Vec<Change>, now: Millis) {
        for (key, value) in changes {
            let before = match value {
                Some(value) => self.entries.insert(key.clone(), value),
                None => self.entries.remove(&key),
            };
            self.recent.note(now, &key, before);
        }
    }

    pub(crate) fn wipe(&mut self, now: Millis) {
        let all = self.entries.keys().map(|key| (key.clone(), None)).collect();
        self.commit(all, now);
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.entries.get(key).map(String::as_str)
    }

    /// The whole browser is gone.
    pub(crate) fn lose(&mut self, now: Millis, random: &mut Random) {
        for (key, before) in self.recent.lose(now, random) {
            match before {
                Some(value) => drop(self.entries.insert(key, value)),
                None => drop(self.entries.remove(&key)),
            }
        }
    }
}

/// How long tabs gather what they write.
pub(crate) const GATHERED_FOR: Millis = 25;
/// How long the browser takes to write it.
pub(crate) const WRITTEN_IN: Millis = 25;
