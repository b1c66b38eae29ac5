//! Writing JSON straight into a string.
//!
//! A record is encoded once, in the browser, on the app's main thread. This writer costs a few
//! hundred bytes of wasm, where `serde_json` with its error and float formatting costs kilobytes;
//! everything that *reads* JSON uses `serde_json` or the browser's own parser.

use std::borrow::Cow;

use crate::limits;

/// A finite JSON number, kept as the text that its maker wrote.
///
/// Text keeps every digit on the whole way and spares the wasm a float formatter: in a browser the
/// engine's own `Number` to text conversion makes it, on the server it is what the client sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number<'a>(Cow<'a, str>);

impl<'a> Number<'a> {
    /// Takes text that is a JSON number already; `None` if it is not one, or far too long for one.
    pub fn from_text(text: impl Into<Cow<'a, str>>) -> Option<Self> {
        let text = text.into();
        is_json_number(&text).then_some(Self(text))
    }

    /// The number as JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as a float, for arithmetic.
    #[cfg(feature = "decode")]
    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// The same number with its own copy of the text.
    pub fn into_owned(self) -> Number<'static> {
        Number(Cow::Owned(self.0.into_owned()))
    }
}

impl From<u64> for Number<'_> {
    fn from(value: u64) -> Self {
        Self(Cow::Owned(digits(value)))
    }
}

/// A whole number as text.
pub fn digits(value: u64) -> String {
    let mut text = String::new();
    push_integer(&mut text, value);
    text
}

/// Writes one JSON object or array after the other into a string, placing the commas.
#[derive(Debug, Default)]
pub struct JsonWriter {
    out: String,
    needs_comma: bool,
}

#[expect(clippy::single_char_add_str, reason = "a char is encoded first, which is slower and larger")]
impl JsonWriter {
    /// A writer with room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { out: String::with_capacity(capacity), needs_comma: false }
    }

    /// Opens `{` or `[`.
    pub fn open(&mut self, bracket: &'static str) {
        self.comma();
        self.out.push_str(bracket);
        self.needs_comma = false;
    }

    /// Closes with `}` or `]`.
    pub fn close(&mut self, bracket: &'static str) {
        self.out.push_str(bracket);
        self.needs_comma = true;
    }

    /// Writes the key of the next value, which is one of ours and needs no escaping.
    pub fn key(&mut self, key: &'static str) {
        self.comma();
        self.out.push_str("\"");
        self.out.push_str(key);
        self.out.push_str("\":");
        self.needs_comma = false;
    }

    /// Writes any key for the next value.
    pub fn any_key(&mut self, key: &str) {
        self.string(key);
        self.out.push_str(":");
        self.needs_comma = false;
    }

    /// Writes a string, escaped.
    pub fn string(&mut self, text: &str) {
        self.comma();
        self.out.push_str("\"");
        escape_into(&mut self.out, text);
        self.out.push_str("\"");
        self.needs_comma = true;
    }

    /// Writes text that is a JSON value already.
    pub fn raw(&mut self, json: &str) {
        self.comma();
        self.out.push_str(json);
        self.needs_comma = true;
    }

    /// Writes a whole number.
    pub fn integer(&mut self, value: u64) {
        self.comma();
        push_integer(&mut self.out, value);
        self.needs_comma = true;
    }

    /// Writes a key and its string.
    pub fn string_field(&mut self, key: &'static str, text: &str) {
        self.key(key);
        self.string(text);
    }

    /// Writes a key and its string, or nothing at all.
    pub fn optional_field(&mut self, key: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.string_field(key, text);
        }
    }

    /// Writes a key and a value that is JSON already.
    pub fn raw_field(&mut self, key: &'static str, json: &str) {
        self.key(key);
        self.raw(json);
    }

    /// Writes a key and a whole number.
    pub fn integer_field(&mut self, key: &'static str, value: u64) {
        self.key(key);
        self.integer(value);
    }

    /// Bytes written so far.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// What was written.
    pub fn finish(self) -> String {
        self.out
    }

    fn comma(&mut self) {
        if self.needs_comma {
            self.out.push_str(",");
        }
    }
}

fn push_integer(out: &mut String, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    for digit in &digits[start..] {
        push_digit(out, *digit);
    }
}

/// Copies `text` in runs between the characters that JSON does not allow in a string. U+2028 and
/// U+2029 are escaped too: some line-based tools take them for line ends.
fn escape_into(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    let mut looked = 0;
    while let Some(at) = next_special(bytes, looked) {
        let byte = bytes[at];
        looked = at + 1;
        let width = match text.get(at..at + 3) {
            Some("\u{2028}" | "\u{2029}") => 3,
            _ if byte == 0xE2 => continue,
            _ => 1,
        };
        out.push_str(&text[copied..at]);
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0xE2 => out.push_str(if &text[at..at + 3] == "\u{2028}" { "\\u2028" } else { "\\u2029" }),
            control => {
                out.push_str("\\u00");
                push_hex(out, u64::from(control), 2);
            }
        }
        copied = at + width;
    }
    out.push_str(&text[copied..]);
}

/// Where the next byte stands that may not be copied as it is.
fn next_special(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from + plain_chunks(bytes.get(from..)?);
    while is_plain(*bytes.get(at)?) {
        at += 1;
    }
    Some(at)
}

/// Bytes at the beginning that are plain, looked at in sixteens: a few instructions each on a server, and
/// not worth their place in the wasm.
fn plain_chunks(bytes: &[u8]) -> usize {
    if !cfg!(feature = "decode") {
        return 0;
    }
    let (chunks, _) = bytes.as_chunks::<16>();
    let is_plain = |chunk: &&[u8; 16]| chunk.iter().fold(true, |all, byte| all & is_plain(*byte));
    16 * chunks.iter().take_while(is_plain).count()
}

fn is_plain(byte: u8) -> bool {
    // Letters first, since most are.
    byte > b'\\' && byte < 0xE2 || byte >= 0x20 && byte != b'"' && byte != b'\\' && byte != 0xE2
}

/// Bytes as hex digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(2 * bytes.len());
    bytes.iter().for_each(|byte| push_hex(&mut hex, u64::from(*byte), 2));
    hex
}

/// Writes the last so many hex digits of a number.
#[expect(clippy::cast_possible_truncation, reason = "of what is cut off the digits stand before it")]
pub fn push_hex(out: &mut String, number: u64, digits: u32) {
    for left in (0..digits).rev() {
        push_digit(out, (number >> (4 * left)) as u8 & 15);
    }
}

fn push_digit(out: &mut String, digit: u8) {
    let at = usize::from(digit);
    out.push_str(&DIGITS[at..at + 1]);
}

/// Whether this is a JSON number, and not far too long for one.
pub fn is_json_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_at = |at: usize, byte: u8| bytes.get(at).is_some_and(|other| *other == byte);
    let is_exponent = |at: usize| bytes.get(at).is_some_and(|byte| byte | 0x20 == b'e');
    let start = usize::from(is_at(0, b'-'));
    let mut end = digits_end(bytes, start);
    let mut is_number = end == start + 1 || end > start && !is_at(start, b'0');
    if is_at(end, b'.') {
        let fraction = end + 1;
        end = digits_end(bytes, fraction);
        is_number &= end > fraction;
    }
    if is_exponent(end) {
        let exponent = end + 1 + usize::from(is_at(end + 1, b'+') || is_at(end + 1, b'-'));
        end = digits_end(bytes, exponent);
        is_number &= end > exponent;
    }
    is_number && end == bytes.len() && end <= limits::NUMBER_BYTES
}

/// Behind the digits that begin at `at`.
fn digits_end(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

const DIGITS: &str = "0123456789abcdef";

#[cfg(test)]
#[cfg(feature = "decode")]
mod tests {
    use super::*;

    fn check(text: &str) {
        let mut writer = JsonWriter::default();
        writer.string(text);
        let written = writer.finish();
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text, "{written}");
        assert!(!written.bytes().any(|byte| byte < 0x20), "{written:?}");
        assert!(!written.contains(['\u{2028}', '\u{2029}']), "{written:?}");
    }

    #[test]
    fn every_string_comes_back_as_it_was_on_one_line() {
        check("");
        check("plain");
        check("quote \" backslash \\ newline \n return \r tab \t null \0 escape \u{1b}");
        check("line \u{2028} paragraph \u{2029} euro € dash – end\u{2028}");
        check("漢字 🦀");
        (0..0x3000).filter_map(char::from_u32).for_each(|c| check(&format!("a{c}b")));
    }

    #[test]
    fn what_needs_an_escape_is_seen_wherever_it_stands_in_a_long_string() {
        for special in ["\"", "\\", "\n", "\0", "\u{2028}", "\u{2029}", "€"] {
            for before in 0..40 {
                check(&format!("{}{special}{}", "x".repeat(before), "y".repeat(40 - before)));
                check(&format!("{}{special}{special}", "x".repeat(before)));
            }
        }
    }

    #[test]
    fn numbers_are_taken_only_in_the_form_of_json() {
        for good in ["0", "-0", "12", "0.5", "1e9", "1.25E-7", "5e+21"] {
            assert!(Number::from_text(good).is_some(), "{good}");
        }
        for bad in ["", "-", "NaN", "Infinity", "01", "1.", ".5", "1e", "0x1", "1 ", "--1"] {
            assert!(Number::from_text(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn integers_are_written_in_full() {
        for value in [0, 7, 10, 1_234_567_890, u64::MAX] {
            assert_eq!(Number::from(value).as_str(), value.to_string());
        }
    }
}
