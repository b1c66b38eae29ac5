//! Who sends what a stream left behind: at most one living tab, by Web Locks.
//!
//! Each client holds the lock of its stream, and those of the dead streams that it has taken over. A
//! held lock keeps a page out of the back/forward cache, so all are released in `pagehide`; a mark
//! in the storage, the fence, then says that the stream is only suspended. Who takes the stream over
//! removes the mark, and the page that comes back without finding it begins a new stream.
//!
//! Where there are no locks two tabs may send the same records; the server drops the second copy. Firefox
//! counts as such: it looks for held locks before a release in `pagehide` has reached it (seen in
//! Firefox 153), so a page that ever held one would not come back from the cache.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use beaconry_protocol::{StreamId, join};
use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;

use super::Storage;
use super::global::{call, get, global, object};

/// The locks of one page.
#[derive(Debug)]
pub(crate) struct Leases {
    app: String,
    held: Rc<RefCell<Vec<(StreamId, Function)>>>,
    /// Whether all were released: a lock that was asked for before and comes after is not kept.
    is_released: Rc<Cell<bool>>,
}

impl Leases {
    /// Holds nothing yet.
    pub(crate) fn new(app: String) -> Self {
        Self { app, held: Rc::default(), is_released: Rc::default() }
    }

    /// Whether this page holds the lock of a stream.
    pub(crate) fn holds(&self, stream: StreamId) -> bool {
        self.held.borrow().iter().any(|(held, _)| *held == stream)
    }

    /// Takes the lock of a stream, unless a living tab holds it. `inherits` is a stream whose lock is
    /// taken even then.
    pub(crate) async fn take(&self, stream: StreamId, inherits: Option<StreamId>) -> bool {
        if self.holds(stream) {
            return true;
        }
        let locks = get(&global("navigator"), "locks");
        if !locks.is_object() || releases_too_late() {
            return true;
        }
        if self.is_released.get() {
            return false;
        }
        // Where they are there but refused, as in a sandboxed frame, there is no storage to share.
        self.request(&locks, stream, inherits == Some(stream)).await.unwrap_or(true)
    }

    /// Releases all locks, and leaves the fence if there is anything to take over.
    pub(crate) fn suspend(&self, own: StreamId, has_spooled: bool, storage: &Storage) {
        if has_spooled {
            storage.set(&self.fence(own), "suspended");
        }
        self.release();
    }

    /// Releases all locks.
    pub(crate) fn release(&self) {
        self.is_released.set(true);
        for (_, release) in self.held.take() {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }

    /// Whether the page may not hold any at the moment.
    pub(crate) fn are_released(&self) -> bool {
        self.is_released.get()
    }

    /// Locks may be taken again: the page is back.
    pub(crate) fn resume(&self) {
        self.is_released.set(false);
    }

    /// Whether the fence stands, and takes it away.
    pub(crate) fn take_fence(&self, stream: StreamId, storage: &Storage) -> bool {
        let fence = self.fence(stream);
        let stands = storage.get(&fence).is_some();
        storage.remove(&fence);
        stands
    }

    async fn request(&self, locks: &JsValue, stream: StreamId, steals: bool) -> Result<bool, JsValue> {
        let mut resolve = None;
        let answered = Promise::new(&mut |resolved, _| resolve = Some(resolved));
        let (held, is_released) = (Rc::clone(&self.held), Rc::clone(&self.is_released));
        let hold = Closure::once_into_js(move |lock: JsValue| {
            let is_kept = lock.is_object() && !is_released.get();
            if let Some(resolve) = resolve {
                let _ = resolve.call1(&JsValue::UNDEFINED, &JsValue::from_bool(is_kept));
            }
            // The lock is held until this promise resolves.
            let until =
                is_kept.then(|| Promise::new(&mut |release, _| held.borrow_mut().push((stream, release))));
            until.map_or(JsValue::UNDEFINED, JsValue::from)
        });
        let name = JsValue::from_str(&join(&["beaconry:", &self.app, ":", &stream.to_hex()]));
        let options = object(&[(if steals { "steal" } else { "ifAvailable" }, &JsValue::TRUE)]);
        let request: Promise = call(locks, "request", &[&name, &options, &hold])?.into();
        // The request itself ends when the lock is released, or fails.
        let first = js_sys::Array::of2(&answered, &request);
        Ok(JsFuture::from(Promise::race(&first)).await?.is_truthy())
    }

    fn fence(&self, stream: StreamId) -> String {
        join(&["beaconry:fence:", &self.app, ":", &stream.to_hex()])
    }
}

/// Whether this is a page in Firefox. Nothing else tells: the locks are there and work.
fn releases_too_late() -> bool {
    !global("mozInnerScreenX").is_undefined()
}

impl Drop for Leases {
    fn drop(&mut self) {
        self.release();
    }
}
