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
    let mut before = Word(0);
    any_word(key, &mut |word| {
        let word = Word::of(word);
        let is_pair = word == KEY && before.is_in(&KEYS);
        before = word;
        is_pair || word.is_sensitive()
    })
}

/// Whether a key in a text is sensitive together with the word that stands before it and a blank:
/// `API key`, `phone number`.
pub(crate) fn is_sensitive_pair(before: &str, key: &str) -> bool {
    let (before, key) = (Word::of(before.as_bytes()), Word::of(key.as_bytes()));
    key == KEY && before.is_in(&KEYS) || key == NUMBER && before.is_sensitive()
}

/// Whether a value under `key` goes on to the end of its line when it stands in a text.
pub(crate) fn is_line_key(key: &str) -> bool {
    any_word(key, &mut |word| Word::of(word).is_in(&LINES))
}

/// The last 16 bytes of a word in lower case, without a plural `s`: one number, since this is asked for
/// every word of every key. No word of the table is as long.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Word(u128);

impl Word {
    const fn of(word: &[u8]) -> Self {
        let singular = match word {
            [singular @ .., b's' | b'S'] => singular,
            _ => word,
        };
        let (mut packed, mut at) = (0, 0);
        while at < singular.len() {
            packed = packed << 8 | (singular[at] | 0x20) as u128;
            at += 1;
        }
        Self(packed)
    }

    fn is_sensitive(self) -> bool {
        ENDINGS.iter().any(|ending| self.ends_with(*ending)) || self.is_in(&WORDS)
    }

    fn is_in(self, hashes: &[u32]) -> bool {
        hashes.contains(&self.hash())
    }

    #[expect(clippy::cast_possible_truncation, reason = "it is mixed before it is cut")]
    const fn hash(self) -> u32 {
        (((self.0 >> 64 ^ self.0) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
    }

    const fn ends_with(self, ending: Self) -> bool {
        (self.0 ^ ending.0) << (ending.0.leading_zeros() & !7) == 0
    }
}

/// Words by their hashes, which take a quarter of the bytes.
const fn hashes<const COUNT: usize>(texts: [&str; COUNT]) -> [u32; COUNT] {
    let mut hashes = [0; COUNT];
    let mut at = 0;
    while at < COUNT {
        hashes[at] = Word::of(texts[at].as_bytes()).hash();
        at += 1;
    }
    hashes
}

const fn words<const COUNT: usize>(texts: [&str; COUNT]) -> [Word; COUNT] {
    let mut words = [Word(0); COUNT];
    let mut at = 0;
    while at < COUNT {
        words[at] = Word::of(texts[at].as_bytes());
        at += 1;
    }
    words
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
const WORDS: [u32; 26] = hashes([
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
    "sig",
    "ssn",
    "telephone",
    "xsrf",
]);

/// The same as the end of a word too, for keys that run words together: `accesstoken`.
const ENDINGS: [Word; 11] = words([
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

const KEY: Word = Word::of(b"key");
const NUMBER: Word = Word::of(b"number");

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
