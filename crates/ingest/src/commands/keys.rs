//! `beaconry keys`: who may send records, and who may look at them. It works while the server runs, which
//! reads the keys again within a second.

mod list;

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use beaconry_protocol::RecordType;
use clap::{Args, Subcommand};

use super::Failure;
use super::options::{made, to_fill};
use crate::clock::now_millis;
use crate::config::{ConfigError, data, requests_a_second, wrong};
use crate::extract::AllowedOrigins;
use crate::keys::{DEFAULT_KEY, KeyKind, NewToken};
use crate::operations::parse_span;
use crate::pipeline::RecordTypes;
use crate::server::claim;
use crate::state::{KeyRow, State, StateError};

/// What to do with keys.
#[derive(Debug, Args)]
pub struct KeysOptions {
    /// The data folder of the server
    #[arg(
        long,
        value_name = "FOLDER",
        env = "TELEMETRY_STORAGE_PATH",
        default_value = "./beaconry-data",
        global = true
    )]
    pub data: String,

    /// What to do.
    #[command(subcommand)]
    pub action: KeysAction,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum KeysAction {
    /// Make a key and print its token
    Create(CreateOptions),
    /// Show all keys
    List,
    /// End a key for good
    Revoke {
        /// The name of the key
        name: String,
    },
    /// Give a key a new token; the old one works on for a while
    Rotate {
        /// The name of the key
        name: String,
        /// How long the old token works on: 30m, 24h, 7d, or 0 for not at all
        #[arg(long, value_name = "TIME", default_value = "24h")]
        grace: String,
    },
}

/// What a new key is to allow.
#[derive(Debug, Args)]
pub struct CreateOptions {
    /// A name for it, under which its records are stored and counted
    pub name: String,

    /// write for pages (anybody can read it there), server for your own servers, admin for the dashboard
    #[arg(long, value_name = "KIND", default_value = "write")]
    pub kind: String,

    /// A site whose pages may use it; may be given several times [default: those of the server]
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',')]
    pub origin: Vec<String>,

    /// A type of records that it brings in; may be given several times [default: all]
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    pub types: Vec<String>,

    /// Requests a second that may come with it [default: that of the server]
    #[arg(long, value_name = "RATE", default_value = "", hide_default_value = true)]
    pub rate: String,

    /// How long it works: 30m, 24h, 90d [default: until it is revoked]
    #[arg(long, value_name = "TIME", default_value = "", hide_default_value = true)]
    pub expires: String,
}

/// Does it.
///
/// # Errors
/// When an option is wrong, or the keys cannot be read or changed.
pub fn run(options: &KeysOptions) -> Result<(), Failure> {
    let now = now_millis();
    let folder = data(&options.data)?;
    match &options.action {
        KeysAction::Create(create) => {
            let key = new_key(create, now)?;
            let token = NewToken::make(key.kind).map_err(|_| failed(StateError::NoRandomness))?;
            open(&to_fill(folder)?)?.add_key(&key, &token).map_err(failed)?;
            tell(&token, key.kind)
        }
        KeysAction::List => {
            let keys = open(&made(folder)?)?.keys().map_err(failed)?;
            io::stdout().write_all(list::table(&keys, now).as_bytes()).map_err(failed)
        }
        KeysAction::Revoke { name } => open(&made(folder)?)?.revoke_key(name, now).map_err(failed),
        KeysAction::Rotate { name, grace } => {
            let old_until = now.saturating_add(span("--grace", grace)?);
            let (token, kind) = open(&made(folder)?)?.rotate_key(name, now, old_until).map_err(failed)?;
            tell(&token, kind)
        }
    }
}

fn open(folder: &Path) -> Result<State, Failure> {
    claim(folder).map_err(failed)?;
    State::open(folder).map_err(failed)
}

/// The token alone on standard output, for scripts; what to know about it beside it.
fn tell(token: &NewToken, kind: KeyKind) -> Result<(), Failure> {
    writeln!(io::stdout(), "{}", token.text).map_err(failed)?;
    if kind.is_secret() {
        writeln!(io::stderr(), "This is shown once: only a hash of it is kept.").map_err(failed)?;
    }
    Ok(())
}

fn new_key(options: &CreateOptions, now: u64) -> Result<KeyRow, ConfigError> {
    let kind = KeyKind::parse(&options.kind)
        .ok_or_else(|| wrong("--kind", &options.kind)("write, server or admin"))?;
    let key = KeyRow {
        origins: origins(&options.origin)?,
        types: types(&options.types)?,
        rate: requests_a_second("--rate", &options.rate)?,
        expires_at: match options.expires.as_str() {
            "" => None,
            text => Some(now.saturating_add(lifetime(text)?)),
        },
        ..KeyRow::new(name(&options.name)?, kind, now)
    };
    let is_of_pages = kind == KeyKind::Write || key.origins.is_none();
    let is_of_records = kind != KeyKind::Admin || (key.types.is_none() && key.rate.is_none());
    match (is_of_pages, is_of_records) {
        (false, _) => Err(wrong("--origin", &options.origin.join(","))("nothing: only pages have origins")),
        (_, false) => Err(wrong("--kind", "admin")("no --type and no --rate: it brings in no records")),
        _ => Ok(key),
    }
}

/// As an app's name: it stands in records, metrics and addresses.
fn name(text: &str) -> Result<String, ConfigError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if text == DEFAULT_KEY {
        return Err(wrong("NAME", text)("another name: this is the key of --token"));
    }
    if (1..=64).contains(&text.len()) && text.bytes().all(is_plain) {
        return Ok(text.to_owned());
    }
    Err(wrong("NAME", text)("1 to 64 letters, digits, '.', '_' or '-'"))
}

fn origins(texts: &[String]) -> Result<Option<Vec<String>>, ConfigError> {
    AllowedOrigins::listed(texts.iter().map(String::as_str)).map_err(|(text, _)| {
        wrong("--origin", text)("an origin such as https://app.example or http://localhost:*")
    })?;
    Ok((!texts.is_empty()).then(|| texts.to_vec()))
}

fn types(texts: &[String]) -> Result<Option<RecordTypes>, ConfigError> {
    let read =
        |text: &String| RecordType::parse(text).map_err(|unknown| wrong("--type", text)(unknown.takes));
    let types: RecordTypes = texts.iter().map(read).collect::<Result<_, _>>()?;
    Ok((!texts.is_empty()).then_some(types))
}

/// Milliseconds. A key that has ended before it is used is a mistake.
fn lifetime(text: &str) -> Result<u64, ConfigError> {
    let millis = span("--expires", text)?;
    if millis == 0 {
        Err(wrong("--expires", text)("a time above 0, such as 30m, 24h or 90d"))
    } else {
        Ok(millis)
    }
}

/// Milliseconds.
fn span(setting: &'static str, text: &str) -> Result<u64, ConfigError> {
    let millis = if text == "0" { Some(0) } else { parse_span(text) };
    let sane = millis.filter(|millis| *millis <= FOR_EVER_MILLIS);
    sane.ok_or_else(|| wrong(setting, text)("a time such as 30m, 24h or 90d"))
}

/// Three centuries, small enough to add to any time.
const FOR_EVER_MILLIS: u64 = 300 * 365 * 86_400_000;

fn failed(error: impl Error + 'static) -> Failure {
    Failure::Failed(Box::new(error))
}

/// Shown below the help.
pub const EXAMPLE: &str = "\
Example:
  beaconry keys create shop --origin https://shop.example --type error,vital --rate 50
  beaconry keys create nightly-import --kind server --expires 90d
  beaconry keys rotate shop --grace 7d

A running server knows of a change within a second.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_unit() {
        for (text, millis) in
            [("0", 0), ("90s", 90_000), ("30m", 1_800_000), ("24h", 86_400_000), ("90d", 7_776_000_000)]
        {
            assert_eq!(span("--grace", text).ok(), Some(millis), "{text}");
        }
        for wrong in ["", "5", "d", "-1d", "1.5h", "1w", "99999999999d", "1 d", "1dd"] {
            assert!(span("--grace", wrong).is_err(), "{wrong}");
        }
    }
}
