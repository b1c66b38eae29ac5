//! The text that is a key: making one, and the hash it is known by.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::KeyKind;

/// The SHA-256 of a token. A token that we made has 128 random bits or more, so a plain hash tells
/// nobody what it is made of.
#[derive(Clone, Copy, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of a token.
    pub fn of(token: &[u8]) -> Self {
        Self(Sha256::digest(token).into())
    }

    /// Takes a hash as it was stored.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// To be stored.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As lower-case hex digits.
    pub fn to_hex(self) -> String {
        hex(&self.0)
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl std::hash::Hash for TokenHash {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenHash({}…)", hex(&self.0[..4]))
    }
}

/// A token that was made just now.
#[derive(Clone)]
pub struct NewToken {
    /// What whoever is let in sends.
    pub text: String,
    /// What is kept of it.
    pub hash: TokenHash,
}

impl NewToken {
    /// Makes one. Its beginning says what it is, for whoever finds it somewhere.
    ///
    /// # Errors
    /// When the system has no random bits.
    pub fn make(kind: KeyKind) -> Result<Self, getrandom::Error> {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits)?;
        // A public one is in every address that cannot carry a header: shorter.
        let text = match kind {
            KeyKind::Write => format!("bw_{}", hex(&bits[..16])),
            KeyKind::Server => format!("bs_{}", hex(&bits)),
            KeyKind::Admin => format!("ba_{}", hex(&bits)),
        };
        Ok(Self { hash: TokenHash::of(text.as_bytes()), text })
    }
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("NewToken").field(&self.hash).finish()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
