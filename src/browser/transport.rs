//! Posting a batch, and finding out what came back.
//!
//! Every answer is read to its end: an unread one can hold its share of the keepalive bytes.

use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestInit, Response};

use super::answer::read_answer;
use crate::engine::{Millis, Reply};

/// Where and how to post.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    endpoint: String,
    token: Option<String>,
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
    pub(crate) fn post(
        &self,
        body: &str,
        keepalive: bool,
        is_exit: bool,
        abort: &AbortController,
    ) -> Result<js_sys::Promise, JsValue> {
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_body(&JsValue::from_str(body));
        init.set_credentials(web_sys::RequestCredentials::Omit);
        init.set_cache(web_sys::RequestCache::NoStore);
        init.set_redirect(web_sys::RequestRedirect::Error);
        init.set_signal(Some(&abort.signal()));
        if keepalive {
            js_sys::Reflect::set(&init, &JsValue::from_str("keepalive"), &JsValue::TRUE)?;
        }
        let headers = Headers::new()?;
        // A preflight may not come back before the page is gone; a simple request needs none.
        let needs_no_preflight = is_exit && self.is_cross_origin();
        let url = if needs_no_preflight {
            headers.set("Content-Type", "text/plain")?;
            self.url_with_token()
        } else {
            headers.set("Content-Type", "application/json")?;
            if let Some(token) = &self.token {
                headers.set("X-Telemetry-Token", token)?;
            }
            self.endpoint.clone()
        };
        init.set_headers(&headers);
        fetch(&url, &init)
    }

    /// Waits for the end of a request.
    pub(crate) async fn reply(request: js_sys::Promise) -> Reply {
        match read(request).await {
            Ok(reply) => reply,
            Err(_) => Reply::Unknown { retry_after: None },
        }
    }

    fn is_cross_origin(&self) -> bool {
        let origin = web_sys::window().and_then(|window| window.location().origin().ok());
        let is_same = origin.is_some_and(|origin| {
            self.endpoint.starts_with('/')
                || self.endpoint.strip_prefix(&origin).is_some_and(|path| path.starts_with('/'))
        });
        !is_same
    }

    fn url_with_token(&self) -> String {
        let Some(token) = &self.token else { return self.endpoint.clone() };
        let separator = if self.endpoint.contains('?') { "&" } else { "?" };
        let token = String::from(js_sys::encode_uri_component(token));
        [&self.endpoint, separator, "token=", &token].concat()
    }
}

/// Calls whatever `fetch` is by now: an app may have replaced it with one that throws, or that gives
/// back no promise.
fn fetch(url: &str, init: &RequestInit) -> Result<js_sys::Promise, JsValue> {
    let global = js_sys::global();
    let fetch: js_sys::Function = js_sys::Reflect::get(&global, &JsValue::from_str("fetch"))?.dyn_into()?;
    Ok(js_sys::Promise::resolve(&fetch.call2(&global, &JsValue::from_str(url), init)?))
}

async fn read(request: js_sys::Promise) -> Result<Reply, JsValue> {
    let response: Response = JsFuture::from(request).await?.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    let retry_after = response.headers().get("Retry-After")?.as_deref().and_then(parse_retry_after);
    let answer =
        js_sys::JSON::parse(&text.as_string().unwrap_or_default()).ok().and_then(|json| read_answer(&json));
    // An answer that says yes comes with a status that says so too.
    let answer = answer.filter(|answer| response.ok() || answer.error.is_some());
    Ok(Reply::from_answer(answer, retry_after))
}

/// Seconds, or a date.
fn parse_retry_after(value: &str) -> Option<Millis> {
    let millis = match value.trim().parse::<u32>() {
        Ok(seconds) => f64::from(seconds) * 1_000.0,
        Err(_) => js_sys::Date::parse(value) - js_sys::Date::now(),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "above 0; a float saturates")]
    (millis > 0.0).then_some(millis as Millis)
}
