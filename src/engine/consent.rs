//! Whether the user allows that anything is kept.

use beaconry_protocol::place_of;

/// What the user, or the app for them, has said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Consent {
    /// Records are stored and sent.
    #[default]
    Granted,
    /// Nothing is recorded, and nothing of ours is left on this device.
    Denied,
    /// Records wait in memory, with their own times.
    Pending,
}

impl Consent {
    const WORDS: [&str; 3] = ["granted", "denied", "pending"];

    /// The word of the options.
    pub const fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// Reads the word of the options.
    pub fn parse(word: &str) -> Option<Self> {
        const ALL: [Consent; 3] = [Consent::Granted, Consent::Denied, Consent::Pending];
        ALL.get(place_of(word, &Self::WORDS)?).copied()
    }
}
