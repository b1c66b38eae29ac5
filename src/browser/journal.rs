//! The second tier: an IndexedDB database beside localStorage.
//!
//! Browsers write localStorage to disk seconds later, IndexedDB at once, so this tier survives the
//! browser being killed. Writes are gathered and committed together. What it refuses is no error:
//! localStorage has it, or the memory.

use std::cell::RefCell;
use std::rc::Rc;

use beaconry_protocol::join;
use js_sys::{Array, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;

use super::global::{call, get, global, object};
use super::task::spawn;
use super::timer::Timer;
use crate::engine::Millis;

/// The database, shared by all tabs and apps of the origin.
#[derive(Debug)]
pub(crate) struct Journal {
    database: RefCell<Database>,
    /// What is not written yet, in order: a key, and its value or `undefined`.
    pending: RefCell<Vec<(JsValue, JsValue)>>,
    timer: Timer,
    /// Settles when it is known whether there is a database.
    opening: Promise,
}

#[derive(Debug)]
enum Database {
    Opening,
    Open(JsValue),
    /// The browser has none, or refused it.
    Gone,
}

impl Journal {
    /// Begins to open the database.
    pub(crate) fn open() -> Rc<Self> {
        let request = open();
        let opening = request.as_ref().map_or_else(Promise::reject, ended);
        let journal = Rc::new(Self {
            database: RefCell::new(Database::Opening),
            pending: RefCell::default(),
            timer: Timer::default(),
            opening,
        });
        let opened = Rc::clone(&journal);
        spawn(Box::pin(async move {
            let is_open = JsFuture::from(opened.opening.clone()).await.is_ok();
            match request.ok().filter(|_| is_open) {
                Some(request) => opened.begin(get(&request, "result")),
                None => opened.give_up(),
            }
        }));
        journal
    }

    fn begin(self: &Rc<Self>, database: JsValue) {
        let journal = Rc::downgrade(self);
        let on_end = Closure::<dyn Fn()>::new(move || {
            if let Some(journal) = journal.upgrade() {
                journal.give_up();
            }
        })
        .into_js_value();
        // A transaction that was aborted had no room; who wants to delete the database is not kept
        // waiting by us. Both tell the database.
        for event in ["onabort", "onversionchange", "onclose"] {
            let _ = js_sys::Reflect::set(&database, &JsValue::from_str(event), &on_end);
        }
        self.database.replace(Database::Open(database));
        self.commit();
    }

    /// What is left is localStorage, or the memory.
    fn give_up(&self) {
        self.pending.borrow_mut().clear();
        if let Database::Open(database) = self.database.replace(Database::Gone) {
            let _ = call(&database, "close", &[]);
        }
    }

    /// Whether it takes anything, as far as is known.
    pub(crate) fn is_usable(&self) -> bool {
        !matches!(*self.database.borrow(), Database::Gone)
    }

    /// Writes a chunk, soon.
    pub(crate) fn set(self: &Rc<Self>, key: &str, value: &str) {
        self.push(key, JsValue::from_str(value));
    }

    /// Removes a chunk, soon.
    pub(crate) fn remove(self: &Rc<Self>, key: &str) {
        self.push(key, JsValue::UNDEFINED);
    }

    /// All chunks whose keys begin with `prefix`.
    pub(crate) async fn entries(&self, prefix: &str) -> Vec<(String, String)> {
        let _ = JsFuture::from(self.opening.clone()).await;
        self.commit();
        self.read(prefix).await.unwrap_or_default()
    }

    /// Removes everything, of every app.
    pub(crate) fn wipe(&self) {
        self.pending.borrow_mut().clear();
        if self.store("readwrite").and_then(|store| call(&store, "clear", &[])).is_err() {
            Self::delete();
        }
    }

    /// Removes the database itself, where it is not in use.
    pub(crate) fn delete() {
        let _ = call(&global("indexedDB"), "deleteDatabase", &[&JsValue::from_str(NAME)]);
    }

    /// Forgets what is not written yet: it is in other hands.
    pub(crate) fn forget_pending(&self) {
        self.pending.borrow_mut().clear();
    }

    /// Writes everything that is gathered in one transaction.
    pub(crate) fn commit(&self) {
        self.timer.clear();
        if self.pending.borrow().is_empty() || matches!(*self.database.borrow(), Database::Opening) {
            return;
        }
        let pending = self.pending.take();
        let Ok(store) = self.store("readwrite") else { return self.give_up() };
        for (key, value) in pending {
            let result = if value.is_undefined() {
                call(&store, "delete", &[&key])
            } else {
                call(&store, "put", &[&value, &key])
            };
            if result.is_err() {
                return self.give_up();
            }
        }
        // It ends without this page, which may be frozen next: another page would wait for it, and browsers
        // end a cached page that keeps others waiting.
        let _ = call(&get(&store, "transaction"), "commit", &[]);
    }

    fn push(self: &Rc<Self>, key: &str, value: JsValue) {
        if !self.is_usable() {
            return;
        }
        if self.pending.borrow().len() >= MOST_PENDING {
            // It never opened.
            return self.give_up();
        }
        let is_first = self.pending.borrow().is_empty();
        self.pending.borrow_mut().push((JsValue::from_str(key), value));
        if is_first {
            self.commit_in(GATHERED_FOR);
        }
    }

    /// Puts the next write off: the page may be about to go, and a transaction that is under way then
    /// keeps it out of the back/forward cache.
    pub(crate) fn put_off(self: &Rc<Self>) {
        if !self.pending.borrow().is_empty() {
            self.commit_in(PUT_OFF_FOR);
        }
    }

    fn commit_in(self: &Rc<Self>, delay: Millis) {
        let journal = Rc::downgrade(self);
        self.timer.set(delay, move || {
            if let Some(journal) = journal.upgrade() {
                journal.commit();
            }
        });
    }

    async fn read(&self, prefix: &str) -> Result<Vec<(String, String)>, JsValue> {
        let (from, to) = (JsValue::from_str(prefix), JsValue::from_str(&join(&[prefix, "\u{ffff}"])));
        let range = call(&global("IDBKeyRange"), "bound", &[&from, &to])?;
        let store = self.store("readonly")?;
        let (keys, values) = (call(&store, "getAllKeys", &[&range])?, call(&store, "getAll", &[&range])?);
        // One promise for both: the second must not reject where nobody waits for it.
        let both = Promise::all(&Array::of2(&ended(&keys), &ended(&values)));
        JsFuture::from(both).await?;
        let (keys, values): (Array, Array) = (get(&keys, "result").into(), get(&values, "result").into());
        let mut entries = Vec::new();
        for at in 0..keys.length() {
            if let (Some(key), Some(value)) = (keys.get(at).as_string(), values.get(at).as_string()) {
                entries.push((key, value));
            }
        }
        Ok(entries)
    }

    /// The store, in a transaction of its own.
    fn store(&self, mode: &str) -> Result<JsValue, JsValue> {
        let Database::Open(database) = &*self.database.borrow() else { return Err(JsValue::UNDEFINED) };
        // Another tab is never kept waiting for the disk: the operating system has it at once.
        let options = object(&[("durability", &JsValue::from_str("relaxed"))]);
        let (name, mode) = (JsValue::from_str(CHUNKS), JsValue::from_str(mode));
        let transaction = call(database, "transaction", &[&name, &mode, &options])?;
        call(&transaction, "objectStore", &[&name])
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.commit();
        self.give_up();
    }
}

/// Asks for the database.
fn open() -> Result<JsValue, JsValue> {
    let request = call(&global("indexedDB"), "open", &[&JsValue::from_str(NAME), &JsValue::from(1)])?;
    let made = request.clone();
    let on_upgrade = Closure::once_into_js(move || {
        let _ = call(&get(&made, "result"), "createObjectStore", &[&JsValue::from_str(CHUNKS)]);
    });
    js_sys::Reflect::set(&request, &JsValue::from_str("onupgradeneeded"), &on_upgrade)?;
    Ok(request)
}

/// Settles when a request has ended. To be asked for at once: what has happened is not told again.
fn ended(request: &JsValue) -> Promise {
    Promise::new(&mut |resolve, reject| {
        let _ = js_sys::Reflect::set(request, &JsValue::from_str("onsuccess"), &resolve);
        let _ = js_sys::Reflect::set(request, &JsValue::from_str("onerror"), &reject);
    })
}

/// Long enough to gather a burst, short enough to lose little when the browser is killed.
const GATHERED_FOR: Millis = 25;
/// Longer than it takes to leave a page; who stays after all has it written then.
const PUT_OFF_FOR: Millis = 2_000;
/// More than a browser that works lets come together.
const MOST_PENDING: usize = 2_000;
const NAME: &str = "beaconry";
const CHUNKS: &str = "chunks";
