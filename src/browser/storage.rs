//! localStorage, or the lack of it.
//!
//! Browsers refuse storage in many ways: the property is missing, reading it throws, every call
//! throws, or the quota is 0; and they may begin to in the middle of a visit. gloo-storage's `raw()`
//! panics when reading the property throws, so the property is read through `web_sys` right before,
//! each time.

use gloo_storage::{LocalStorage, Storage as _};

/// The storage of the page's origin, if it can be used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Storage {
    is_usable: bool,
}

impl Storage {
    /// Finds out whether the storage takes and gives back a value.
    pub(crate) fn probe() -> Self {
        let storage = Self { is_usable: true };
        let is_usable = storage.set(PROBE, "1") && storage.get(PROBE).as_deref() == Some("1");
        storage.remove(PROBE);
        Self { is_usable }
    }

    /// Where records are kept: for `stats()`.
    pub(crate) const fn name(self) -> &'static str {
        if self.is_usable { "localStorage" } else { "memory" }
    }

    /// Reads a value.
    pub(crate) fn get(self, key: &str) -> Option<String> {
        self.raw()?.get_item(key).ok().flatten()
    }

    /// Writes a value. `false` if the browser refuses it.
    pub(crate) fn set(self, key: &str, value: &str) -> bool {
        self.raw().is_some_and(|storage| storage.set_item(key, value).is_ok())
    }

    /// Removes a value.
    pub(crate) fn remove(self, key: &str) {
        if let Some(storage) = self.raw() {
            let _ = storage.remove_item(key);
        }
    }

    /// All values whose keys begin with `prefix`.
    pub(crate) fn entries(self, prefix: &str) -> Vec<(String, String)> {
        let Some(storage) = self.raw() else { return Vec::new() };
        let keys = (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok().flatten());
        // The keys are listed before a value is read: another tab may be writing.
        let keys: Vec<_> = keys.filter(|key| key.starts_with(prefix)).collect();
        keys.into_iter().filter_map(|key| self.get(&key).map(|value| (key, value))).collect()
    }

    fn raw(self) -> Option<web_sys::Storage> {
        let is_there = web_sys::window()?.local_storage().ok().flatten().is_some();
        (self.is_usable && is_there).then(LocalStorage::raw)
    }
}

const PROBE: &str = "beaconry:probe";
