//! Everybody else who writes to the storage of the origin: the host app, other apps and endpoints of
//! ours, newer clients, and strangers who damage what they do not own.

use std::collections::BTreeMap;

use beaconry::engine::Random;
use beaconry_protocol::{RecordId, StreamId};

use crate::check::Harm;
use crate::origin::OURS;
use crate::storage::{OWN_PREFIX, Storage, seqs_in};

/// What others have on the storage.
#[derive(Debug, Default)]
pub(crate) struct Host {
    /// Has to stay as it is.
    kept: BTreeMap<String, String>,
    /// May stay as it is: it was ours before it was damaged, or a wipe took it away.
    tolerated: BTreeMap<String, String>,
    fillers: Vec<String>,
}

impl Host {
    /// What is there before the first page.
    pub(crate) fn move_in(storage: &mut Storage, random: &mut Random) -> Self {
        let stream = || StreamId::from_random(77);
        // Of a time to come: another endpoint's is left alone until it is too old.
        let chunk = |version: u32, endpoint: &str| {
            format!(
                "{version} {endpoint} 1966361600000\n00000000 {{}}\n00000000 {{\"seq\":1,\"type\":\"log\"}}"
            )
        };
        let entries = [
            ("cart".to_owned(), "[1,2,3]".to_owned()),
            ("beaconry:session".to_owned(), "the host's own".to_owned()),
            ("beaconry:1:defaults".to_owned(), "1 0 0".to_owned()),
            (format!("beaconry:1:another:{}:1", stream()), chunk(1, "00c0ffee")),
            (format!("{OWN_PREFIX}{}:1", stream()), chunk(1, "00c0ffee")),
            (format!("{OWN_PREFIX}{}:2", stream()), chunk(2, "00c0ffee")),
            (format!("beaconry:2:default:{}:1", stream()), chunk(2, "00c0ffee")),
        ];
        let mut host = Self::default();
        for (key, value) in entries.into_iter().filter(|_| random.below(2) == 0) {
            drop(storage.put(&key, value.clone()));
            host.kept.insert(key, value);
        }
        host
    }

    /// The host app writes something large, as far as it fits, or removes it.
    pub(crate) fn fill_or_free(&mut self, storage: &mut Storage, random: &mut Random) {
        if random.below(3) == 0 && !self.fillers.is_empty() {
            let key = self.fillers.swap_remove(index(random, self.fillers.len()));
            storage.remove(&key);
            if storage.get(&key).is_none() {
                self.kept.remove(&key);
            }
            return;
        }
        let key = format!("app:{}", self.fillers.len());
        let value = "ü".repeat(index(random, 20_000));
        if storage.set(&key, &value) {
            self.kept.insert(key.clone(), value);
            self.fillers.push(key);
        }
    }

    /// A stranger damages one of our chunks. What was in it may be lost from now on.
    pub(crate) fn vandalise(&mut self, storage: &mut Storage, random: &mut Random, harm: &mut Harm) {
        let ours: Vec<_> = storage.under(OWN_PREFIX).map(|(key, _)| key.to_owned()).collect();
        let ours: Vec<_> = ours.into_iter().filter(|key| !self.kept.contains_key(key)).collect();
        if ours.is_empty() {
            return;
        }
        let key = &ours[index(random, ours.len())];
        let value = storage.get(key).unwrap_or_default().to_owned();
        note_harm(key, &value, harm);
        let damaged = damage(&value, random);
        // What looks like somebody else's already is left alone, whatever else befalls it.
        let is_foreign = self.tolerated.get(key) == Some(&value);
        let is_seen = !is_foreign && damaged.as_ref().is_some_and(|damaged| is_seen(damaged, &value));
        if !is_seen {
            harm.hide(key);
        }
        match damaged {
            Some(damaged) => {
                drop(storage.put(key, damaged.clone()));
                if !is_seen {
                    self.tolerated.insert(key.clone(), damaged);
                }
            }
            None => drop(storage.take(key)),
        }
    }

    /// Tabs have removed everything that looks like ours, as the user wants it.
    pub(crate) fn move_out(&mut self, storage: &Storage) {
        let gone = self.kept.extract_if(.., |key, _| key.starts_with(OURS) && storage.get(key).is_none());
        self.tolerated.extend(gone);
    }

    /// Whether a key of ours may be on the storage when everything is done.
    pub(crate) fn explains(&self, key: &str, value: &str) -> bool {
        let is = |entries: &BTreeMap<String, String>| entries.get(key).is_some_and(|known| known == value);
        is(&self.kept) || is(&self.tolerated)
    }

    /// What belongs to others has to be as they left it.
    pub(crate) fn check(&self, storage: &Storage) -> Result<(), String> {
        let touched = self.kept.iter().find(|(key, value)| storage.get(key) != Some(value));
        touched.map_or(Ok(()), |(key, _)| Err(format!("`{key}` is not ours and was touched")))
    }
}

fn note_harm(key: &str, value: &str, harm: &mut Harm) {
    let stream = key.strip_prefix(OWN_PREFIX).and_then(|place| place.split(':').next()?.parse().ok());
    let Some(stream) = stream else { return };
    seqs_in(value).for_each(|seq| harm.note(key, RecordId { stream, seq }));
}

/// Whether whoever reads it can tell that it was damaged: not if it looks like somebody else's, or was
/// cut off between two lines.
fn is_seen(damaged: &str, value: &str) -> bool {
    let mut header = damaged.lines().next().unwrap_or_default().split(' ');
    let (version, endpoint) = (header.next(), header.next());
    let has_time = header.next().is_some_and(|time| time.parse::<u64>().is_ok());
    match version {
        Some("2") => false,
        Some("1") if has_time && endpoint != value.split(' ').nth(1) => false,
        Some("1") if has_time => {
            let known: Vec<_> = value.split('\n').collect();
            let mut records = damaged.split('\n').skip(2).peekable();
            records.peek().is_none() || records.any(|line| !known.contains(&line))
        }
        _ => true,
    }
}

/// The value, damaged; `None`: it is gone.
fn damage(value: &str, random: &mut Random) -> Option<String> {
    let mut at = index(random, value.len().max(1));
    while !value.is_char_boundary(at) {
        at -= 1;
    }
    match random.below(5) {
        0 => None,
        1 => Some(value[..at].to_owned()),
        2 => Some(format!("2 {value}")),
        3 => Some("[object Object]".to_owned()),
        _ => {
            let rest = value[at..].char_indices().nth(1).map_or("", |(next, _)| &value[at + next..]);
            Some([&value[..at], "~", rest].concat())
        }
    }
}

fn index(random: &mut Random, bound: usize) -> usize {
    usize::try_from(random.below(bound as u64)).unwrap_or(0)
}
