//! The page around a test: a `fetch` that notes what it is given and answers what it is told, a
//! storage that starts empty, events that are sent by hand.

use std::sync::Once;

use js_sys::{Array, Float64Array, Object, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/pkg-template/src/flat.js")]
extern "C" {
    fn flat(kind: u32, fields: &JsValue, labels: &JsValue) -> String;
    #[wasm_bindgen(js_name = flatOptions)]
    fn flat_options(options: &JsValue) -> Array;
    #[wasm_bindgen(js_name = statsOf)]
    fn stats_of(json: &str) -> JsValue;
    #[wasm_bindgen(js_name = bufferOf)]
    fn buffer_of(json: &str) -> JsValue;
}

/// A client by its number; it ends when this is dropped.
pub(crate) struct WasmClient(u32);

impl Drop for WasmClient {
    fn drop(&mut self) {
        beaconry::end(self.0);
    }
}

#[wasm_bindgen(inline_js = r#"
const real = { addEventListener: EventTarget.prototype.addEventListener,
    removeEventListener: EventTarget.prototype.removeEventListener, fetch: globalThis.fetch, localStorage: Object.getOwnPropertyDescriptor(window, 'localStorage') };
let requests = [];
let listeners = {};
let app = 0;

/** An app of its own, so that nothing of an earlier test is found in IndexedDB. */
export function app_name() { return `test-${app}`; }
export function endpoint() { return `https://t.example/${app_name()}`; }

export function fresh() {
    app += 1;
    Object.defineProperty(window, 'localStorage', real.localStorage);
    localStorage.clear();
    requests = [];
    globalThis.fetch = real.fetch;
}

export function answer_with(make) {
    globalThis.fetch = (url, init) => {
        // A client of an earlier test may still have had a body to compress.
        if (new URL(url).pathname === new URL(endpoint()).pathname) requests.push({ url, body: init.body, method: init.method, keepalive: init.keepalive === true,
            credentials: init.credentials, redirect: init.redirect,
            contentType: init.headers['Content-Type'], token: init.headers['X-Telemetry-Token'],
            encoding: init.headers['Content-Encoding'] });
        return make(init.body);
    };
}

export function acknowledging() {
    acknowledging_and_asking(undefined);
}

/** What the server asks of its clients goes along. */
export function acknowledging_and_asking(remote) {
    answer_with(async (body) => {
        const batch = JSON.parse(await plain(body));
        const acknowledged = batch.events.map(({ seq }) => [seq, seq]);
        return new Response(JSON.stringify({ beaconry: 1, status: 'ok', success: true, stream: batch.stream,
            acknowledged, results: [], serverTime: 0, remote }));
    });
}

/** A body as text, compressed or not. */
async function plain(body) {
    if (typeof body === 'string') return body;
    return new Response(new Response(body).body.pipeThrough(new DecompressionStream('gzip'))).text();
}

export function no_network() { answer_with(async () => { throw new TypeError('Failed to fetch'); }); }
export function fetch_that_throws() { answer_with(() => { throw new Error('replaced by the app'); }); }
export function ours_with_status_500() {
    answer_with(async (body) => {
        const batch = JSON.parse(body);
        const acknowledged = batch.events.map(({ seq }) => [seq, seq]);
        return new Response(JSON.stringify({ beaconry: 1, stream: batch.stream, acknowledged, results: [] }), { status: 500 });
    });
}
export function fetch_that_calls(call) {
    const inner = globalThis.fetch;
    globalThis.fetch = (...args) => { call(); return inner(...args); };
}
export function hide_page() {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
}
export function show_page() {
    delete document.visibilityState;
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
}
export function freeze_page() { document.dispatchEvent(new Event('freeze')); }
export function count_errors() { let errors = 0; const note = () => { errors += 1; }; addEventListener('error', note); addEventListener('unhandledrejection', note); return () => errors; }
export function throwing_console() { const { warn } = console; console.warn = () => { throw new Error('from the app'); }; return () => { console.warn = warn; }; }
export function wrong_key() { answer_with(async () => new Response(JSON.stringify({ beaconry: 1, status: 'error', error: 'unauthorized', message: 'unknown key', results: [] }), { status: 401 })); }

export function captive_portal() { answer_with(async () => new Response('<html>Please log in</html>', { status: 200 })); }
export function requests_made() { return requests; }

export function block_storage() {
    Object.defineProperty(window, 'localStorage', { configurable: true, get() { throw new DOMException('no', 'SecurityError'); } });
}
export function fill_storage() {
    const storage = { length: 0, key: () => null, getItem: (key) => (key === 'beaconry:probe' ? '1' : null), removeItem() {},
        setItem(key) { if (key !== 'beaconry:probe') throw new DOMException('full', 'QuotaExceededError'); } };
    Object.setPrototypeOf(storage, Storage.prototype);
    Object.defineProperty(window, 'localStorage', { configurable: true, get: () => storage });
}

export function count_listeners(name) {
    const { addEventListener, removeEventListener } = real;
    listeners[name] = 0;
    EventTarget.prototype.addEventListener = function (type, ...rest) { if (type === name) listeners[name] += 1; return addEventListener.call(this, type, ...rest); };
    EventTarget.prototype.removeEventListener = function (type, ...rest) { if (type === name) listeners[name] -= 1; return removeEventListener.call(this, type, ...rest); };
}
export function listeners_now(name) { return listeners[name]; }

export function dispatch(name) { window.dispatchEvent(new Event(name)); }
export function into_cache() { window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })); }
export function out_of_cache() { window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })); }
export function own_keys() { return Object.keys(localStorage).filter((key) => key.startsWith('beaconry:')).sort().join('\n'); }
export function forget_local(prefix) { for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key); }
/** Firefox is given none: see `src/browser/page/streams.js`. */
export function holds_locks() { return !('mozInnerScreenX' in window); }
export async function locks_held() {
    const { held } = await navigator.locks.query();
    return held.filter(({ name }) => name.startsWith(`beaconry:${app_name()}:`)).length;
}
/** The chunks of the second tier, as text. Makes no database where there is none. */
export async function journalled() {
    const known = await indexedDB.databases();
    if (!known.some(({ name }) => name === 'beaconry')) return '';
    const ended = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = reject; });
    const opening = indexedDB.open('beaconry');
    // It was removed in the meantime, or has not been made yet.
    opening.onupgradeneeded = () => opening.transaction.abort();
    const database = await ended(opening).catch(() => undefined);
    if (database === undefined) return '';
    const prefix = `beaconry:1:${app_name()}:`;
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    const values = await ended(database.transaction('chunks').objectStore('chunks').getAll(range));
    database.close();
    return values.join('\n');
}
let later = [];
export function give_fetch_later() { later = []; globalThis.fetchLater = (url, init) => { later.push({ url, init }); return { activated: false }; }; }
export function take_fetch_later() { delete globalThis.fetchLater; }
export function left_for_later() { return later.filter(({ init }) => !init.signal.aborted).map(({ init }) => init.body.length).join(' '); }
/** Takes a global away, and gives back what restores it. */
export function hide_global(name) {
    const kept = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { configurable: true, value: undefined });
    return () => Object.defineProperty(globalThis, name, kept);
}
export function sleep_for(ms) { const { now } = Date; Date.now = () => now() + ms; return () => { Date.now = now; }; }
export function spooled() { return Object.keys(localStorage).filter((key) => key.startsWith('beaconry:1:')).map((key) => localStorage.getItem(key)).join('\n'); }
export function sleep(ms) { return new Promise((resolve) => setTimeout(resolve, ms)); }

export function hostile(kind, telemetry) {
    const cyclic = { name: 'cycle' };
    cyclic.self = cyclic;
    const deep = {};
    let inner = deep;
    for (let level = 0; level < 1000; level += 1) inner = inner.in = {};
    const kinds = {
        getter: { get bad() { throw new Error('from the app'); }, good: 1 },
        cycle: cyclic,
        bigint: { big: 10n ** 30n },
        symbol: { mark: Symbol('x'), [Symbol('key')]: 1 },
        callback: { call: () => 1 },
        element: { element: document.body },
        proxy: new Proxy({}, { ownKeys() { throw new Error('from a proxy'); }, get() { throw new Error('from a proxy'); } }),
        revoked: (() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return { proxy }; })(),
        deep,
        wide: Object.fromEntries(Array.from({ length: 10000 }, (_, at) => [`k${at}`, at])),
        long: { text: 'x'.repeat(10_000_000) },
        nan: { nan: NaN, infinity: -Infinity, negative: -1.5, tiny: 5e-324, zero: -0 },
        date: { date: new Date(0), invalid: new Date(NaN) },
        frozen: Object.freeze(Object.create(Object.freeze({ inherited: 1 }), { own: { value: 1, enumerable: true } })),
        surrogate: { text: 'lone \uD800 surrogate', '\uDFFF': 1 },
        nul: { text: 'a\u0000b', 'k\u0000y': 1, 's': '' },
        reentrant: { get nested() { telemetry.log('info', 'from a getter', {}, undefined); return 1; } },
        binary: { bytes: new Uint8Array(2_000_000), buffer: new ArrayBuffer(8) },
        collections: { map: new Map([[1, 2]]), set: new Set([1]) },
        error: { error: new TypeError('why') },
        length: { list: new Proxy([], { get(target, key) { if (key === 'length') throw new Error('from a proxy'); return target[key]; } }) },
        endless: { date: Object.assign(new Date(0), { toJSON() { return this; } }) },
        array: [1, [2], { three: 3 }],
        string: 'not an object',
        function: () => 1,
        nothing: null,
    };
    return kinds[kind];
}
"#)]
extern "C" {
    pub(crate) fn fresh();
    fn app_name() -> String;
    pub(crate) fn endpoint() -> String;
    pub(crate) fn acknowledging();
    pub(crate) fn acknowledging_and_asking(remote: &JsValue);
    pub(crate) fn no_network();
    pub(crate) fn fetch_that_throws();
    pub(crate) fn captive_portal();
    pub(crate) fn ours_with_status_500();
    pub(crate) fn fetch_that_calls(call: &js_sys::Function);
    pub(crate) fn hide_page();
    pub(crate) fn show_page();
    pub(crate) fn freeze_page();
    pub(crate) fn count_errors() -> js_sys::Function;
    pub(crate) fn throwing_console() -> js_sys::Function;
    pub(crate) fn wrong_key();
    fn requests_made() -> Array;
    pub(crate) fn block_storage();
    pub(crate) fn fill_storage();
    pub(crate) fn count_listeners(name: &str);
    pub(crate) fn listeners_now(name: &str) -> i32;
    pub(crate) fn dispatch(name: &str);
    pub(crate) fn into_cache();
    pub(crate) fn out_of_cache();
    pub(crate) fn own_keys() -> String;
    pub(crate) fn forget_local(prefix: &str);
    pub(crate) fn holds_locks() -> bool;
    #[wasm_bindgen(js_name = locks_held)]
    fn locks_held_promise() -> js_sys::Promise;
    #[wasm_bindgen(js_name = journalled)]
    fn journalled_promise() -> js_sys::Promise;
    pub(crate) fn give_fetch_later();
    pub(crate) fn take_fetch_later();
    pub(crate) fn left_for_later() -> String;
    pub(crate) fn hide_global(name: &str) -> js_sys::Function;
    pub(crate) fn sleep_for(ms: f64) -> js_sys::Function;
    pub(crate) fn spooled() -> String;
    #[wasm_bindgen(js_name = sleep)]
    fn sleep_promise(ms: u32) -> js_sys::Promise;
    pub(crate) fn hostile(kind: &str, telemetry: &JsValue) -> JsValue;
}

/// Options with an endpoint, a token and whatever else.
pub(crate) fn options(more: &[(&str, JsValue)]) -> JsValue {
    let options = Object::new();
    let base = [("endpoint", endpoint().into()), ("token", "test-token".into()), ("app", app_name().into())];
    for (name, value) in base.iter().chain(more) {
        Reflect::set(&options, &(*name).into(), value).unwrap();
    }
    options.into()
}

/// A client on an empty page whose server acknowledges everything.
pub(crate) fn client(more: &[(&str, JsValue)]) -> WasmClient {
    fresh();
    acknowledging();
    start(&options(more))
}

/// A client as the package starts it.
pub(crate) fn start(options: &JsValue) -> WasmClient {
    LISTENS.call_once(beaconry::listen);
    let flat = flat_options(options);
    WasmClient(beaconry::start(&flat.get(0).as_string().unwrap(), &Float64Array::new(&flat.get(1)).to_vec()))
}

static LISTENS: Once = Once::new();

/// Tells as the package does.
fn told(client: &WasmClient, kind: u32, fields: &JsValue, labels: &JsValue, at: Option<f64>) -> f64 {
    beaconry::tell(client.0, kind, &flat(kind, fields, labels), at.unwrap_or_default())
}

/// A promise of what comes of what is asked.
fn asked(client: &WasmClient, what: u32, seq: f64) -> js_sys::Promise {
    beaconry::promise(client.0, beaconry::tell(client.0, what, "", seq)).into()
}

/// What the package makes of the exports, for tests that call them.
pub(crate) trait Calls {
    fn record(&self, kind: u32, fields: &[(&str, &JsValue)], labels: &JsValue, at: Option<f64>) -> f64;
    fn change(&self, kind: u32, fields: &[(&str, &JsValue)]);

    fn log(&self, level: &JsValue, message: &JsValue, labels: &JsValue, at: Option<f64>) -> f64 {
        self.record(0, &[("level", level), ("message", message)], labels, at)
    }

    fn metric(&self, name: &JsValue, value: &JsValue, labels: &JsValue, at: Option<f64>) -> f64 {
        self.record(1, &[("name", name), ("value", value)], labels, at)
    }

    fn trace(
        &self,
        name: &JsValue,
        duration: &JsValue,
        ids: &JsValue,
        labels: &JsValue,
        at: Option<f64>,
    ) -> f64 {
        let id = |key: &str| Reflect::get(ids, &key.into()).unwrap_or_default();
        let (trace, span) = (id("traceId"), id("spanId"));
        let fields = [("name", name), ("duration", duration), ("traceId", &trace), ("spanId", &span)];
        self.record(2, &fields, labels, at)
    }

    fn error(&self, thrown: &JsValue, handled: bool, labels: &JsValue, at: Option<f64>) -> f64 {
        self.record(4, &[("thrown", thrown), ("handled", &handled.into())], labels, at)
    }

    fn event(&self, name: &JsValue, labels: &JsValue, at: Option<f64>) -> f64 {
        self.record(5, &[("name", name)], labels, at)
    }

    fn set_user(&self, id: &JsValue, anonymous_id: &JsValue) {
        self.change(7, &[("id", id), ("anonymousId", anonymous_id)]);
    }

    fn set_consent(&self, consent: &JsValue) {
        self.change(8, &[("value", consent)]);
    }

    fn set_enabled(&self, is_on: bool) {
        self.change(9, &[("value", &is_on.into())]);
    }

    fn discarded(&self, reason: &str, count: f64) {
        self.change(11, &[("reason", &reason.into()), ("count", &count.into())]);
    }

    fn buffer(&self) -> JsValue;
    fn stats(&self) -> JsValue;

    fn vital(&self, vital: &JsValue, at: Option<f64>) -> f64;
    fn flush(&self) -> js_sys::Promise;
    fn shutdown(&self) -> js_sys::Promise;
    fn delivered(&self, seq: f64) -> js_sys::Promise;
    fn is_enabled(&self) -> bool;
    fn session_id(&self) -> String;
}

impl Calls for WasmClient {
    fn record(&self, kind: u32, fields: &[(&str, &JsValue)], labels: &JsValue, at: Option<f64>) -> f64 {
        let object = Object::new();
        for (name, value) in fields {
            Reflect::set(&object, &(*name).into(), value).unwrap();
        }
        told(self, kind, &object, labels, at)
    }

    fn change(&self, kind: u32, fields: &[(&str, &JsValue)]) {
        assert_eq!(self.record(kind, fields, &JsValue::UNDEFINED, None), 0.0);
    }

    fn buffer(&self) -> JsValue {
        buffer_of(&beaconry::read(self.0, 2))
    }

    fn stats(&self) -> JsValue {
        stats_of(&beaconry::read(self.0, 3))
    }

    fn vital(&self, vital: &JsValue, at: Option<f64>) -> f64 {
        told(self, 3, vital, &JsValue::UNDEFINED, at)
    }

    fn flush(&self) -> js_sys::Promise {
        asked(self, 12, 0.0)
    }

    fn delivered(&self, seq: f64) -> js_sys::Promise {
        asked(self, 13, seq)
    }

    fn shutdown(&self) -> js_sys::Promise {
        asked(self, 14, 0.0)
    }

    fn is_enabled(&self) -> bool {
        !beaconry::read(self.0, 1).is_empty()
    }

    fn session_id(&self) -> String {
        beaconry::read(self.0, 0)
    }
}

pub(crate) fn log(client: &WasmClient, message: &str) -> f64 {
    client.log(&"info".into(), &message.into(), &JsValue::UNDEFINED, None)
}

pub(crate) async fn settled(promise: js_sys::Promise) -> String {
    wasm_bindgen_futures::JsFuture::from(promise).await.unwrap().as_string().unwrap()
}

pub(crate) async fn sleep(ms: u32) {
    wasm_bindgen_futures::JsFuture::from(sleep_promise(ms)).await.unwrap();
}

/// Waits until it is so, as long as a very busy machine may need: browsers write, lock and answer in their own time.
pub(crate) async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..LONGEST_WAIT / A_LOOK {
        if is_so().await {
            return;
        }
        sleep(A_LOOK).await;
    }
    panic!("{what}: did not happen in time");
}

const LONGEST_WAIT: u32 = 30_000;
const A_LOOK: u32 = 10;

/// Long enough for what must not happen to be seen if it does.
pub(crate) const A_MOMENT: u32 = 150;

/// Locks that clients of this app hold.
pub(crate) async fn locks_held() -> f64 {
    wasm_bindgen_futures::JsFuture::from(locks_held_promise()).await.unwrap().as_f64().unwrap()
}

/// What the second tier has of this app.
pub(crate) async fn journalled() -> String {
    wasm_bindgen_futures::JsFuture::from(journalled_promise()).await.unwrap().as_string().unwrap()
}

/// A value of a request that was made.
pub(crate) fn request(at: u32, field: &str) -> JsValue {
    Reflect::get(&requests_made().get(at), &field.into()).unwrap()
}

pub(crate) fn request_count() -> u32 {
    requests_made().length()
}

/// A value somewhere in an object, by its path.
pub(crate) fn at(value: &JsValue, path: &[&str]) -> JsValue {
    path.iter().fold(value.clone(), |value, key| Reflect::get(&value, &(*key).into()).unwrap())
}

/// How many records of a list wait.
pub(crate) fn waiting(client: &WasmClient, list: &str) -> u32 {
    Array::from(&at(&client.buffer(), &[list])).length()
}

/// A count of `stats()`.
pub(crate) fn stat(client: &WasmClient, path: &[&str]) -> f64 {
    at(&client.stats(), path).as_f64().unwrap_or(0.0)
}
