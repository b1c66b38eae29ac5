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
    look_at(key).is_sensitive
}

/// Whether a value under `key` goes on to the end of its line when it stands in a text.
pub(crate) fn is_line_key(key: &str) -> bool {
    look_at(key).is_line
}

/// Whether a key in a text is sensitive together with the word that stands before it and a blank:
/// `API key`, `phone number`.
pub(crate) fn is_sensitive_pair(before: &str, key: &str) -> bool {
    let (before, key) = (Word::of(before.as_bytes()), Word::of(key.as_bytes()));
    key.is_key_of(before) || key.hash == NUMBER && before.is_sensitive()
}

/// What the words of a key say.
#[derive(Default)]
struct Looked {
    is_sensitive: bool,
    is_line: bool,
}

/// Looks at the words of `userPassword2`, `user_password`, `USER-PASSWORD` and `CSRFToken`, one by one.
fn look_at(key: &str) -> Looked {
    let bytes = key.as_bytes();
    let mut looked = Looked::default();
    let mut before = Word::of(&[]);
    let mut start = 0;
    for end in 1..=bytes.len() {
        if end < bytes.len() && !begins_word(bytes, end) {
            continue;
        }
        if bytes[start].is_ascii_alphabetic() {
            let word = Word::of(&bytes[start..end]);
            looked.is_sensitive |= word.is_sensitive() || word.is_key_of(before);
            looked.is_line |= LINES.contains(&word.hash);
            before = word;
        }
        start = end;
    }
    looked
}

/// A word in lower case and without a plural `s`, by its hash: this is asked for every word of every key.
#[derive(Clone, Copy)]
struct Word {
    hash: u32,
    /// Whether it ends in one of [`ENDINGS`].
    has_ending: bool,
}

impl Word {
    fn of(word: &[u8]) -> Self {
        let mut read = Self { hash: NOTHING, has_ending: false };
        for byte in singular(word).iter().rev() {
            read.hash = hash_on(read.hash, *byte);
            read.has_ending |= ENDINGS.contains(&read.hash);
        }
        read
    }

    fn is_sensitive(self) -> bool {
        self.has_ending || WORDS.contains(&self.hash)
    }

    /// `key` behind `api`.
    fn is_key_of(self, before: Self) -> bool {
        self.hash == KEY && KEYS.contains(&before.hash)
    }
}

const fn singular(word: &[u8]) -> &[u8] {
    match word {
        [singular @ .., b's' | b'S'] => singular,
        _ => word,
    }
}

/// A hash that goes through a word from its end, so that it has that of every ending on its way: FNV-1a.
const fn hash_on(hash: u32, byte: u8) -> u32 {
    (hash ^ (byte | 0x20) as u32).wrapping_mul(0x0100_0193)
}

const fn hash_of(word: &str) -> u32 {
    let word = singular(word.as_bytes());
    let (mut hash, mut at) = (NOTHING, word.len());
    while at > 0 {
        at -= 1;
        hash = hash_on(hash, word[at]);
    }
    hash
}

const fn hashes<const COUNT: usize>(texts: [&str; COUNT]) -> [u32; COUNT] {
    let mut hashes = [0; COUNT];
    let mut at = 0;
    while at < COUNT {
        hashes[at] = hash_of(texts[at]);
        at += 1;
    }
    hashes
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

const KEY: u32 = hash_of("key");
const NUMBER: u32 = hash_of("number");

/// The hash before the first letter.
const NOTHING: u32 = 0x811C_9DC5;

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
