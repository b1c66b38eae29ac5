//! The free part of a record: a JSON object that the app made, bounded and redacted while it is
//! written. Client and server both write contexts through here, so both keep the same rules.

use crate::redact::{self, CARD};
use crate::sensitive::{REDACTED, is_sensitive_key};
use crate::{JsonWriter, Number, is_json_number, limits};

/// A JSON object within the limits, as text. Only a [`ContextWriter`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context(String);

impl Context {
    /// The object as JSON.
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

/// Writes a context value by value, whoever walks the original: the browser a JS object, the
/// server a JSON text, a Rust app its own types.
///
/// The walker asks before it descends: [`key`](Self::key) and [`open`](Self::open_object) return
/// whether there is anything to write below. What the limits leave out is marked with `[cut]`.
#[derive(Debug)]
pub struct ContextWriter<'a> {
    json: JsonWriter,
    levels: Vec<Level>,
    redact_keys: &'a [String],
}

#[derive(Debug)]
struct Level {
    is_array: bool,
    entries: usize,
    left_out: u64,
}

impl<'a> ContextWriter<'a> {
    /// Begins the outermost object. `redact_keys` are taken out beside those of the common table.
    pub fn new(redact_keys: &'a [String]) -> Self {
        let mut writer =
            Self { json: JsonWriter::with_capacity(256), levels: Vec::with_capacity(2), redact_keys };
        writer.open(false);
        writer
    }

    /// Begins an entry of an object. `false`: it is taken care of, write no value for it.
    pub fn key(&mut self, key: &str) -> bool {
        if !self.takes_entry(key.len()) {
            return false;
        }
        self.json.any_key(&redact::within(key, limits::NAME_CHARS));
        let is_redacted = is_sensitive_key(key) || self.redact_keys.iter().any(|name| name == key);
        if is_redacted {
            self.json.string(REDACTED);
        }
        !is_redacted
    }

    /// Begins an item of an array. `false`: it is taken care of, write no value for it.
    pub fn item(&mut self) -> bool {
        self.takes_entry(0)
    }

    /// Opens an object as a value. `false`: it lies too deep and is marked, do not close it.
    pub fn open_object(&mut self) -> bool {
        self.open_within_depth(false)
    }

    /// Opens an array as a value. `false`: it lies too deep and is marked, do not close it.
    pub fn open_array(&mut self) -> bool {
        self.open_within_depth(true)
    }

    /// Closes what was opened last.
    pub fn close(&mut self) {
        let Some(level) = self.levels.pop() else { return };
        if level.left_out > 0 && level.is_array {
            self.json.string(MARK);
        } else if level.left_out > 0 {
            self.json.integer_field(MARK, level.left_out);
        }
        self.json.close(if level.is_array { "]" } else { "}" });
    }

    /// Writes a string without the secrets in it, cut to what is left of the limits.
    pub fn string(&mut self, text: &str) {
        self.json.string(&redact::within(text, limits::CONTEXT_STRING_BYTES.min(self.room())));
    }

    /// Writes a number, unless it is that of a card.
    pub fn number(&mut self, number: &Number<'_>) {
        self.number_text(number.as_str());
    }

    /// The same of what should be one as text; `null` if it is none.
    pub fn number_text(&mut self, text: &str) {
        if redact::is_card(text) {
            self.json.string(CARD);
        } else {
            self.json.raw(if is_json_number(text) { text } else { "null" });
        }
    }

    /// Writes `true` or `false`.
    pub fn boolean(&mut self, value: bool) {
        self.json.raw(if value { "true" } else { "false" });
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.json.raw("null");
    }

    /// Whether the innermost object or array takes no further entry, so that a walk can stop.
    pub fn is_full(&self) -> bool {
        let entries = self.levels.last().map_or(0, |level| level.entries);
        entries >= limits::CONTEXT_KEYS || self.room() == 0
    }

    /// Counts entries that the walker did not even offer because the level is full.
    pub fn leave_out(&mut self, entries: u64) {
        if let Some(level) = self.levels.last_mut() {
            level.left_out = level.left_out.saturating_add(entries);
        }
    }

    /// Closes everything that is open. An object without entries is no context.
    pub fn finish(mut self) -> Option<Context> {
        while !self.levels.is_empty() {
            self.close();
        }
        let json = self.json.finish();
        (json != "{}").then_some(Context(json))
    }

    fn takes_entry(&mut self, bytes: usize) -> bool {
        let fits = !self.is_full() && bytes.min(limits::NAME_CHARS) < self.room();
        if let Some(level) = self.levels.last_mut() {
            level.entries += usize::from(fits);
            level.left_out += u64::from(!fits);
        }
        fits
    }

    fn open_within_depth(&mut self, is_array: bool) -> bool {
        let fits = self.levels.len() < limits::CONTEXT_DEPTH;
        if fits {
            self.open(is_array);
        } else {
            self.json.string(MARK);
        }
        fits
    }

    fn open(&mut self, is_array: bool) {
        self.json.open(if is_array { "[" } else { "{" });
        self.levels.push(Level { is_array, entries: 0, left_out: 0 });
    }

    /// Bytes that are left, less what the closing brackets and marks may still need. Escaping can
    /// make a string up to six times as long, so a string of control characters may end above the
    /// limit by that factor; the limit is there to bound memory, and still does.
    fn room(&self) -> usize {
        limits::CONTEXT_BYTES.saturating_sub(self.json.len() + CLOSING_BYTES)
    }
}

const MARK: &str = "[cut]";
const CLOSING_BYTES: usize = limits::CONTEXT_DEPTH * 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn written(walk: impl FnOnce(&mut ContextWriter<'_>)) -> String {
        let redact_keys = ["nickname".to_owned()];
        let mut writer = ContextWriter::new(&redact_keys);
        walk(&mut writer);
        writer.finish().map(|context| context.as_json().to_owned()).unwrap_or_default()
    }

    #[test]
    fn writes_what_it_is_given() {
        let json = written(|w| {
            assert!(w.key("topic"));
            w.string("Math");
            assert!(w.key("scores") && w.open_array());
            assert!(w.item());
            w.number(&Number::from(7));
            assert!(w.item());
            w.null();
            w.close();
            assert!(w.key("done"));
            w.boolean(true);
        });
        assert_eq!(json, r#"{"topic":"Math","scores":[7,null],"done":true}"#);
    }

    #[test]
    fn values_under_sensitive_keys_never_get_in() {
        let json = written(|w| {
            assert!(!w.key("password"));
            assert!(!w.key("nickname"));
        });
        assert_eq!(json, r#"{"password":"[redacted]","nickname":"[redacted]"}"#);
    }

    #[test]
    fn secrets_in_keys_strings_and_numbers_never_get_in() {
        let json = written(|w| {
            assert!(w.key("ann@example.com"));
            w.string("token=abc from ann@example.com");
            assert!(w.key("paid"));
            w.number(&Number::from(4_111_111_111_111_111));
            assert!(w.key("order"));
            w.number(&Number::from(4_111_111_111_111_112));
        });
        let redacted =
            r#"{"[email]":"token=[redacted] from [email]","paid":"[card]","order":4111111111111112}"#;
        assert_eq!(json, redacted);
    }

    #[test]
    fn keys_past_the_limit_are_counted() {
        let json = written(|w| {
            for key in 0..40 {
                if w.key(&format!("k{key}")) {
                    w.null();
                }
            }
        });
        assert!(json.ends_with(r#""k31":null,"[cut]":8}"#), "{json}");
    }

    #[test]
    fn depth_past_the_limit_is_marked() {
        let json = written(|w| while w.key("in") && w.open_object() {});
        assert_eq!(json, r#"{"in":{"in":{"in":{"in":{"in":{"in":"[cut]"}}}}}}"#);
    }

    #[test]
    fn bytes_past_the_limit_are_cut() {
        let json = written(|w| {
            for key in 0..32 {
                if w.key(&format!("k{key}")) {
                    w.string(&"x".repeat(2_000));
                }
            }
        });
        assert!(json.len() <= limits::CONTEXT_BYTES, "{}", json.len());
        assert!(json.contains("…[cut]") && json.contains(r#""[cut]":"#), "{json}");
    }

    #[test]
    fn nothing_is_no_context() {
        assert_eq!(written(|_| {}), "");
    }
}
