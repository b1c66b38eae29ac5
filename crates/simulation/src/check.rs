//! What has to hold when a run is over.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use beaconry::engine::Millis;
use beaconry_protocol::{RecordId, SeqRange, StreamId};
use serde::Deserialize;

use crate::journal::{GATHERED_FOR, WRITTEN_IN};
use crate::storage::{OWN_PREFIX, UNWRITTEN_FOR, seqs_in};

/// How a run went that kept the promise.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "the names say what is counted")]
pub struct Summary {
    pub made: usize,
    pub stored: usize,
    pub discarded: usize,
    /// Of the stored ones, those that a ledger named as discarded all the same: nobody could know.
    pub named_too: usize,
    /// Made in a tab that was killed before `spoolDelayMs` had passed.
    pub too_young: usize,
    /// In a chunk that the storage refused until the tab ended.
    pub refused: usize,
    /// In a chunk that a stranger damaged, and counted as that.
    pub damaged: usize,
    /// In a chunk that a stranger removed, or damaged so that nobody can see it.
    pub vanished: usize,
    pub tabs: usize,
    pub server_kills: u32,
    pub power_cuts: u32,
    pub browser_kills: u32,
    /// The most bytes that we had on the storage, as browsers count, in percent of `maxQueueBytes`.
    pub most_stored: usize,
}

impl Summary {
    /// Adds another run.
    pub fn add(&mut self, other: &Self) {
        self.made += other.made;
        self.stored += other.stored;
        self.discarded += other.discarded;
        self.named_too += other.named_too;
        self.too_young += other.too_young;
        self.refused += other.refused;
        self.damaged += other.damaged;
        self.vanished += other.vanished;
        self.tabs += other.tabs;
        self.server_kills += other.server_kills;
        self.power_cuts += other.power_cuts;
        self.browser_kills += other.browser_kills;
        self.most_stored = self.most_stored.max(other.most_stored);
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { made, stored, discarded, too_young, refused, damaged, vanished, tabs, .. } = self;
        let Self { named_too, server_kills, power_cuts, browser_kills, most_stored, .. } = self;
        write!(
            f,
            "{made} records in {tabs} tabs, {browser_kills} browser kills, {server_kills} server kills, {power_cuts} power \
             cuts; {stored} stored once, {named_too} of them named as discarded though, \
             {discarded} discarded and named, {too_young} younger than the spool delay when their tab was killed, \
             {refused} refused by the storage until their tab ended, {damaged} damaged by strangers and counted, \
             {vanished} taken away by them; \
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

/// Which call of which tab a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    pub(crate) tab: usize,
    pub(crate) call: u64,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "t{}.{}", self.tab, self.call)
    }
}

impl Mark {
    fn read(text: &str) -> Option<Self> {
        let (tab, call) = text.split(' ').next()?.strip_prefix('t')?.split_once('.')?;
        Some(Self { tab: tab.parse().ok()?, call: call.parse().ok()? })
    }
}

/// What is known of the records of one stream.
#[derive(Debug, Default)]
pub(crate) struct Life {
    tab: usize,
    made: Vec<Made>,
    ends: Vec<End>,
}

#[derive(Debug, Clone, Copy)]
struct Made {
    /// In the time that the tab was awake.
    at: Millis,
    /// Which call it is of, where that is known.
    call: Option<Mark>,
}

/// What ended the writing of a tab, in the time that it was awake.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    /// It was killed.
    Killed(Millis),
    /// The whole browser was killed; since when the journal had had what was written.
    BrowserKilled(Millis, Option<Millis>),
}

impl Life {
    pub(crate) fn of(tab: usize) -> Self {
        Self { tab, ..Self::default() }
    }

    pub(crate) fn last_seq(&self) -> u64 {
        self.made.len() as u64
    }

    pub(crate) fn note(&mut self, at: Millis, call: Option<Mark>) {
        self.made.push(Made { at, call });
    }

    pub(crate) fn end(&mut self, end: End) {
        self.ends.push(end);
    }

    /// Whether a record was made too late to be safe when its tab, or the browser after it, was killed.
    fn is_too_young(&self, made: Made, spool_delay: Millis) -> bool {
        let spooled_at = made.at + spool_delay;
        let journalled_at = spooled_at + GATHERED_FOR + WRITTEN_IN;
        // A tab that was killed before it had written its journal leaves localStorage alone to keep it.
        let is_journalled =
            !self.ends.iter().any(|end| matches!(*end, End::Killed(at) if journalled_at >= at));
        self.ends.iter().any(|end| match *end {
            End::Killed(at) => spooled_at >= at,
            End::BrowserKilled(at, Some(since)) if since <= spooled_at && is_journalled => {
                journalled_at >= at
            }
            End::BrowserKilled(at, _) => spooled_at + UNWRITTEN_FOR >= at,
        })
    }
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
    /// What strangers damaged.
    pub(crate) harm: Harm,
    /// Records that ledgers counted as damaged.
    pub(crate) counted_as_damaged: u64,
}

/// Chunks that a stranger damaged.
#[derive(Debug, Default)]
pub(crate) struct Harm {
    chunks: BTreeMap<(StreamId, u64), String>,
    unseen: BTreeSet<String>,
}

impl Harm {
    pub(crate) fn note(&mut self, key: &str, id: RecordId) {
        self.chunks.insert((id.stream, id.seq), key.to_owned());
    }

    /// From now on nobody can tell that this chunk was damaged.
    pub(crate) fn hide(&mut self, key: &str) {
        self.unseen.insert(key.to_owned());
    }

    /// The damaged chunk that a record was in, and whether somebody has to have seen the damage.
    fn of(&self, id: RecordId) -> Option<(&str, bool)> {
        let key = self.chunks.get(&(id.stream, id.seq))?;
        Some((key, !self.unseen.contains(key)))
    }
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
    /// Which call it is of; nothing if the client made it itself.
    pub(crate) fn mark(&self) -> Result<Option<Mark>, ()> {
        let text = match &*self.record_type {
            "report" => return Ok(None),
            "metric" => self.name.as_deref(),
            _ => self.message.as_deref(),
        };
        text.and_then(Mark::read).map(Some).ok_or(())
    }
}

/// A record in the journal of the server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stored {
    pub(crate) id: RecordId,
    pub(crate) mark: Option<Mark>,
}

impl Evidence {
    /// A chunk was removed because the user wants it; its records were counted as denied.
    pub(crate) fn note_wiped(&mut self, key: &str, value: &str) {
        self.harm.hide(key);
        let stream = key.strip_prefix(OWN_PREFIX).and_then(|place| place.split(':').next()?.parse().ok());
        if let Some(stream) = stream {
            seqs_in(value).for_each(|seq| self.discarded.insert(RecordId { stream, seq }));
        }
    }

    /// Holds the journal against the evidence.
    pub(crate) fn judge(&self, stored: &[Stored], spool_delay: Millis) -> Result<Summary, String> {
        let copies = self.count_copies(stored)?;
        let is_stored = |id: RecordId| {
            let seqs = copies.get(&id.stream);
            seqs.is_some_and(|seqs| usize::try_from(id.seq).is_ok_and(|seq| seqs[seq - 1]))
        };
        if let Some(id) = self.acknowledged.iter().find(|id| !is_stored(*id)) {
            return Err(format!("{id} was acknowledged and is not stored"));
        }
        let mut summary = Summary { tabs: self.lives.len(), stored: stored.len(), ..Summary::default() };
        let mut damaged = BTreeSet::new();
        for (stream, life) in &self.lives {
            summary.made += life.made.len();
            for (seq, made) in (1..).zip(&life.made) {
                let id = RecordId { stream: *stream, seq };
                if is_stored(id) {
                    summary.named_too += usize::from(self.discarded.contains(id));
                } else {
                    damaged.extend(self.excuse(id, *made, life, spool_delay, &mut summary)?);
                }
            }
        }
        let (damaged, counted) = (damaged.len() as u64, self.counted_as_damaged);
        if damaged > counted {
            return Err(format!(
                "records of {damaged} damaged chunks are gone and {counted} records were counted"
            ));
        }
        Ok(summary)
    }

    /// Which records are stored, by stream; an error if one is stored twice, or was never made.
    fn count_copies(&self, stored: &[Stored]) -> Result<BTreeMap<StreamId, Vec<bool>>, String> {
        let mut copies: BTreeMap<_, _> =
            self.lives.iter().map(|(stream, life)| (*stream, vec![false; life.made.len()])).collect();
        let mut marks = BTreeSet::new();
        for Stored { id, mark } in stored {
            let at = usize::try_from(id.seq).unwrap_or(0).wrapping_sub(1);
            let copy = copies.get_mut(&id.stream).and_then(|seqs| seqs.get_mut(at));
            let copy = copy.ok_or_else(|| format!("{id} is stored and was never made"))?;
            if std::mem::replace(copy, true) {
                return Err(format!("{id} is stored twice"));
            }
            let life = &self.lives[&id.stream];
            let is_its_own = life.made[at].call.is_none_or(|call| *mark == Some(call));
            if !is_its_own || mark.is_some_and(|mark| mark.tab != life.tab) {
                return Err(format!("{id} is stored as {mark:?}, and was {:?}", life.made[at].call));
            }
            if mark.is_some_and(|mark| !marks.insert(mark)) {
                return Err(format!("{mark:?} is stored under two ids"));
            }
        }
        Ok(copies)
    }

    /// Why a record that was made is not stored. Returns the chunk whose damage somebody has counted.
    fn excuse(
        &self,
        id: RecordId,
        made: Made,
        life: &Life,
        spool_delay: Millis,
        summary: &mut Summary,
    ) -> Result<Option<&str>, String> {
        let harm = self.harm.of(id);
        match () {
            () if self.discarded.contains(id) => summary.discarded += 1,
            () if life.is_too_young(made, spool_delay) => summary.too_young += 1,
            () if self.refused.contains(id) => summary.refused += 1,
            () if harm.is_some_and(|(_, is_seen)| !is_seen) => summary.vanished += 1,
            () if harm.is_some() => {
                summary.damaged += 1;
                return Ok(harm.map(|(key, _)| key));
            }
            () => {
                let (made, end) = (made.at, &life.ends);
                return Err(format!("{id}, made at {made}, is neither stored nor named (its tab: {end:?})"));
            }
        }
        Ok(None)
    }
}
