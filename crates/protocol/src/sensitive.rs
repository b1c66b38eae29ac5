//! What must not be stored in clear: one table, read by the client before anything leaves the page
//! and by the server again before anything is written.

/// What stands in the place of a value that was taken out.
pub const REDACTED: &str = "[redacted]";

/// Whether the value under `key` has to be taken out, whatever it is.
///
/// A key is compared by its words, so `userPassword`, `user_password` and `X-Auth-Token` are caught
/// while `passenger` and `tokenizer` are not.
///
/// ```
/// use beaconry_protocol::sensitive::is_sensitive_key;
/// assert!(is_sensitive_key("userPassword") && is_sensitive_key("X-Auth-Token"));
/// assert!(!is_sensitive_key("passenger"));
/// ```
pub fn is_sensitive_key(key: &str) -> bool {
    words(key).any(|word| WORDS.iter().any(|sensitive| sensitive.eq_ignore_ascii_case(word)))
}

/// Splits `userPassword2`, `user_password` and `USER-PASSWORD` into their words.
fn words(key: &str) -> impl Iterator<Item = &str> {
    key.split(|c: char| !c.is_ascii_alphabetic()).flat_map(split_camel_case).filter(|word| !word.is_empty())
}

fn split_camel_case(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let bytes = rest.as_bytes();
        let hump =
            (1..bytes.len()).find(|&at| bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase());
        let (word, tail) = rest.split_at(hump.unwrap_or(rest.len()));
        rest = tail;
        Some(word)
    })
}

/// A word of a key that makes its value a secret or personal.
const WORDS: &[&str] = &[
    "address",
    "apikey",
    "auth",
    "authorization",
    "bearer",
    "card",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "cvc",
    "cvv",
    "email",
    "iban",
    "jwt",
    "mail",
    "passphrase",
    "passwd",
    "password",
    "passwort",
    "phone",
    "pin",
    "pwd",
    "secret",
    "secrets",
    "ssn",
    "token",
];
