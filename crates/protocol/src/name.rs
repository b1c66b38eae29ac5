//! The rule for event names.

/// Whether `name` is an event name: a lower-case letter, then lower-case letters, digits and `_`.
///
/// # Errors
/// What a name is, fit to be shown to whoever chose this one.
pub fn check_event_name(name: &str) -> Result<(), &'static str> {
    let [b'a'..=b'z', rest @ ..] = name.as_bytes() else { return Err(RULE) };
    let goes_on_well = rest.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if goes_on_well { Ok(()) } else { Err(RULE) }
}

const RULE: &str = "a lower-case letter followed by lower-case letters, digits and _";

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
}
