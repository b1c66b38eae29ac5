//! Taking secrets out of free text: messages, stacks, names, every string of a context.
//!
//! One pass from left to right, without a table of patterns: a secret is recognised by the byte that
//! gives it away (`@`, `:`, `=`, `?`, a word that begins like one) and a look at its neighbours. What
//! was found is replaced by a mark that says what it was:
//!
//! | mark | stands for |
//! |---|---|
//! | `[email]` | an e-mail address |
//! | `[token]` | what follows `Bearer` or `Basic`, a JWT, a key with a known beginning (`sk_live_…`), the path of a webhook |
//! | `[card]` | a card number: digits that an issuer gives out, in its groups, with the right check digit |
//! | `[redacted]` | the value of a sensitive key (`password=…`, `"token":"…"`, `Cookie: …`, `--password …`, `token%3D…`), a PEM block, user-info, query values and the fragment of a URL |
//!
//! It promises: the same text again changes nothing more; time grows with the length of the text,
//! whatever is in it; a text without secrets is not copied. It cannot know secrets that look like
//! ordinary words and stand under no key.

mod bytes;
mod card;
#[cfg(test)]
mod tests;
mod token;
mod value;

use std::borrow::Cow;

use crate::sensitive::{REDACTED, is_line_key, is_sensitive_key, is_sensitive_pair};
use crate::{cut, parts};

use bytes::{DIGIT, DOMAIN, LOCAL, QUERY_KEY, URL_END, VALUE_END, WORD, is, is_quote};
pub(crate) use card::is_card;

/// What stands in the place of a card number.
pub(crate) const CARD: &str = "[card]";

/// Replaces the secrets in a text by marks.
///
/// ```
/// use beaconry_protocol::redact_text;
/// assert_eq!(redact_text("mail to ann@example.com failed"), "mail to [email] failed");
/// assert_eq!(redact_text("login(password=hunter2)"), "login(password=[redacted])");
/// assert_eq!(redact_text("paid with 4111 1111 1111 1111"), "paid with [card]");
/// assert_eq!(redact_text("GET /users?name=Ann&page=2"), "GET /users?name=[redacted]&page=[redacted]");
/// ```
pub fn redact_text(text: &str) -> Cow<'_, str> {
    within(text, usize::MAX)
}

/// The same, cut to so many bytes. What is cut off is not looked at, so a huge text costs no more
/// than a long one; a secret across the cut is found, since the look goes on a little behind it.
pub(crate) fn within(text: &str, max_bytes: usize) -> Cow<'_, str> {
    Redactor::new(text, false).run(max_bytes)
}

/// The same for a page that [`clean_page`](crate::clean_page) went over: the values in its query are
/// those that the app allowed.
pub(crate) fn page_within(page: &str, max_bytes: usize) -> Cow<'_, str> {
    Redactor::new(page, true).run(max_bytes)
}

struct Redactor<'a> {
    text: &'a str,
    /// What becomes of `text[..copied]`.
    out: String,
    copied: usize,
    /// Where the next look goes.
    at: usize,
    /// Where the URL ends that was begun last.
    url_end: usize,
    keeps_query: bool,
    /// Bytes looked at, to show that they grow with the length and no faster.
    #[cfg(test)]
    steps: std::cell::Cell<usize>,
}

impl<'a> Redactor<'a> {
    fn new(text: &'a str, keeps_query: bool) -> Self {
        Self {
            text,
            out: String::new(),
            copied: 0,
            at: 0,
            url_end: 0,
            keeps_query,
            #[cfg(test)]
            steps: Default::default(),
        }
    }

    fn run(mut self, max_bytes: usize) -> Cow<'a, str> {
        self.scan(max_bytes.saturating_add(BEYOND_CUT));
        if self.copied == 0 {
            return cut(self.text, max_bytes);
        }
        let mut redacted = self.finish();
        // A mark can join what a secret kept apart, as in `https://x token=/@`, so that there is more
        // to see. More than once that is no accident, and still bounded.
        for _ in 0..PASSES {
            let mut again = Redactor::new(&redacted, self.keeps_query);
            again.scan(usize::MAX);
            if again.copied == 0 {
                break;
            }
            redacted = again.finish();
        }
        match cut(&redacted, max_bytes) {
            Cow::Owned(cut) => Cow::Owned(cut),
            Cow::Borrowed(_) => Cow::Owned(redacted),
        }
    }

    /// What became of the text as far as it was looked at.
    fn finish(&mut self) -> String {
        let mut end = self.at;
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        self.out.push_str(self.part(self.copied, end));
        std::mem::take(&mut self.out)
    }

    fn scan(&mut self, max_bytes: usize) {
        while self.at < self.text.len() && self.out.len() + self.at - self.copied < max_bytes {
            let start = self.at;
            self.at = self.skip(start, WORD);
            if self.at > start {
                self.word(start);
                continue;
            }
            let byte = self.byte(start);
            self.at += 1;
            match byte {
                b':' | b'=' => self.pair(start, start + 1),
                b'@' => self.email(start, start + 1),
                b'%' if self.is_at(start, "%40") => self.email(start, start + 3),
                b'%' if self.is_one_at(start, ENCODED_PAIRS) => self.pair(start, start + 3),
                b'?' if !self.keeps_query => self.query(start < self.url_end),
                b'#' if !self.keeps_query && start < self.url_end => {
                    self.value_of_url(self.until(self.at, URL_END));
                }
                _ => {}
            }
        }
    }

    // ---- Looking ----

    /// The byte at `at`; 0 behind the end, which ends everything that a NUL ends.
    fn byte(&self, at: usize) -> u8 {
        #[cfg(test)]
        self.steps.set(self.steps.get() + 1);
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// The byte before `at`; 0 where what is before it was replaced.
    fn before(&self, at: usize) -> u8 {
        if at > self.copied { self.byte(at - 1) } else { 0 }
    }

    fn is_at(&self, at: usize, what: &str) -> bool {
        self.text.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(what.as_bytes()))
    }

    /// Whether one of the texts of a list, with a `|` between them, stands at `at`.
    fn is_one_at(&self, at: usize, list: &str) -> bool {
        self.one_at(at, list) > 0
    }

    /// How long the text of such a list is that stands at `at`; 0 if none does.
    fn one_at(&self, at: usize, list: &str) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        for what in parts(list, b'|') {
            if rest.starts_with(what.as_bytes()) {
                return what.len();
            }
        }
        0
    }

    /// Before all of [`GAPS`] that end at `end`.
    fn before_gaps(&self, mut end: usize) -> usize {
        let mut length = LONGEST_GAP;
        while length > 0 {
            // Behind the end of the text where there are not as many.
            let at = end.wrapping_sub(length);
            let first = self.byte(at);
            if (first <= b' ' || !is(first, WORD | VALUE_END)) && self.one_at(at, GAPS) == length {
                end = at;
                length = LONGEST_GAP;
            } else {
                length -= 1;
            }
        }
        end
    }

    /// Behind the bytes of these classes that begin at `at`.
    fn skip(&self, mut at: usize, classes: u8) -> usize {
        while is(self.byte(at), classes) {
            at += 1;
        }
        at
    }

    /// Where the next byte of these classes is. They include the NUL.
    fn until(&self, mut at: usize, classes: u8) -> usize {
        while !is(self.byte(at), classes) {
            at += 1;
        }
        at
    }

    /// Where the bytes of these classes begin that end at `at`.
    fn back(&self, mut at: usize, classes: u8) -> usize {
        while is(self.before(at), classes) {
            at -= 1;
        }
        at
    }

    /// A part of the text; nothing where that is none.
    fn part(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Puts a mark in the place of a part and goes on behind it.
    fn replace(&mut self, from: usize, to: usize, mark: &str) {
        self.at = to;
        if self.part(from, to) == mark {
            return;
        }
        self.out.push_str(self.part(self.copied, from));
        self.out.push_str(mark);
        self.copied = to;
        if from < self.url_end && to >= self.url_end {
            // What follows belongs to the URL now.
            self.url_end = self.until(to, URL_END);
        }
    }

    // ---- Pairs of a key and a value ----

    /// At `:` or `=`, which end at `from`: takes the value out if the key before them is sensitive.
    fn pair(&mut self, separator: usize, mut from: usize) {
        let is_colon = self.byte(separator) == b':';
        if is_colon && self.is_at(separator, "://") {
            return self.authority(separator + 3);
        }
        let (start, end, is_quoted) = self.key_before(separator);
        let key = self.part(start, end);
        let is_pair = || {
            let blank = start.wrapping_sub(1);
            self.before(start) == b' ' && is_sensitive_pair(self.part(self.back(blank, WORD), blank), key)
        };
        if !is_sensitive_key(key) && !is_pair() {
            return;
        }
        while matches!(self.byte(from), b'=' | b'>') {
            from += 1;
        }
        if is_colon && !is_quoted && self.is_no_value(from, key) {
            return;
        }
        let is_line = is_colon && !is_quoted && is_line_key(key);
        self.take_value(from, is_quoted, is_line);
    }

    /// Takes out the value that begins at `from`, or behind blanks.
    fn take_value(&mut self, from: usize, is_json: bool, is_line: bool) {
        let (from, to) = self.value(self.behind_blanks(from), is_json, is_line);
        if to >= from + VALUE_BYTES {
            self.replace(from, to, REDACTED);
        }
    }

    /// What follows the `:` of `auth::login`, `auth.js:10:5`, `auth.js:10` and `.card:hover`.
    fn is_no_value(&self, from: usize, key: &str) -> bool {
        let digits = self.skip(from, DIGIT);
        if digits == from {
            return self.byte(from) == b':' || self.is_one_at(from, PSEUDO_CLASSES);
        }
        let is_position = self.byte(digits) == b':' && is(self.byte(digits + 1), DIGIT);
        is_position || ending_of(key).is_some_and(|ending| !is_sensitive_key(ending))
    }

    /// Where the key before `separator` stands, and whether in quotes: `password`, `"password"`,
    /// `\"password\"`, `%22password%22`, `%2522password%2522`, `user[password]`, each with blanks behind it or none.
    fn key_before(&self, separator: usize) -> (usize, usize, bool) {
        let mut end = self.before_gaps(separator);
        let is_bracket = self.before(end) == b']';
        end -= usize::from(is_bracket);
        let is_quoted = is_quote(self.before(end));
        end -= usize::from(is_quoted);
        while is_quoted && self.before(end) == b'\\' {
            end -= 1;
        }
        let start = self.behind_escape(self.back(end, WORD), end);
        // A mark of ours is no key. None stands directly behind a letter.
        let is_mark =
            is_bracket && self.before(start) == b'[' && !self.before(start - 1).is_ascii_alphabetic();
        (if is_mark { end } else { start }, end, is_quoted)
    }

    /// Where a word begins: the rest of `%3F` is none of its own.
    fn behind_escape(&self, start: usize, end: usize) -> usize {
        let is_escape = self.before(start) == b'%' && is(self.byte(start), DIGIT) && start + 2 < end;
        start + if is_escape { 2 } else { 0 }
    }

    fn behind_blanks(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\t') {
            at += 1;
        }
        at
    }

    // ---- E-mail addresses ----

    /// With the `@` at `sign` and the domain at `domain`.
    fn email(&mut self, sign: usize, domain: usize) {
        let mut start = self.back(sign, LOCAL);
        while matches!(self.byte(start), 0x80..0xC0) {
            start += 1;
        }
        let end = self.end_of_domain(domain);
        self.at = domain;
        if start < sign && end > domain {
            self.replace(start, end, "[email]");
        }
    }

    /// Where a domain ends: behind its last label that is a name and not the first. `domain` itself if
    /// there is none, as in `react@18.2.0` and `logo@2x.png`.
    fn end_of_domain(&self, domain: usize) -> usize {
        let digits = self.skip(domain, DIGIT);
        let is_version = self.byte(digits) == b'.' && is(self.byte(digits + 1), DIGIT);
        if digits > domain && (is_version || self.is_at(digits, "x.")) {
            return domain;
        }
        let mut end = domain;
        let mut at = self.skip(domain, DOMAIN);
        while at > domain && self.byte(at) == b'.' {
            let label = at + 1;
            at = self.skip(label, DOMAIN);
            let is_letter = |at| is(self.byte(at), DOMAIN) && !is(self.byte(at), DIGIT);
            if is_letter(label) && is_letter(label + 1) {
                end = at;
            }
        }
        end
    }

    // ---- URLs ----

    /// At the authority of a URL: its user-info goes.
    fn authority(&mut self, start: usize) {
        let mut end = start;
        let mut sign = start;
        while !is(self.byte(end), URL_END) && !matches!(self.byte(end), b'/' | b'?' | b'#') {
            if self.byte(end) == b'@' {
                sign = end;
            }
            end += 1;
        }
        if start >= self.url_end {
            self.url_end = self.until(end, URL_END);
        }
        self.at = start;
        if sign > start {
            self.replace(start, sign, REDACTED);
            self.at += 1;
        }
    }

    /// Behind `?`: all values of a query go. Outside of a URL it is one if a key and `=` follow.
    fn query(&mut self, is_url: bool) {
        loop {
            let equals = self.skip(self.at, QUERY_KEY);
            let is_key = self.byte(equals) == b'='
                && equals - self.at <= QUERY_KEY_BYTES
                && matches!(self.byte(self.at), b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'[');
            if is_key {
                self.at = equals + 1;
            } else if !is_url {
                return;
            }
            let mut to = self.at;
            while !is(self.byte(to), URL_END) && !matches!(self.byte(to), b'&' | b'#') {
                to += 1;
            }
            self.value_of_url(to);
            if self.byte(self.at) != b'&' {
                return;
            }
            self.at += 1;
        }
    }

    /// Takes out what goes from here to `end`, but for the `:10:5` that a stack puts behind a URL.
    fn value_of_url(&mut self, end: usize) {
        let mut to = end;
        for _ in 0..2 {
            let digits = self.back(to, DIGIT);
            let is_number = digits < to && digits > self.at && self.before(digits) == b':';
            to = if is_number { digits - 1 } else { end };
        }
        if to > self.at {
            self.replace(self.at, to, REDACTED);
        }
    }
}

/// What follows the last `.`, if there is one.
fn ending_of(key: &str) -> Option<&str> {
    parts(key, b'.').skip(1).last()
}

/// How much further than the cut the look goes: more than any part of a secret that stands before
/// the byte that gives it away.
const BEYOND_CUT: usize = 512;

/// How often a text that had secrets is looked at again, at most.
const PASSES: usize = 4;

/// Values that are shorter stay: `$1`, `?`, `%s`, `ok`. They tell nothing.
const VALUE_BYTES: usize = 3;

/// `:` and `=` in what was encoded for a URL, once or twice.
const ENCODED_PAIRS: &str = "%3D|%3d|%3A|%3a|%253D|%253A";

/// What stands between a key and its value, or an option and its own: blanks in their many forms, and `"`, `'` and `]`
/// as they are encoded for a URL.
const GAPS: &str = " |+|\t|\r|\n|\u{a0}|%C2%A0|%5D|%5d|%20|%22|%27|%2522|%2527";

/// Bytes of the longest of them.
const LONGEST_GAP: usize = 6;

const QUERY_KEY_BYTES: usize = 32;

/// What stands behind the `:` of a CSS selector.
const PSEUDO_CLASSES: &str = "hover|focus|active|nth-|first-|last-|not(|has(|is(|before|after|checked";
