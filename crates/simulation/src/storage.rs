//! The localStorage that all tabs of an origin share with the host app and with strangers: a quota,
//! and the ways in which browsers refuse.

use std::collections::BTreeMap;

use beaconry::engine::{Millis, Random};

use crate::origin::OURS;
use crate::recent::Recent;

/// The storage of the origin.
#[derive(Debug)]
pub(crate) struct Storage {
    pub(crate) now: Millis,
    entries: BTreeMap<String, String>,
    recent: Recent,
    mood: Mood,
    quota: usize,
    /// Bytes of everything, as browsers count: two for each UTF-16 unit of key and value.
    bytes: usize,
    /// Of that, ours: now, and at most so far.
    own_bytes: usize,
    most_own_bytes: usize,
    /// Bytes of all values of ours, as the client measures them.
    measured: usize,
    /// Whether it ever did not take something.
    has_refused: bool,
    /// Bytes of the records of each stream, as the engine counts them.
    of_streams: BTreeMap<String, usize>,
}

/// How the storage takes what it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Within the quota.
    Usual,
    /// Nothing is written any more; what is there can be read and removed.
    ReadOnly,
    /// Every call throws.
    Blocked,
}

impl Storage {
    pub(crate) fn new(quota: usize) -> Self {
        let (entries, of_streams) = (BTreeMap::new(), BTreeMap::new());
        let (bytes, own_bytes, most_own_bytes, measured) = (0, 0, 0, 0);
        Self {
            now: 0,
            entries,
            recent: Recent::new(UNWRITTEN_FOR),
            mood: Mood::Usual,
            quota,
            bytes,
            own_bytes,
            most_own_bytes,
            measured,
            has_refused: false,
            of_streams,
        }
    }

    pub(crate) fn set_mood(&mut self, mood: Mood) {
        self.mood = mood;
    }

    pub(crate) fn set_quota(&mut self, quota: usize) {
        self.quota = quota;
    }

    /// Whether nothing of a usual size is refused now.
    pub(crate) fn takes_everything(&self) -> bool {
        self.mood == Mood::Usual && self.bytes + ROOM_FOR_ALL < self.quota
    }

    /// Writes a value. `false` if the browser refuses it; what was there stays then.
    pub(crate) fn set(&mut self, key: &str, value: &str) -> bool {
        let before = self.entries.get(key).map_or(0, |old| size(key, old));
        let after = self.bytes - before + size(key, value);
        // A value that shrinks is taken even when the quota is exceeded.
        let fits = after <= self.quota || size(key, value) <= before;
        let is_taken = self.mood == Mood::Usual && fits;
        if is_taken {
            let before = self.put(key, value.to_owned());
            self.note(key, before);
        }
        self.has_refused |= !is_taken;
        is_taken
    }

    /// Removes a value.
    pub(crate) fn remove(&mut self, key: &str) {
        if self.mood == Mood::Blocked {
            self.has_refused = true;
        } else {
            let before = self.take(key);
            self.note(key, before);
        }
    }

    /// Notes that a tab did not even try to write something: it knew that there is no room.
    pub(crate) const fn note_refusal(&mut self) {
        self.has_refused = true;
    }

    /// The whole browser is gone, and what it had not written to the disk.
    pub(crate) fn lose(&mut self, random: &mut Random) {
        for (key, before) in self.recent.lose(self.now, random) {
            match before {
                Some(value) => drop(self.put(&key, value)),
                None => drop(self.take(&key)),
            }
        }
    }

    fn note(&mut self, key: &str, before: Option<String>) {
        if key.starts_with(OURS) {
            self.recent.note(self.now, key, before);
        }
    }

    /// Writes whatever the quota and the mood are: what is there before the page, or beside it.
    pub(crate) fn put(&mut self, key: &str, value: String) -> Option<String> {
        let before = self.take(key);
        self.bytes += size(key, &value);
        self.measured += if key.starts_with(OURS) { value.len() } else { 0 };
        if is_own(key) {
            self.own_bytes += size(key, &value);
            self.most_own_bytes = self.most_own_bytes.max(self.own_bytes);
            *self.of_streams.entry(stream_part(key).to_owned()).or_default() += record_bytes(&value);
        }
        self.entries.insert(key.to_owned(), value);
        before
    }

    /// Removes whatever the mood is.
    pub(crate) fn take(&mut self, key: &str) -> Option<String> {
        let value = self.entries.remove(key)?;
        self.bytes -= size(key, &value);
        self.measured -= if key.starts_with(OURS) { value.len() } else { 0 };
        if is_own(key) {
            self.own_bytes -= size(key, &value);
            if let Some(bytes) = self.of_streams.get_mut(stream_part(key)) {
                *bytes -= record_bytes(&value);
            }
        }
        Some(value)
    }

    /// What a page can read under keys that begin with `prefix`.
    pub(crate) fn read(&self, prefix: &str) -> Vec<(String, String)> {
        if self.mood == Mood::Blocked {
            return Vec::new();
        }
        self.under(prefix).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    /// What a page can read under a key.
    pub(crate) fn read_one(&self, key: &str) -> Option<&str> {
        self.get(key).filter(|_| self.mood != Mood::Blocked)
    }

    /// What a page finds when it adds up the bytes of all our values.
    pub(crate) fn measure(&self) -> usize {
        if self.mood == Mood::Blocked { 0 } else { self.measured }
    }

    /// Bytes of all values of ours.
    pub(crate) const fn measured(&self) -> usize {
        self.measured
    }

    /// Whether pages can read and remove.
    pub(crate) fn is_readable(&self) -> bool {
        self.mood != Mood::Blocked
    }

    /// What is really there under keys that begin with `prefix`.
    pub(crate) fn under(&self, prefix: &str) -> impl Iterator<Item = (&str, &str)> {
        let after =
            self.entries.range::<str, _>((std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded));
        let under = after.take_while(move |(key, _)| key.starts_with(prefix));
        under.map(|(key, value)| (key.as_str(), value.as_str()))
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.entries.get(key).map(String::as_str)
    }

    /// The most bytes that our values and keys had at any time, as browsers count.
    pub(crate) const fn most_own_bytes(&self) -> usize {
        self.most_own_bytes
    }

    /// Whether it ever did not take something: then what is there may be older than the tabs know.
    pub(crate) const fn has_refused(&self) -> bool {
        self.has_refused
    }

    /// Bytes of the records of the stream that a key is of.
    pub(crate) fn stream_bytes(&self, key: &str) -> usize {
        self.of_streams.get(stream_part(key)).copied().unwrap_or(0)
    }
}

/// The places of the records in a value of ours, also of one that is damaged.
pub(crate) fn seqs_in(value: &str) -> impl Iterator<Item = u64> {
    let lines = value.split('\n').skip(2);
    lines.filter_map(|line| {
        let digits = line.split_once("\"seq\":")?.1;
        let end = digits.find(|c: char| !c.is_ascii_digit())?;
        digits[..end].parse().ok()
    })
}

fn is_own(key: &str) -> bool {
    key.starts_with(OWN_PREFIX)
}

/// Everything of a key up to the place of the first record.
fn stream_part(key: &str) -> &str {
    key.rsplit_once(':').map_or(key, |(stream, _)| stream)
}

fn size(key: &str, value: &str) -> usize {
    let units = |text: &str| if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
    2 * (units(key) + units(value))
}

/// The bytes of the records in a value: without its head and the checksums.
fn record_bytes(value: &str) -> usize {
    let mut lines = value.split('\n').skip(2).map(str::len);
    lines.by_ref().map(|bytes| bytes.saturating_sub(CHECKSUM_BYTES)).sum()
}

/// The beginning of the keys of the app under test.
pub(crate) const OWN_PREFIX: &str = "beaconry:1:default:";
/// How long browsers keep what was written before they write it to the disk.
pub(crate) const UNWRITTEN_FOR: Millis = 5_000;
/// More than one tab has in its memory.
const ROOM_FOR_ALL: usize = 5 << 20;
const CHECKSUM_BYTES: usize = 8;
