//! The client as JavaScript sees it. The package wraps it; apps do not call it themselves.

use std::borrow::Cow;
use std::rc::Rc;

use beaconry_protocol::{
    Body, DiscardReason, Level, RecordType, Severity, check_event_name, join, parse_whole,
};
use wasm_bindgen::prelude::*;

use super::flat::{Pieces, options};
use crate::browser::{Shell, number_text, range_error};
use crate::engine::{Call, Config, Consent, Engine, Input, Millis};

/// One running client. Few exports that take much: each costs a wrapper here and one in the glue.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmClient {
    shell: Rc<Shell>,
}

#[wasm_bindgen]
impl WasmClient {
    /// Starts a client with options as the package's `flat.js` writes them.
    ///
    /// # Errors
    /// A `RangeError` that names the option that is wrong, what it got and what it takes.
    #[wasm_bindgen(constructor)]
    pub fn new(given: &str, numbers: Vec<f64>) -> Result<WasmClient, JsValue> {
        let config =
            Config::from_given(options(given, numbers)).map_err(|error| range_error(error.message()))?;
        Ok(Self { shell: Shell::start(config) })
    }

    /// Takes what the app says, as the package's `flat.js` writes it, by the numbers of `FIELDS` there: the first
    /// seven make a record. `at` is epoch milliseconds for calls made before the client was there, and 0 for those
    /// that are made now. Returns the record's place in the stream, or 0.
    pub fn tell(&self, kind: u32, text: &str, at: f64) -> f64 {
        let pieces = Pieces::of(text);
        match RECORDS.get(kind as usize) {
            Some(record_type) => self.record(*record_type, pieces, at),
            None => {
                self.change(kind, pieces);
                0.0
            }
        }
    }

    /// Sends everything now (0), waits for the record at a place (1), or sends everything and ends (2).
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float saturates")]
    #[wasm_bindgen(unchecked_return_type = "Promise<unknown>")]
    pub fn ask(&self, what: u32, seq: f64) -> JsValue {
        self.shell.promise(|ticket| match what {
            0 => Input::Flush(ticket),
            1 => Input::Delivered(ticket, seq as u64),
            _ => Input::Shutdown(ticket),
        })
    }

    /// The session (0), whether calls are recorded (1: nothing if not), the records that wait (2), the
    /// account of all (3); the latter as JSON.
    pub fn read(&self, what: u32) -> String {
        self.shell.read(|engine| match what {
            0 => engine.session_id().to_owned(),
            1 => if engine.is_enabled() { "1" } else { "" }.to_owned(),
            2 => buffer_json(engine),
            _ => self.stats_json(engine),
        })
    }
}

impl WasmClient {
    fn record(&self, record_type: RecordType, mut pieces: Pieces<'_>, at: f64) -> f64 {
        let body = match body(record_type, &mut pieces) {
            Ok(body) => body,
            Err(advice) => return self.misuse(record_type, &advice),
        };
        let redact_keys = self.shell.read(|engine| Rc::clone(engine.redact_keys()));
        let context = pieces.context(&redact_keys);
        let mut call = Call::new(body, None);
        if let Body::Vital { attribution, .. } = &mut call.body {
            *attribution = context;
        } else {
            call.context = context;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float saturates")]
        {
            call.at = if at > 0.0 { Some(at as Millis) } else { None };
        }
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

    /// What is said of the user, the page and the client: that makes no record.
    fn change(&self, kind: u32, mut pieces: Pieces<'_>) {
        let misuse = |advice| Input::Misuse { record_type: None, advice };
        self.shell.tell(match kind {
            7 => match (pieces.id(), pieces.id()) {
                (Ok(id), Ok(anonymous_id)) => Input::User { id, anonymous_id },
                _ => misuse("setUser() takes { id: 'text', anonymousId: 'text' }"),
            },
            8 => match pieces.text().and_then(Consent::parse) {
                Some(consent) => Input::Consent(consent),
                None => misuse("setConsent() takes 'granted', 'denied' or 'pending'"),
            },
            9 => Input::Enabled(pieces.boolean()),
            10 => Input::Navigated(pieces.text().unwrap_or_default()),
            // Calls that came to nothing before the wasm was there.
            _ => {
                let reason = DiscardReason::parse(pieces.text().unwrap_or_default());
                let count = pieces.number().and_then(|count| parse_whole(count.as_str()));
                Input::Refused(reason, count.unwrap_or(0))
            }
        });
    }

    fn stats_json(&self, engine: &Engine) -> String {
        let mut json = engine.stats_json();
        json.pop();
        let (storage, cost) = (self.shell.storage_name(), number_text(self.shell.cost()));
        join(&[&json, ",\"storage\":\"", storage, "\",\"cpuMs\":", &cost, "}"])
    }
}

impl Drop for WasmClient {
    /// What is under way may hold the shell for a while; nothing of the page may.
    fn drop(&mut self) {
        self.shell.end();
    }
}

/// The body of a record; `Err` is what the call takes.
fn body<'t>(record_type: RecordType, pieces: &mut Pieces<'t>) -> Result<Body<'t>, Cow<'static, str>> {
    if record_type == RecordType::Log {
        let level = pieces.text().and_then(|word| Level::parse(word).ok());
        let level = level.ok_or("a level: 'debug', 'info', 'warn' or 'error'")?;
        return Ok(Body::Log { level, message: pieces.field().ok_or("a message that is a string")? });
    }
    if record_type == RecordType::Feedback {
        let message = pieces.field().ok_or("{ message: 'It broke', email?: 'ann@example.com' }")?;
        return Ok(Body::Feedback { message, email: pieces.field(), screenshot: pieces.field() });
    }
    let is_vital = record_type == RecordType::Vital;
    let name = pieces.field().ok_or(if is_vital { A_VITAL } else { "a name that is a string" })?;
    Ok(match record_type {
        RecordType::Metric => {
            let value = pieces.number().ok_or("a value that is a finite number")?;
            Body::Metric { name, value, unit: None }
        }
        // Missing ids are made up.
        RecordType::Trace => Body::Trace {
            name,
            duration: pieces.number().ok_or("a duration in milliseconds from 0")?,
            trace_id: pieces.field().unwrap_or_default(),
            span_id: pieces.field().unwrap_or_default(),
            parent_span_id: pieces.field(),
            kind: pieces.field(),
            status: pieces.field(),
        },
        RecordType::Vital => Body::Vital {
            name,
            value: pieces.number().ok_or(A_VITAL)?,
            delta: pieces.number(),
            rating: pieces.field(),
            navigation_type: pieces.field(),
            attribution: None,
        },
        RecordType::Error => Body::Error {
            error_type: name,
            message: pieces.field().unwrap_or_default(),
            stack: pieces.field(),
            severity: Severity::Error,
            component_stack: pieces.field(),
            handled: pieces.boolean(),
        },
        _ => {
            if let Err(rule) = check_event_name(&name) {
                let suggestion =
                    ["'", &name, "': ", rule, "; write '", &beaconry_protocol::snake_case(&name), "'"];
                return Err(join(&suggestion).into());
            }
            Body::Event { name, action: None, duration: None }
        }
    })
}

const A_VITAL: &str = "{ name: 'LCP', value: 1250, rating?: 'good' }";

/// What makes a record, in the order of `FIELDS` in `flat.js`.
const RECORDS: [RecordType; 7] = [
    RecordType::Log,
    RecordType::Metric,
    RecordType::Trace,
    RecordType::Vital,
    RecordType::Error,
    RecordType::Event,
    RecordType::Feedback,
];

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
