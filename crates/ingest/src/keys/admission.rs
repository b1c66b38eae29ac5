//! Who may send records, by the key of the request and the page that it comes from.

use std::sync::Arc;
use std::time::Duration;

use beaconry_protocol::ErrorCode;

use super::{Key, KeyKind, KeyRing};
use crate::extract::Rate;

/// Why a request is not let in.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// No key, or none that is in use.
    #[error("the key is missing or wrong: send it as X-Telemetry-Token, or as ?token= in the address")]
    WrongKey,
    /// A key that is for something else.
    #[error("an admin key takes no records: make another one with beaconry keys create")]
    AdminKey,
    /// A page that may not use this key.
    #[error("pages of this origin may not use the key {0:?}: make one for them with beaconry keys create")]
    Origin(String),
    /// A secret key in a page, where everybody can read it.
    #[error("{0:?} is a secret key and came from a web page: revoke it, and give pages a write key")]
    SecretInPage(String),
    /// Too many requests with this key.
    #[error("more than {rate} with the key {key:?}: try again later")]
    TooFast {
        /// The name of the key.
        key: String,
        /// What it may.
        rate: Rate,
        /// How long to wait.
        wait: Duration,
    },
}

impl Denied {
    /// The code of the answer.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::WrongKey | Self::AdminKey => ErrorCode::Unauthorized,
            Self::Origin(_) | Self::SecretInPage(_) => ErrorCode::OriginNotAllowed,
            Self::TooFast { .. } => ErrorCode::TooManyRequests,
        }
    }
}

impl KeyRing {
    /// The key with which records of a request come in. `now` is by the clock of the paces.
    ///
    /// # Errors
    /// Why none of it is let in.
    pub fn admit(
        &self,
        key: Option<&Arc<Key>>,
        origin: Option<&str>,
        now: Duration,
    ) -> Result<Arc<Key>, Denied> {
        let key = key.ok_or(Denied::WrongKey)?;
        let name = || key.name.clone();
        match (key.kind, origin) {
            (KeyKind::Admin, _) => return Err(Denied::AdminKey),
            (KeyKind::Server, Some(_)) => return Err(Denied::SecretInPage(name())),
            (KeyKind::Write, Some(origin)) if !self.allows(key, origin) => {
                return Err(Denied::Origin(name()));
            }
            _ => {}
        }
        key.take(now).map_err(|(rate, wait)| Denied::TooFast { key: name(), rate, wait })?;
        Ok(Arc::clone(key))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Given, TokenHash};
    use super::*;
    use crate::extract::AllowedOrigins;
    use crate::state::{KeyRow, TokenRow};

    fn ring() -> KeyRing {
        let rows =
            [("w", KeyKind::Write), ("s", KeyKind::Server), ("a", KeyKind::Admin)].map(|(name, kind)| {
                let hash = TokenHash::of(name.as_bytes());
                let token = TokenRow { hash, readable: None, created_at: 0, expires_at: None };
                KeyRow { rate: Rate::new(1.0), tokens: vec![token], ..KeyRow::new(name, kind, 0) }
            });
        let origins = AllowedOrigins::loopback();
        KeyRing::new(
            &Given { token: TokenHash::of(b"d"), admin: None, origins, rate: None },
            rows.into(),
            None,
        )
    }

    #[test]
    fn a_key_lets_in_what_it_is_for() {
        let ring = ring();
        let own = Some("http://localhost");
        for (token, origin, outcome) in [
            ("d", None, Ok("default")),
            ("w", own, Ok("w")),
            ("w", None, Ok("w")),
            ("w", Some("https://evil.example"), Err(Denied::Origin("w".into()))),
            ("w", Some("null"), Err(Denied::Origin("w".into()))),
            ("s", None, Ok("s")),
            ("s", own, Err(Denied::SecretInPage("s".into()))),
            ("a", None, Err(Denied::AdminKey)),
            ("x", None, Err(Denied::WrongKey)),
        ] {
            let admitted = ring.admit(ring.find(token.as_bytes(), 0), origin, Duration::ZERO);
            let name = admitted.as_ref().map(|key| key.name.as_str());
            assert_eq!(name.map_err(Clone::clone), outcome, "{token} {origin:?}");
        }
    }

    #[test]
    fn one_key_that_is_too_fast_holds_up_no_other() {
        let ring = ring();
        let admit = |token: &str| ring.admit(ring.find(token.as_bytes(), 0), None, Duration::ZERO);
        assert_eq!((0..99).filter(|_| admit("w").is_ok()).count(), 5);
        let refused = admit("w").unwrap_err();
        assert_eq!(refused.code(), ErrorCode::TooManyRequests);
        assert!(admit("s").is_ok());
    }
}
