//! The spool's storage: two tiers with the same chunks under the same keys.
//!
//! localStorage is written at once and counts when the page goes; the journal survives the browser
//! being killed, and holds what localStorage has no room for. A chunk found in both is one chunk, as
//! localStorage has it.

use std::rc::Rc;

use super::{Storage, journal::Journal};

/// Both tiers.
#[derive(Debug)]
pub(crate) struct Stores {
    pub(crate) local: Storage,
    journal: Rc<Journal>,
}

/// Where to look.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tiers {
    /// In localStorage, which needs no waiting.
    Local,
    /// In both, once the journal is open.
    Both,
}

impl Stores {
    /// Opens both. At most `cap` bytes of localStorage are used.
    pub(crate) fn open(cap: usize) -> Self {
        Self { local: Storage::probe(cap), journal: Journal::open() }
    }

    /// Where records are kept: for `stats()`.
    pub(crate) fn name(&self) -> &'static str {
        match (self.local.is_usable(), self.journal.is_usable()) {
            (true, true) => "localStorage+indexedDB",
            (true, false) => "localStorage",
            (false, true) => "indexedDB",
            (false, false) => "memory",
        }
    }

    /// Writes a chunk. `false` if localStorage has not got it.
    pub(crate) fn write(&self, key: &str, value: &str) -> bool {
        self.journal.set(key, value);
        let is_local = self.local.set_chunk(key, value);
        if !is_local {
            // It is all that there is: not a moment is gathered.
            self.journal.commit();
        }
        is_local
    }

    /// Removes a chunk.
    pub(crate) fn remove(&self, key: &str) {
        self.journal.remove(key);
        self.local.remove(key);
    }

    /// All chunks whose keys begin with `prefix`.
    pub(crate) async fn entries(&self, prefix: &str, tiers: Tiers) -> Vec<(String, String)> {
        let journalled = match tiers {
            Tiers::Local => Vec::new(),
            Tiers::Both => self.journal.entries(prefix).await,
        };
        let mut entries = self.local.entries(prefix);
        for (key, value) in journalled {
            if !entries.iter().any(|(known, _)| *known == key) {
                entries.push((key, value));
            }
        }
        entries
    }

    /// Puts off what is gathered for the second tier.
    pub(crate) fn put_off(&self) {
        self.journal.put_off();
    }

    /// Writes to the second tier what is gathered for it.
    pub(crate) fn commit(&self) {
        self.journal.commit();
    }

    /// Removes everything from the journal, and gives what was there under `prefix`.
    pub(crate) async fn wipe_journal(&self, prefix: &str) -> Vec<(String, String)> {
        let entries = self.journal.entries(prefix).await;
        self.journal.wipe();
        entries
    }

    /// Forgets what was to be written: it is in other hands.
    pub(crate) fn forget_pending(&self) {
        self.journal.forget_pending();
    }
}
