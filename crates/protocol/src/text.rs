//! Cutting strings that are too long: never refused, never silently shortened.

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
    Cow::Owned([&text[..end], MARK].concat())
}

const MARK: &str = "…[cut]";
