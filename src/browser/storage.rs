//! localStorage, or the lack of it.
//!
//! Browsers refuse storage in many ways: the property is missing, reading it throws, every call
//! throws, or the quota is 0. gloo-storage's `raw()` panics on the second, so the storage is probed
//! through `web_sys` first and gloo is used only where it is there.

use gloo_storage::{LocalStorage, Storage as _};

/// The storage of the page's origin, if it can be used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Storage {
    is_usable: bool,
}

impl Storage {
    /// Finds out whether the storage takes and gives back a value.
    pub(crate) fn probe() -> Self {
        let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
        let is_usable = storage.is_some_and(|storage| {
            let took = storage.set_item(PROBE, "1").is_ok();
            let gave = storage.get_item(PROBE).ok().flatten().as_deref() == Some("1");
            let _ = storage.remove_item(PROBE);
            took && gave
        });
        Self { is_usable }
    }

    /// Where records are kept: for `stats()`.
    pub(crate) const fn name(self) -> &'static str {
        if self.is_usable { "localStorage" } else { "memory" }
    }

    /// Reads a value.
    pub(crate) fn get(self, key: &str) -> Option<String> {
        if !self.is_usable {
            return None;
        }
        LocalStorage::raw().get_item(key).ok().flatten()
    }

    /// Writes a value. `false` if the browser refuses it.
    pub(crate) fn set(self, key: &str, value: &str) -> bool {
        self.is_usable && LocalStorage::raw().set_item(key, value).is_ok()
    }

    /// Removes a value.
    pub(crate) fn remove(self, key: &str) {
        if self.is_usable {
            let _ = LocalStorage::raw().remove_item(key);
        }
    }

    /// All values whose keys begin with `prefix`.
    pub(crate) fn entries(self, prefix: &str) -> Vec<(String, String)> {
        if !self.is_usable {
            return Vec::new();
        }
        let storage = LocalStorage::raw();
        let keys = (0..LocalStorage::length()).filter_map(|at| storage.key(at).ok().flatten());
        // The keys are listed before a value is read: another tab may be writing.
        let keys: Vec<_> = keys.filter(|key| key.starts_with(prefix)).collect();
        keys.into_iter().filter_map(|key| self.get(&key).map(|value| (key, value))).collect()
    }
}

const PROBE: &str = "beaconry:probe";
