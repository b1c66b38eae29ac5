//! What has to hold when a run is over.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use beaconry::engine::Millis;
use beaconry_protocol::{RecordId, StreamId};

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
    pub tabs: usize,
    pub server_kills: u32,
    pub power_cuts: u32,
}

impl Summary {
    /// Adds another run.
    pub fn add(&mut self, other: &Self) {
        self.made += other.made;
        self.stored += other.stored;
        self.discarded += other.discarded;
        self.too_young += other.too_young;
        self.tabs += other.tabs;
        self.server_kills += other.server_kills;
        self.power_cuts += other.power_cuts;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { made, stored, discarded, too_young, tabs, server_kills, power_cuts } = self;
        write!(
            f,
            "{made} records in {tabs} tabs, {server_kills} server kills, {power_cuts} power cuts; {stored} stored once, \
             {discarded} discarded and named, {too_young} younger than the spool delay when their tab was killed; \
             0 lost, 0 twice"
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

/// What is known of the records of one tab.
#[derive(Debug, Default)]
pub(crate) struct Life {
    pub(crate) made_at: Vec<Millis>,
    /// When it was killed, if it did not end by itself.
    pub(crate) killed_at: Option<Millis>,
}

/// Everything that was seen from outside.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) lives: BTreeMap<StreamId, Life>,
    /// Records that the server said were on its disk.
    pub(crate) acknowledged: BTreeSet<RecordId>,
    /// Records that a ledger named as discarded.
    pub(crate) discarded: BTreeSet<RecordId>,
}

impl Evidence {
    /// Holds the journal against the evidence.
    pub(crate) fn judge(
        &self,
        stored: &[(RecordId, serde_json::Value)],
        spool_delay: Millis,
    ) -> Result<Summary, String> {
        let mut copies: HashMap<RecordId, usize> = HashMap::new();
        for (id, json) in stored {
            *copies.entry(*id).or_default() += 1;
            self.judge_content(*id, json)?;
        }
        if let Some((id, count)) = copies.iter().find(|(_, count)| **count > 1) {
            return Err(format!("{id} is stored {count} times"));
        }
        if let Some(id) = self.acknowledged.iter().find(|id| !copies.contains_key(*id)) {
            return Err(format!("{id} was acknowledged and is not stored"));
        }
        let mut summary = Summary { tabs: self.lives.len(), stored: stored.len(), ..Summary::default() };
        for (stream, life) in &self.lives {
            for (seq, made_at) in (1..).zip(&life.made_at) {
                let id = RecordId { stream: *stream, seq };
                summary.made += 1;
                if copies.contains_key(&id) {
                    continue;
                }
                let is_too_young = life.killed_at.is_some_and(|killed_at| made_at + spool_delay >= killed_at);
                match () {
                    () if self.discarded.contains(&id) => summary.discarded += 1,
                    () if is_too_young => summary.too_young += 1,
                    () => {
                        return Err(format!(
                            "{id}, made at {made_at}, is neither stored nor discarded ({life:?})"
                        ));
                    }
                }
            }
        }
        Ok(summary)
    }

    fn judge_content(&self, id: RecordId, json: &serde_json::Value) -> Result<(), String> {
        let is_known = self.lives.get(&id.stream).is_some_and(|life| life.made_at.len() as u64 >= id.seq);
        let says = |field: &str| json.get(field).and_then(serde_json::Value::as_str);
        let is_right = match says("type") {
            Some("report") => true,
            Some("metric") => says("name") == Some(&mark(id.stream, id.seq)),
            _ => says("message") == Some(&mark(id.stream, id.seq)),
        };
        if is_known && is_right { Ok(()) } else { Err(format!("{id} is stored as {json}")) }
    }
}
