//! What the server answered, out of the flat form that `page/requests.js` makes of it.
//!
//! Only what the client acts on is there. A deserializer that knew all of [`Answer`] would be a tenth of the wasm.

use beaconry_protocol::{
    Answer, DiscardReason, ErrorCode, Phase, RecordResult, RemoteConfig, SeqRange, Verdict, parts,
};
#[cfg(feature = "npm")]
use wasm_bindgen::JsValue;

#[cfg(feature = "npm")]
use super::page::{answer_numbers, answer_texts};

/// What the parsed body of a response says, if it is an answer of ours. For the tests in `tests/web`.
#[cfg(feature = "npm")]
pub fn read_answer(json: &JsValue) -> Option<Answer> {
    from_flat(&answer_texts(json)?, &answer_numbers(json))
}

/// The answer that these texts and numbers are; `None` if there is none.
pub(super) fn from_flat(texts: &str, numbers: &[f64]) -> Option<Answer> {
    let mut texts = parts(texts, 0);
    let mut text = || texts.next().filter(|text| !text.is_empty());
    let [
        version,
        error,
        retry_after,
        server_time,
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
    let mut answer = Answer {
        #[expect(clippy::cast_possible_truncation, reason = "a version")]
        beaconry: whole(*version) as u32,
        stream: text().map(str::to_owned),
        error: error_code(whole(*error)),
        message: text().map(str::to_owned),
        retry_after_ms: if retry_after.is_nan() { None } else { Some(whole(*retry_after)) },
        server_time: whole(*server_time),
        ..Answer::default()
    };
    if *has_remote > 0.0 {
        let mut remote = RemoteConfig::default();
        if *is_off > 0.0 {
            remote.features.telemetry.phase = Phase::Disabled;
        }
        if !rollout.is_nan() {
            remote.features.telemetry.rollout = *rollout;
        }
        remote.sampling.sample_rate = given(*rate);
        remote.sampling.traces_sample_rate = given(*traces_rate);
        answer.remote = Some(remote);
    }
    let mut rest = rest.iter().map(|number| whole(*number));
    for _ in 0..whole(*ranges) {
        answer.acknowledged.push(SeqRange(rest.next()?, rest.next()?));
    }
    for index in rest {
        let reason = text().map(DiscardReason::parse);
        answer.results.push(RecordResult {
            index,
            id: None,
            verdict: Verdict::Rejected,
            reason,
            message: None,
        });
    }
    Some(answer)
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
