//! The page, as `page.js` beside this file gives it. The only imports of ours; none of them throws.

use std::borrow::Cow;

use beaconry_protocol::{Scope, StreamId, parts};
use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/page.js")]
extern "C" {
    /// What a browser does for one client.
    #[derive(Debug)]
    pub(super) type Page;

    /// A page for one client. `tell` is called with what happened, until [`Page::end`].
    #[wasm_bindgen(js_name = createPage)]
    pub(super) fn create(
        app: &str,
        endpoint: &str,
        token: Option<&str>,
        tell: &Closure<dyn Fn(u32, String, Vec<f64>)>,
    ) -> Page;

    pub(super) fn elapsed() -> f64;
    #[wasm_bindgen(js_name = wallTime)]
    pub(super) fn wall_time() -> f64;
    #[wasm_bindgen(js_name = randomBits)]
    fn random_word() -> u32;
    /// The URL of the page; in a worker that of its script.
    #[wasm_bindgen(js_name = pageUrl)]
    pub(crate) fn current_page() -> Option<String>;
    #[wasm_bindgen(js_name = hasFetchLater)]
    pub(super) fn has_fetch_later() -> bool;
    pub(super) fn warn(message: &str);
    /// A number in its shortest form.
    #[wasm_bindgen(js_name = numberText)]
    pub(crate) fn number_text(value: f64) -> String;
    pub(super) fn stored(key: &str) -> Option<String>;
    #[wasm_bindgen(js_name = storedBytes)]
    pub(super) fn stored_bytes() -> usize;
    fn platform() -> String;
    #[cfg(feature = "npm")]
    #[wasm_bindgen(js_name = flatAnswer)]
    pub(super) fn flat_answer(json: &JsValue) -> JsValue;

    #[wasm_bindgen(method)]
    pub(super) fn tiers(this: &Page) -> u32;
    #[wasm_bindgen(method, js_name = isAttached)]
    pub(super) fn is_attached(this: &Page) -> bool;
    #[wasm_bindgen(method, js_name = isUsable)]
    pub(super) fn is_usable(this: &Page) -> bool;
    #[wasm_bindgen(method)]
    pub(super) fn write(this: &Page, key: &str, value: &str, fits: bool) -> bool;
    #[wasm_bindgen(method)]
    pub(super) fn remove(this: &Page, key: &str);
    #[wasm_bindgen(method)]
    pub(super) fn keep(this: &Page, key: &str, value: &str);
    #[wasm_bindgen(method, js_name = putOff)]
    pub(super) fn put_off(this: &Page);
    #[wasm_bindgen(method)]
    pub(super) fn commit(this: &Page);
    #[wasm_bindgen(method)]
    pub(super) fn wipe(this: &Page);
    #[wasm_bindgen(method)]
    pub(super) fn attach(this: &Page, inherits: &str);
    #[wasm_bindgen(method)]
    pub(super) fn detach(this: &Page);
    #[wasm_bindgen(method)]
    pub(super) fn own(this: &Page, stream: &str);
    #[wasm_bindgen(method)]
    pub(super) fn adopt(this: &Page);
    #[wasm_bindgen(method)]
    pub(super) fn suspend(this: &Page, is_fenced: bool);
    #[wasm_bindgen(method)]
    pub(super) fn resume(this: &Page, has_spooled: bool);
    #[wasm_bindgen(method, js_name = watchBeforeUnload)]
    pub(super) fn watch_before_unload(this: &Page, is_wanted: bool);
    #[wasm_bindgen(method, js_name = wakeIn)]
    pub(super) fn wake_in(this: &Page, delay: f64);
    #[wasm_bindgen(method, js_name = wakeSoon)]
    pub(super) fn wake_soon(this: &Page);
    #[wasm_bindgen(method)]
    pub(super) fn sleep(this: &Page);
    #[wasm_bindgen(method)]
    pub(super) fn send(this: &Page, id: f64, body: &str, keepalive: bool, is_exit: bool);
    #[wasm_bindgen(method)]
    pub(super) fn hurry(this: &Page);
    #[wasm_bindgen(method)]
    pub(super) fn abort(this: &Page, id: f64);
    #[wasm_bindgen(method, js_name = sendLater)]
    pub(super) fn send_later(this: &Page, body: &str);
    #[wasm_bindgen(method, js_name = takeBack)]
    pub(super) fn take_back(this: &Page);
    #[wasm_bindgen(method)]
    pub(super) fn promise(this: &Page, ticket: f64) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn settle(this: &Page, ticket: f64, word: &str);
    #[wasm_bindgen(method)]
    pub(super) fn end(this: &Page);
}

/// User agent, language, platform, kind of device, viewport.
pub(super) fn platform_scope() -> Scope<'static> {
    let text = platform();
    let mut texts = parts(&text, 0).map(|text| (!text.is_empty()).then(|| Cow::Owned(text.to_owned())));
    let mut next = || texts.next().flatten();
    Scope {
        user_agent: next(),
        language: next(),
        platform: next(),
        device_type: next(),
        viewport: next(),
        ..Scope::default()
    }
}

/// 64 random bits.
pub(crate) fn random_bits() -> u64 {
    u64::from(random_word()) << 32 | u64::from(random_word())
}

/// A new stream id.
pub(super) fn stream_id() -> StreamId {
    StreamId::from_random(u128::from(random_bits()) << 64 | u128::from(random_bits()))
}
