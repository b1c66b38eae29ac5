//! Cleaning the URL of a page: what tells where the user was stays, what may tell who it was goes.

use crate::{cut, limits, parts, split_at_byte};

/// Removes user-info, query and fragment from a URL or path, puts `[id]` in the place of the ids in
/// its path, and cuts it to the field limit.
///
/// A part of the path between two slashes is an id, as a whole, if it is a number, has four digits
/// in a row, or has a word that only a machine makes: hex of 8 digits and more, a UUID, a ULID, a
/// long mix of letters and digits. A year cannot be told from a number of a user, so it is one, too.
/// So is a part with an `@`, or with an escape for punctuation, such as `%3D`: that is somebody's text.
///
/// ```
/// use beaconry_protocol::clean_page;
/// let page = "https://ann:secret@shop.example/cart?token=1#top";
/// assert_eq!(clean_page(page), "https://shop.example/cart");
/// assert_eq!(clean_page("//ann:secret@shop.example/"), "//shop.example/");
/// assert_eq!(clean_page("/flow?step=2"), "/flow");
/// assert_eq!(clean_page("/users/42/v2/step-3"), "/users/[id]/v2/step-3");
/// ```
pub fn clean_page(url: &str) -> String {
    clean_page_keeping(url, &[])
}

/// The same, but keeps the query under the keys that the app allows.
///
/// A query without them goes as a whole, keys too: `?utm_source=…` would only make many pages of one.
///
/// ```
/// let keys = ["tab", "page"].map(str::to_owned);
/// let page = beaconry_protocol::clean_page_keeping("/search?q=Ann&tab=people&page=2", &keys);
/// assert_eq!(page, "/search?tab=people&page=2");
/// ```
pub fn clean_page_keeping(url: &str, keys: &[String]) -> String {
    let url = split_at_byte(url, b'#').map_or(url, |(url, _)| url);
    let (place, query) = split_at_byte(url, b'?').unwrap_or((url, ""));
    let mut clean = String::with_capacity(place.len());
    let mut is_absolute = false;
    for (at, part) in parts(place, b'/').enumerate() {
        is_absolute = match at {
            0 => part.is_empty() || part.ends_with(":"),
            1 => is_absolute && part.is_empty(),
            _ => is_absolute,
        };
        clean.push_str(if at > 0 { "/" } else { "" });
        clean.push_str(match at {
            2 if is_absolute => host(part),
            _ if is_id(part) => "[id]",
            _ => part,
        });
    }
    let mut before_pair = "?";
    for pair in parts(query, b'&') {
        let key = split_at_byte(pair, b'=').map_or(pair, |(key, _)| key);
        if keys.iter().any(|name| name == key) {
            clean.push_str(before_pair);
            before_pair = "&";
            clean.push_str(pair);
        }
    }
    cut(&clean, limits::FIELD_BYTES).into_owned()
}

/// A host without the user-info before it.
fn host(mut authority: &str) -> &str {
    while let Some((_, rest)) = split_at_byte(authority, b'@') {
        authority = rest;
    }
    authority
}

/// Whether a part of a path is an id, or has one in it.
fn is_id(part: &str) -> bool {
    let bytes = part.as_bytes();
    let mut word = Word::default();
    for (at, byte) in bytes.iter().enumerate() {
        if byte.is_ascii_alphanumeric() {
            word.push(*byte);
        } else if *byte == b'@' || is_escape(&bytes[at..]) || word.is_made_by_machine() {
            return true;
        } else {
            word = Word::default();
        }
    }
    word.is_made_by_machine() || !bytes.is_empty() && word.digits == bytes.len()
}

/// Whether an escape for ASCII but a blank stands here. Letters of other scripts have escapes from `%80` on.
fn is_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'%', high, low, ..] if *high < b'8' && (*high, *low) != (b'2', b'0'))
}

/// Letters and digits in a row.
#[derive(Default)]
struct Word {
    length: usize,
    digits: usize,
    row: usize,
    longest_row: usize,
    changes: usize,
    others: usize,
}

impl Word {
    fn push(&mut self, byte: u8) {
        let is_digit = byte.is_ascii_digit();
        self.length += 1;
        self.changes += usize::from(is_digit != (self.row > 0));
        self.digits += usize::from(is_digit);
        self.row = if is_digit { self.row + 1 } else { 0 };
        self.longest_row = self.longest_row.max(self.row);
        self.others += usize::from(!byte.is_ascii_hexdigit());
    }

    fn is_made_by_machine(&self) -> bool {
        let is_hex = self.others == 0;
        let is_mixed = self.digits > 0 && (is_hex || self.changes >= 3 || self.length >= 16);
        self.longest_row >= 4 || self.length >= 8 && is_mixed || self.length >= 12 && is_hex
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_paths_are_taken_out() {
        for id in [
            "42",
            "7",
            "2024",
            "user-1234",
            "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
            "6BA7B8109DAD11D180B400C04FD430C8",
            "507f1f77bcf86cd799439011",
            "4f3a2b1c",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "dQw4w9WgXcQ",
            "V1StGXR8_Z5jdHi6B-myT",
            "cool-shoes-48213",
            "B07XJ8C8F5",
            "cs_test_a1B2c3D4e5F6g7H8i9J0",
            "ann@m%C3%BCller.example",
            "ann%40m%C3%BCller.example",
            "password%3Dhunter",
            "https%3A%2F%2Fann%3Apw%40h.example",
        ] {
            let page = format!("https://shop.example/a/{id}/b");
            assert_eq!(clean_page(&page), "https://shop.example/a/[id]/b", "{id}");
            assert_eq!(clean_page(&format!("/{id}")), "/[id]");
        }
    }

    #[test]
    fn words_in_paths_stay() {
        for word in [
            "",
            "users",
            "v2",
            "api",
            "step-3",
            "chapter_12",
            "covid-19",
            "iphone-15-pro-max",
            "how-to-fix-error-404-in-nginx",
            "i18n",
            "k8s",
            "h264",
            "windows11",
            "facade",
            "defaced",
            "deadbeef",
            "internationalization",
            "en-US",
            "漢字",
            "%E6%BC%A2%E5%AD%97",
            "how%20to",
            "100%",
            "index.html",
            "[id]",
        ] {
            let page = format!("https://shop.example/{word}/b");
            assert_eq!(clean_page(&page), page);
        }
    }

    #[test]
    fn hosts_and_ports_stay() {
        for page in
            ["http://127.0.0.1:5173/quiz", "https://a1b2c3d4e5f6.example/", "about:blank", "//h:8080/x"]
        {
            assert_eq!(clean_page(page), page);
        }
        assert_eq!(clean_page("https://me:pass@h.example:80?x"), "https://h.example:80");
    }

    #[test]
    fn only_allowed_keys_of_a_query_stay() {
        let keys = ["tab", "q"].map(str::to_owned);
        assert_eq!(clean_page_keeping("/a?tab=1&x=2&q#f?q=3", &keys), "/a?tab=1&q");
        assert_eq!(clean_page_keeping("/a?x=2", &keys), "/a");
        assert_eq!(clean_page_keeping("/7?tab=a=b", &keys), "/[id]?tab=a=b");
    }

    #[test]
    fn a_clean_page_stays_as_it_is() {
        for page in ["/users/42?x=1", "//u:p@h/1/2", "https://h/6ba7b810-9dad-11d1-80b4-00c04fd430c8/b?tab=1"]
        {
            let keys = ["tab".to_owned()];
            let once = clean_page_keeping(page, &keys);
            assert_eq!(clean_page_keeping(&once, &keys), once);
        }
    }
}
