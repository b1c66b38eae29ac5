//! The keys as they are stored.

use beaconry_protocol::RecordType;
use rusqlite::{Row, params};

use super::{State, StateError};
use crate::extract::Rate;
use crate::keys::{KeyKind, NewToken, TokenHash};
use crate::pipeline::RecordTypes;

/// A key, with the tokens that open it.
#[derive(Debug, Clone)]
pub struct KeyRow {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub kind: KeyKind,
    /// The pages that may use it, if not those that the server allows.
    pub origins: Option<Vec<String>>,
    /// The records that it brings in, if not all.
    pub types: Option<RecordTypes>,
    /// Requests a second, if it has a limit of its own.
    pub rate: Option<Rate>,
    /// When it was made, in epoch milliseconds.
    pub created_at: u64,
    /// When it ends.
    pub expires_at: Option<u64>,
    /// When it was revoked.
    pub revoked_at: Option<u64>,
    /// The tokens that open it, newest first.
    pub tokens: Vec<TokenRow>,
}

/// A token that opens a key.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// What it is known by.
    pub hash: TokenHash,
    /// The token itself, if it is no secret.
    pub readable: Option<String>,
    /// When it was made, in epoch milliseconds.
    pub created_at: u64,
    /// When it ends.
    pub expires_at: Option<u64>,
}

impl KeyRow {
    /// A key that allows whatever the server allows.
    pub fn new(name: impl Into<String>, kind: KeyKind, created_at: u64) -> Self {
        Self {
            name: name.into(),
            kind,
            origins: None,
            types: None,
            rate: None,
            created_at,
            expires_at: None,
            revoked_at: None,
            tokens: Vec::new(),
        }
    }

    /// Whether it still lets anything in at `now`.
    pub fn is_in_use(&self, now: u64) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

impl State {
    /// Adds a key, opened by `token`.
    ///
    /// # Errors
    /// When there is one of that name, or it cannot be written.
    pub fn add_key(&mut self, key: &KeyRow, token: &NewToken) -> Result<(), StateError> {
        let transaction = self.connection.transaction()?;
        let added = transaction.execute(
            "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING",
            params![
                key.name,
                key.kind.as_str(),
                key.origins.as_ref().map(json),
                key.types.map(|types| json(&types.names().collect::<Vec<_>>())),
                key.rate.map(Rate::a_second),
                key.created_at,
                key.expires_at,
            ],
        )?;
        if added == 0 {
            return Err(StateError::NameTaken(key.name.clone()));
        }
        add_token(&transaction, &key.name, key.kind, token, key.created_at)?;
        Ok(transaction.commit()?)
    }

    /// Every key that there is or was, by name.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn keys(&self) -> Result<Vec<KeyRow>, StateError> {
        let mut keys = self.connection.prepare(
            "SELECT name, kind, origins, types, rate, created_at, expires_at, revoked_at
             FROM keys ORDER BY name",
        )?;
        let mut tokens = self.connection.prepare(
            "SELECT hash, readable, created_at, expires_at FROM tokens WHERE key = ?
             ORDER BY created_at DESC, expires_at IS NOT NULL",
        )?;
        let rows = keys.query_map((), read_key)?;
        rows.map(|row| {
            let row = row?;
            let tokens = tokens.query_map([&row.name], read_token)?.collect::<Result<_, _>>()?;
            Ok(KeyRow { tokens, ..row })
        })
        .collect()
    }

    /// Ends a key for good.
    ///
    /// # Errors
    /// When there is none of that name in use, or it cannot be written.
    pub fn revoke_key(&mut self, name: &str, now: u64) -> Result<(), StateError> {
        let revoked = self.connection.execute(
            "UPDATE keys SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL",
            params![now, name],
        )?;
        if revoked == 0 { Err(StateError::NoSuchKey(name.to_owned())) } else { Ok(()) }
    }

    /// Opens a key with a new token; the old ones do so until `old_until`.
    ///
    /// # Errors
    /// When there is none of that name in use, no random bits, or it cannot be written.
    pub fn rotate_key(
        &mut self,
        name: &str,
        now: u64,
        old_until: u64,
    ) -> Result<(NewToken, KeyKind), StateError> {
        let keys = self.keys()?;
        let key = keys.iter().find(|key| key.name == name && key.is_in_use(now));
        let kind = key.ok_or_else(|| StateError::NoSuchKey(name.to_owned()))?.kind;
        let token = NewToken::make(kind).map_err(|_| StateError::NoRandomness)?;
        let transaction = self.connection.transaction()?;
        transaction.execute(
            "UPDATE tokens SET expires_at = min(coalesce(expires_at, ?1), ?1) WHERE key = ?2",
            params![old_until, name],
        )?;
        transaction.execute("DELETE FROM tokens WHERE key = ? AND expires_at <= ?", params![name, now])?;
        add_token(&transaction, name, kind, &token, now)?;
        transaction.commit()?;
        Ok((token, kind))
    }
}

fn add_token(
    connection: &rusqlite::Connection,
    key: &str,
    kind: KeyKind,
    token: &NewToken,
    now: u64,
) -> Result<(), StateError> {
    let readable = (!kind.is_secret()).then_some(&token.text);
    connection.execute(
        "INSERT INTO tokens VALUES (?, ?, ?, ?, NULL)",
        params![token.hash.as_bytes(), key, readable, now],
    )?;
    Ok(())
}

fn read_key(row: &Row<'_>) -> rusqlite::Result<KeyRow> {
    let kind: String = row.get(1)?;
    let types: Option<String> = row.get(3)?;
    let origins: Option<String> = row.get(2)?;
    Ok(KeyRow {
        name: row.get(0)?,
        kind: KeyKind::parse(&kind).ok_or(rusqlite::Error::InvalidQuery)?,
        origins: origins.map(|text| list(&text)),
        types: types.map(|text| list(&text).iter().flat_map(|word| RecordType::parse(word)).collect()),
        rate: row.get::<_, Option<f64>>(4)?.and_then(Rate::new),
        created_at: row.get(5)?,
        expires_at: row.get(6)?,
        revoked_at: row.get(7)?,
        tokens: Vec::new(),
    })
}

fn read_token(row: &Row<'_>) -> rusqlite::Result<TokenRow> {
    Ok(TokenRow {
        hash: TokenHash::from_bytes(row.get(0)?),
        readable: row.get(1)?,
        created_at: row.get(2)?,
        expires_at: row.get(3)?,
    })
}

/// Lists of texts are plain data; nothing in them makes serde_json fail.
fn json(list: &impl serde::Serialize) -> String {
    serde_json::to_string(list).unwrap_or_default()
}

/// A list that somebody has spoiled allows nothing.
fn list(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> KeyRow {
        KeyRow {
            origins: Some(vec!["https://shop.example".into()]),
            types: Some([RecordType::Error].into_iter().collect()),
            rate: Rate::new(2.5),
            expires_at: Some(900),
            ..KeyRow::new(name, KeyKind::Write, 100)
        }
    }

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let mut state = State::in_memory();
        let token = NewToken::make(KeyKind::Write).unwrap();
        state.add_key(&key("shop"), &token).unwrap();
        let read = state.keys().unwrap().remove(0);
        assert_eq!((read.name.as_str(), read.kind, read.rate), ("shop", KeyKind::Write, Rate::new(2.5)));
        assert_eq!((read.origins, read.types), (key("").origins, key("").types));
        assert_eq!((read.created_at, read.expires_at, read.revoked_at), (100, Some(900), None));
        assert_eq!((read.tokens[0].hash, read.tokens[0].readable.clone()), (token.hash, Some(token.text)));
        let again = state.add_key(&key("shop"), &NewToken::make(KeyKind::Write).unwrap());
        assert!(matches!(again, Err(StateError::NameTaken(_))));
    }

    #[test]
    fn of_a_secret_key_only_the_hash_is_kept() {
        for kind in [KeyKind::Server, KeyKind::Admin] {
            let mut state = State::in_memory();
            state.add_key(&KeyRow::new("k", kind, 0), &NewToken::make(kind).unwrap()).unwrap();
            assert_eq!(state.keys().unwrap()[0].tokens[0].readable, None);
        }
    }

    #[test]
    fn a_rotated_key_has_its_old_token_for_a_while() {
        let mut state = State::in_memory();
        let first = NewToken::make(KeyKind::Write).unwrap();
        state.add_key(&key("shop"), &first).unwrap();
        let ends = |state: &State| {
            let tokens = state.keys().unwrap().remove(0).tokens;
            tokens.iter().map(|token| (token.hash, token.expires_at)).collect::<Vec<_>>()
        };
        let (second, _) = state.rotate_key("shop", 200, 300).unwrap();
        assert_eq!(ends(&state), [(second.hash, None), (first.hash, Some(300))]);
        // Another rotation does not make the first one live longer, and forgets what has ended.
        let (third, _) = state.rotate_key("shop", 300, 800).unwrap();
        assert_eq!(ends(&state), [(third.hash, None), (second.hash, Some(800))]);
        assert!(matches!(state.rotate_key("shop", 900, 950), Err(StateError::NoSuchKey(_))));
    }

    #[test]
    fn a_revoked_key_stays_in_the_list_and_is_revoked_once() {
        let mut state = State::in_memory();
        state.add_key(&key("shop"), &NewToken::make(KeyKind::Write).unwrap()).unwrap();
        state.revoke_key("shop", 500).unwrap();
        assert!(!state.keys().unwrap()[0].is_in_use(600));
        for name in ["shop", "other"] {
            assert!(matches!(state.revoke_key(name, 600), Err(StateError::NoSuchKey(_))));
        }
    }
}
