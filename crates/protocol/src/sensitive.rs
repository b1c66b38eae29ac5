//! What must not be stored in clear: one table, read by the client before anything leaves the page
//! and by the server again before anything is written.

/// What stands in the place of a value that was taken out.
pub const REDACTED: &str = "[redacted]";

/// Whether the value under `key` has to be taken out, whatever it is.
///
/// A key is compared by its words and by pairs of them, in any spelling and number: `userPasswords`,
/// `X-Auth-Token`, `CSRFToken`, `accesstoken` and `api_key` are caught, `passenger` and `tokenizer`
/// are not.
pub fn is_sensitive_key(key: &str) -> bool {
    let mut before: &[u8] = b"";
    any_word(key, &mut |word| {
        let is_pair = is_word(word, "key") && is_one_of(before, KEYS);
        before = word;
        is_pair || is_sensitive_word(word)
    })
}

/// Whether a key in a text is sensitive together with the word that stands before it and a blank:
/// `API key`, `phone number`.
pub(crate) fn is_sensitive_pair(before: &str, key: &str) -> bool {
    let (before, key) = (before.as_bytes(), key.as_bytes());
    is_word(key, "key") && is_one_of(before, KEYS) || is_word(key, "number") && is_sensitive_word(before)
}

/// Whether a value under `key` goes on to the end of its line when it stands in a text.
pub(crate) fn is_line_key(key: &str) -> bool {
    any_word(key, &mut |word| is_one_of(word, LINES))
}

fn is_sensitive_word(word: &[u8]) -> bool {
    let singular = singular(word);
    let ends_with = |ending: &&str| {
        let at = singular.len().wrapping_sub(ending.len());
        singular.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(ending.as_bytes()))
    };
    ENDINGS.iter().any(ends_with) || is_one_of(word, WORDS)
}

fn is_one_of(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|sensitive| is_word(word, sensitive))
}

/// Compares without regard to case and to a plural `s`.
fn is_word(word: &[u8], sensitive: &str) -> bool {
    singular(word).eq_ignore_ascii_case(singular(sensitive.as_bytes()))
}

fn singular(word: &[u8]) -> &[u8] {
    match word {
        [singular @ .., b's' | b'S'] => singular,
        _ => word,
    }
}

/// Splits `userPassword2`, `user_password`, `USER-PASSWORD` and `CSRFToken` into their words, until
/// the test is true for one.
fn any_word<'a>(key: &'a str, test: &mut dyn FnMut(&'a [u8]) -> bool) -> bool {
    let mut rest = key.as_bytes();
    while !rest.is_empty() {
        let end = (1..rest.len()).find(|at| begins_word(rest, *at)).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        if word[0].is_ascii_alphabetic() && test(word) {
            return true;
        }
        rest = tail;
    }
    false
}

/// `userToken` begins a word at `T`, and so does `CSRFToken`; what is no letter is a word of its own.
fn begins_word(text: &[u8], at: usize) -> bool {
    let is_upper = |at: usize| text.get(at).is_some_and(u8::is_ascii_uppercase);
    let is_lower = |at: usize| text.get(at).is_some_and(u8::is_ascii_lowercase);
    let is_letter = |at: usize| text[at].is_ascii_alphabetic();
    !is_letter(at) || !is_letter(at - 1) || is_upper(at) && (is_lower(at - 1) || is_lower(at + 1))
}

/// A word of a key that makes its value a secret or personal.
const WORDS: &[&str] = &[
    "address",
    "addresses",
    "auth",
    "authorization",
    "bearer",
    "card",
    "credential",
    "csrf",
    "cvc",
    "cvv",
    "iban",
    "jwt",
    "mail",
    "otp",
    "passcode",
    "passphrase",
    "passport",
    "passwort",
    "phone",
    "pin",
    "pwd",
    "ssn",
    "telephone",
    "xsrf",
];

/// The same as the end of a word too, for keys that run words together: `accesstoken`.
const ENDINGS: &[&str] =
    &["apikey", "cookie", "email", "passwd", "password", "privatekey", "secret", "secretkey", "token"];

/// What makes a `key` a secret.
const KEYS: &[&str] = &["access", "api", "encryption", "private", "secret", "signing"];

/// Words of [`WORDS`] whose values are several words long in a text.
const LINES: &[&str] = &["address", "addresses", "authorization", "cookie", "iban", "passphrase", "phone"];

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
            "accesstoken",
            "CLIENTSECRET",
            "dbpassword",
            "useremails",
        ] {
            assert!(is_sensitive_key(key), "{key}");
        }
    }

    #[test]
    fn two_words_of_a_text_are_a_key_only_as_a_pair() {
        assert!(is_sensitive_pair("API", "key") && is_sensitive_pair("card", "Number"));
        assert!(!is_sensitive_pair("sort", "key") && !is_sensitive_pair("token", "expired"));
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
            "microphone",
            "discard",
            "passCount",
            "tokenized",
        ] {
            assert!(!is_sensitive_key(key), "{key}");
        }
    }
}
