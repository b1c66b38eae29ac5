//! Whatever is in memory, on disk, or lost in a crash: a record is stored once.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use proptest::prelude::*;

use super::*;

/// A table that can refuse to be written.
#[derive(Debug, Default)]
struct Unsteady {
    table: MemoryTable,
    refuses: AtomicBool,
}

impl StreamTable for Unsteady {
    fn checkpoint(&self) -> Result<Checkpoint, TableError> {
        self.table.checkpoint()
    }

    fn read(&self, stream: StreamId) -> Result<Option<StreamAccount>, TableError> {
        self.table.read(stream)
    }

    fn each(&self, visit: &mut dyn FnMut(StreamId, &StreamAccount)) -> Result<(), TableError> {
        self.table.each(visit)
    }

    fn write(&self, chunk: &Chunk) -> Result<(), TableError> {
        match self.refuses.load(Ordering::Relaxed) {
            true => Err(TableError::new("it refuses")),
            false => self.table.write(chunk),
        }
    }

    fn clear(&self) -> Result<(), TableError> {
        self.table.clear()
    }

    fn disk_bytes(&self) -> u64 {
        0
    }
}

/// As small as can be, so that streams go in and out all the time.
const SMALL: Limits = Limits { horizon: Some(1_000), hot_bytes: 600, chunk_streams: 3, chunk_bytes: 40 };

fn id(stream: u128, seq: u64) -> RecordId {
    RecordId { stream: StreamId::from_random(stream), seq }
}

#[derive(Debug, Clone)]
enum Step {
    /// Records of one group, and whether its write succeeds.
    Group(Vec<(u128, u64)>, bool),
    Report(u128, Vec<(u64, u64)>, bool),
    TableRefuses(bool),
    Crash,
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let record = (1..9u128, 1..12u64);
    let ranges = proptest::collection::vec((1..12u64, 1..12u64), 0..3);
    let step = prop_oneof![
        8 => (proptest::collection::vec(record, 1..6), prop::bool::weighted(0.8)).prop_map(|(r, ok)| Step::Group(r, ok)),
        2 => (1..9u128, ranges, any::<bool>()).prop_map(|(s, r, c)| Step::Report(s, r, c)),
        1 => any::<bool>().prop_map(Step::TableRefuses),
        1 => Just(Step::Crash),
        1 => Just(Step::Restart),
    ];
    proptest::collection::vec(step, 0..80)
}

/// What is on disk: every stored line, with what it reports.
#[derive(Default)]
struct Lines(Vec<(RecordId, String)>);

fn reopen(table: &Arc<Unsteady>, lines: &Lines) -> Duplicates {
    let mut duplicates = Duplicates::open(table.clone(), SMALL).unwrap();
    let from = duplicates.checkpoint().n;
    for (n, (id, json)) in lines.0.iter().enumerate().skip(usize::try_from(from).unwrap()) {
        assert_eq!(duplicates.admit(*id, 0).unwrap(), Admission::New, "the table knows more than it says");
        duplicates.take_down(id.stream, json).unwrap();
        duplicates.keep(n as u64 + 1, 1);
    }
    duplicates
}

proptest! {
    #[test]
    fn every_record_is_new_once(steps in steps()) {
        let table = Arc::new(Unsteady::default());
        let mut lines = Lines::default();
        let mut model = HashSet::new();
        let mut next_report = 1_000;
        let mut duplicates = reopen(&table, &lines);
        for step in steps {
            let (records, is_written, json) = match step {
                Step::Group(records, is_written) => (records, is_written, "{}".to_owned()),
                Step::Report(stream, ranges, closing) => {
                    next_report += 1;
                    let seqs: Vec<_> = ranges.iter().map(|(a, b)| format!("[{a},{b}]")).collect();
                    let json = format!(
                        r#"{{"type":"report","discards":[{{"reason":"other","count":1,"seqs":[{}]}}],"closing":{closing}}}"#,
                        seqs.join(",")
                    );
                    (vec![(stream, next_report)], true, json)
                }
                Step::TableRefuses(refuses) => {
                    table.refuses.store(refuses, Ordering::Relaxed);
                    continue;
                }
                Step::Crash => {
                    drop(duplicates);
                    duplicates = reopen(&table, &lines);
                    continue;
                }
                Step::Restart => {
                    duplicates.finish();
                    drop(duplicates);
                    duplicates = reopen(&table, &lines);
                    continue;
                }
            };
            let mut staged = Vec::new();
            for (stream, seq) in records {
                let id = id(stream, seq);
                let is_new = !model.contains(&id) && !staged.contains(&id);
                let admission = duplicates.admit(id, 0).unwrap();
                prop_assert_eq!(admission, if is_new { Admission::New } else { Admission::Duplicate });
                if is_new {
                    duplicates.take_down(id.stream, &json).unwrap();
                    staged.push(id);
                }
            }
            if is_written {
                lines.0.extend(staged.iter().map(|id| (*id, json.clone())));
                model.extend(staged);
                duplicates.keep(lines.0.len() as u64, 1);
            } else {
                duplicates.take_back();
            }
            // What was kept up with every change is what a reader of everything finds.
            let totals = duplicates.checkpoint().totals;
            prop_assert_eq!(totals.places.stored, model.len() as u64);
            prop_assert_eq!(totals.streams, streams_of(&lines));
            let Places { highest, stored, reported, missing } = totals.places;
            prop_assert_eq!(highest, stored + reported + missing);
        }
        table.refuses.store(false, Ordering::Relaxed);
        let anew = reopen(&Arc::new(Unsteady::default()), &lines);
        prop_assert_eq!(anew.checkpoint().totals, duplicates.checkpoint().totals);
    }
}

fn streams_of(lines: &Lines) -> u64 {
    lines.0.iter().map(|(id, _)| id.stream).collect::<HashSet<_>>().len() as u64
}

#[test]
fn old_records_are_refused_unless_they_are_known() {
    let mut duplicates = Duplicates::open(Arc::new(MemoryTable::default()), SMALL).unwrap();
    assert_eq!(duplicates.admit(id(1, 1), 1_000).unwrap(), Admission::New);
    assert_eq!(duplicates.admit(id(1, 2), 1_001).unwrap(), Admission::TooOld);
    assert_eq!(duplicates.admit(id(1, 1), 1_001).unwrap(), Admission::Duplicate);
}

#[test]
fn memory_is_bounded_and_a_table_that_cannot_be_written_is_told() {
    let table = Arc::new(Unsteady::default());
    let mut duplicates = Duplicates::open(table.clone(), SMALL).unwrap().with_thread().unwrap();
    let store = |duplicates: &mut Duplicates, n: u64| {
        duplicates.make_room()?;
        duplicates.admit(id(u128::from(n), 1), 0)?;
        duplicates.keep(n, 1);
        Ok::<_, TableError>(())
    };
    for n in 1..=500 {
        store(&mut duplicates, n).unwrap();
        assert!(duplicates.hot.bytes() <= 2 * SMALL.hot_bytes + 500, "{} bytes", duplicates.hot.bytes());
    }
    duplicates.finish();
    assert_eq!(table.checkpoint().unwrap(), duplicates.checkpoint());
    assert_eq!(duplicates.admit(id(3, 1), 0).unwrap(), Admission::Duplicate);

    table.refuses.store(true, Ordering::Relaxed);
    let refused = (501..600).find(|n| store(&mut duplicates, *n).is_err()).unwrap();
    assert!(duplicates.is_failing && duplicates.hot.bytes() <= 2 * SMALL.hot_bytes + 500);
    table.refuses.store(false, Ordering::Relaxed);
    store(&mut duplicates, refused).unwrap();
    duplicates.finish();
    assert_eq!((table.checkpoint().unwrap().n, duplicates.is_failing), (refused, false));
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("beaconry-streams-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

static TODAY: AtomicU32 = AtomicU32::new(100);

fn open_table(folder: &Path) -> DiskTable {
    DiskTable::open(folder, Days { today: || TODAY.load(Ordering::Relaxed), kept: 10 }).unwrap()
}

fn chunk(n: u64, streams: impl IntoIterator<Item = (u128, u64)>) -> Chunk {
    let mut chunk = Chunk::default();
    chunk.checkpoint.n = n;
    for (stream, seq) in streams {
        let mut account = StreamAccount::default();
        account.store(seq);
        chunk.streams.push((StreamId::from_random(stream), account));
    }
    chunk
}

fn stored(table: &DiskTable, stream: u128) -> Option<u64> {
    table.read(StreamId::from_random(stream)).unwrap().map(|account| account.places().highest)
}

#[test]
fn a_table_on_disk_gives_back_what_was_written_last() {
    let folder = Folder::new("last");
    let table = open_table(&folder.0);
    assert_eq!(table.checkpoint().unwrap(), Checkpoint::default());
    table.write(&chunk(7, [(0, 1), (u128::MAX, 2), (5, 3)])).unwrap();
    table.write(&chunk(9, [(5, 4)])).unwrap();
    drop(table);
    let table = open_table(&folder.0);
    let read = [0, 1, 5, u128::MAX].map(|stream| stored(&table, stream));
    assert_eq!((table.checkpoint().unwrap().n, read), (9, [Some(1), None, Some(4), Some(2)]));
    // The tree goes on counting its changes where it was.
    table.write(&chunk(10, [(5, 6)])).unwrap();
    assert_eq!((table.checkpoint().unwrap().n, stored(&table, 5)), (10, Some(6)));
    table.clear().unwrap();
    assert_eq!((table.checkpoint().unwrap().n, stored(&table, 5)), (0, None));
    table.write(&chunk(3, [(5, 1)])).unwrap();
    assert_eq!((table.checkpoint().unwrap().n, stored(&table, 5)), (3, Some(1)));
}

#[test]
fn streams_of_long_ago_are_forgotten_and_no_others() {
    let folder = Folder::new("forgotten");
    let table = open_table(&folder.0);
    table.write(&chunk(1, [(1, 1), (2, 1)])).unwrap();
    TODAY.store(110, Ordering::Relaxed);
    table.write(&chunk(2, [(2, 2)])).unwrap();
    table.merge_all();
    assert_eq!([1, 2].map(|stream| stored(&table, stream)), [Some(1), Some(2)]);
    TODAY.store(111, Ordering::Relaxed);
    table.write(&chunk(3, [(3, 1)])).unwrap();
    table.merge_all();
    assert_eq!([1, 2, 3].map(|stream| stored(&table, stream)), [None, Some(2), Some(1)]);
    assert_eq!(table.checkpoint().unwrap().n, 3);
    TODAY.store(100, Ordering::Relaxed);
}

#[test]
fn a_damaged_table_is_made_anew() {
    let folder = Folder::new("damaged");
    open_table(&folder.0).write(&chunk(1, [(1, 1)])).unwrap();
    for entry in
        std::fs::read_dir(&folder.0).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file())
    {
        std::fs::write(entry.path(), "this is no table").unwrap();
    }
    let table = open_table(&folder.0);
    assert_eq!((table.checkpoint().unwrap().n, stored(&table, 1)), (0, None));
}
