//! The table of streams on disk: a log-structured merge tree in a folder of its own.
//!
//! Ids of streams are random, so that a B-tree writes a page for every new stream once it is larger than
//! its cache; a merge tree writes each of them a few times in all, in order. A chunk becomes one file of
//! the tree, written aside, synced and then named by the tree's list of files, which is replaced at once:
//! it is there with its checkpoint or not at all. The tree needs no log of its own, since the journal is
//! one. Nothing of it is on the way of a commit: whoever writes a chunk merges what has to be merged.
//!
//! A filter for every file says of nearly every new stream that it is not there. Filters and files are
//! read in small blocks through a cache of fixed size, so memory does not grow with the streams.
//!
//! Each stream carries the day of its last change. Those that are older than what anybody is asked about
//! go when the tree next writes that part of itself anew.

use std::fmt;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use beaconry_protocol::StreamId;
use lsm_tree::compaction::filter::Context;
use lsm_tree::compaction::{CompactionFilter, Factory, ItemAccessor, Leveled, Verdict};
use lsm_tree::config::{
    BloomConstructionPolicy, FilterPolicy, FilterPolicyEntry, PartitioningPolicy, PinningPolicy,
};
use lsm_tree::{
    AbstractTree, AnyTree, Cache, Config, DescriptorTable, Guard as _, SeqNo, SequenceNumberCounter,
};

use super::code;
use super::stream::StreamAccount;
use super::table::{Checkpoint, Chunk, StreamTable, TableError};
use super::totals::Totals;
use crate::signals::{Signal, StreamsMadeAnew, StreamsNotMerged};

/// The table of streams in a folder.
pub struct DiskTable {
    tree: AnyTree,
    /// The number of the next change to the tree.
    next: SequenceNumberCounter,
    days: Days,
}

/// How time passes for the table.
#[derive(Debug, Clone, Copy)]
pub struct Days {
    /// Today, as a number of days since any beginning.
    pub today: fn() -> u32,
    /// How many days after its last change a stream is forgotten.
    pub kept: u32,
}

impl DiskTable {
    /// Opens the table, or makes an empty one. One that cannot be read is replaced by an empty one: all
    /// of it can be made from the journal again.
    ///
    /// # Errors
    /// When there can be none in that folder.
    pub fn open(folder: &Path, days: Days) -> Result<Self, TableError> {
        Self::open_as_it_is(folder, days).or_else(|error| {
            StreamsMadeAnew { error: Some(&error) }.emit();
            fs::remove_dir_all(folder).map_err(TableError::new)?;
            Self::open_as_it_is(folder, days)
        })
    }

    fn open_as_it_is(folder: &Path, days: Days) -> Result<Self, TableError> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(TableError::new)?;
        let (next, visible) = (SequenceNumberCounter::default(), SequenceNumberCounter::default());
        let tree = Config::new(folder, next.clone(), visible.clone())
            .use_cache(Arc::new(Cache::with_capacity_bytes(CACHE_BYTES)))
            .use_descriptor_table(Some(Arc::new(DescriptorTable::new(OPEN_FILES))))
            .filter_policy(FilterPolicy::all(FilterPolicyEntry::Bloom(FILTER)))
            // By default a file of an upper level has one filter and one index, which a small cache cannot
            // hold: a look-up then reads megabytes (0.5 ms at 5 million streams, and 5 µs in parts).
            .filter_block_partitioning_policy(PartitioningPolicy::all(true))
            .index_block_partitioning_policy(PartitioningPolicy::all(true))
            .filter_block_pinning_policy(PinningPolicy::all(false))
            .index_block_pinning_policy(PinningPolicy::all(false))
            .with_compaction_filter_factory(Some(Arc::new(Forgetting(days))))
            .open()
            .map_err(TableError::new)?;
        let used = tree.get_highest_seqno().map_or(0, |last| last + 1);
        next.fetch_max(used);
        visible.fetch_max(used);
        let table = Self { tree, next, days };
        table.checkpoint()?;
        Ok(table)
    }

    /// Merges everything, as time does.
    #[cfg(test)]
    pub(super) fn merge_all(&self) {
        self.tree.major_compact(u64::MAX, self.next.get()).unwrap();
    }

    /// Merges files while there are more than a reader should have to ask.
    fn merge(&self) -> lsm_tree::Result<()> {
        for _ in 0..MERGES {
            // Nobody reads the past of the tree.
            let strategy = Leveled::default().with_table_target_size(FILE_BYTES);
            self.tree.compact(Arc::new(strategy), self.next.get())?;
            if self.tree.l0_run_count() <= UNMERGED_FILES {
                break;
            }
        }
        Ok(())
    }

    fn append(&self, chunk: &Chunk) -> lsm_tree::Result<()> {
        let mut order: Vec<_> = chunk.streams.iter().collect();
        order.sort_unstable_by_key(|(stream, _)| *stream);
        let today = u64::from((self.days.today)());
        let mut file = self.tree.ingestion()?;
        let mut value = Vec::new();
        code::push(&mut value, chunk.checkpoint.n);
        chunk.checkpoint.totals.encode(&mut value);
        // It is shorter than the keys of streams, and so before all of them.
        file.write(CHECKPOINT, &value[..])?;
        for (stream, account) in order {
            value.clear();
            code::push(&mut value, today);
            account.encode(&mut value);
            file.write(key(*stream), &value[..])?;
        }
        file.finish()
    }

    fn get(&self, key: &[u8]) -> Result<Option<lsm_tree::Slice>, TableError> {
        self.tree.get(key, SeqNo::MAX).map_err(TableError::new)
    }
}

impl StreamTable for DiskTable {
    fn checkpoint(&self) -> Result<Checkpoint, TableError> {
        let Some(value) = self.get(&CHECKPOINT)? else {
            return Ok(Checkpoint::default());
        };
        let bytes = &mut &value[..];
        let n = code::take(bytes);
        let totals = Totals::decode(bytes);
        n.zip(totals).map(|(n, totals)| Checkpoint { n, totals }).ok_or_else(damaged)
    }

    fn read(&self, stream: StreamId) -> Result<Option<StreamAccount>, TableError> {
        let Some(value) = self.get(&key(stream))? else { return Ok(None) };
        account(&value).map(Some)
    }

    fn each(&self, visit: &mut dyn FnMut(StreamId, &StreamAccount)) -> Result<(), TableError> {
        for entry in self.tree.iter(SeqNo::MAX, None) {
            let (key, value) = entry.into_inner().map_err(TableError::new)?;
            // What is shorter is the checkpoint.
            if let Ok(bits) = <[u8; 16]>::try_from(&key[..]) {
                visit(StreamId::from_random(u128::from_be_bytes(bits)), &account(&value)?);
            }
        }
        Ok(())
    }

    fn write(&self, chunk: &Chunk) -> Result<(), TableError> {
        self.append(chunk).map_err(TableError::new)?;
        // It is written; what is not merged now is merged after the next one.
        self.merge().unwrap_or_else(|error| StreamsNotMerged { error: &error }.emit());
        Ok(())
    }

    fn clear(&self) -> Result<(), TableError> {
        self.tree.clear().map_err(TableError::new)
    }

    fn disk_bytes(&self) -> u64 {
        self.tree.disk_space()
    }
}

impl fmt::Debug for DiskTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiskTable").field("days", &self.days).finish_non_exhaustive()
    }
}

fn key(stream: StreamId) -> [u8; 16] {
    stream.as_bits().to_be_bytes()
}

/// Reads the entry of a stream: a day, then its account.
fn account(mut value: &[u8]) -> Result<StreamAccount, TableError> {
    code::take(&mut value).and_then(|_day| StreamAccount::decode(&mut value)).ok_or_else(damaged)
}

fn damaged() -> TableError {
    TableError::new("an entry is not as it was written")
}

/// Forgets streams that nobody will be asked about again.
struct Forgetting(Days);

struct Forgetful {
    oldest: u64,
}

impl Factory for Forgetting {
    fn name(&self) -> &'static str {
        "forgetting"
    }

    fn make_filter(&self, _: &Context) -> Box<dyn CompactionFilter> {
        let Days { today, kept } = self.0;
        Box::new(Forgetful { oldest: u64::from(today().saturating_sub(kept)) })
    }
}

impl CompactionFilter for Forgetful {
    fn filter_item(&mut self, item: ItemAccessor<'_>, _: &Context) -> lsm_tree::Result<Verdict> {
        if item.key().len() != size_of::<StreamId>() {
            return Ok(Verdict::Keep);
        }
        let day = code::take(&mut &item.value()?[..]);
        Ok(if day.is_some_and(|day| day < self.oldest) { Verdict::Remove } else { Verdict::Keep })
    }
}

const CHECKPOINT: [u8; 1] = [0];

/// Lets one of a hundred look-ups for a new stream read a block of a file in vain.
const FILTER: BloomConstructionPolicy = BloomConstructionPolicy::BitsPerKey(10.0);
const CACHE_BYTES: u64 = 8 * 1024 * 1024;
const OPEN_FILES: usize = 64;

/// The first level has four of them, and a merge into it writes all of it anew: with the usual 64 MiB,
/// each stream was written thirty times.
const FILE_BYTES: u64 = 8 * 1024 * 1024;

/// Files that were not merged yet and may all hold any stream.
const UNMERGED_FILES: usize = 8;
/// As many merges as one chunk can make necessary, with some to spare.
const MERGES: usize = 8;
