//! For whom telemetry is on: the flag `TELEMETRY`, a phase and a percentage.
//!
//! Who is in is decided by one number from 0 to 9999 that stays the same for a user, so raising the
//! percentage keeps everyone who was in.

/// A feature flag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FeatureFlag {
    /// Whether it is on for anyone.
    pub phase: Phase,
    /// For which share of users, in percent.
    pub rollout: f64,
}

/// The phase of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Off for everyone.
    Disabled,
    /// On for the share that `rollout` says.
    Enabled,
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

/// The bucket of a user: the same for the same id, spread evenly over all ids.
pub fn bucket_of(user_id: &str) -> u16 {
    let mut hash: u64 = 0xCBF2_9CE4_8422_2325;
    for byte in user_id.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
    }
    let spread = super::Random::from_seed(hash).below(10_000);
    u16::try_from(spread).unwrap_or(0)
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
