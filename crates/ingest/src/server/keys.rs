//! The keys that a server starts with.

use super::StartError;
use crate::clock::now_millis;
use crate::config::Config;
use crate::keys::{ADMIN_KEY, Given, KeyKind, LiveKeys, NewToken, TokenHash};
use crate::state::{KeyRow, State, StateError};

/// What there is to tell of the admin key.
#[derive(Debug)]
#[non_exhaustive]
pub enum AdminKey {
    /// Nothing: none is needed, or the owner has one.
    Known,
    /// It was made just now, and can be told only now.
    Made(String),
}

/// Opens the keys, and makes an admin key if one is needed and there never was any.
pub(super) fn open(config: &Config, token: &str) -> Result<(LiveKeys, AdminKey), StartError> {
    let mut state = State::open(&config.data)?;
    let admin = config.edge.admin_token.as_deref().map(|token| TokenHash::of(token.as_bytes()));
    let needs_one = config.edge.is_login_required && admin.is_none();
    let admin_key = if needs_one { admin_key(&mut state)? } else { AdminKey::Known };
    let given = Given {
        token: TokenHash::of(token.as_bytes()),
        admin,
        origins: config.origins.clone(),
        rate: config.edge.key_rate,
    };
    Ok((LiveKeys::start(state, given)?, admin_key))
}

fn admin_key(state: &mut State) -> Result<AdminKey, StartError> {
    let now = now_millis();
    let keys = state.keys()?;
    let mut admins = keys.iter().filter(|key| key.kind == KeyKind::Admin).peekable();
    if admins.peek().is_some() {
        let is_known = admins.any(|key| key.is_in_use(now));
        return if is_known { Ok(AdminKey::Known) } else { Err(StartError::NoAdmin) };
    }
    let token = NewToken::make(KeyKind::Admin).map_err(|_| StateError::NoRandomness)?;
    state.add_key(&KeyRow::new(ADMIN_KEY, KeyKind::Admin, now), &token)?;
    Ok(AdminKey::Made(token.text))
}
