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
    /// Reads the word of the options.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "granted" => Some(Self::Granted),
            "denied" => Some(Self::Denied),
            "pending" => Some(Self::Pending),
            _ => None,
        }
    }
}
