//! The moods of a server: what it answers for a while, whatever it is sent.

use beaconry::engine::Random;
use beaconry_protocol::{Answer, ErrorCode};
use serde_json::{Value, json};

/// A mood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Usual,
    /// Somebody changed the key.
    WrongKey,
    /// Something before it takes only bodies of so many bytes.
    Small(usize),
    /// There is no space left on its disk.
    Full,
    /// Too much waits already.
    Overloaded,
    /// It is a version that said less.
    Older,
    /// It is a version that says what we do not know.
    Newer,
}

impl Mood {
    pub(crate) fn draw(random: &mut Random) -> Self {
        match random.below(8) {
            0 => Self::WrongKey,
            1 => Self::Small([60, 2_000, 20_000][usize::try_from(random.below(3)).unwrap_or(0)]),
            2 => Self::Full,
            3 => Self::Overloaded,
            4 => Self::Older,
            5 => Self::Newer,
            _ => Self::Usual,
        }
    }

    /// Refuses a body as a whole.
    pub(crate) fn refuse(self, body: &str, is_busy: bool, random: &mut Random) -> Option<Answer> {
        let refusal = match self {
            Self::WrongKey => Answer::error(ErrorCode::Unauthorized, "the key is wrong"),
            Self::Small(most) if body.len() > most + ENVELOPE_BYTES => {
                Answer::error(ErrorCode::TooLarge, "the body is too large")
            }
            Self::Overloaded => Answer {
                retry_after_ms: Some(2_000),
                ..Answer::error(ErrorCode::Overloaded, "too much waits")
            },
            _ if is_busy => Answer {
                retry_after_ms: Some(random.below(10_000)),
                ..Answer::error(ErrorCode::TooManyRequests, "busy")
            },
            _ => return None,
        };
        Some(refusal)
    }

    /// Says an answer as this version would.
    pub(crate) fn put(self, answer: Answer, random: &mut Random) -> Answer {
        match self {
            Self::Older => reword(&answer, |answer| {
                for field in ["status", "success", "results", "serverTime", "recorded"] {
                    answer.remove(field);
                }
            }),
            Self::Newer => {
                let is_unclear = random.below(3) == 0;
                reword(&answer, |answer| say_more(answer, is_unclear))
            }
            _ => answer,
        }
    }
}

/// What a newer server may add; `is_unclear`: in words that say nothing to an older client.
fn say_more(answer: &mut serde_json::Map<String, Value>, is_unclear: bool) {
    answer.insert("beaconry".into(), json!(2));
    answer.insert("shard".into(), json!({ "name": "a", "load": [0.5, null] }));
    if !is_unclear {
        return;
    }
    if answer.contains_key("error") {
        answer.insert("error".into(), json!("eclipse"));
    } else {
        answer.remove("acknowledged");
        let verdicts = (0..4).map(|index| json!({ "index": index, "verdict": "quarantined", "until": 7 }));
        answer.insert("results".into(), verdicts.collect());
    }
}

fn reword(answer: &Answer, change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Answer {
    let mut said = serde_json::to_value(answer).unwrap_or_default();
    said.as_object_mut().map(change);
    serde_json::from_value(said).unwrap_or_default()
}

/// What stands around the records, so that it is their bytes that count.
const ENVELOPE_BYTES: usize = 300;
