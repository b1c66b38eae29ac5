//! Posting a batch, and finding out what came back.
//!
//! Every answer is read to its end: an unread one can hold its share of the keepalive bytes.

use beaconry_protocol::{has_text, join, parse_whole};
use js_sys::Promise;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::answer::read_answer;
use super::global::{call, construct, get, global, object};
use crate::engine::{Millis, Reply};

/// Where and how to post.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    endpoint: String,
    token: Option<String>,
}

/// How a request is made.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Manner {
    /// It outlives the page.
    pub(crate) keepalive: bool,
    /// The page is about to go: there is no time for a preflight.
    pub(crate) is_exit: bool,
    /// The body is compressed.
    pub(crate) is_gzip: bool,
}

impl Transport {
    /// A transport for one endpoint.
    pub(crate) const fn new(endpoint: String, token: Option<String>) -> Self {
        Self { endpoint, token }
    }

    /// Begins a request. It is under way when this returns, even if the page goes at once.
    ///
    /// # Errors
    /// When the browser will not even try.
    pub(crate) fn post(&self, body: &JsValue, manner: Manner, abort: &JsValue) -> Result<Promise, JsValue> {
        let init = self.request(body, manner, abort);
        if manner.keepalive {
            js_sys::Reflect::set(&init, &JsValue::from_str("keepalive"), &JsValue::TRUE)?;
        }
        // Whatever `fetch` is by now: an app may have replaced it with one that throws, or that gives
        // back no promise.
        Ok(Promise::resolve(&call(&js_sys::global(), "fetch", &[&self.url(manner), &init])?))
    }

    /// Hands a body to the browser, to be posted when the page is gone.
    pub(crate) fn post_later(&self, body: &str, abort: &JsValue) {
        let manner = Manner { is_exit: true, ..Manner::default() };
        let init = self.request(&JsValue::from_str(body), manner, abort);
        // A refusal costs nothing: the spool has it.
        let _ = call(&js_sys::global(), "fetchLater", &[&self.url(manner), &init]);
    }

    /// Whether the browser posts bodies after the page has gone.
    pub(crate) fn has_fetch_later() -> bool {
        global("fetchLater").is_function()
    }

    /// Compresses a body. `None` if the browser cannot, or if it is so short that it does not pay.
    pub(crate) fn gzip(body: &str) -> Option<Promise> {
        if body.len() < WORTH_COMPRESSING {
            return None;
        }
        let stream = construct("CompressionStream", &[&JsValue::from_str("gzip")]).ok()?;
        let body = construct("Response", &[&JsValue::from_str(body)]).ok()?;
        let packed = call(&get(&body, "body"), "pipeThrough", &[&stream]).ok()?;
        let packed = construct("Response", &[&packed]).ok()?;
        Some(call(&packed, "arrayBuffer", &[]).ok()?.unchecked_into())
    }

    /// Waits for the end of a request.
    pub(crate) async fn reply(request: Promise) -> Reply {
        match read(request).await {
            Ok(reply) => reply,
            Err(_) => Reply::Unknown { retry_after: None },
        }
    }

    fn request(&self, body: &JsValue, manner: Manner, abort: &JsValue) -> JsValue {
        let text = JsValue::from_str;
        let headers = object(&[("Content-Type", &text(self.content_type(manner)))]);
        let token = self.token.as_ref().filter(|_| !self.is_simple(manner));
        for (name, value) in [
            ("X-Telemetry-Token", token.map(String::as_str)),
            ("Content-Encoding", manner.is_gzip.then_some("gzip")),
        ] {
            if let Some(value) = value {
                let _ = js_sys::Reflect::set(&headers, &text(name), &text(value));
            }
        }
        object(&[
            ("method", &text("POST")),
            ("body", body),
            ("headers", &headers),
            ("credentials", &text("omit")),
            ("cache", &text("no-store")),
            ("redirect", &text("error")),
            ("signal", &get(abort, "signal")),
        ])
    }

    fn content_type(&self, manner: Manner) -> &'static str {
        if self.is_simple(manner) { "text/plain" } else { "application/json" }
    }

    fn url(&self, manner: Manner) -> JsValue {
        let token = self.token.as_ref().filter(|_| self.is_simple(manner));
        let Some(token) = token else { return JsValue::from_str(&self.endpoint) };
        let separator = if has_text(&self.endpoint, "?") { "&" } else { "?" };
        let token = String::from(js_sys::encode_uri_component(token));
        JsValue::from_str(&join(&[&self.endpoint, separator, "token=", &token]))
    }

    /// A preflight may not come back before the page is gone; a simple request needs none.
    fn is_simple(&self, manner: Manner) -> bool {
        manner.is_exit && self.is_cross_origin()
    }

    fn is_cross_origin(&self) -> bool {
        let origin = get(&global("location"), "origin").as_string();
        let is_same = origin.is_some_and(|origin| {
            self.endpoint.starts_with('/')
                || self.endpoint.strip_prefix(&origin).is_some_and(|path| path.starts_with('/'))
        });
        !is_same
    }
}

async fn read(request: Promise) -> Result<Reply, JsValue> {
    let response = JsFuture::from(request).await?;
    let text = JsFuture::from(Promise::resolve(&call(&response, "text", &[])?)).await?;
    let retry_after = call(&get(&response, "headers"), "get", &[&JsValue::from_str("Retry-After")])?;
    let retry_after = retry_after.as_string().as_deref().and_then(parse_retry_after);
    let answer =
        js_sys::JSON::parse(&text.as_string().unwrap_or_default()).ok().and_then(|json| read_answer(&json));
    // An answer that says yes comes with a status that says so too.
    let is_ok = get(&response, "ok").is_truthy();
    let answer = answer.filter(|answer| is_ok || answer.error.is_some());
    Ok(Reply::from_answer(answer, retry_after))
}

/// Seconds, or a date.
fn parse_retry_after(value: &str) -> Option<Millis> {
    let millis = match parse_whole(value).and_then(|seconds| u32::try_from(seconds).ok()) {
        Some(seconds) => f64::from(seconds) * 1_000.0,
        None => js_sys::Date::parse(value) - js_sys::Date::now(),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "above 0; a float saturates")]
    (millis > 0.0).then_some(millis as Millis)
}

/// Bytes from which on compressing saves more than it costs.
const WORTH_COMPRESSING: usize = 1_024;
