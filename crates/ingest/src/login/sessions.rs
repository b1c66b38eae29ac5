//! The cookie of a session: making one, and telling ours from others.

use std::time::Duration;

use axum::http::{HeaderMap, header};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::keys::{KeyRing, TokenHash};

/// Makes and checks cookies.
#[derive(Clone)]
pub struct Sessions(Hmac<Sha256>);

impl Sessions {
    /// Uses a key of its own, made of the install secret: pseudonyms of users are made of that too.
    pub fn new(install_secret: &[u8; 32]) -> Self {
        let own = Sha256::new().chain_update(b"beaconry sessions\0").chain_update(install_secret).finalize();
        let mut block = [0; 64];
        block.iter_mut().zip(own).for_each(|(byte, own)| *byte = own);
        Self(Hmac::new(&block.into()))
    }

    /// The value of a cookie for whoever came with a token, from `now` on.
    pub fn begin(&self, token: TokenHash, now: u64) -> String {
        let end = now + u64::try_from(SESSION_AGE.as_millis()).unwrap_or_default();
        let mac: String =
            self.mac(token, end).finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
        format!("{end}.{mac}")
    }

    /// Whether a value is one of ours that has not ended, of a key that is in use.
    pub fn holds(&self, value: &str, ring: &KeyRing, now: u64) -> bool {
        let Some((end, mac)) = value.split_once('.') else { return false };
        let Some((end, mac)) = end.parse().ok().zip(read_hex(mac)) else { return false };
        now < end && ring.admins(now).any(|token| self.mac(token, end).verify_slice(&mac).is_ok())
    }

    /// The values of the cookies of a request that have our name.
    pub fn in_headers<'h>(&self, headers: &'h HeaderMap) -> impl Iterator<Item = &'h str> {
        let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(|(name, _)| *name == SESSION_COOKIE).map(|(_, value)| value)
    }

    fn mac(&self, token: TokenHash, end: u64) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(token.as_bytes());
        mac.update(&end.to_be_bytes());
        mac
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions(…)")
    }
}

fn read_hex(text: &str) -> Option<Vec<u8>> {
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = |at| text.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    is_hex.then(|| (0..64).step_by(2).filter_map(digits).collect())
}

/// The name of the cookie.
pub const SESSION_COOKIE: &str = "beaconry_session";

/// How long somebody who has logged in stays so.
pub const SESSION_AGE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
