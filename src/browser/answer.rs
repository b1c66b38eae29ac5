//! Reading what the server answered, field by field.
//!
//! Only what the client acts on is read; what it does not know is left alone. A field of a type that it cannot have
//! makes the whole answer nobody's: `None`. A deserializer that knew all of [`Answer`] would be a tenth of the wasm.

use beaconry_protocol::{
    Answer, DiscardReason, ErrorCode, FeatureFlag, Features, Phase, RecordResult, RemoteConfig, Sampling,
    SeqRange, Verdict,
};
use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// What the parsed body of a response says, if it is an answer of ours.
pub fn read_answer(json: &JsValue) -> Option<Answer> {
    let (mut acknowledged, mut results) = (Vec::new(), Vec::new());
    for range in items(&field(json, "acknowledged"))? {
        acknowledged.push(SeqRange(whole(&item(&range, 0))?, whole(&item(&range, 1))?));
    }
    for result in items(&field(json, "results"))? {
        results.extend(read_result(&result)?);
    }
    Some(Answer {
        beaconry: u32::try_from(whole(&field(json, "beaconry"))?).ok().filter(|version| *version > 0)?,
        stream: optional(&field(json, "stream"), text)?,
        acknowledged,
        results,
        error: optional(&field(json, "error"), read_error)?,
        message: optional(&field(json, "message"), text)?,
        retry_after_ms: optional(&field(json, "retryAfterMs"), whole)?,
        remote: optional(&field(json, "remote"), read_remote)?,
        server_time: optional(&field(json, "serverTime"), whole)?.unwrap_or(0),
        ..Answer::default()
    })
}

/// A verdict that is no rejection says nothing that `acknowledged` does not say: `Some(None)`.
fn read_result(result: &JsValue) -> Option<Option<RecordResult>> {
    let index = whole(&field(result, "index"))?;
    if text(&field(result, "verdict"))? != "rejected" {
        return Some(None);
    }
    let reason = optional(&field(result, "reason"), text)?;
    let reason = reason.map(|word| DiscardReason::parse(&word));
    Some(Some(RecordResult { index, id: None, verdict: Verdict::Rejected, reason, message: None }))
}

/// Codes that mean the same to a client are one to it: all but these are tried again later.
fn read_error(code: &JsValue) -> Option<ErrorCode> {
    Some(match text(code)?.as_str() {
        "too_large" => ErrorCode::TooLarge,
        "unauthorized" => ErrorCode::Unauthorized,
        "origin_not_allowed" => ErrorCode::OriginNotAllowed,
        "upgrade" => ErrorCode::Upgrade,
        _ => ErrorCode::Unknown,
    })
}

fn read_remote(remote: &JsValue) -> Option<RemoteConfig> {
    let (flag, sampling) = (field(&field(remote, "features"), "TELEMETRY"), field(remote, "sampling"));
    let is_off = optional(&field(&flag, "phase"), text)?.as_deref() == Some("DISABLED");
    let telemetry = FeatureFlag {
        phase: if is_off { Phase::Disabled } else { Phase::Enabled },
        rollout: optional(&field(&flag, "rollout"), JsValue::as_f64)?.unwrap_or(100.0),
    };
    let sampling = Sampling {
        sample_rate: optional(&field(&sampling, "sampleRate"), JsValue::as_f64)?,
        traces_sample_rate: optional(&field(&sampling, "tracesSampleRate"), JsValue::as_f64)?,
    };
    Some(RemoteConfig { features: Features { telemetry }, sampling })
}

/// The items of a list of any length; none where there is no list.
fn items(list: &JsValue) -> Option<Vec<JsValue>> {
    let length = optional(&field(list, "length"), whole)?.unwrap_or(0);
    Some((0..u32::try_from(length).ok()?).map(|at| item(list, at)).collect())
}

/// What is not there is read as such; what is there has to be of the right type.
fn optional<T>(value: &JsValue, read: impl FnOnce(&JsValue) -> Option<T>) -> Option<Option<T>> {
    if value.is_undefined() || value.is_null() { Some(None) } else { read(value).map(Some) }
}

fn text(value: &JsValue) -> Option<String> {
    value.as_string()
}

/// A number from 0 without a fraction.
fn whole(value: &JsValue) -> Option<u64> {
    let number = value.as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float saturates, NaN is 0"
    )]
    let whole = number as u64;
    #[expect(clippy::cast_precision_loss, reason = "what is not the same was not whole")]
    (whole as f64 == number).then_some(whole)
}

/// `undefined` where there is no such field, or no object.
fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}

fn item(list: &JsValue, at: u32) -> JsValue {
    Reflect::get_u32(list, at).unwrap_or_default()
}
