//! What a byte can be part of, in one table for all questions.

/// Letters, digits, `_`, `-`, `.`: words, keys, most tokens.
pub(super) const WORD: u8 = 1;
/// Stands in an e-mail address before the `@`. Of other scripts only those with two bytes a letter,
/// which put blanks between words; in others the address would take the sentence before it along.
pub(super) const LOCAL: u8 = 2;
/// Stands in a label of a domain.
pub(super) const DOMAIN: u8 = 4;
/// Stands in the key of a query.
pub(super) const QUERY_KEY: u8 = 8;
/// Stands in what follows `Bearer`.
pub(super) const TOKEN: u8 = 16;
pub(super) const DIGIT: u8 = 32;
/// Ends a URL in a text.
pub(super) const URL_END: u8 = 64;
/// Ends a value that is not in quotes.
pub(super) const VALUE_END: u8 = 128;

pub(super) fn is(byte: u8, classes: u8) -> bool {
    CLASSES[usize::from(byte)] & classes != 0
}

pub(super) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0u8;
    loop {
        classes[byte as usize] = match byte {
            b'0'..=b'9' => WORD | LOCAL | DOMAIN | QUERY_KEY | TOKEN | DIGIT,
            b'a'..=b'z' | b'A'..=b'Z' | b'-' => WORD | LOCAL | DOMAIN | QUERY_KEY | TOKEN,
            b'_' | b'.' => WORD | LOCAL | QUERY_KEY | TOKEN,
            b'+' => LOCAL | TOKEN,
            b'/' | b'=' | b'~' => TOKEN,
            b'[' => QUERY_KEY,
            b']' => QUERY_KEY | VALUE_END,
            0..=b' ' | b'"' | b'\'' | b'`' | b'>' | b')' => URL_END | VALUE_END,
            b'<' | b'\\' => URL_END,
            b',' | b';' | b'&' | b'}' => VALUE_END,
            0x80..0xE0 => LOCAL | DOMAIN,
            0xE0.. => DOMAIN,
            _ => 0,
        };
        if byte == u8::MAX {
            return classes;
        }
        byte += 1;
    }
}
