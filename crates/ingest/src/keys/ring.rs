//! All keys that are in use, found by the hash of a token.

use std::collections::HashMap;
use std::sync::Arc;

use super::key::{Key, KeyKind};
use super::{ADMIN_KEY, DEFAULT_KEY, TokenHash};
use crate::extract::{AllowedOrigins, Pace, Rate};
use crate::pipeline::RecordTypes;
use crate::state::KeyRow;

/// All keys that are in use.
#[derive(Debug)]
pub struct KeyRing {
    by_hash: HashMap<TokenHash, Place>,
    /// The tokens of admin keys, of which there are few.
    admins: Vec<TokenHash>,
    /// The pages that the server allows; a key without origins of its own means these.
    origins: AllowedOrigins,
}

/// A key, and until when the token that opened it does so, in epoch milliseconds.
#[derive(Debug, Clone)]
pub struct Place {
    key: Arc<Key>,
    until: Option<u64>,
}

/// What is not in `state.db`: the keys that options and files name, and what holds for all keys.
#[derive(Debug, Clone)]
pub struct Given {
    /// The token of the key named `default`.
    pub token: TokenHash,
    /// The token of the admin key, if options name one.
    pub admin: Option<TokenHash>,
    /// The pages that the server allows.
    pub origins: AllowedOrigins,
    /// How many requests a second may come with a key that says nothing of it.
    pub rate: Option<Rate>,
}

impl KeyRing {
    /// Puts the keys together. Those that were in `previous` keep their pace.
    pub fn new(given: &Given, rows: Vec<KeyRow>, previous: Option<&Self>) -> Self {
        let rows = rows.into_iter().filter(|row| row.revoked_at.is_none());
        let mut by_hash: HashMap<_, _> = rows.flat_map(|row| places(row, given.rate, previous)).collect();
        by_hash.insert(given.token, given_key(DEFAULT_KEY, KeyKind::Write, given.rate));
        if let Some(hash) = given.admin {
            by_hash.insert(hash, given_key(ADMIN_KEY, KeyKind::Admin, None));
        }
        let is_admin = |place: &Place| place.key.kind == KeyKind::Admin;
        let admins = by_hash.iter().filter(|(_, place)| is_admin(place)).map(|(hash, _)| *hash).collect();
        Self { by_hash, admins, origins: given.origins.clone() }
    }

    /// The key of a token, if there is one at `now`.
    pub fn find(&self, token: &[u8], now: u64) -> Option<&Arc<Key>> {
        self.find_hash(TokenHash::of(token), now)
    }

    /// The key of a token, by its hash.
    pub fn find_hash(&self, hash: TokenHash, now: u64) -> Option<&Arc<Key>> {
        let place = self.by_hash.get(&hash)?;
        place.until.is_none_or(|until| now < until).then_some(&place.key)
    }

    /// The tokens of the admin keys that are in use at `now`.
    pub fn admins(&self, now: u64) -> impl Iterator<Item = TokenHash> {
        self.admins.iter().copied().filter(move |hash| self.find_hash(*hash, now).is_some())
    }

    /// Whether pages of `origin` may use `key`.
    pub fn allows(&self, key: &Key, origin: &str) -> bool {
        key.origins.as_ref().unwrap_or(&self.origins).contains(origin)
    }

    /// Whether pages of `origin` may use any key. That is all that can be asked of a preflight, which
    /// does not carry the key.
    pub fn allows_any(&self, origin: &str) -> bool {
        let of_a_key = |place: &Place| place.key.origins.as_ref().is_some_and(|own| own.contains(origin));
        self.origins.contains(origin) || self.by_hash.values().any(of_a_key)
    }
}

fn given_key(name: &str, kind: KeyKind, rate: Option<Rate>) -> Place {
    let key = Key {
        name: name.to_owned(),
        kind,
        origins: None,
        types: RecordTypes::ALL,
        rate,
        pace: Pace::default(),
    };
    Place { key: Arc::new(key), until: None }
}

fn places(row: KeyRow, default_rate: Option<Rate>, previous: Option<&KeyRing>) -> Vec<(TokenHash, Place)> {
    let rate = row.rate.or(default_rate);
    let known = row.tokens.iter().find_map(|token| previous?.by_hash.get(&token.hash));
    let key = match known {
        // What a key allows never changes, but for the end of it: it is the same key.
        Some(place) if place.key.rate == rate => Arc::clone(&place.key),
        _ => Arc::new(Key {
            name: row.name,
            kind: row.kind,
            origins: row.origins.map(|origins| AllowedOrigins::of_key(&origins)),
            types: row.types.unwrap_or(RecordTypes::ALL),
            rate,
            pace: Pace::default(),
        }),
    };
    let until = |token_end: Option<u64>| [row.expires_at, token_end].into_iter().flatten().min();
    let place = |end| Place { key: Arc::clone(&key), until: until(end) };
    row.tokens.iter().map(|token| (token.hash, place(token.expires_at))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::TokenRow;

    fn given() -> Given {
        Given {
            token: TokenHash::of(b"of the server"),
            admin: None,
            origins: AllowedOrigins::loopback(),
            rate: None,
        }
    }

    fn row(name: &str, tokens: &[(&str, Option<u64>)]) -> KeyRow {
        let token = |&(text, expires_at): &(&str, Option<u64>)| TokenRow {
            hash: TokenHash::of(text.as_bytes()),
            readable: None,
            created_at: 0,
            expires_at,
        };
        KeyRow { tokens: tokens.iter().map(token).collect(), ..KeyRow::new(name, KeyKind::Write, 0) }
    }

    fn name(ring: &KeyRing, token: &str, now: u64) -> Option<String> {
        ring.find(token.as_bytes(), now).map(|key| key.name.clone())
    }

    #[test]
    fn a_token_opens_its_key_until_either_ends() {
        let shop = KeyRow { expires_at: Some(100), ..row("shop", &[("old", Some(50)), ("new", None)]) };
        let revoked = KeyRow { revoked_at: Some(1), ..row("gone", &[("of gone", None)]) };
        let ring = KeyRing::new(&given(), vec![shop, revoked], None);
        for (token, now, found) in [
            ("of the server", 1_000, Some("default")),
            ("old", 49, Some("shop")),
            ("old", 50, None),
            ("new", 99, Some("shop")),
            ("new", 100, None),
            ("of gone", 0, None),
            ("", 0, None),
        ] {
            assert_eq!(name(&ring, token, now).as_deref(), found, "{token} at {now}");
        }
    }

    #[test]
    fn a_key_has_its_own_origins_or_those_of_the_server() {
        let own =
            KeyRow { origins: Some(vec!["https://shop.example".into()]), ..row("shop", &[("s", None)]) };
        let ring = KeyRing::new(&given(), vec![own, row("other", &[("o", None)])], None);
        let allows = |token: &str, origin| ring.allows(ring.find(token.as_bytes(), 0).unwrap(), origin);
        assert!(allows("s", "https://shop.example") && !allows("s", "http://localhost"));
        assert!(!allows("o", "https://shop.example") && allows("o", "http://localhost"));
        assert!(ring.allows_any("https://shop.example") && !ring.allows_any("https://evil.example"));
    }

    #[test]
    fn a_key_keeps_its_pace_when_the_keys_are_read_again() {
        let rows = || vec![KeyRow { rate: Rate::new(1.0), ..row("shop", &[("s", None)]) }];
        let take = |ring: &KeyRing| ring.find(b"s", 0).unwrap().take(std::time::Duration::ZERO).is_ok();
        let ring = KeyRing::new(&given(), rows(), None);
        assert_eq!((0..9).filter(|_| take(&ring)).count(), 5);
        assert!(!take(&KeyRing::new(&given(), rows(), Some(&ring))));
    }
}
