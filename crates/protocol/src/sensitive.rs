//! What must not be stored in clear: one table, read by the client before anything leaves the page
//! and by the server again before anything is written.

/// What stands in the place of a value that was taken out.
pub const REDACTED: &str = "[redacted]";

/// Whether the value under `key` has to be taken out, whatever it is.
///
/// A key is compared by its words and by pairs of them, in any spelling and number: `userPasswords`,
/// `X-Auth-Token`, `CSRFToken` and `api_key` are caught, `passenger` and `tokenizer` are not.
pub fn is_sensitive_key(key: &str) -> bool {
    let mut before = "";
    words(key).any(|word| {
        let pair = (before, word);
        before = word;
        WORDS.iter().any(|sensitive| is_word(word, sensitive))
            || PAIRS.iter().any(|(first, second)| is_word(pair.0, first) && is_word(pair.1, second))
    })
}

/// Compares without regard to case and to a plural `s`.
fn is_word(word: &str, sensitive: &str) -> bool {
    let singular = word.strip_suffix(['s', 'S']).unwrap_or(word);
    word.eq_ignore_ascii_case(sensitive) || singular.eq_ignore_ascii_case(sensitive)
}

/// Splits `userPassword2`, `user_password`, `USER-PASSWORD` and `CSRFToken` into their words.
fn words(key: &str) -> impl Iterator<Item = &str> {
    key.split(|c: char| !c.is_ascii_alphabetic()).flat_map(split_humps).filter(|word| !word.is_empty())
}

fn split_humps(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let hump = (1..rest.len()).find(|at| begins_word(rest.as_bytes(), *at));
        let (word, tail) = rest.split_at(hump.unwrap_or(rest.len()));
        rest = tail;
        Some(word)
    })
}

/// `userToken` begins a word at `T`, and so does `CSRFToken`.
fn begins_word(text: &[u8], at: usize) -> bool {
    let is_upper = |at: usize| text.get(at).is_some_and(u8::is_ascii_uppercase);
    let is_lower = |at: usize| text.get(at).is_some_and(u8::is_ascii_lowercase);
    is_upper(at) && (is_lower(at - 1) || is_lower(at + 1))
}

/// A word of a key that makes its value a secret or personal.
const WORDS: &[&str] = &[
    "address",
    "addresses",
    "apikey",
    "auth",
    "authorization",
    "bearer",
    "card",
    "cookie",
    "credential",
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
    "ssn",
    "token",
];

/// Two words that do so only together.
const PAIRS: &[(&str, &str)] =
    &[("api", "key"), ("access", "key"), ("private", "key"), ("signing", "key"), ("encryption", "key")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_in_every_spelling() {
        for key in [
            "password",
            "Password",
            "userPassword",
            "user_passwords",
            "PASSWORD_2",
            "X-Auth-Token",
            "CSRFToken",
            "APIToken",
            "apiKey",
            "api_key",
            "X-Api-Key",
            "APIKeys",
            "accessKey",
            "privateKey",
            "e-mail",
            "email",
            "creditCard",
            "phone1",
            "home.address",
        ] {
            assert!(is_sensitive_key(key), "{key}");
        }
    }

    #[test]
    fn other_words_stay() {
        for key in [
            "passenger",
            "tokenizer",
            "keyboard",
            "key",
            "monkey",
            "mailbox",
            "pinned",
            "author",
            "cardinality",
            "topic",
            "",
            "addressee",
            "API",
            "privateMode",
            "accessCount",
        ] {
            assert!(!is_sensitive_key(key), "{key}");
        }
    }
}
