//! A session is one visit: 30 minutes of quiet end it, and so do four hours.

use super::{Millis, Random};

/// The session that records belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    id: String,
    started_at: Millis,
    seen_at: Millis,
    stored_at: Millis,
}

impl Session {
    /// Goes on with the session that an earlier page stored, or begins a new one.
    pub fn resume(stored: Option<&str>, now: Millis, random: &mut Random) -> Self {
        match stored.and_then(Self::parse) {
            Some(session) if !session.is_over(now) => session,
            _ => Self::begin(now, random),
        }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Notes that the user is still there. Returns whether a new session began.
    pub(super) fn touch(&mut self, now: Millis, random: &mut Random) -> bool {
        let is_over = self.is_over(now);
        if is_over {
            *self = Self::begin(now, random);
        }
        self.seen_at = self.seen_at.max(now);
        is_over
    }

    /// What to store for the next page, if what is stored is out of date by so much that it matters.
    pub(super) fn text_if_stale(&mut self) -> Option<String> {
        let is_fresh = self.stored_at > 0 && self.seen_at < self.stored_at + STORE_EVERY;
        if is_fresh {
            return None;
        }
        self.stored_at = self.seen_at;
        let digits = |value| beaconry_protocol::Number::from(value).as_str().to_owned();
        Some([self.id.as_str(), &digits(self.started_at), &digits(self.seen_at)].join(" "))
    }

    fn begin(now: Millis, random: &mut Random) -> Self {
        Self { id: random.hex(32), started_at: now, seen_at: now, stored_at: 0 }
    }

    fn parse(stored: &str) -> Option<Self> {
        let mut words = stored.split(' ');
        let id = words.next().filter(|id| id.len() == 32)?.to_owned();
        let started_at = words.next()?.parse().ok()?;
        let seen_at = words.next()?.parse().ok()?;
        Some(Self { id, started_at, seen_at, stored_at: seen_at })
    }

    /// Whether it has ended. A clock that was set back by more than an hour ends it too: its times
    /// tell nothing any more.
    pub(super) fn is_over(&self, now: Millis) -> bool {
        let is_from_the_future = now + CLOCK_SLACK < self.seen_at;
        now >= self.seen_at + IDLE_END || now >= self.started_at + LONGEST || is_from_the_future
    }
}

const IDLE_END: Millis = 30 * 60_000;
const LONGEST: Millis = 4 * 3_600_000;
const CLOCK_SLACK: Millis = 3_600_000;
const STORE_EVERY: Millis = 60_000;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_766_361_600_000;

    #[test]
    fn another_page_goes_on_with_the_session_until_it_is_over() {
        let random = &mut Random::from_seed(1);
        let mut session = Session::resume(None, NOW, random);
        let stored = session.text_if_stale().unwrap();
        for (later, same) in [(60_000, true), (29 * 60_000, true), (30 * 60_000, false)] {
            let resumed = Session::resume(Some(&stored), NOW + later, random);
            assert_eq!(resumed.id() == session.id(), same, "{later} ms later");
        }
    }

    #[test]
    fn four_hours_end_it_however_busy_the_user_is() {
        let random = &mut Random::from_seed(1);
        let mut session = Session::resume(None, NOW, random);
        let began_anew = (1..=240).filter(|minute| session.touch(NOW + minute * 60_000, random)).count();
        assert_eq!(began_anew, 1);
    }

    #[test]
    fn a_clock_set_back_or_nonsense_in_the_storage_begins_a_new_one() {
        let random = &mut Random::from_seed(1);
        let mut session = Session::resume(None, NOW, random);
        let stored = session.text_if_stale().unwrap();
        assert_ne!(Session::resume(Some(&stored), NOW - 2 * 3_600_000, random).id(), session.id());
        assert_ne!(Session::resume(Some("nonsense"), NOW, random).id(), session.id());
    }

    #[test]
    fn it_is_stored_once_a_minute_at_most() {
        let random = &mut Random::from_seed(1);
        let mut session = Session::resume(None, NOW, random);
        let stores = (0..120).filter(|second| {
            session.touch(NOW + second * 1_000, random);
            session.text_if_stale().is_some()
        });
        assert_eq!(stores.count(), 2);
    }
}
