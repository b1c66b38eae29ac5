//! Where the value of a sensitive key ends, in the many ways in which texts write values.

use super::Redactor;
use super::bytes::{VALUE_END, is, is_quote};

impl Redactor<'_> {
    /// The value that begins at `from`, without its quotes. `is_json`: the key is in quotes, so the
    /// value may go over several lines. `is_line`: it takes the rest of the line.
    pub(super) fn value(&self, from: usize, is_json: bool, is_line: bool) -> (usize, usize) {
        let mut open = from;
        while self.byte(open) == b'\\' {
            open += 1;
        }
        let quote = self.byte(open);
        if is_quote(quote) {
            return (open + 1, self.end_of_quoted(open + 1, quote, open - from, is_json));
        }
        let end = if self.is_at(from, PEM) {
            self.end_of_pem(from)
        } else if is_line {
            self.end_of_line(from)
        } else {
            self.end_of_words(from, is_json)
        };
        (from, end)
    }

    /// Where the quote stands that closes. One that is escaped more often than the opening one is
    /// part of the value.
    fn end_of_quoted(&self, start: usize, quote: u8, escapes: usize, is_json: bool) -> usize {
        if self.is_at(start, PEM) {
            return self.end_of_pem(start);
        }
        let mut backslashes = 0;
        let mut at = start;
        loop {
            let byte = self.byte(at);
            if byte == quote && backslashes <= escapes {
                return at - backslashes;
            }
            if at >= self.text.len() || byte == b'\n' && !is_json {
                return at.min(self.text.len());
            }
            backslashes = if byte == b'\\' { backslashes + 1 } else { 0 };
            at += 1;
        }
    }

    fn end_of_line(&self, mut at: usize) -> usize {
        while !matches!(self.byte(at), 0 | b'\n' | b'\r' | b'"' | b'{' | b'}') {
            at += 1;
        }
        at
    }

    /// One word; what `Bearer` and the like announce; groups of digits.
    fn end_of_words(&self, from: usize, is_json: bool) -> usize {
        let mut end = self.end_of_word(from, is_json);
        let mut goes_on = is_scheme(self.part(from, end));
        while self.byte(end) == b' ' && (goes_on || matches!(self.byte(end + 1), b'0'..=b'9' | b'+' | b'(')) {
            end = self.end_of_word(end + 1, is_json);
            goes_on = false;
        }
        end
    }

    fn end_of_word(&self, from: usize, is_json: bool) -> usize {
        let mut at = from;
        loop {
            let byte = self.byte(at);
            let is_escape = byte == b'\\' && (is_quote(self.byte(at + 1)) || self.byte(at + 1) == b'n');
            if matches!(byte, b'[' | b'{' | b'(') {
                at = self.end_of_nest(at, is_json);
            } else if is(byte, VALUE_END) || is_escape || byte == b'<' && at > from {
                return at;
            } else {
                at += 1;
            }
        }
    }

    /// Behind the bracket that closes what is opened here. One that is not closed goes to the end of
    /// the line, or of the text where lines do not count.
    fn end_of_nest(&self, mut at: usize, is_json: bool) -> usize {
        let mut depth = 0;
        let mut in_string = false;
        loop {
            match self.byte(at) {
                b'"' if self.byte(at - 1) != b'\\' => in_string = !in_string,
                _ if at >= self.text.len() => return self.text.len(),
                b'\n' if !is_json => return at,
                b'[' | b'{' | b'(' if !in_string => depth += 1,
                b']' | b'}' | b')' if !in_string => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                return at;
            }
        }
    }

    /// Behind the end of a PEM block.
    pub(super) fn end_of_pem(&self, start: usize) -> usize {
        let end = self.find(start + PEM.len(), "-----END");
        self.find((end + PEM.len()).min(self.text.len()), "-----").saturating_add(5).min(self.text.len())
    }

    /// Where `what` stands next, or the end.
    fn find(&self, mut at: usize, what: &str) -> usize {
        while at < self.text.len() && !(self.byte(at) == b'-' && self.is_at(at, what)) {
            at += 1;
        }
        at
    }
}

/// How a PEM block begins.
pub(super) const PEM: &str = "-----BEGIN";

/// Words before a value that are not it yet.
pub(super) fn is_scheme(word: &str) -> bool {
    word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("basic")
}
