//! Whether the user allows that anything is kept.

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
    /// The word of the options.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Pending => "pending",
        }
    }

    /// Reads the word of the options.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Granted, Self::Denied, Self::Pending].into_iter().find(|consent| consent.as_str() == word)
    }
}
