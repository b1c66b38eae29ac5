//! Lines that were set aside since they were no records: the damaged ones of the journal, and those that
//! an import refused. What they hold is text, cut anywhere perhaps, inside the text of an entry.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io;
use std::path::Path;

use memchr::memmem;
use serde::Deserialize;

use super::person::quoted;
use super::read_if_there;
use crate::operations::import::REFUSED;

/// The files that they are in.
pub(super) const FILES: [&str; 2] = [DAMAGED, REFUSED];

/// Names that are looked for in them.
#[derive(Debug)]
pub(super) struct Sought {
    needles: Vec<Vec<u8>>,
}

impl Sought {
    /// A name is found as a string, and a long one in the middle of other text too.
    pub(super) fn new(names: impl Iterator<Item = String>) -> Self {
        let needles = names.flat_map(|name| {
            let bare = is_long(&name).then(|| name.clone());
            [Some(quoted(&name)), Some(format!("\"{name}\"")), bare].into_iter().flatten()
        });
        Self { needles: needles.map(String::into_bytes).collect() }
    }

    /// Whether an entry, or damage itself, has one of them: as it stands there, in its text, or in a
    /// string of its text.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        let entry = String::from_utf8_lossy(bytes);
        let text = unescaped(&entry);
        let string = unescaped(&text);
        [&entry, &text, &string].into_iter().any(|text| self.stands_in(text))
    }

    fn stands_in(&self, text: &str) -> bool {
        self.needles.iter().any(|needle| memmem::find(text.as_bytes(), needle).is_some())
    }
}

/// The segments in which damage is that names somebody, of what was set aside. It is in them still.
pub(super) fn damaged_segments(data: &Path, sought: &Sought) -> io::Result<HashSet<String>> {
    let bytes = read_if_there(&data.join(DAMAGED))?;
    let naming = bytes.split(|byte| *byte == b'\n').filter(|entry| sought.is_in(entry));
    let segment = |entry| serde_json::from_slice::<Damage>(entry).ok().map(|damage| damage.segment);
    Ok(naming.filter_map(segment).collect())
}

#[derive(Deserialize)]
struct Damage {
    segment: String,
}

/// Whether a name is nothing else wherever it stands.
pub(super) fn is_long(name: &str) -> bool {
    name.len() >= LEAST_BYTES
}

/// What the escapes in a text stand for. Not by a reader of JSON, since the text may be cut.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        units.extend(before.encode_utf16());
        let (unit, after) = escaped(escape);
        units.extend(unit);
        rest = after;
    }
    units.extend(rest.encode_utf16());
    Cow::Owned(String::from_utf16_lossy(&units))
}

/// What follows a backslash, and what comes after it. Of a pair of surrogates it is one half.
fn escaped(text: &str) -> (Option<u16>, &str) {
    let code = text.strip_prefix('u').and_then(|digits| digits.split_at_checked(4));
    if let Some((digits, after)) = code
        && let Ok(unit) = u16::from_str_radix(digits, 16)
    {
        return (Some(unit), after);
    }
    // One that stands for a control character is in no name.
    match text.as_bytes().first() {
        Some(b'"' | b'\\' | b'/') => (Some(u16::from(text.as_bytes()[0])), &text[1..]),
        _ => (None, text),
    }
}

const DAMAGED: &str = "damaged.jsonl";

/// A shorter name may be part of anything.
const LEAST_BYTES: usize = 12;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(name: &str, text: &str) -> bool {
        Sought::new([name.to_owned()].into_iter())
            .is_in(json!({"line": 3, "text": text}).to_string().as_bytes())
    }

    #[test]
    fn a_name_is_found_in_the_text_of_an_entry() {
        for (name, text) in [
            ("ann-4711", r#"{"userId":"ann-4711","message":"hel"#),
            ("ann@shop.example", r#"{"message":"broken by ann@shop.example"#),
            ("ann@shop.example", "broken ann@shop.example"),
            (r#"ann "the" 4711"#, r#"{"userId":"ann \"the\" 4711","#),
            ("andré-4711", r#"{"userId":"andr\u00e9-4711","#),
            ("ann/4711", r#"{"userId":"ann\/4711","#),
            ("ann-😀-4711", r#"{"userId":"ann-\ud83d\ude00-4711","#),
        ] {
            assert!(names(name, text), "{name} in {text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_short_name_is_not_found() {
        for (name, text) in [
            ("4711", r#"{"userId":"47110","value":4711}"#),
            ("ann-4711", r#"{"userId":"joann-4711"}"#),
            ("ann@shop.example", r#"{"userId":"ann@shop.exampl"#),
            ("ann", r#"\u00 \ud83d \"#),
        ] {
            assert!(!names(name, text), "{name} in {text}");
        }
    }

    #[test]
    fn an_entry_that_was_cut_off_is_searched_too() {
        let entry = r#"{"segment":"journal/1.jsonl","text":"{\"userId\":\"ann-4711\",\"mess"#;
        assert!(Sought::new(["ann-4711".to_owned()].into_iter()).is_in(entry.as_bytes()));
    }
}
