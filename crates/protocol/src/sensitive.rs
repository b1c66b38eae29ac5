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
    let mut before = 0;
    any_word(key, &mut |word| {
        let hash = hash_of(word);
        let is_pair = hash == KEY && KEYS.contains(&before);
        before = hash;
        is_pair || is_sensitive(word)
    })
}

/// Whether a key in a text is sensitive together with the word that stands before it and a blank:
/// `API key`, `phone number`.
pub(crate) fn is_sensitive_pair(before: &str, key: &str) -> bool {
    let (before, key) = (before.as_bytes(), hash_of(key.as_bytes()));
    key == KEY && KEYS.contains(&hash_of(before)) || key == NUMBER && is_sensitive(before)
}

/// Whether a value under `key` goes on to the end of its line when it stands in a text.
pub(crate) fn is_line_key(key: &str) -> bool {
    any_word(key, &mut |word| LINES.contains(&hash_of(word)))
}

/// Whether a word is one of the table, or ends with one of its endings.
fn is_sensitive(word: &[u8]) -> bool {
    let mut hash = NOTHING;
    for byte in singular(word).iter().rev() {
        hash = with(hash, *byte);
        if ENDINGS.contains(&hash) {
            return true;
        }
    }
    WORDS.contains(&hash)
}

/// A word in lower case, without a plural `s`, as one number: FNV-1a from its end, so that on the way there are
/// the numbers of all its endings.
const fn hash_of(word: &[u8]) -> u32 {
    let word = singular(word);
    let (mut hash, mut at) = (NOTHING, word.len());
    while at > 0 {
        at -= 1;
        hash = with(hash, word[at]);
    }
    hash
}

const fn with(hash: u32, byte: u8) -> u32 {
    (hash ^ (byte | 0x20) as u32).wrapping_mul(0x0100_0193)
}

const NOTHING: u32 = 0x811C_9DC5;

const fn singular(word: &[u8]) -> &[u8] {
    match word {
        [singular @ .., b's' | b'S'] => singular,
        _ => word,
    }
}

/// Words by their hashes, which take a quarter of the bytes.
const fn hashes<const COUNT: usize>(texts: [&str; COUNT]) -> [u32; COUNT] {
    let mut hashes = [0; COUNT];
    let mut at = 0;
    while at < COUNT {
        hashes[at] = hash_of(texts[at].as_bytes());
        at += 1;
    }
    hashes
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
const WORDS: [u32; 25] = hashes([
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
    "sid",
    "ssn",
    "telephone",
    "xsrf",
]);

/// The same as the end of a word too, for keys that run words together: `accesstoken`.
const ENDINGS: [u32; 11] = hashes([
    "apikey",
    "cookie",
    "email",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "secretkey",
    "sessid",
    "sessionid",
    "token",
]);

const KEY: u32 = hash_of(b"key");
const NUMBER: u32 = hash_of(b"number");

/// What makes a `key` a secret.
const KEYS: [u32; 6] = hashes(["access", "api", "encryption", "private", "secret", "signing"]);

/// Words of [`WORDS`] whose values are several words long in a text.
const LINES: [u32; 7] =
    hashes(["address", "addresses", "authorization", "cookie", "iban", "passphrase", "phone"]);

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
            "PHPSESSID",
            "connect.sid",
            "JSESSIONID",
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
            "sessionId",
            "side",
        ] {
            assert!(!is_sensitive_key(key), "{key}");
        }
    }
}
