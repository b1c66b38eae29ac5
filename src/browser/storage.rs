//! The first tier: localStorage, or the lack of it.
//!
//! It is synchronous, so it is what counts when a page goes. Browsers refuse it in many ways: the
//! property is missing, reading it throws, every call throws, or the quota is 0; and they may begin
//! to in the middle of a visit. gloo-storage's `raw()` panics when reading the property throws, so
//! the property is read right before, each time.

use std::cell::RefCell;

use gloo_storage::{LocalStorage, Storage as _};

use super::global::global;
use crate::engine::{Allowance, LOCAL_BYTES};

/// The storage of the page's origin, if it can be used.
#[derive(Debug)]
pub(crate) struct Storage {
    is_usable: bool,
    allowance: RefCell<Allowance>,
}

impl Storage {
    /// Finds out whether the storage takes and gives back a value. At most `cap` bytes of it are
    /// for chunks.
    pub(crate) fn probe(cap: usize) -> Self {
        let mut storage = Self { is_usable: true, allowance: RefCell::new(Allowance::new(0, 0)) };
        storage.is_usable = storage.set(PROBE, "1") && storage.get(PROBE).as_deref() == Some("1");
        storage.remove(PROBE);
        let allowance = Allowance::new(cap.min(LOCAL_BYTES), storage.bytes(OURS));
        Self { allowance: RefCell::new(allowance), ..storage }
    }

    /// To read and remove only.
    pub(crate) fn unprobed() -> Self {
        Self { is_usable: false, allowance: RefCell::new(Allowance::new(0, 0)) }
    }

    /// Whether it can be used.
    pub(crate) const fn is_usable(&self) -> bool {
        self.is_usable
    }

    /// Reads a value.
    pub(crate) fn get(&self, key: &str) -> Option<String> {
        self.raw()?.get_item(key).ok().flatten()
    }

    /// Writes a value. `false` if the browser refuses it.
    pub(crate) fn set(&self, key: &str, value: &str) -> bool {
        self.is_usable && self.raw().is_some_and(|storage| storage.set_item(key, value).is_ok())
    }

    /// Writes a chunk, within what is ours of the storage. `false` if there is no room.
    pub(crate) fn set_chunk(&self, key: &str, value: &str) -> bool {
        let takes = self.allowance.borrow_mut().takes(value.len(), || self.bytes(OURS));
        takes && self.set(key, value)
    }

    /// Removes a value.
    pub(crate) fn remove(&self, key: &str) {
        if let Some(storage) = self.raw() {
            let _ = storage.remove_item(key);
        }
    }

    /// Removes everything of ours.
    pub(crate) fn wipe(&self) {
        for key in self.keys(OURS) {
            self.remove(&key);
        }
    }

    /// All keys that begin with `prefix`.
    pub(crate) fn keys(&self, prefix: &str) -> Vec<String> {
        let Some(storage) = self.raw() else { return Vec::new() };
        let mut keys = Vec::new();
        for at in 0..storage.length().unwrap_or(0) {
            match storage.key(at) {
                Ok(Some(key)) if key.starts_with(prefix) => keys.push(key),
                _ => {}
            }
        }
        keys
    }

    /// All values whose keys begin with `prefix`.
    pub(crate) fn entries(&self, prefix: &str) -> Vec<(String, String)> {
        let keys = self.keys(prefix).into_iter();
        keys.filter_map(|key| self.get(&key).map(|value| (key, value))).collect()
    }

    fn bytes(&self, prefix: &str) -> usize {
        let mut bytes = 0;
        for key in self.keys(prefix) {
            bytes += self.get(&key).map_or(0, |value| value.len());
        }
        bytes
    }

    fn raw(&self) -> Option<web_sys::Storage> {
        // Also where nothing can be written: what is there can be read, sent and removed.
        global("localStorage").is_object().then(LocalStorage::raw)
    }
}

const OURS: &str = "beaconry:";
const PROBE: &str = "beaconry:probe";
