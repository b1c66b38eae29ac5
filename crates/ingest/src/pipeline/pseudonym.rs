//! Names for users that only this installation can make.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Makes the ids of users that are stored, by HMAC-SHA256 with the install secret.
///
/// Whoever gets hold of the journal without the secret cannot tell which user is which, not even with
/// a list of all users. The same id has the same pseudonym as long as the secret stays the same.
#[derive(Clone)]
pub struct Pseudonyms(Hmac<Sha256>);

impl Pseudonyms {
    /// Takes the install secret.
    pub fn new(secret: [u8; 32]) -> Self {
        // HMAC takes a whole block as its key, and fills up a shorter one with zeros.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&secret);
        Self(Hmac::new(&block.into()))
    }

    /// The pseudonym of an id, whatever the sender made it of: 128 bits as 32 hex digits.
    pub fn of(&self, id: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(id.as_bytes());
        let bytes = mac.finalize().into_bytes();
        bytes.iter().take(16).flat_map(|byte| [byte >> 4, byte & 15]).map(hex_digit).collect()
    }
}

impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pseudonyms(…)")
    }
}

fn hex_digit(value: u8) -> char {
    char::from(b"0123456789abcdef"[usize::from(value)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_are_those_of_hmac_sha256() {
        // Test case 1 of RFC 4231, whose key is shorter.
        let mut secret = [0; 32];
        secret[..20].fill(0x0b);
        assert_eq!(Pseudonyms::new(secret).of("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b");
    }

    #[test]
    fn another_secret_makes_other_pseudonyms() {
        let (one, other) = (Pseudonyms::new([1; 32]), Pseudonyms::new([2; 32]));
        assert_eq!(one.of("u1"), one.of("u1"));
        assert_ne!(one.of("u1"), one.of("u2"));
        assert_ne!(one.of("u1"), other.of("u1"));
        assert!(!format!("{one:?}").contains('1'));
    }
}
