//! A session is one visit: 30 minutes of quiet end it, and so do four hours.

use beaconry_protocol::{Sampling, digits, join, parse_whole, parts};

use super::sampling::Sample;
use super::{Millis, Random};

/// The session that records belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    id: String,
    started_at: Millis,
    seen_at: Millis,
    stored_at: Millis,
    sample: Option<Sample>,
}

impl Session {
    /// A new one.
    pub fn begin(now: Millis, random: &mut Random) -> Self {
        Self { id: random.hex(32), started_at: now, seen_at: now, stored_at: 0, sample: None }
    }

    /// Goes on with the session that another page stored, else with this one, else begins a new one.
    pub fn resume(&mut self, stored: Option<&str>, now: Millis, random: &mut Random) {
        match stored.and_then(Self::parse) {
            Some(session) if !session.is_over(now) => *self = session,
            _ if self.is_over(now) => *self = Self::begin(now, random),
            _ => {}
        }
    }

    /// What of it is recorded. Decided once.
    pub(super) fn sample(&mut self, rates: Sampling) -> Sample {
        *self.sample.get_or_insert_with(|| Sample::decide(&self.id, rates))
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
        let sample = self.sample.map_or("", Sample::as_str);
        let (started_at, seen_at) = (digits(self.started_at), digits(self.seen_at));
        Some(join(&[&self.id, " ", &started_at, " ", &seen_at, " ", sample]))
    }

    fn parse(stored: &str) -> Option<Self> {
        let mut words = parts(stored, b' ');
        let id = words.next().filter(|id| id.len() == 32)?.to_owned();
        let started_at = parse_whole(words.next()?)?;
        let seen_at = parse_whole(words.next()?)?;
        let sample = words.next().and_then(Sample::parse);
        Some(Self { id, started_at, seen_at, stored_at: seen_at, sample })
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
        let mut session = Session::begin(NOW, random);
        let stored = session.text_if_stale().unwrap();
        for (later, same) in [(60_000, true), (29 * 60_000, true), (30 * 60_000, false)] {
            let mut resumed = Session::begin(NOW, random);
            resumed.resume(Some(&stored), NOW + later, random);
            assert_eq!(resumed.id() == session.id(), same, "{later} ms later");
        }
    }

    #[test]
    fn four_hours_end_it_however_busy_the_user_is() {
        let random = &mut Random::from_seed(1);
        let mut session = Session::begin(NOW, random);
        let began_anew = (1..=240).filter(|minute| session.touch(NOW + minute * 60_000, random)).count();
        assert_eq!(began_anew, 1);
    }

    #[test]
    fn a_clock_set_back_or_nonsense_in_the_storage_begins_a_new_one() {
        let random = &mut Random::from_seed(1);
        let mut session = Session::begin(NOW, random);
        let stored = session.text_if_stale().unwrap();
        for (text, now) in [(stored.as_str(), NOW - 2 * 3_600_000), ("nonsense", NOW)] {
            let mut other = Session::begin(now, random);
            other.resume(Some(text), now, random);
            assert_ne!(other.id(), session.id());
        }
    }

    #[test]
    fn what_is_recorded_of_it_is_decided_once_and_for_every_tab() {
        let random = &mut Random::from_seed(1);
        let mut session = Session::begin(NOW, random);
        let errors_only = Sampling { sample_rate: Some(0.0), ..Sampling::default() };
        assert_eq!(session.sample(errors_only), Sample::Errors);
        assert_eq!(session.sample(Sampling::default()), Sample::Errors);
        let mut other = Session::begin(NOW, random);
        other.resume(session.text_if_stale().as_deref(), NOW, random);
        assert_eq!(other.sample(Sampling::default()), Sample::Errors);
    }

    #[test]
    fn it_is_stored_once_a_minute_at_most() {
        let random = &mut Random::from_seed(1);
        let mut session = Session::begin(NOW, random);
        let stores = (0..120).filter(|second| {
            session.touch(NOW + second * 1_000, random);
            session.text_if_stale().is_some()
        });
        assert_eq!(stores.count(), 2);
    }
}
