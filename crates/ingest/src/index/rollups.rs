//! Counts by minute and hour, and who was there: added up in memory while a transaction goes, then
//! written once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use beaconry_protocol::RecordType;
use rusqlite::Transaction;

use super::row::Row;

/// What the lines of one transaction add.
#[derive(Default)]
pub(super) struct Rollups {
    texts: Texts,
    counts: HashMap<Count, u64>,
    visitors: HashSet<Visitor>,
}

#[derive(PartialEq, Eq, Hash)]
struct Count {
    minute: u64,
    record_type: RecordType,
    name: TextId,
}

#[derive(PartialEq, Eq, Hash)]
struct Visitor {
    kind: &'static str,
    hour: u64,
    record_type: RecordType,
    event: TextId,
    id: TextId,
}

impl Rollups {
    pub(super) fn count(&mut self, row: &Row<'_>) {
        let name = self.texts.id(row.name.as_deref().unwrap_or_default());
        let minute = floor(row.received_at, MINUTE_MILLIS);
        *self.counts.entry(Count { minute, record_type: row.record_type, name }).or_default() += 1;

        let event = if row.record_type == RecordType::Event { name } else { self.texts.id("") };
        for (kind, id) in [("session", &row.session_id), ("user", &row.user_id)] {
            if let Some(id) = id {
                self.visitors.insert(Visitor {
                    kind,
                    hour: floor(row.received_at, HOUR_MILLIS),
                    record_type: row.record_type,
                    event,
                    id: self.texts.id(id),
                });
            }
        }
    }

    pub(super) fn write(&self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        let mut add = transaction.prepare_cached(
            "INSERT INTO rollups (grain, start, type, name, count) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET count = count + excluded.count",
        )?;
        for (Count { minute, record_type, name }, count) in &self.counts {
            for grain in [MINUTE_MILLIS, HOUR_MILLIS] {
                let name = self.texts.get(*name);
                add.execute((grain, floor(*minute, grain), record_type.as_str(), name, count))?;
            }
        }
        let mut see = transaction.prepare_cached("INSERT OR IGNORE INTO visitors VALUES (?, ?, ?, ?, ?)")?;
        for Visitor { kind, hour, record_type, event, id } in &self.visitors {
            let (event, id) = (self.texts.get(*event), self.texts.get(*id));
            see.execute((kind, hour, record_type.as_str(), event, id))?;
        }
        Ok(())
    }
}

/// The names and ids of one transaction, each kept once: they come again with nearly every line.
#[derive(Default)]
struct Texts {
    ids: HashMap<Arc<str>, TextId>,
    texts: Vec<Arc<str>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct TextId(usize);

impl Texts {
    fn id(&mut self, text: &str) -> TextId {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = TextId(self.texts.len());
        let text = Arc::<str>::from(text);
        self.texts.push(Arc::clone(&text));
        self.ids.insert(text, id);
        id
    }

    fn get(&self, id: TextId) -> &str {
        self.texts.get(id.0).map_or("", |text| text)
    }
}

/// The start of the minute, hour or day that `millis` lies in.
pub(crate) const fn floor(millis: u64, grain: u64) -> u64 {
    millis - millis % grain
}

pub(crate) const MINUTE_MILLIS: u64 = 60_000;
pub(crate) const HOUR_MILLIS: u64 = 60 * MINUTE_MILLIS;
