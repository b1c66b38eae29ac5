//! What the server answered, out of the flat form that `page/requests.js` makes of it.
//!
//! Only what the client acts on is there. A deserializer that knew all of an answer would be a tenth of the wasm.

use beaconry_protocol::{DiscardReason, ErrorCode, Phase, SeqRange, parts};
#[cfg(feature = "npm")]
use wasm_bindgen::JsValue;

#[cfg(feature = "npm")]
use super::page::{answer_numbers, answer_texts};
use crate::engine::Reply;

/// What the parsed body of a response says, if it is an answer of ours. For the tests in `tests/web`.
#[cfg(feature = "npm")]
pub fn read_answer(json: &JsValue) -> Option<Reply> {
    from_flat(&answer_texts(json)?, &answer_numbers(json))
}

/// The answer that these texts and numbers are; `None` if there is none.
pub(super) fn from_flat(texts: &str, numbers: &[f64]) -> Option<Reply> {
    let mut texts = parts(texts, 0);
    let mut text = || texts.next().filter(|text| !text.is_empty());
    let [
        _version,
        error,
        retry_after,
        _server_time,
        has_remote,
        is_off,
        rollout,
        rate,
        traces_rate,
        ranges,
        rest @ ..,
    ] = numbers
    else {
        return None;
    };
    let mut reply = Reply {
        is_ours: true,
        stream: text().map(str::to_owned),
        error: error_code(whole(*error)),
        message: text().map(str::to_owned),
        retry_after: if retry_after.is_nan() { None } else { Some(whole(*retry_after)) },
        ..Reply::default()
    };
    if *has_remote > 0.0 {
        let remote = &mut reply.remote;
        if *is_off > 0.0 {
            remote.features.telemetry.phase = Phase::Disabled;
        }
        if !rollout.is_nan() {
            remote.features.telemetry.rollout = *rollout;
        }
        remote.sampling.sample_rate = given(*rate);
        remote.sampling.traces_sample_rate = given(*traces_rate);
    }
    let mut rest = rest.iter().map(|number| whole(*number));
    for _ in 0..whole(*ranges) {
        reply.acknowledged.push(SeqRange(rest.next()?, rest.next()?));
    }
    for place in rest {
        reply.rejected.push((place, DiscardReason::parse(text().unwrap_or_default())));
    }
    Some(reply)
}

/// In the order of `ERRORS` in `page/requests.js`, behind "none" and "any other".
const fn error_code(number: u64) -> Option<ErrorCode> {
    Some(match number {
        0 => return None,
        2 => ErrorCode::TooLarge,
        3 => ErrorCode::Unauthorized,
        4 => ErrorCode::OriginNotAllowed,
        5 => ErrorCode::Upgrade,
        6 | 7 => ErrorCode::InvalidBody,
        _ => ErrorCode::Unknown,
    })
}

fn given(number: f64) -> Option<f64> {
    (!number.is_nan()).then_some(number)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float saturates")]
const fn whole(number: f64) -> u64 {
    number as u64
}
