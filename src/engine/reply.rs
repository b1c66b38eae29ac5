//! How a request came to its end.

use beaconry_protocol::{Answer, DiscardReason, ErrorCode, RemoteConfig, SeqRange, Verdict};

use super::Millis;

/// What came back, as far as the client acts on it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    /// Whether it is recognisably an answer of ours; only such a one says anything about records. Anything
    /// else (no network, a captive portal, a firewall, a cut body, an abort) tells nothing but that it has to
    /// be tried again, at the earliest after `retry_after`.
    pub is_ours: bool,
    /// Why the request as a whole failed.
    pub error: Option<ErrorCode>,
    /// What was wrong, for a person.
    pub message: Option<String>,
    /// What the answer, or else its `Retry-After` header, asked for.
    pub retry_after: Option<Millis>,
    /// The stream that it speaks of.
    pub stream: Option<String>,
    /// Records that are on disk.
    pub acknowledged: Vec<SeqRange>,
    /// Records that will never be taken, by their places in the body.
    pub rejected: Vec<(u64, DiscardReason)>,
    /// What the server asks of its clients.
    pub remote: RemoteConfig,
}

impl Reply {
    /// Nobody's.
    pub fn unknown(retry_after: Option<Millis>) -> Self {
        Self { retry_after, ..Self::default() }
    }

    /// Sorts what came back: an answer without our mark is nobody's. (In a browser the answer is read without
    /// what nobody acts on.)
    pub fn from_answer(answer: Option<Answer>, retry_after: Option<Millis>) -> Self {
        let Some(answer) = answer.filter(Answer::is_ours) else { return Self::unknown(retry_after) };
        let mut rejected = Vec::new();
        for result in answer.results {
            if result.verdict == Verdict::Rejected {
                rejected.push((result.index, result.reason.unwrap_or(DiscardReason::Other)));
            }
        }
        Self {
            is_ours: true,
            error: answer.error,
            message: answer.message,
            retry_after: answer.retry_after_ms.or(retry_after),
            stream: answer.stream,
            acknowledged: answer.acknowledged,
            rejected,
            remote: answer.remote.unwrap_or_default(),
        }
    }
}
