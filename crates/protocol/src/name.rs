//! The rule for event names.

use crate::join;

/// Whether `name` is an event name: a lower-case letter, then lower-case letters, digits and `_`.
///
/// # Errors
/// A sentence that says what the rule is, fit to be shown to whoever chose the name.
pub fn check_event_name(name: &str) -> Result<(), &'static str> {
    let [b'a'..=b'z', rest @ ..] = name.as_bytes() else { return Err(RULE) };
    let goes_on_well = rest.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if goes_on_well { Ok(()) } else { Err(RULE) }
}

/// Turns free text ("Quiz Started!") into an event name ("quiz_started").
///
/// ```
/// assert_eq!(beaconry_protocol::snake_case("Quiz Started!"), "quiz_started");
/// assert_eq!(beaconry_protocol::snake_case("2nd try"), "event_2nd_try");
/// ```
pub fn snake_case(label: &str) -> String {
    let mut name = String::new();
    for (at, byte) in label.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() {
            name.push_str(&label[at..at + 1]);
        } else if !name.is_empty() && !name.ends_with(BETWEEN) {
            name.push_str(BETWEEN);
        }
    }
    name.make_ascii_lowercase();
    let trimmed = name.strip_suffix(BETWEEN).unwrap_or(&name);
    match trimmed.as_bytes().first() {
        Some(b'a'..=b'z') => trimmed.to_owned(),
        Some(_) => join(&["event_", trimmed]),
        None => "event".to_owned(),
    }
}

/// A text and no character, which would be encoded first.
const BETWEEN: &str = "_";
const RULE: &str = "an event name is a lower-case letter followed by lower-case letters, digits and _";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rule_or_are_told_it() {
        for good in ["page_view", "a", "step_2"] {
            assert_eq!(check_event_name(good), Ok(()), "{good}");
        }
        for bad in ["", "Page", "2nd", "_x", "page-view", "pagé"] {
            assert_eq!(check_event_name(bad), Err(RULE), "{bad}");
        }
    }

    #[test]
    fn any_label_becomes_a_name_that_follows_the_rule() {
        for label in ["", "!!!", "Ünï", "Quiz Started", "a__b", "9 lives"] {
            assert_eq!(check_event_name(&snake_case(label)), Ok(()), "{label}");
        }
    }
}
