//! The client as JavaScript sees it. The package wraps it; apps do not call it themselves.

use std::borrow::Cow;
use std::rc::Rc;

use beaconry_protocol::{Body, DiscardReason, Level, Number, RecordType, check_event_name, join};
use js_sys::{JSON, Promise};
use wasm_bindgen::prelude::*;

use super::context::context;
use super::error::error_body;
use super::options::given;
use super::text::{number, text};
use crate::browser::{Shell, get};
use crate::engine::{Call, Config, Consent, Engine, Input, Millis};

/// One running client. `at` is epoch milliseconds for calls made before it was there. Each call
/// that makes a record returns its place in the stream, or 0.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmClient {
    shell: Rc<Shell>,
}

#[wasm_bindgen]
impl WasmClient {
    /// Starts a client.
    ///
    /// # Errors
    /// A `RangeError` that names the option that is wrong, what it got and what it takes.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<WasmClient, JsValue> {
        let config = Config::from_given(given(options))
            .map_err(|error| JsValue::from(js_sys::RangeError::new(error.message())))?;
        Ok(Self { shell: Shell::start(config) })
    }

    /// Records a log line.
    pub fn log(&self, level: &JsValue, message: &JsValue, labels: &JsValue, at: Option<f64>) -> f64 {
        let Some(level) = text(level).and_then(|word| Level::parse(&word).ok()) else {
            return self.misuse(RecordType::Log, "a level: 'debug', 'info', 'warn' or 'error'");
        };
        let Some(message) = text(message) else {
            return self.misuse(RecordType::Log, "a message that is a string");
        };
        self.record(Body::Log { level, message: Cow::Owned(message) }, labels, at)
    }

    /// Records a measured value.
    pub fn metric(&self, name: &JsValue, value: &JsValue, labels: &JsValue, at: Option<f64>) -> f64 {
        match (text(name), finite(value)) {
            (Some(name), Some(value)) => {
                self.record(Body::Metric { name: Cow::Owned(name), value, unit: None }, labels, at)
            }
            (None, _) => self.misuse(RecordType::Metric, "a name that is a string"),
            (_, None) => self.misuse(RecordType::Metric, "a value that is a finite number"),
        }
    }

    /// Records something that took time. Missing ids are made up.
    pub fn trace(
        &self,
        name: &JsValue,
        duration: &JsValue,
        ids: &JsValue,
        labels: &JsValue,
        at: Option<f64>,
    ) -> f64 {
        let id = |key: &str| text(&get(ids, key));
        match (text(name), finite(duration)) {
            (Some(name), Some(duration)) => {
                let body = Body::Trace {
                    name: Cow::Owned(name),
                    duration,
                    trace_id: Cow::Owned(id("traceId").unwrap_or_default()),
                    span_id: Cow::Owned(id("spanId").unwrap_or_default()),
                    parent_span_id: id("parentSpanId").map(Cow::Owned),
                    kind: id("kind").map(Cow::Owned),
                    status: id("status").map(Cow::Owned),
                };
                self.record(body, labels, at)
            }
            (None, _) => self.misuse(RecordType::Trace, "a name that is a string"),
            (_, None) => self.misuse(RecordType::Trace, "a duration in milliseconds from 0"),
        }
    }

    /// Records a web vital: an object with `name`, `value`, `delta`, `rating`, `navigationType`,
    /// `attribution`, as the web-vitals library makes them.
    pub fn vital(&self, vital: &JsValue, at: Option<f64>) -> f64 {
        let field = |key: &str| get(vital, key);
        let (Some(name), Some(value)) = (text(&field("name")), finite(&field("value"))) else {
            return self.misuse(RecordType::Vital, "{ name: 'LCP', value: 1250, rating?: 'good' }");
        };
        let body = Body::Vital {
            name: Cow::Owned(name),
            value,
            delta: finite(&field("delta")),
            rating: text(&field("rating")).map(Cow::Owned),
            navigation_type: text(&field("navigationType")).map(Cow::Owned),
            attribution: self.context(&field("attribution")),
        };
        self.record(body, &JsValue::UNDEFINED, at)
    }

    /// Records anything that can be thrown.
    pub fn error(&self, thrown: &JsValue, handled: bool, labels: &JsValue, at: Option<f64>) -> f64 {
        self.record(error_body(thrown, handled), labels, at)
    }

    /// Records that something happened.
    pub fn event(&self, name: &JsValue, properties: &JsValue, at: Option<f64>) -> f64 {
        let Some(name) = text(name) else {
            return self.misuse(RecordType::Event, "a name that is a string");
        };
        if let Err(rule) = check_event_name(&name) {
            let suggestion =
                ["'", &name, "': ", rule, "; write '", &beaconry_protocol::snake_case(&name), "'"];
            return self.misuse(RecordType::Event, &join(&suggestion));
        }
        self.record(Body::Event { name: Cow::Owned(name), action: None, duration: None }, properties, at)
    }

    /// Records what somebody has to say: an object with `message`, `email`, `screenshot`.
    pub fn feedback(&self, feedback: &JsValue, labels: &JsValue, at: Option<f64>) -> f64 {
        let field = |key: &str| text(&get(feedback, key)).map(Cow::Owned);
        let Some(message) = field("message") else {
            return self.misuse(RecordType::Feedback, "{ message: 'It broke', email?: 'ann@example.com' }");
        };
        let body = Body::Feedback { message, email: field("email"), screenshot: field("screenshot") };
        self.record(body, labels, at)
    }

    /// Says who the user is from now on. Ids are text or numbers.
    #[wasm_bindgen(js_name = setUser)]
    pub fn set_user(&self, id: &JsValue, anonymous_id: &JsValue) {
        let (Ok(id), Ok(anonymous_id)) = (user_id(id), user_id(anonymous_id)) else {
            let advice = "setUser() takes { id: 'text', anonymousId: 'text' }";
            return self.shell.tell(Input::Misuse { record_type: None, advice });
        };
        self.shell.tell(Input::User { id, anonymous_id });
    }

    /// Counts calls that came to nothing before the wasm was there.
    pub fn discarded(&self, reason: &str, count: f64) {
        let known = DiscardReason::ALL.into_iter().find(|known| known.as_str() == reason);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float saturates")]
        self.shell.tell(Input::Refused(known.unwrap_or(DiscardReason::Other), count as u64));
    }

    /// Says that the page has another URL from now on.
    pub fn navigated(&self, url: &str) {
        self.shell.tell(Input::Navigated(url));
    }

    /// Switches the client off, or on if config and feature flag allow it.
    #[wasm_bindgen(js_name = setEnabled)]
    pub fn set_enabled(&self, is_on: bool) {
        self.shell.tell(Input::Enabled(is_on));
    }

    /// Says what the user allows: `granted`, `denied` or `pending`.
    #[wasm_bindgen(js_name = setConsent)]
    pub fn set_consent(&self, consent: &JsValue) {
        let advice = "setConsent() takes 'granted', 'denied' or 'pending'";
        let known = text(consent).and_then(|word| Consent::parse(&word));
        self.shell.tell(known.map_or(Input::Misuse { record_type: None, advice }, Input::Consent));
    }

    /// Sends everything now.
    pub fn flush(&self) -> Promise {
        self.shell.promise(Input::Flush)
    }

    /// Waits until the record at this place is on the server's disk, or discarded.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float saturates")]
    pub fn delivered(&self, seq: f64) -> Promise {
        self.shell.promise(|ticket| Input::Delivered(ticket, seq as u64))
    }

    /// Sends everything and ends.
    pub fn shutdown(&self) -> Promise {
        self.shell.promise(Input::Shutdown)
    }

    /// Whether calls are recorded.
    #[wasm_bindgen(js_name = isEnabled)]
    pub fn is_enabled(&self) -> bool {
        self.shell.read(Engine::is_enabled)
    }

    /// The session.
    #[wasm_bindgen(js_name = getSessionId)]
    pub fn session_id(&self) -> String {
        self.shell.read(|engine| engine.session_id().to_owned())
    }

    /// Records that wait, as a JSON text of lists by type.
    #[wasm_bindgen(js_name = getBuffer)]
    pub fn buffer(&self) -> JsValue {
        let json = self.shell.read(buffer_json);
        JSON::parse(&json).unwrap_or(JsValue::UNDEFINED)
    }

    /// The account of every record.
    pub fn stats(&self) -> JsValue {
        let stats = JSON::parse(&self.shell.read(Engine::stats_json)).unwrap_or(JsValue::UNDEFINED);
        let (storage, cost) = (self.shell.storage_name().into(), self.shell.cost().into());
        for (name, value) in [("storage", storage), ("cpuMs", cost)] {
            let _ = js_sys::Reflect::set(&stats, &JsValue::from_str(name), &value);
        }
        stats
    }
}

impl WasmClient {
    fn record(&self, body: Body<'_>, labels: &JsValue, at: Option<f64>) -> f64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float saturates")]
        let at = at.map(|at| at as Millis);
        let call = Call { at, ..Call::new(body, self.context(labels)) };
        let before = self.shell.read(Engine::last_receipt);
        self.shell.tell(Input::Record(call));
        let after = self.shell.read(Engine::last_receipt);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        if after > before { after as f64 } else { 0.0 }
    }

    fn misuse(&self, record_type: RecordType, advice: &str) -> f64 {
        let advice = join(&[record_type.as_str(), "() takes ", advice]);
        self.shell.tell(Input::Misuse { record_type: Some(record_type), advice: &advice });
        0.0
    }

    fn context(&self, value: &JsValue) -> Option<beaconry_protocol::Context> {
        let redact_keys = self.shell.read(|engine| Rc::clone(engine.redact_keys()));
        context(value, &redact_keys)
    }
}

impl Drop for WasmClient {
    /// What is under way may hold the shell for a while; nothing of the page may.
    fn drop(&mut self) {
        self.shell.end();
    }
}

/// An id of a user; `Err` for what is none.
fn user_id(value: &JsValue) -> Result<Option<String>, ()> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    let number = || finite(value).map(|number| number.as_str().to_owned());
    text(value).or_else(number).map(Some).ok_or(())
}

fn finite(value: &JsValue) -> Option<Number<'static>> {
    value.as_f64().and_then(number)
}

/// `{logs, traces, metrics, vitals, errors, events}` of what waits.
fn buffer_json(engine: &Engine) -> String {
    let lists = [
        ("logs", RecordType::Log),
        ("traces", RecordType::Trace),
        ("metrics", RecordType::Metric),
        ("vitals", RecordType::Vital),
        ("errors", RecordType::Error),
        ("events", RecordType::Event),
    ];
    let mut json = beaconry_protocol::JsonWriter::default();
    json.open('{');
    for (name, record_type) in lists {
        json.key(name);
        json.open('[');
        engine.waiting().filter(|(kind, _)| *kind == record_type).for_each(|(_, text)| json.raw(text));
        json.close(']');
    }
    json.close('}');
    json.finish()
}
