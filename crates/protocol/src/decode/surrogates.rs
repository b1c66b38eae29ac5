//! Halves of surrogate pairs: what `JSON.stringify` makes of a text that was cut inside an emoji.
//!
//! They are valid JSON and no Unicode, and a JSON parser for Rust strings refuses them. A record is
//! not lost for that: each half becomes U+FFFD before the body is read.

use std::borrow::Cow;

use memchr::memchr;

/// The body with every unpaired surrogate escape replaced by `\ufffd`; the same body if it has none.
pub fn mend_surrogates(body: &[u8]) -> Cow<'_, [u8]> {
    let mut mended = Cow::Borrowed(body);
    let mut at = 0;
    while let Some(found) = memchr(b'\\', &body[at..]) {
        at += found;
        match (escape(body, at), escape(body, at + ESCAPE)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => at += 2 * ESCAPE,
            (Some(0xD800..0xE000), _) => {
                mended.to_mut()[at..at + ESCAPE].copy_from_slice(br"\ufffd");
                at += ESCAPE;
            }
            // Any other escape: what it escapes is not the beginning of the next one.
            _ => at = (at + 2).min(body.len()),
        }
    }
    mended
}

/// The number of the escape `\uXXXX` that begins here.
fn escape(body: &[u8], at: usize) -> Option<u32> {
    let digits = body.get(at..at + ESCAPE)?.strip_prefix(br"\u")?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Bytes of `\uXXXX`.
const ESCAPE: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, mended: &str) {
        assert_eq!(mend_surrogates(body.as_bytes()), mended.as_bytes());
    }

    #[test]
    fn halves_are_replaced_and_everything_else_stays() {
        check(r#""cut \ud83d""#, r#""cut \ufffd""#);
        check(r#""\uDFFF\ud83d\ud83d\udE00 \u00fc""#, r#""\ufffd\ufffd\ud83d\udE00 \u00fc""#);
        check(r#""a literal \\ud83d and \\\ud83d""#, r#""a literal \\ud83d and \\\ufffd""#);
        check(r#""\ud8"#, r#""\ud8"#);
        check(r#""\"#, r#""\"#);
        assert!(matches!(mend_surrogates(br#""\ud83d\ude00""#), Cow::Borrowed(_)));
    }
}
