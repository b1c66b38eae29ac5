//! Reading what the server answered, field by field.
//!
//! Only what the client acts on is read; what it does not know is left alone. A field of a type that it cannot have
//! makes the whole answer nobody's: `None`. A deserializer that knew all of [`Answer`] would be a tenth of the wasm.

use beaconry_protocol::{
    Answer, DiscardReason, ErrorCode, Phase, RecordResult, RemoteConfig, SeqRange, Verdict,
};
use js_sys::Reflect;
use wasm_bindgen::JsValue;

use super::global::get;

/// What the parsed body of a response says, if it is an answer of ours.
pub fn read_answer(json: &JsValue) -> Option<Answer> {
    let mut reader = Reader { is_ours: true };
    let version = reader.whole(&get(json, "beaconry")).and_then(|version| u32::try_from(version).ok());
    let mut answer = Answer {
        beaconry: version.unwrap_or(0),
        stream: reader.text(&get(json, "stream")),
        error: reader.error(&get(json, "error")),
        message: reader.text(&get(json, "message")),
        retry_after_ms: reader.whole(&get(json, "retryAfterMs")),
        remote: reader.remote(&get(json, "remote")),
        server_time: reader.whole(&get(json, "serverTime")).unwrap_or(0),
        ..Answer::default()
    };
    reader.ranges(&get(json, "acknowledged"), &mut answer.acknowledged);
    reader.rejections(&get(json, "results"), &mut answer.results);
    (reader.is_ours && answer.is_ours()).then_some(answer)
}

/// Reads values, and remembers whether all that were there had the type that they must have. (A `?` after each would
/// cost a branch that drops what was read before it.)
struct Reader {
    is_ours: bool,
}

impl Reader {
    fn text(&mut self, value: &JsValue) -> Option<String> {
        let text = value.as_string();
        self.expect(text.is_some(), value);
        text
    }

    fn number(&mut self, value: &JsValue) -> Option<f64> {
        let number = value.as_f64();
        self.expect(number.is_some(), value);
        number
    }

    /// A number from 0 without a fraction.
    fn whole(&mut self, value: &JsValue) -> Option<u64> {
        let number = self.number(value)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float saturates")]
        let whole = number as u64;
        #[expect(clippy::cast_precision_loss, reason = "what is not the same was not whole")]
        self.expect(whole as f64 == number, value);
        Some(whole)
    }

    /// A number that has to be there.
    fn place(&mut self, value: &JsValue) -> u64 {
        self.is_ours &= !value.is_undefined();
        self.whole(value).unwrap_or(0)
    }

    fn ranges(&mut self, list: &JsValue, ranges: &mut Vec<SeqRange>) {
        for at in 0..self.length(list) {
            let range = item(list, at);
            ranges.push(SeqRange(self.place(&item(&range, 0)), self.place(&item(&range, 1))));
        }
    }

    /// Only these: another verdict says nothing that the acknowledged ranges do not say.
    fn rejections(&mut self, list: &JsValue, results: &mut Vec<RecordResult>) {
        for at in 0..self.length(list) {
            let result = item(list, at);
            let (index, reason) = (self.place(&get(&result, "index")), get(&result, "reason"));
            if self.text(&get(&result, "verdict")).is_some_and(|verdict| verdict == "rejected") {
                let reason = self.text(&reason).map(|word| DiscardReason::parse(&word));
                let verdict = Verdict::Rejected;
                results.push(RecordResult { index, id: None, verdict, reason, message: None });
            }
        }
    }

    /// Codes that mean the same to a client are one to it: all but these are tried again later.
    fn error(&mut self, code: &JsValue) -> Option<ErrorCode> {
        Some(match self.text(code)?.as_str() {
            "too_large" => ErrorCode::TooLarge,
            "unauthorized" => ErrorCode::Unauthorized,
            "origin_not_allowed" => ErrorCode::OriginNotAllowed,
            "upgrade" => ErrorCode::Upgrade,
            "invalid_json" | "invalid_body" => ErrorCode::InvalidBody,
            _ => ErrorCode::Unknown,
        })
    }

    fn remote(&mut self, value: &JsValue) -> Option<RemoteConfig> {
        if value.is_undefined() {
            return None;
        }
        let mut remote = RemoteConfig::default();
        let flag = get(&get(value, "features"), "TELEMETRY");
        if self.text(&get(&flag, "phase")).is_some_and(|phase| phase == "DISABLED") {
            remote.features.telemetry.phase = Phase::Disabled;
        }
        if let Some(rollout) = self.number(&get(&flag, "rollout")) {
            remote.features.telemetry.rollout = rollout;
        }
        let sampling = get(value, "sampling");
        remote.sampling.sample_rate = self.number(&get(&sampling, "sampleRate"));
        remote.sampling.traces_sample_rate = self.number(&get(&sampling, "tracesSampleRate"));
        Some(remote)
    }

    /// The length of a list; 0 where there is none.
    fn length(&mut self, list: &JsValue) -> u32 {
        let length = self.whole(&get(list, "length")).unwrap_or(0);
        u32::try_from(length).unwrap_or(0)
    }

    /// What is not there has the right type.
    fn expect(&mut self, is_right: bool, value: &JsValue) {
        self.is_ours &= is_right || value.is_undefined() || value.is_null();
    }
}

fn item(list: &JsValue, at: u32) -> JsValue {
    Reflect::get_u32(list, at).unwrap_or_default()
}
