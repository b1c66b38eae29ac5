//! What a server asks of its clients: for whom telemetry is on, and how much of it.
//!
//! A client asks `GET /api/features` before it starts, and every answer to a batch says it again, so
//! a switch reaches pages that are open. What is not said is left to the app's own config.

use serde::{Deserialize, Serialize};

use crate::fnv1a;

/// The answer of `GET /api/features`, and `remote` in the answer to a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RemoteConfig {
    /// The flags.
    pub features: Features,
    /// The rates.
    pub sampling: Sampling,
}

/// The flags by name. There is one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Features {
    /// Whether clients record.
    #[serde(rename = "TELEMETRY")]
    pub telemetry: FeatureFlag,
}

/// A feature flag: on for a share of the users.
///
/// Who is in is decided by one number from 0 to 9999 that stays the same for a user, so raising the
/// percentage keeps everyone who was in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct FeatureFlag {
    /// Whether it is on for anyone.
    pub phase: Phase,
    /// For which share of users, in percent.
    #[serde(serialize_with = "short")]
    pub rollout: f64,
}

/// The phase of a feature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Phase {
    /// Off for everyone.
    Disabled,
    /// On for the share that `rollout` says.
    #[default]
    Enabled,
}

/// Shares of sessions that are recorded, from 0 to 1. Errors are kept whatever they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Sampling {
    /// Of all sessions; the app's own `sampleRate` if it is not said.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "short_option")]
    pub sample_rate: Option<f64>,
    /// Of the sessions whose traces are recorded; the app's own `tracesSampleRate` if it is not said.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "short_option")]
    pub traces_sample_rate: Option<f64>,
}

impl FeatureFlag {
    /// Whether it is on for the user with this bucket, a number from 0 to 9999.
    pub fn includes(&self, bucket: u16) -> bool {
        self.phase == Phase::Enabled && f64::from(bucket) < self.rollout * 100.0
    }

    /// Whether it is the same for everyone, so that no bucket needs to be known.
    pub fn is_same_for_everyone(&self) -> bool {
        self.phase == Phase::Disabled || self.rollout <= 0.0 || self.rollout >= 100.0
    }
}

impl Default for FeatureFlag {
    fn default() -> Self {
        Self { phase: Phase::Enabled, rollout: 100.0 }
    }
}

/// The bucket of an id, from 0 to 9999: the same for the same id, spread evenly over all ids.
///
/// FNV-1a over the UTF-8 bytes, mixed as MurmurHash3 does at its end. The npm package decides by it
/// before the wasm is loaded; `tests/golden/buckets.json` holds both to the same numbers.
pub fn bucket_of(id: &str) -> u16 {
    let mut hash = fnv1a(id);
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85EB_CA6B);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xC2B2_AE35);
    u16::try_from((hash ^ (hash >> 16)) % 10_000).unwrap_or(0)
}

/// Writes 25 as `25`, not as `25.0`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the signature is serde's; the value is whole and small"
)]
fn short<S: serde::Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let is_whole = (0.0..=1e6).contains(value) && value.trunc() == *value;
    if is_whole { serializer.serialize_u64(*value as u64) } else { serializer.serialize_f64(*value) }
}

fn short_option<S: serde::Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => short(value, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raising_the_rollout_keeps_everyone_who_was_in() {
        let flag = |rollout| FeatureFlag { phase: Phase::Enabled, rollout };
        let mut in_at_10 = 0;
        for user in 0..10_000 {
            let bucket = bucket_of(&format!("user-{user}"));
            assert!(bucket < 10_000);
            if flag(10.0).includes(bucket) {
                in_at_10 += 1;
                assert!(flag(20.0).includes(bucket) && flag(100.0).includes(bucket));
            }
            assert!(!flag(0.0).includes(bucket));
        }
        assert!((850..1_150).contains(&in_at_10), "{in_at_10} of 10,000");
    }

    #[test]
    fn disabled_is_off_for_everyone() {
        let flag = FeatureFlag { phase: Phase::Disabled, rollout: 100.0 };
        assert!(!flag.includes(0) && flag.is_same_for_everyone());
    }
}
