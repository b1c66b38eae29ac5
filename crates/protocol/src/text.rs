//! Cutting strings that are too long: never refused, never silently shortened. And the few ways in which
//! the client takes text apart: those of the standard library find any pattern, at several times the size.

use std::borrow::Cow;

/// Returns `text` if it has at most `max_bytes` bytes, else its beginning and a mark.
///
/// The result never has more than `max_bytes` bytes and is always cut between characters.
///
/// ```
/// assert_eq!(beaconry_protocol::cut("short", 100), "short");
/// assert_eq!(beaconry_protocol::cut(&"ü".repeat(20), 15), "üüü…[cut]");
/// ```
pub fn cut(text: &str, max_bytes: usize) -> Cow<'_, str> {
    if text.len() <= max_bytes {
        return Cow::Borrowed(text);
    }
    let mut end = max_bytes.saturating_sub(MARK.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(join(&[&text[..end], MARK]))
}

/// Puts texts together.
pub fn join(parts: &[&str]) -> String {
    let mut text = String::with_capacity(parts.iter().map(|part| part.len()).sum());
    parts.iter().for_each(|part| text.push_str(part));
    text
}

/// What stands before the first such byte, which is ASCII, and what stands behind it.
pub fn split_at_byte(text: &str, byte: u8) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    // An iterator's `position` is a call for each byte in code that is made for size.
    while *bytes.get(at)? != byte {
        at += 1;
    }
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// The parts between such bytes, which are ASCII.
pub const fn parts(text: &str, between: u8) -> Parts<'_> {
    Parts { rest: Some(text), between }
}

/// What [`parts`] returns.
#[derive(Debug)]
pub struct Parts<'a> {
    rest: Option<&'a str>,
    between: u8,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest?;
        let split = split_at_byte(rest, self.between);
        self.rest = split.map(|(_, rest)| rest);
        Some(split.map_or(rest, |(part, _)| part))
    }
}

/// Whether a text has another one in it.
pub fn has_text(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
}

/// Which one of a few words this is.
pub fn place_of(word: &str, words: &[&str]) -> Option<usize> {
    words.iter().position(|known| *known == word)
}

/// FNV-1a, 32 bits.
pub fn fnv1a(text: &str) -> u32 {
    let mut hash = 0x811C_9DC5_u32;
    for byte in text.as_bytes() {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    hash
}

/// Reads digits, and nothing but digits.
pub fn parse_whole(digits: &str) -> Option<u64> {
    let mut value = 0u64;
    for byte in digits.bytes() {
        let digit = byte.is_ascii_digit().then_some(byte)? - b'0';
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    (!digits.is_empty()).then_some(value)
}

const MARK: &str = "…[cut]";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_apart_as_the_standard_library_does_it() {
        for text in ["", " ", "a", "a b", " a  b ", "漢 字", "a\nb"] {
            assert_eq!(split_at_byte(text, b' '), text.split_once(' '), "{text:?}");
            assert!(parts(text, b' ').eq(text.split(' ')), "{text:?}");
            assert_eq!(has_text(text, "a b"), text.contains("a b"), "{text:?}");
        }
    }

    #[test]
    fn only_digits_are_a_whole_number() {
        for text in ["0", "007", "42", "18446744073709551615"] {
            assert_eq!(parse_whole(text), text.parse().ok(), "{text}");
        }
        for text in ["", "+1", "-1", "1 ", "1.5", "18446744073709551616", "x"] {
            assert_eq!(parse_whole(text), None, "{text}");
        }
    }
}
