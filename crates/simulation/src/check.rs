//! What has to hold when a run is over.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use beaconry::engine::Millis;
use beaconry_protocol::{RecordId, SeqRange, StreamId};
use serde::Deserialize;

use crate::tab::mark;

/// How a run went that kept the promise.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "the names say what is counted")]
pub struct Summary {
    pub made: usize,
    pub stored: usize,
    pub discarded: usize,
    /// Made in a tab that was killed before `spoolDelayMs` had passed.
    pub too_young: usize,
    /// In a chunk that the storage refused until the tab ended.
    pub refused: usize,
    /// In a chunk that a stranger damaged.
    pub damaged: usize,
    pub tabs: usize,
    pub server_kills: u32,
    pub power_cuts: u32,
    /// The most bytes that we had on the storage, as browsers count, in percent of `maxQueueBytes`.
    pub most_stored: usize,
}

impl Summary {
    /// Adds another run.
    pub fn add(&mut self, other: &Self) {
        self.made += other.made;
        self.stored += other.stored;
        self.discarded += other.discarded;
        self.too_young += other.too_young;
        self.refused += other.refused;
        self.damaged += other.damaged;
        self.tabs += other.tabs;
        self.server_kills += other.server_kills;
        self.power_cuts += other.power_cuts;
        self.most_stored = self.most_stored.max(other.most_stored);
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { made, stored, discarded, too_young, refused, damaged, tabs, .. } = self;
        let Self { server_kills, power_cuts, most_stored, .. } = self;
        write!(
            f,
            "{made} records in {tabs} tabs, {server_kills} server kills, {power_cuts} power cuts; {stored} stored once, \
             {discarded} discarded and named, {too_young} younger than the spool delay when their tab was killed, \
             {refused} refused by the storage until their tab ended, {damaged} damaged by strangers; \
             0 lost, 0 twice; at most {most_stored} % of maxQueueBytes on the storage"
        )
    }
}

/// How a run broke the promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The seed that shows it again.
    pub seed: u64,
    /// What broke.
    pub what: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}: {}", self.seed, self.what)
    }
}

impl std::error::Error for Failure {}

/// Records by their ids.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    of_streams: BTreeMap<StreamId, Vec<SeqRange>>,
}

impl Ids {
    pub(crate) fn insert(&mut self, id: RecordId) {
        SeqRange::insert(self.of_streams.entry(id.stream).or_default(), id.seq);
    }

    pub(crate) fn insert_ranges(&mut self, stream: StreamId, ranges: &[SeqRange]) {
        let known = self.of_streams.entry(stream).or_default();
        let seqs = ranges.iter().flat_map(|range| range.0..=range.1);
        seqs.for_each(|seq| SeqRange::insert(known, seq));
    }

    fn contains(&self, id: RecordId) -> bool {
        let ranges = self.of_streams.get(&id.stream).map_or(&[][..], Vec::as_slice);
        let at = ranges.partition_point(|range| range.1 < id.seq);
        ranges.get(at).is_some_and(|range| range.contains(id.seq))
    }

    fn iter(&self) -> impl Iterator<Item = RecordId> {
        let of_stream = |(stream, ranges): (&StreamId, &Vec<SeqRange>)| {
            let stream = *stream;
            let ranges = ranges.clone().into_iter();
            ranges.flat_map(|range| range.0..=range.1).map(move |seq| RecordId { stream, seq })
        };
        self.of_streams.iter().flat_map(of_stream)
    }
}

/// What is known of the records of one tab.
#[derive(Debug, Default)]
pub(crate) struct Life {
    /// When each was made, in the time that the tab was awake.
    pub(crate) made_at: Vec<Millis>,
    /// When it was killed, if it did not end by itself.
    pub(crate) killed_at: Option<Millis>,
}

/// Everything that was seen from outside.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) lives: BTreeMap<StreamId, Life>,
    /// Records that the server said were on its disk.
    pub(crate) acknowledged: Ids,
    /// Records that a ledger named as discarded.
    pub(crate) discarded: Ids,
    /// Records that were in no storage when their tab ended, because it had refused them.
    pub(crate) refused: Ids,
    /// Records in chunks that a stranger damaged.
    pub(crate) harmed: Ids,
}

/// A line of the journal, as far as it says which record it is.
#[derive(Debug, Deserialize)]
pub(crate) struct Line<'a> {
    #[serde(rename = "type")]
    record_type: Cow<'a, str>,
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    message: Option<Cow<'a, str>>,
}

impl Line<'_> {
    /// Whether it holds what was recorded under this id.
    pub(crate) fn is_of(&self, id: RecordId) -> bool {
        let text = match &*self.record_type {
            "report" => return true,
            "metric" => self.name.as_deref(),
            _ => self.message.as_deref(),
        };
        let mark = mark(id.stream, id.seq);
        // The rest is padding.
        text.and_then(|text| text.strip_prefix(&mark))
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    }
}

impl Evidence {
    /// Holds the journal against the evidence.
    pub(crate) fn judge(&self, stored: &[RecordId], spool_delay: Millis) -> Result<Summary, String> {
        let copies = self.count_copies(stored)?;
        let is_stored = |id: RecordId| {
            let seqs = copies.get(&id.stream);
            seqs.is_some_and(|seqs| usize::try_from(id.seq).is_ok_and(|seq| seqs[seq - 1]))
        };
        if let Some(id) = self.acknowledged.iter().find(|id| !is_stored(*id)) {
            return Err(format!("{id} was acknowledged and is not stored"));
        }
        let mut summary = Summary { tabs: self.lives.len(), stored: stored.len(), ..Summary::default() };
        for (stream, life) in &self.lives {
            summary.made += life.made_at.len();
            for (seq, made_at) in (1..).zip(&life.made_at) {
                let id = RecordId { stream: *stream, seq };
                if !is_stored(id) {
                    self.excuse(id, *made_at + spool_delay, life, &mut summary)?;
                }
            }
        }
        Ok(summary)
    }

    /// Which records are stored, by stream; an error if one is stored twice, or was never made.
    fn count_copies(&self, stored: &[RecordId]) -> Result<BTreeMap<StreamId, Vec<bool>>, String> {
        let mut copies: BTreeMap<_, _> =
            self.lives.iter().map(|(stream, life)| (*stream, vec![false; life.made_at.len()])).collect();
        for id in stored {
            let at = usize::try_from(id.seq).unwrap_or(0).wrapping_sub(1);
            let copy = copies.get_mut(&id.stream).and_then(|seqs| seqs.get_mut(at));
            let copy = copy.ok_or_else(|| format!("{id} is stored and was never made"))?;
            if std::mem::replace(copy, true) {
                return Err(format!("{id} is stored twice"));
            }
        }
        Ok(copies)
    }

    /// Why a record that was made is not stored.
    fn excuse(&self, id: RecordId, due_at: Millis, life: &Life, summary: &mut Summary) -> Result<(), String> {
        let is_too_young = life.killed_at.is_some_and(|killed_at| due_at >= killed_at);
        match () {
            () if self.discarded.contains(id) => summary.discarded += 1,
            () if is_too_young => summary.too_young += 1,
            () if self.refused.contains(id) => summary.refused += 1,
            () if self.harmed.contains(id) => summary.damaged += 1,
            () => {
                let killed_at = life.killed_at;
                return Err(format!(
                    "{id}, to be spooled at {due_at}, is neither stored nor named (tab killed at {killed_at:?})"
                ));
            }
        }
        Ok(())
    }
}
