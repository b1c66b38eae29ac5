//! Who may see what is stored: the owner, known by an admin key.
//!
//! A script sends the key with every request (`Authorization: Bearer …`). A person types it once, on the
//! login page, and gets a cookie that no script can read and that no other site's page makes a browser
//! send (`HttpOnly`, `SameSite=Strict`). The cookie is the time it ends and a MAC of that time and of the
//! key, so nothing is kept of it here, a restart ends no session, and a key that is revoked ends its own.
//!
//! On a loopback address nobody is asked: whoever can reach it is on this machine. Everywhere else, and
//! behind a proxy, everybody is.

mod sessions;

use axum::http::HeaderMap;

pub use sessions::{SESSION_AGE, SESSION_COOKIE, Sessions};

use crate::extract::bearer_token;
use crate::keys::{KeyKind, KeyRing, TokenHash};

/// How the owner is known.
#[derive(Debug)]
pub struct Login {
    /// Whether anybody is asked at all.
    pub is_required: bool,
    sessions: Sessions,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visitor {
    /// Whoever may see everything.
    Owner,
    /// Somebody without a key or a session.
    Stranger,
    /// Somebody with a wrong key: it may be a guess.
    Guesser,
}

impl Login {
    /// Signs its cookies with a key made of the install secret.
    pub fn new(is_required: bool, install_secret: &[u8; 32]) -> Self {
        Self { is_required, sessions: Sessions::new(install_secret) }
    }

    /// Who sent a request with these headers.
    pub fn who(&self, headers: &HeaderMap, ring: &KeyRing, now: u64) -> Visitor {
        if !self.is_required {
            return Visitor::Owner;
        }
        if let Some(token) = bearer_token(headers) {
            let is_admin = ring.find(token, now).is_some_and(|key| key.kind == KeyKind::Admin);
            return if is_admin { Visitor::Owner } else { Visitor::Guesser };
        }
        let has_session =
            self.sessions.in_headers(headers).any(|cookie| self.sessions.holds(cookie, ring, now));
        if has_session { Visitor::Owner } else { Visitor::Stranger }
    }

    /// The cookie for whoever typed `token`, if that is an admin key.
    pub fn begin(&self, token: &str, ring: &KeyRing, now: u64) -> Option<String> {
        let key = ring.find(token.as_bytes(), now)?;
        let hash = TokenHash::of(token.as_bytes());
        (key.kind == KeyKind::Admin).then(|| self.sessions.begin(hash, now))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header};

    use super::*;
    use crate::extract::AllowedOrigins;
    use crate::keys::Given;

    fn ring(admin: &str) -> KeyRing {
        let origins = AllowedOrigins::loopback();
        let admin = Some(TokenHash::of(admin.as_bytes()));
        KeyRing::new(&Given { token: TokenHash::of(b"write"), admin, origins, rate: None }, Vec::new(), None)
    }

    fn who(name: header::HeaderName, value: &str, now: u64) -> Visitor {
        let headers = [(name, HeaderValue::from_str(value).unwrap())].into_iter().collect();
        Login::new(true, &[7; 32]).who(&headers, &ring("right"), now)
    }

    #[test]
    fn a_script_is_known_by_an_admin_key() {
        for (value, visitor) in [
            ("Bearer right", Visitor::Owner),
            ("bearer right", Visitor::Owner),
            ("Bearer wrong", Visitor::Guesser),
            ("Bearer write", Visitor::Guesser),
            ("Bearer ", Visitor::Guesser),
            ("Basic right", Visitor::Stranger),
        ] {
            assert_eq!(who(header::AUTHORIZATION, value, 0), visitor, "{value}");
        }
    }

    #[test]
    fn a_person_is_known_by_a_cookie_until_it_ends_or_the_key_does() {
        let login = Login::new(true, &[7; 32]);
        let cookie = login.begin("right", &ring("right"), 1_000).unwrap();
        let end = 1_000 + u64::try_from(SESSION_AGE.as_millis()).unwrap();
        let at = |value: &str, now| who(header::COOKIE, value, now);
        assert_eq!(at(&format!("theme=dark; beaconry_session={cookie}"), end - 1), Visitor::Owner);
        assert_eq!(at(&format!("beaconry_session={cookie}"), end), Visitor::Stranger);
        let later = cookie.replacen(&end.to_string(), &(end + 1).to_string(), 1);
        for forged in [later, cookie[..cookie.len() - 1].to_owned(), "1.2".into(), String::new()] {
            assert_eq!(at(&format!("beaconry_session={forged}"), 2_000), Visitor::Stranger, "{forged}");
        }
        let headers =
            [(header::COOKIE, HeaderValue::from_str(&format!("beaconry_session={cookie}")).unwrap())];
        let headers = headers.into_iter().collect();
        assert_eq!(login.who(&headers, &ring("another"), 2_000), Visitor::Stranger);
        assert_eq!(Login::new(true, &[8; 32]).who(&headers, &ring("right"), 2_000), Visitor::Stranger);
    }

    #[test]
    fn only_an_admin_key_opens_a_session() {
        let login = Login::new(true, &[7; 32]);
        assert_eq!(login.begin("write", &ring("right"), 0), None);
        assert_eq!(login.begin("", &ring("right"), 0), None);
    }
}
