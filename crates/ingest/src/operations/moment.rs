//! Times as people write them in options.

use beaconry_protocol::parse_rfc3339;

/// Epoch milliseconds of `7d`, `24h` or `30m` before `now`, of a day such as `2025-12-22` (its begin,
/// in UTC), or of RFC 3339; `None` for other text.
pub fn parse_moment(text: &str, now: u64) -> Option<u64> {
    if let Some(millis) = parse_span(text) {
        return Some(now.saturating_sub(millis));
    }
    parse_rfc3339(text).or_else(|| parse_rfc3339(&format!("{text}T00:00:00Z")))
}

/// Milliseconds of a span of time: 30s, 30m, 24h or 7d.
pub(crate) fn parse_span(text: &str) -> Option<u64> {
    let unit = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let count: u64 = text.strip_suffix(unit)?.parse().ok()?;
    count.checked_mul(seconds * 1_000)
}

/// What [`parse_moment`] reads, for messages.
pub(crate) const MOMENT: &str = "a time such as 7d, 24h, 2025-12-22 or 2025-12-22T08:30:00Z";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_days_and_moments_are_read_and_nothing_else() {
        let now = 1_766_361_600_000; // 2025-12-22T00:00:00Z
        for (text, moment) in [
            ("7d", now - 7 * 86_400_000),
            ("24h", now - 86_400_000),
            ("30m", now - 1_800_000),
            ("0d", now),
            ("99999999d", 0),
            ("2025-12-22", now),
            ("2025-12-22T01:00:00+01:00", now),
        ] {
            assert_eq!(parse_moment(text, now), Some(moment), "{text}");
        }
        for bad in ["", "d", "7", "-7d", "7w", "yesterday", "2025-13-01", "99999999999999999999d", "7 d"] {
            assert_eq!(parse_moment(bad, now), None, "{bad}");
        }
    }
}
