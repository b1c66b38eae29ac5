//! What the tabs of an origin share: two storages and the locks that say whose is what in them.

use std::collections::BTreeMap;

use beaconry::engine::{Millis, Random};
use beaconry_protocol::StreamId;

use crate::journal::Journal;
use crate::storage::Storage;

/// Everything that is shared.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) now: Millis,
    pub(crate) local: Storage,
    pub(crate) journal: Option<Journal>,
    pub(crate) locks: Locks,
    /// How long it takes to open the database, or to read it.
    pub(crate) journal_takes: Millis,
    /// Chunks that were removed because the user wants it.
    pub(crate) wiped: Vec<(String, String)>,
    /// Whether a wipe has found all storages in order, since the user last allowed anything.
    pub(crate) is_wiped: bool,
}

impl Origin {
    pub(crate) fn new(quota: usize, has_journal: bool, has_locks: bool) -> Self {
        Self {
            now: 0,
            local: Storage::new(quota),
            journal: has_journal.then(Journal::new),
            locks: Locks { holders: has_locks.then(BTreeMap::new) },
            journal_takes: 0,
            wiped: Vec::new(),
            is_wiped: false,
        }
    }

    pub(crate) fn pass_to(&mut self, now: Millis) {
        self.now = now;
        self.local.now = now;
    }

    /// Whether any storage has this chunk.
    pub(crate) fn has(&self, key: &str) -> bool {
        let in_journal = self.journal.as_ref().is_some_and(|journal| journal.get(key).is_some());
        in_journal || self.local.get(key).is_some()
    }

    /// All tabs are gone at once, and with them what no disk has yet.
    pub(crate) fn lose_browser(&mut self, random: &mut Random) {
        self.local.lose(random);
        if let Some(journal) = &mut self.journal {
            journal.lose(self.now, random);
        }
    }

    /// Nothing of ours may be here. Says what is.
    pub(crate) fn remnant(&self) -> Option<&str> {
        let in_journal = self.journal.iter().flat_map(Journal::entries);
        self.local.under(OURS).chain(in_journal).map(|(key, _)| key).next()
    }
}

/// Web Locks, if the browser has them.
#[derive(Debug)]
pub(crate) struct Locks {
    holders: Option<BTreeMap<StreamId, usize>>,
}

impl Locks {
    /// Whether this tab has the lock now.
    pub(crate) fn take(&mut self, stream: StreamId, tab: usize) -> bool {
        self.holders.as_mut().is_none_or(|holders| *holders.entry(stream).or_insert(tab) == tab)
    }

    /// Releases all that a tab has. Returns the streams.
    pub(crate) fn release_all(&mut self, tab: usize) -> Vec<StreamId> {
        let of_tab = |holders: &mut BTreeMap<StreamId, usize>| {
            holders.extract_if(.., |_, holder| *holder == tab).map(|(stream, _)| stream).collect()
        };
        self.holders.as_mut().map(of_tab).unwrap_or_default()
    }

    /// Whether another tab has it.
    pub(crate) fn is_others(&self, stream: StreamId, tab: usize) -> bool {
        let holder = self.holders.as_ref().and_then(|holders| holders.get(&stream));
        holder.is_some_and(|holder| *holder != tab)
    }
}

/// The beginning of all our keys.
pub(crate) const OURS: &str = "beaconry:";
