//! The client as JavaScript sees it. The package wraps it; apps do not call it themselves.
//!
//! Few exports that take much, and nothing but numbers and texts: each costs a wrapper here and one in the glue, and
//! objects cost a table of them.

use beaconry_protocol::{
    DiscardReason, Fields, Holds, JsonWriter, Level, RecordType, Severity, check_event_name, parse_whole,
    truth,
};
use wasm_bindgen::prelude::*;

use super::flat::Pieces;
use super::options::config;
use crate::browser::{self, Shell};
use crate::engine::{Call, Consent, Engine, Input, Millis};

/// Starts a client with options as the package's `flatOptions` writes them. Returns its number.
#[wasm_bindgen]
pub fn start(texts: &str, numbers: &[f64]) -> u32 {
    config(texts, numbers).map_or(u32::MAX, |config| Shell::start(config).number())
}

/// Takes what the app says, as the package's `flat` writes it, by the numbers of `FIELDS` there: the first seven
/// make a record. `at` is epoch milliseconds for calls made before the client was there, and 0 for those that
/// are made now. Returns the record's place in the stream, or 0; in debug mode, of what cannot be taken, which one
/// of its fields that is: -1 is the first.
///
/// Three more ask for something that takes time: send everything now (12), wait for the record at the place `at`
/// (13), send everything and end (14). They return the ticket under which the page is told what came of it.
#[wasm_bindgen]
pub fn tell(client: u32, kind: u32, text: &str, at: f64) -> f64 {
    let Some(shell) = Shell::of(client) else { return 0.0 };
    let pieces = Pieces::of(text);
    match RECORDS.get(kind as usize) {
        Some(told) => record(shell, told, pieces, at),
        None if kind >= 12 => ask(shell, kind, at),
        None => change(shell, kind, pieces),
    }
}

/// The session (0), whether calls are recorded (1: nothing if not), the records that wait (2), the account of all
/// (3); the latter as JSON, of which the package's `flat.js` makes what an app sees.
#[wasm_bindgen]
pub fn read(client: u32, what: u32) -> String {
    let Some(shell) = Shell::of(client) else { return String::new() };
    shell.read(|engine| match what {
        0 => engine.session_id().to_owned(),
        1 => if engine.is_enabled() { "1" } else { "" }.to_owned(),
        2 => buffer_json(engine),
        _ => stats_json(shell, engine),
    })
}

/// Takes what happened on the page of a client.
#[wasm_bindgen]
pub fn happened(client: u32, what: u32, text: &str, numbers: &[f64]) {
    browser::happened(client, what, text, numbers);
}

/// Ends a client without a word: nothing of the page is held, what is under way comes to nothing. For tests, in which
/// one page has many.
#[doc(hidden)]
pub fn end(client: u32) {
    if let Some(shell) = Shell::of(client) {
        shell.end();
    }
}

fn record(shell: &Shell, told: &Told, mut pieces: Pieces<'_>, at: f64) -> f64 {
    let record_type = told.record_type;
    let mut fields = match fields(told, &mut pieces) {
        Ok(fields) => fields,
        Err(at) => return misuse(shell, Some(record_type), at),
    };
    let mut context = shell.read(|engine| pieces.context(&engine.config().redact_keys));
    let attribution = if record_type == RecordType::Vital { context.take() } else { None };
    if let Some(attribution) = &attribution {
        fields.values[usize::from(told.fields)] = Some(attribution.as_json());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float saturates")]
    let at = if at > 0.0 { Some(at as Millis) } else { None };
    let before = shell.read(Engine::last_receipt);
    shell.tell(Input::Record(&Call { fields, context, at }));
    let after = shell.read(Engine::last_receipt);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    if after > before { after as f64 } else { 0.0 }
}

/// What cannot be taken is counted; the package has the words for it.
fn misuse(shell: &Shell, record_type: Option<RecordType>, at: u8) -> f64 {
    shell.tell(Input::Misuse { record_type, advice: "" });
    if shell.read(|engine| engine.config().debug) { -1.0 - f64::from(at) } else { 0.0 }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a float saturates; tickets are far below 2^53"
)]
fn ask(shell: &Shell, kind: u32, place: f64) -> f64 {
    let ticket = shell.ask(|ticket| match kind {
        12 => Input::Flush(ticket),
        13 => Input::Delivered(ticket, place as u64),
        _ => Input::Shutdown(ticket),
    });
    ticket.0 as f64
}

/// What is said of the user, the page and the client: that makes no record.
fn change(shell: &Shell, kind: u32, mut pieces: Pieces<'_>) -> f64 {
    shell.tell(match kind {
        7 => match (pieces.id(), pieces.id()) {
            (Ok(id), Ok(anonymous_id)) => Input::User { id, anonymous_id },
            _ => return misuse(shell, None, 0),
        },
        8 => match pieces.text().and_then(Consent::parse) {
            Some(consent) => Input::Consent(consent),
            None => return misuse(shell, None, 0),
        },
        9 => Input::Enabled(pieces.boolean()),
        10 => Input::Navigated(pieces.text().unwrap_or_default()),
        // Calls that came to nothing before the wasm was there.
        _ => {
            let reason = DiscardReason::parse(pieces.text().unwrap_or_default());
            let count = pieces.number().and_then(parse_whole);
            Input::Refused(reason, count.unwrap_or(0))
        }
    });
    0.0
}

/// The fields of a record; `Err` is the place of the one that cannot be taken.
fn fields<'t>(told: &Told, pieces: &mut Pieces<'t>) -> Result<Fields<'t>, u8> {
    let mut fields = Fields::new(told.record_type, &[]);
    for (at, (_, holds)) in (0..told.fields).zip(told.record_type.fields()) {
        let value = match holds {
            Holds::Level => pieces.text().filter(|word| Level::find(word).is_some()),
            Holds::Number | Holds::Duration => pieces.number(),
            Holds::Flag => Some(truth(pieces.boolean())),
            Holds::EventName => pieces.text().filter(|name| check_event_name(name).is_ok()),
            _ => pieces.text(),
        };
        if value.is_none() && at < told.needed {
            return Err(at);
        }
        fields.values[usize::from(at)] = value;
    }
    if told.record_type == RecordType::Error {
        // What the app does not say.
        fields.values[1] = fields.values[1].or(Some(""));
        fields.values[3] = Some(Severity::Error.as_str());
    }
    Ok(fields)
}

/// A call that makes a record.
struct Told {
    record_type: RecordType,
    /// How many of its fields it passes, the first ones.
    fields: u8,
    /// How many of them have to be there.
    needed: u8,
}

const fn told(record_type: RecordType, fields: u8, needed: u8) -> Told {
    Told { record_type, fields, needed }
}

/// In the order of `FIELDS` in `flat.js`.
const RECORDS: [Told; 7] = [
    told(RecordType::Log, 2, 2),
    told(RecordType::Metric, 2, 2),
    told(RecordType::Trace, 7, 2),
    told(RecordType::Vital, 5, 2),
    told(RecordType::Error, 6, 1),
    told(RecordType::Event, 1, 1),
    told(RecordType::Feedback, 3, 1),
];

/// The records that wait, in one list.
fn buffer_json(engine: &Engine) -> String {
    let mut json = JsonWriter::default();
    json.open("[");
    for text in &engine.waiting() {
        json.raw(text);
    }
    json.close("]");
    json.finish()
}

/// The account without its names, in the order of `STATS` and `FLUSHES` in `flat.js`.
fn stats_json(shell: &Shell, engine: &Engine) -> String {
    let size = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
    let ledger = engine.ledger();
    let mut json = JsonWriter::with_capacity(256);
    json.open("[");
    json.string(&engine.stream().to_hex());
    json.string(shell.storage_name());
    let counts = [
        shell.cost_micros(),
        u64::from(engine.is_enabled()),
        engine.last_seq(),
        ledger.recorded,
        ledger.adopted,
        ledger.acknowledged,
        ledger.handed_over,
        ledger.left_to_browser,
        size(engine.waiting().len()),
        size(engine.in_flight()),
        size(engine.queued_bytes()),
        ledger.sent,
        ledger.requests,
        ledger.failed_requests,
        ledger.spool_writes,
        ledger.spool_refusals,
    ];
    counts.iter().for_each(|count| json.integer(*count));
    ledger.flushes().iter().for_each(|count| json.integer(*count));
    json.open("{");
    for reason in &DiscardReason::ALL {
        let count = ledger.discarded_for(*reason);
        if count > 0 {
            json.integer_field(reason.as_str(), count);
        }
    }
    json.close("}");
    json.close("]");
    json.finish()
}
