//! Which sessions are recorded. Decided once for a session, so that a visit is whole or not there;
//! errors are recorded whatever was decided.

use beaconry_protocol::{RecordType, Sampling, bucket_of, place_of};

use super::call::Rank;

/// What of a session is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sample {
    /// Errors only, with what led to them.
    Errors,
    /// Everything but traces.
    NoTraces,
    /// Everything.
    Whole,
}

impl Sample {
    /// Decides by the id of the session: the same in every tab. Sessions with traces are some of
    /// those that are recorded.
    pub(super) fn decide(session_id: &str, rates: Sampling) -> Self {
        let drawn = f64::from(bucket_of(session_id)) / 10_000.0;
        let rate = rates.sample_rate.unwrap_or(1.0);
        if drawn >= rate {
            Self::Errors
        } else if drawn >= rate * rates.traces_sample_rate.unwrap_or(1.0) {
            Self::NoTraces
        } else {
            Self::Whole
        }
    }

    /// Whether a record is kept.
    pub(super) fn takes(self, record_type: RecordType, rank: Rank) -> bool {
        match self {
            Self::Whole => true,
            Self::NoTraces => record_type != RecordType::Trace,
            Self::Errors => is_error(record_type, rank),
        }
    }

    const WORDS: [&str; 3] = ["errors", "no-traces", "whole"];

    /// The word for the stored session.
    pub(super) const fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        const ALL: [Sample; 3] = [Sample::Errors, Sample::NoTraces, Sample::Whole];
        ALL.get(place_of(word, &Self::WORDS)?).copied()
    }
}

/// Whether a record is one of those for whose sake the others are kept.
pub(super) fn is_error(record_type: RecordType, rank: Rank) -> bool {
    record_type == RecordType::Error || rank >= Rank::Failure
}

/// Whether a record that is not kept may turn out to have led to an error: what the user did and
/// what the app said of it.
pub(super) fn leads_to_errors(record_type: RecordType) -> bool {
    matches!(record_type, RecordType::Log | RecordType::Event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_sessions_is_recorded_and_a_share_of_those_with_traces() {
        let rates = Sampling { sample_rate: Some(0.2), traces_sample_rate: Some(0.5) };
        let samples: Vec<_> = (0..10_000).map(|n| Sample::decide(&format!("session-{n}"), rates)).collect();
        let count = |sample| samples.iter().filter(|other| **other == sample).count();
        assert!((900..1_100).contains(&count(Sample::Whole)), "{}", count(Sample::Whole));
        assert!((900..1_100).contains(&count(Sample::NoTraces)), "{}", count(Sample::NoTraces));
        assert_eq!(Sample::decide("any", Sampling::default()), Sample::Whole);
    }

    #[test]
    fn errors_are_kept_whatever_was_decided() {
        let kept = |sample: Sample| {
            [
                (RecordType::Log, Rank::Usual),
                (RecordType::Trace, Rank::Usual),
                (RecordType::Error, Rank::Notable),
            ]
            .map(|(record_type, rank)| sample.takes(record_type, rank))
        };
        assert_eq!(kept(Sample::Whole), [true, true, true]);
        assert_eq!(kept(Sample::NoTraces), [true, false, true]);
        assert_eq!(kept(Sample::Errors), [false, false, true]);
    }
}
