//! How a request came to its end.

use beaconry_protocol::Answer;

use super::Millis;

/// What came back. Only [`Reply::Ours`] says anything about records.
#[derive(Debug, Clone)]
pub enum Reply {
    /// An answer that is recognisably ours.
    Ours(Box<Answer>),
    /// Anything else: no network, a captive portal, a firewall, a cut body, an abort. It tells
    /// nothing but that it has to be tried again, at the earliest after `retry_after`.
    Unknown {
        /// What a `Retry-After` header asked for.
        retry_after: Option<Millis>,
    },
}

impl Reply {
    /// Sorts what came back: an answer without our mark is nobody's.
    pub fn from_answer(answer: Option<Answer>, retry_after: Option<Millis>) -> Self {
        match answer {
            Some(mut answer) if answer.is_ours() => {
                answer.retry_after_ms = answer.retry_after_ms.or(retry_after);
                Self::Ours(Box::new(answer))
            }
            _ => Self::Unknown { retry_after },
        }
    }
}
