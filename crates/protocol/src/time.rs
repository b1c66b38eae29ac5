//! Timestamps as text: RFC 3339 in UTC, to the millisecond.

use jiff::Timestamp;

use crate::limits;

/// Epoch milliseconds as `2026-01-02T03:04:05.678Z`.
pub fn format_millis(millis: u64) -> String {
    let millis = i64::try_from(millis.min(limits::LATEST_MILLIS)).unwrap_or_default();
    let timestamp = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{timestamp:.3}")
}

/// Reads RFC 3339 with any offset as epoch milliseconds; `None` for other text and for times before
/// 1970.
pub fn parse_rfc3339(text: &str) -> Option<u64> {
    let timestamp: Timestamp = text.parse().ok()?;
    u64::try_from(timestamp.as_millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_back_as_they_were() {
        for millis in [0, 1, 1_766_361_600_123, 4_102_444_800_000] {
            assert_eq!(parse_rfc3339(&format_millis(millis)), Some(millis));
        }
    }

    #[test]
    fn any_offset_is_read_and_utc_is_written() {
        let millis = parse_rfc3339("2025-12-22T10:30:00+02:00").unwrap();
        assert_eq!(format_millis(millis), "2025-12-22T08:30:00.000Z");
        assert_eq!(parse_rfc3339("yesterday"), None);
        assert_eq!(parse_rfc3339("1969-12-31T23:59:59Z"), None);
    }

    #[test]
    fn a_time_past_the_calendar_is_held_at_its_end() {
        assert_eq!(format_millis(u64::MAX), "9999-12-30T21:59:59.999Z");
    }
}
