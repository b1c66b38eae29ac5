//! Who sends what a stream left behind: at most one living tab, by Web Locks.
//!
//! Each client holds the lock of its stream, and those of the dead streams that it has taken over. A
//! held lock keeps a page out of the back/forward cache, so all are released in `pagehide`; a mark
//! in the storage, the fence, then says that the stream is only suspended. Who takes the stream over
//! removes the mark, and the page that comes back without finding it begins a new stream.
//!
//! Where there are no locks two tabs may send the same records; the server drops the second copy.

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
    /// Counts suspensions: a lock that was asked for before one and comes after it is not kept.
    era: Rc<Cell<u32>>,
}

impl Leases {
    /// Holds nothing yet.
    pub(crate) fn new(app: String) -> Self {
        Self { app, held: Rc::default(), era: Rc::default() }
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
        if !locks.is_object() {
            return true;
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
        self.era.set(self.era.get() + 1);
        for (_, release) in self.held.take() {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
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
        let (held, era, asked_in) = (Rc::clone(&self.held), Rc::clone(&self.era), self.era.get());
        let hold = Closure::once_into_js(move |lock: JsValue| {
            let is_kept = lock.is_object() && era.get() == asked_in;
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

impl Drop for Leases {
    fn drop(&mut self) {
        self.release();
    }
}
