//! The rules of the parent module, one by one.

use super::memory_files::MemoryFiles;
use super::*;

const FIRST: &str = "journal/00000000000000000001.jsonl";

fn open(files: &Arc<MemoryFiles>, from: Position) -> Result<(Journal, Recovery, Vec<u64>), OpenError> {
    let files: Arc<dyn Files> = files.clone();
    let mut numbers = Vec::new();
    let (journal, recovery) = Journal::open(files, from, |line| numbers.push(line.n))?;
    Ok((journal, recovery, numbers))
}

fn opened(files: &Arc<MemoryFiles>) -> (Journal, Recovery, Vec<u64>) {
    open(files, Position::default()).unwrap()
}

fn store(journal: &mut Journal, messages: &[&str]) -> Result<(), StorageError> {
    messages.iter().for_each(|message| journal.stage(&format!(r#""message":"{message}""#)));
    journal.commit()
}

fn messages(files: &Arc<MemoryFiles>) -> Vec<String> {
    let mut found = Vec::new();
    Journal::open(files.clone(), Position::default(), |line| {
        let value: serde_json::Value = serde_json::from_str(line.json).unwrap();
        found.push(value["message"].as_str().unwrap().to_owned());
    })
    .unwrap();
    found
}

#[test]
fn lines_are_there_again_after_opening() {
    let files = Arc::new(MemoryFiles::default());
    let (mut journal, ..) = opened(&files);
    store(&mut journal, &["a", "b"]).unwrap();
    store(&mut journal, &["c"]).unwrap();
    let (journal, recovery, numbers) = opened(&files);
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(journal.last_n(), 3);
    assert_eq!(recovery, Recovery { lines: 3, cut_bytes: 0, damaged_lines: 0 });
}

#[test]
fn committed_lines_survive_a_power_cut_and_staged_ones_do_not_count() {
    let files = Arc::new(MemoryFiles::default());
    let (mut journal, ..) = opened(&files);
    store(&mut journal, &["a"]).unwrap();
    journal.stage(r#""message":"never committed""#);
    files.cut_power(0);
    assert_eq!(messages(&files), ["a"]);
}

#[test]
fn a_write_that_was_cut_off_anywhere_is_cut_away() {
    let whole = {
        let files = Arc::new(MemoryFiles::default());
        let (mut journal, ..) = opened(&files);
        store(&mut journal, &["a"]).unwrap();
        store(&mut journal, &["b", "c"]).unwrap();
        files.text(FIRST)
    };
    let ends: Vec<_> = whole.match_indices('\n').map(|(at, _)| at + 1).collect();
    for length in ends[0]..=whole.len() {
        let files = Arc::new(MemoryFiles::default());
        drop(files.create(FIRST));
        files.change(FIRST, |bytes| bytes.extend_from_slice(&whole.as_bytes()[..length]));
        let (mut journal, recovery, numbers) = opened(&files);
        let whole_lines = ends.iter().filter(|end| **end <= length).count();
        assert_eq!(numbers.len(), whole_lines, "{length} bytes");
        assert_eq!(recovery.damaged_lines, 0);
        store(&mut journal, &["d"]).unwrap();
        assert_eq!(messages(&files).last().unwrap(), "d");
        assert_eq!(messages(&files).len(), whole_lines + 1);
    }
}

#[test]
fn what_a_killed_process_left_in_memory_is_durable_before_it_counts() {
    let files = Arc::new(MemoryFiles::default());
    let (mut journal, ..) = opened(&files);
    store(&mut journal, &["a"]).unwrap();
    let line = files.text(FIRST).replace("\"n\":1", "\"n\":2");
    // Written and not synced by a process that was killed then.
    let crc = crc32fast::hash(&line.as_bytes()[..line.len() - 19]);
    let line = format!("{},\"crc\":\"{crc:08x}\"}}\n", &line[..line.len() - 19]);
    files.change(FIRST, |bytes| bytes.extend_from_slice(line.as_bytes()));
    assert_eq!(opened(&files).2, [1, 2]);
    files.cut_power(0);
    assert_eq!(opened(&files).2, [1, 2]);
}

#[test]
fn a_damaged_line_in_the_middle_is_set_aside_once() {
    let files = Arc::new(MemoryFiles::default());
    let (mut journal, ..) = opened(&files);
    store(&mut journal, &["a", "b", "c"]).unwrap();
    let at = files.text(FIRST).find("\"b\"").unwrap() + 1;
    files.change(FIRST, |bytes| bytes[at] = b'X');
    for _ in 0..2 {
        let (journal, recovery, numbers) = opened(&files);
        assert_eq!(numbers, [1, 3]);
        assert_eq!(recovery.damaged_lines, 1);
        assert_eq!(journal.last_n(), 3);
    }
    let set_aside = files.text("damaged.jsonl");
    assert_eq!(set_aside.lines().count(), 1);
    assert!(set_aside.contains(r#""segment":"journal/00000000000000000001.jsonl""#), "{set_aside}");
    assert!(set_aside.contains(r#"\"message\":\"X\""#), "{set_aside}");
}

#[test]
fn segments_follow_one_another() {
    let files = Arc::new(MemoryFiles::default());
    let mut journal = opened(&files).0.with_segment_bytes(60);
    for message in ["a", "b", "c", "d", "e"] {
        store(&mut journal, &[message]).unwrap();
    }
    let firsts: Vec<_> = journal.segments().iter().map(|segment| segment.name.first).collect();
    assert_eq!(firsts, [1, 3, 5]);
    assert_eq!(messages(&files), ["a", "b", "c", "d", "e"]);
}

#[test]
fn damage_at_the_end_of_an_earlier_segment_is_noticed() {
    let files = Arc::new(MemoryFiles::default());
    let mut journal = opened(&files).0.with_segment_bytes(60);
    for message in ["a", "b", "c"] {
        store(&mut journal, &[message]).unwrap();
    }
    files.change(FIRST, |bytes| bytes.truncate(bytes.len() - 10));
    let (_, recovery, numbers) = opened(&files);
    assert_eq!((numbers, recovery.damaged_lines, recovery.cut_bytes), (vec![1, 3], 1, 0));
}

#[test]
fn a_failed_group_does_not_count_whatever_is_on_disk() {
    for (appended, truncates_fail) in [(10, false), (10, true), (10_000, false), (10_000, true)] {
        let files = Arc::new(MemoryFiles::default());
        let (mut journal, ..) = opened(&files);
        store(&mut journal, &["a"]).unwrap();
        files.fail_truncates(truncates_fail);
        files.fail_appends_after(Some(appended));
        assert!(matches!(store(&mut journal, &["lost", "lost"]), Err(StorageError::Full(_))));
        files.fail_appends_after(None);
        store(&mut journal, &["b"]).unwrap();
        assert_eq!(journal.segments().len(), 2);
        files.fail_truncates(false);
        assert_eq!(messages(&files), ["a", "b"], "{appended} bytes, truncates fail: {truncates_fail}");
        let (_, recovery, numbers) = opened(&files);
        assert_eq!((numbers, recovery.damaged_lines), (vec![1, 2], 0));
    }
}

#[test]
fn nothing_is_written_to_a_segment_whose_sync_failed() {
    let files = Arc::new(MemoryFiles::default());
    let (mut journal, ..) = opened(&files);
    files.fail_syncs(true);
    files.fail_truncates(true);
    assert!(matches!(store(&mut journal, &["x"]), Err(StorageError::Failed(_))));
    assert!(store(&mut journal, &["x"]).is_err());
    files.fail_syncs(false);
    store(&mut journal, &["a"]).unwrap();
    assert_eq!(files.text(FIRST).lines().count(), 1);
    let paths: Vec<_> = journal.segments().iter().map(|segment| segment.name.path()).collect();
    assert_eq!(paths.last().unwrap(), "journal/00000000000000000001-2.jsonl");
    files.fail_truncates(false);
    assert_eq!(messages(&files), ["a"]);
}

#[test]
fn a_disk_that_stays_full_does_not_fill_with_files() {
    let files = Arc::new(MemoryFiles::default());
    let (mut journal, ..) = opened(&files);
    store(&mut journal, &["a"]).unwrap();
    files.fail_appends_after(Some(10));
    for _ in 0..100 {
        assert!(store(&mut journal, &["lost"]).is_err());
    }
    assert_eq!(files.names().len(), 2);
    files.fail_appends_after(None);
    store(&mut journal, &["b"]).unwrap();
    assert_eq!(messages(&files), ["a", "b"]);
}

#[test]
fn a_segment_that_could_not_be_created_is_tried_under_another_name() {
    let files = Arc::new(MemoryFiles::default());
    let (mut journal, ..) = opened(&files);
    files.fail_creates(true);
    assert!(store(&mut journal, &["x"]).is_err());
    files.fail_creates(false);
    store(&mut journal, &["a"]).unwrap();
    assert_eq!(messages(&files), ["a"]);
}

#[test]
fn nothing_is_accepted_after_committed_lines_disappeared() {
    let files = Arc::new(MemoryFiles::default());
    let (mut journal, ..) = opened(&files);
    store(&mut journal, &["a"]).unwrap();
    files.fail_syncs(true);
    assert!(store(&mut journal, &["x"]).is_err());
    files.fail_syncs(false);
    files.change(FIRST, Vec::clear);
    assert!(store(&mut journal, &["x"]).is_err());
    assert!(store(&mut journal, &["x"]).is_err());
}

#[test]
fn what_was_written_to_a_deleted_segment_does_not_count_and_a_new_one_is_begun() {
    let files = Arc::new(MemoryFiles::default());
    let mut journal = opened(&files).0.with_segment_bytes(60);
    store(&mut journal, &["a", "b"]).unwrap();
    store(&mut journal, &["c"]).unwrap();
    files.delete("journal/00000000000000000003.jsonl");
    assert!(store(&mut journal, &["d"]).is_err());
    store(&mut journal, &["d"]).unwrap();
    let firsts: Vec<_> = journal.segments().iter().map(|segment| segment.name.first).collect();
    assert_eq!(firsts, [1, 4]);
    assert_eq!(messages(&files), ["a", "b", "d"]);
}

#[test]
fn readers_pass_over_deleted_segments_and_repeat_nothing() {
    let files = Arc::new(MemoryFiles::default());
    let mut journal = opened(&files).0.with_segment_bytes(60);
    for message in ["a", "b", "c", "d"] {
        store(&mut journal, &[message, message]).unwrap();
    }
    let segments = journal.segments().to_vec();
    files.delete("journal/00000000000000000003.jsonl");
    let read = |segments: &[Segment], n| {
        let mut numbers = Vec::new();
        let position = Position { n, offset: 0, length: 1 };
        read_after(&*files, segments, position, |line| {
            numbers.push(line.n);
            true
        })
        .unwrap();
        numbers
    };
    let rest: Vec<_> = segments.iter().copied().filter(|segment| segment.name.first != 3).collect();
    assert_eq!(read(&rest, 3), [5, 6, 7, 8]);
    assert_eq!(read(&segments, 3), [5, 6, 7, 8]);
}

#[test]
fn reading_starts_behind_the_given_line() {
    let files = Arc::new(MemoryFiles::default());
    let mut journal = opened(&files).0.with_segment_bytes(100);
    for message in ["a", "b", "c", "d", "e"] {
        store(&mut journal, &[message]).unwrap();
    }
    let mut positions = Vec::new();
    Journal::open(files.clone(), Position::default(), |line| {
        positions.push(Position { n: line.n, offset: line.offset, length: line.length() });
    })
    .unwrap();
    for position in positions {
        let expected: Vec<_> = (position.n + 1..=5).collect();
        let (journal, _, numbers) = open(&files, position).unwrap();
        assert_eq!(numbers, expected);
        assert_eq!(journal.last_n(), 5);
    }
}

#[test]
fn a_position_of_another_journal_is_refused() {
    let files = Arc::new(MemoryFiles::default());
    let (mut journal, ..) = opened(&files);
    store(&mut journal, &["a", "b"]).unwrap();
    let length = files.text(FIRST).len() as u64 / 2;
    for position in [
        Position { n: 3, offset: length * 2, length },
        Position { n: 2, offset: 0, length },
        Position { n: 1, offset: 0, length: length - 1 },
    ] {
        assert!(matches!(open(&files, position), Err(OpenError::ForeignPosition)), "{position:?}");
    }
}
