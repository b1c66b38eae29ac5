//! What an export into a folder leaves there, however often and however badly it ran.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use beaconry_protocol::format_millis;

use super::folder::PART_LINES;
use super::*;
use crate::journal::memory_files::MemoryFiles;
use crate::journal::{Journal, Position};
use crate::operations::{Silent, snapshot};

const DAY: u64 = 86_400_000;

/// A journal that grows.
struct Source {
    files: Arc<MemoryFiles>,
    journal: Journal,
}

impl Source {
    fn new() -> Self {
        let files = Arc::new(MemoryFiles::default());
        let (journal, _) = Journal::open(files.clone(), Position::default(), |_| {}).unwrap();
        Self { files, journal: journal.with_segment_bytes(1024 * 1024) }
    }

    /// One record every `millis` milliseconds, from the beginning of 2025-12-22 on.
    fn grow(&mut self, records: u64, millis: u64) {
        for _ in 0..records {
            let at = self.journal.last_n() + 1;
            let time = format_millis(1_766_361_600_000 + at * millis);
            let kind = ["log", "metric", "event"][usize::try_from(at % 3).unwrap()];
            self.journal.stage(&format!(
                r#""received_at":"{time}","key":"k","app":"a{}","type":"{kind}","timestamp":"{time}","name":"x""#,
                at % 2
            ));
            self.journal.commit().unwrap();
        }
    }

    fn export(&self, to: &Path, compression: Compression, layout: Layout) -> Result<Exported, ExportError> {
        let segments = snapshot(&*self.files).unwrap();
        let mut selection = Selection::default();
        let mut folder = ExportFolder::open(to, "", layout, compression, &mut selection, 1)?;
        export(&*self.files, &segments, None, &selection, &mut folder, &Silent)
    }
}

fn folder(test: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("beaconry-export-{}-{test}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    path
}

/// Every exported file and its bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut contents = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let parent = PathBuf::from(path.file_name().unwrap());
            contents
                .extend(self::contents(&path).into_iter().map(|(name, bytes)| (parent.join(name), bytes)));
        } else if !path.file_name().unwrap().to_str().unwrap().starts_with('.') {
            contents.insert(path.file_name().unwrap().into(), fs::read(&path).unwrap());
        }
    }
    contents
}

#[test]
fn many_runs_while_records_come_leave_the_same_bytes_as_one() {
    for (compression, layout) in [
        (Compression::None, Layout::Days),
        (Compression::Gzip, Layout::Saberloop),
        (Compression::Zstd, Layout::Days),
    ] {
        let (many, once) =
            (folder(&format!("many-{compression:?}")), folder(&format!("once-{compression:?}")));
        let mut source = Source::new();
        for records in [0, 10, PART_LINES, 0, 5, PART_LINES / 2] {
            source.grow(records, DAY / 50_000);
            source.export(&many, compression, layout).unwrap();
        }
        source.export(&once, compression, layout).unwrap();
        let (many_bytes, once_bytes) = (contents(&many), contents(&once));
        assert!(once_bytes.len() >= 2, "{:?}", once_bytes.keys());
        assert!(many_bytes == once_bytes, "{compression:?}");
        for path in [many, once] {
            fs::remove_dir_all(path).unwrap();
        }
    }
}

#[test]
fn a_run_that_was_killed_is_gone_on_with_and_leaves_the_same_bytes() {
    let (killed, whole) = (folder("killed"), folder("whole"));
    let mut source = Source::new();
    source.grow(PART_LINES + 500, DAY / 50_000);
    source.export(&whole, Compression::Gzip, Layout::Days).unwrap();

    // What a process leaves that dies after the checkpoint, and again before the first one.
    for lines in [PART_LINES + 100, 100] {
        let segments = snapshot(&*source.files).unwrap();
        let mut selection = Selection::default();
        let mut to =
            ExportFolder::open(&killed, "", Layout::Days, Compression::Gzip, &mut selection, 1).unwrap();
        read_between(&*source.files, &segments, to.after(), lines, |_, line| {
            to.add(line.n, &Stored::read(line.json).unwrap(), &without_checksum(line.json)).unwrap();
            true
        })
        .unwrap();
    }
    fs::write(killed.join("mine.txt"), "not theirs").unwrap();
    source.export(&killed, Compression::Gzip, Layout::Days).unwrap();
    assert_eq!(fs::read_to_string(killed.join("mine.txt")).unwrap(), "not theirs");
    fs::remove_file(killed.join("mine.txt")).unwrap();
    assert!(contents(&killed) == contents(&whole));
    let mut text = String::new();
    for bytes in contents(&whole).values() {
        flate2::read::MultiGzDecoder::new(&**bytes).read_to_string(&mut text).unwrap();
    }
    assert_eq!(text.lines().count() as u64, PART_LINES + 500);
    for path in [killed, whole] {
        fs::remove_dir_all(path).unwrap();
    }
}

#[test]
fn what_the_journal_has_no_more_stays_in_the_folder() {
    let to = folder("kept");
    let mut source = Source::new();
    source.grow(20, 1);
    source.export(&to, Compression::None, Layout::Days).unwrap();
    let before = contents(&to);
    // As if the first lines had gone with their segment.
    let mut selection = Selection::default();
    let mut again = ExportFolder::open(&to, "", Layout::Days, Compression::None, &mut selection, 15).unwrap();
    assert_eq!(again.after(), 20);
    again.finish(20).unwrap();
    assert_eq!(contents(&to), before);
    fs::remove_dir_all(to).unwrap();
}

#[test]
fn a_folder_of_something_else_is_left_alone() {
    let to = folder("other");
    fs::create_dir(&to).unwrap();
    fs::write(to.join("thesis.txt"), "x").unwrap();
    let source = Source::new();
    let refused = source.export(&to, Compression::None, Layout::Days).unwrap_err().to_string();
    assert!(refused.contains("is not empty"), "{refused}");
    fs::remove_file(to.join("thesis.txt")).unwrap();
    source.export(&to, Compression::None, Layout::Days).unwrap();
    let refused = source.export(&to, Compression::Gzip, Layout::Days).unwrap_err().to_string();
    assert!(refused.contains("another export") && refused.contains("--layout days"), "{refused}");
    fs::remove_dir_all(to).unwrap();
}

#[test]
fn only_what_is_asked_for_is_taken() {
    let mut source = Source::new();
    source.grow(12, 1000);
    let segments = snapshot(&*source.files).unwrap();
    let taken = |selection: Selection| {
        let mut out = Vec::new();
        let mut pipe = Pipe::new(&mut out, Layout::Days, Compression::None).unwrap();
        let exported = export(&*source.files, &segments, None, &selection, &mut pipe, &Silent).unwrap();
        drop(pipe);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count() as u64, exported.records);
        assert!(!text.contains("crc"));
        exported.records
    };
    let at = |n: u64| Some(1_766_361_600_000 + n * 1000);
    assert_eq!(taken(Selection::default()), 12);
    assert_eq!(taken(Selection { since: at(3), until: at(5), ..Selection::default() }), 2);
    assert_eq!(taken(Selection { kind: Some("metric".into()), ..Selection::default() }), 4);
    assert_eq!(taken(Selection { kind: Some("x".into()), ..Selection::default() }), 4);
    assert_eq!(taken(Selection { app: Some("a1".into()), ..Selection::default() }), 6);
    assert_eq!(taken(Selection { app: Some("b".into()), ..Selection::default() }), 0);
}
