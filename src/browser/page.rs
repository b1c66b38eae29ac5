//! The page, as the scripts in `page/` give it. The only imports of ours; none of them throws.

use beaconry_protocol::{StreamId, encode_platform, parts};
use wasm_bindgen::prelude::*;

use crate::engine::Config;

#[wasm_bindgen(module = "/src/browser/page/clients.js")]
extern "C" {
    /// Who is told what happened, by the number of the page. The package's glue connects its export.
    pub(super) fn connect(tell: &Closure<dyn Fn(u32, u32, String, Vec<f64>)>);
    /// What a browser does for one client, by its number.
    #[wasm_bindgen(js_name = createPage)]
    fn create_page(app: &str, endpoint: &str, token: Option<&str>) -> u32;
    fn perform(page: u32, what: u32, text: &str, more: &str, number: f64) -> f64;
    /// A promise of the word for a ticket of a page.
    pub(super) fn promise(page: u32, ticket: &str) -> JsValue;

    pub(super) fn elapsed() -> f64;
    #[wasm_bindgen(js_name = wallTime)]
    pub(super) fn wall_time() -> f64;
    #[wasm_bindgen(js_name = randomBits)]
    fn random_word() -> u32;
    /// A text of the browser; empty where there is none. One import for all: each has a wrapper in the glue.
    #[wasm_bindgen(js_name = readText)]
    fn read_text(what: u32, key: &str) -> String;
    #[wasm_bindgen(js_name = storedBytes)]
    pub(super) fn stored_bytes() -> usize;
    #[wasm_bindgen(js_name = hasFetchLater)]
    pub(super) fn has_fetch_later() -> bool;
    /// A number in its shortest form.
    #[cfg(not(feature = "npm"))]
    #[wasm_bindgen(js_name = numberText)]
    pub(crate) fn number_text(value: f64) -> String;
    #[cfg(feature = "npm")]
    #[wasm_bindgen(js_name = answerTexts)]
    pub(super) fn answer_texts(json: &JsValue) -> Option<String>;
    #[cfg(feature = "npm")]
    #[wasm_bindgen(js_name = answerNumbers)]
    pub(super) fn answer_numbers(json: &JsValue) -> Vec<f64>;
}

// Scripts that only other scripts ask. wasm-bindgen takes along what it is told of, so each is named here.

#[wasm_bindgen(module = "/src/browser/page/requests.js")]
extern "C" {
    fn requests();
}

#[wasm_bindgen(module = "/src/browser/page/scope.js")]
extern "C" {
    fn scope();
}

#[wasm_bindgen(module = "/src/browser/page/stores.js")]
extern "C" {
    fn stores();
}

#[wasm_bindgen(module = "/src/browser/page/streams.js")]
extern "C" {
    fn streams();
}

/// What a browser does for one client.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page(pub(super) u32);

/// What the page is told to do, in the order of `commands` in `page/clients.js`, where each is explained.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    Attach,
    Detach,
    SetOwn,
    Adopt,
    Suspend,
    Resume,
    WatchBeforeUnload,
    Write,
    Remove,
    Keep,
    PutOff,
    Commit,
    Wipe,
    InUse,
    WakeIn,
    WakeSoon,
    Sleep,
    Send,
    Hurry,
    Abort,
    SendLater,
    TakeBack,
    Settle,
    Warn,
    #[cfg(feature = "npm")]
    End,
}

impl Page {
    pub(super) fn create(config: &Config) -> Self {
        Self(create_page(&config.app, &config.endpoint, config.token.as_deref()))
    }

    /// One import for all: each has a wrapper in the glue.
    pub(super) fn act(self, act: Act) -> u32 {
        self.act_with(act, "", "", 0.0)
    }

    /// With a text.
    pub(super) fn act_on(self, act: Act, text: &str) {
        self.act_with(act, text, "", 0.0);
    }

    /// With a number, or with yes or no.
    pub(super) fn act_as(self, act: Act, number: f64) {
        self.act_with(act, "", "", number);
    }

    /// With all that an act can take.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few bits")]
    pub(super) fn act_with(self, act: Act, text: &str, more: &str, number: f64) -> u32 {
        perform(self.0, act as u32, text, more, number) as u32
    }
}

/// The URL of the page; in a worker that of its script.
pub(crate) fn current_page() -> Option<String> {
    given(read_text(URL, ""))
}

/// What localStorage has under a key.
pub(super) fn stored(key: &str) -> Option<String> {
    given(read_text(STORED, key))
}

fn given(text: String) -> Option<String> {
    if text.is_empty() { None } else { Some(text) }
}

/// User agent, platform, language, kind of device, viewport, as a scope has them.
pub(super) fn platform_scope() -> String {
    let text = read_text(PLATFORM, "");
    let mut texts = parts(&text, 0);
    let mut next = || texts.next().filter(|text| !text.is_empty());
    let (user_agent, language) = (next(), next());
    encode_platform(&[user_agent, next(), language, next(), next()])
}

/// 64 random bits.
pub(crate) fn random_bits() -> u64 {
    u64::from(random_word()) << 32 | u64::from(random_word())
}

/// A new stream id.
pub(super) fn stream_id() -> StreamId {
    StreamId::from_random(u128::from(random_bits()) << 64 | u128::from(random_bits()))
}

/// What [`read_text`] reads.
const URL: u32 = 0;
const PLATFORM: u32 = 1;
const STORED: u32 = 2;
