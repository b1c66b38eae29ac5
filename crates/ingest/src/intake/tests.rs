//! Every record once, whatever fails.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use beaconry_protocol::decode::Rejection;
use beaconry_protocol::{DiscardReason, RecordType, SeqRange, Status, StreamId, Verdict};

use super::*;
use crate::duplicates::{Limits, MemoryTable, StreamTable};
use crate::journal::memory_files::MemoryFiles;
use crate::journal::{Archive, Tail, read_after};
use crate::pipeline::PreparedRecord;

const STREAM: StreamId = StreamId::from_random(0xbeac);

fn batch(seqs: &[u64]) -> Prepared {
    let records = seqs.iter().map(|&seq| {
        let id = RecordId { stream: STREAM, seq };
        Ok(PreparedRecord {
            id: Some(id),
            record_type: RecordType::Log,
            age: 0,
            fields: format!(r#""id":"{id}""#),
            beside: None,
        })
    });
    Prepared { stream: Some(STREAM), records: records.collect(), ..Prepared::default() }
}

fn open(files: &Arc<MemoryFiles>) -> Intake {
    Intake::open(files.clone(), Duplicates::in_memory()).unwrap()
}

fn stored_seqs(files: &Arc<MemoryFiles>) -> Vec<u64> {
    let mut seqs = Vec::new();
    Journal::open(files.clone(), Position::default(), |line| seqs.push(line.id().unwrap().seq)).unwrap();
    seqs
}

/// The numbers of recorded and duplicate records of each batch.
fn counts(outcomes: Vec<Result<BatchOutcome, StorageError>>) -> Vec<(u64, u64)> {
    outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap().into_answer(0))
        .map(|answer| (answer.recorded, answer.duplicate))
        .collect()
}

#[test]
fn a_second_copy_is_dropped_within_a_group_and_after_it() {
    let files = Arc::new(MemoryFiles::default());
    let mut intake = open(&files);
    assert_eq!(counts(intake.commit(vec![batch(&[1, 2, 2]), batch(&[2, 3])])), [(2, 1), (1, 1)]);
    assert_eq!(counts(intake.commit(vec![batch(&[3, 1, 2])])), [(0, 3)]);
    assert_eq!(stored_seqs(&files), [1, 2, 3]);
}

#[test]
fn a_second_copy_is_dropped_after_a_restart_and_a_power_cut() {
    let files = Arc::new(MemoryFiles::default());
    open(&files).commit(vec![batch(&[1, 2])]);
    files.cut_power(0);
    assert_eq!(counts(open(&files).commit(vec![batch(&[1, 2, 3])])), [(1, 2)]);
    assert_eq!(stored_seqs(&files), [1, 2, 3]);
}

fn open_with(files: &Arc<MemoryFiles>, table: &Arc<MemoryTable>) -> Intake {
    // A chunk goes to the table as soon as two batches are stored.
    let limits = Limits { chunk_bytes: 100, ..Limits::default() };
    Intake::open(files.clone(), Duplicates::open(table.clone(), limits).unwrap()).unwrap()
}

#[test]
fn a_table_and_the_rest_of_the_journal_are_as_good_as_the_whole_journal() {
    let (files, table) = (Arc::new(MemoryFiles::default()), Arc::new(MemoryTable::default()));
    let mut intake = open_with(&files, &table);
    intake.commit(vec![batch(&[1, 2, 5])]);
    assert_eq!(table.checkpoint().unwrap().n, 3);
    intake.commit(vec![batch(&[9])]);
    assert_eq!(table.checkpoint().unwrap().n, 3);
    files.cut_power(0);
    let mut intake = open_with(&files, &table);
    assert_eq!(intake.duplicates().checkpoint().n, 4);
    assert_eq!(counts(intake.commit(vec![batch(&[1, 2, 3, 5, 9])])), [(1, 4)]);
    assert_eq!(stored_seqs(&files), [1, 2, 5, 9, 3]);
}

#[test]
fn what_is_known_outlives_the_segments_that_it_came_from() {
    let (files, table) = (Arc::new(MemoryFiles::default()), Arc::new(MemoryTable::default()));
    let mut intake = open_with(&files, &table).with_segment_bytes(1);
    (1..=3).for_each(|seq| drop(intake.commit(vec![batch(&[seq])])));
    intake.finish();
    let segments = files.names();
    segments[..2].iter().for_each(|segment| files.remove(segment).unwrap());
    let mut intake = open_with(&files, &table);
    assert_eq!(counts(intake.commit(vec![batch(&[1, 2, 3, 4])])), [(1, 3)]);
    intake.finish();
    // All of them: the numbers go on where they were.
    files.names().iter().for_each(|segment| files.remove(segment).unwrap());
    assert_eq!(counts(open_with(&files, &table).commit(vec![batch(&[1, 2, 3, 4, 5])])), [(1, 4)]);
    assert_eq!(files.names(), ["journal/00000000000000000005.jsonl"]);
}

#[test]
fn what_a_failed_write_left_behind_is_no_record_where_a_start_did_not_look() {
    let (files, table) = (Arc::new(MemoryFiles::default()), Arc::new(MemoryTable::default()));
    let mut intake = open_with(&files, &table);
    intake.commit(vec![batch(&[1])]);
    files.fail_syncs(true);
    files.fail_truncates(true);
    assert!(intake.commit(vec![batch(&[2])])[0].is_err());
    files.fail_syncs(false);
    files.fail_truncates(false);
    intake.commit(vec![batch(&[3, 4, 5])]);
    assert_eq!(table.checkpoint().unwrap().n, 4);
    let intake = open_with(&files, &table);
    assert_eq!(intake.recovery().lines, 3, "the first segment was not looked at");
    let mut seqs = Vec::new();
    read_after(&*files, intake.journal().segments(), Position::default(), |line| {
        seqs.push(line.id().unwrap().seq);
        true
    })
    .unwrap();
    assert_eq!(seqs, [1, 3, 4, 5]);
}

#[test]
fn a_table_that_is_ahead_of_the_journal_is_made_anew() {
    let (files, table) = (Arc::new(MemoryFiles::default()), Arc::new(MemoryTable::default()));
    open_with(&files, &table).commit(vec![batch(&[1, 2, 3])]);
    assert_eq!(table.checkpoint().unwrap().n, 3);
    let other = Arc::new(MemoryFiles::default());
    open(&other).commit(vec![batch(&[2])]);
    let mut intake = open_with(&other, &table);
    assert_eq!(counts(intake.commit(vec![batch(&[1, 2])])), [(1, 1)]);
    assert_eq!(intake.duplicates().checkpoint().n, 2);
}

#[test]
fn a_record_that_waited_too_long_is_refused_for_good() {
    let files = Arc::new(MemoryFiles::default());
    let limits = Limits { horizon: Some(1_000), ..Limits::default() };
    let duplicates = Duplicates::open(Arc::new(MemoryTable::default()), limits).unwrap();
    let mut intake = Intake::open(files.clone(), duplicates).unwrap();
    let aged = |seqs: &[u64], age: u64| {
        let mut batch = batch(seqs);
        batch.records.iter_mut().for_each(|record| record.as_mut().unwrap().age = age);
        batch
    };
    intake.commit(vec![aged(&[1], 1_000)]);
    let answer = intake.commit(vec![aged(&[1, 2], 1_001)]).remove(0).unwrap().into_answer(0);
    assert_eq!((answer.duplicate, answer.failed), (1, 1));
    assert_eq!(answer.results[1].reason, Some(DiscardReason::TooOld));
    assert_eq!(stored_seqs(&files), [1]);
}

#[test]
fn after_a_failed_write_the_whole_group_is_new_again() {
    let files = Arc::new(MemoryFiles::default());
    let mut intake = open(&files);
    intake.commit(vec![batch(&[1])]);
    files.fail_syncs(true);
    let failed = intake.commit(vec![batch(&[1, 2]), batch(&[3])]);
    assert!(failed.iter().all(Result::is_err) && failed.len() == 2);
    files.fail_syncs(false);
    assert_eq!(counts(intake.commit(vec![batch(&[1, 2, 3])])), [(2, 1)]);
    assert_eq!(stored_seqs(&files), [1, 2, 3]);
    assert_eq!(counts(open(&files).commit(vec![batch(&[1, 2, 3])])), [(0, 3)]);
}

#[test]
fn the_answer_tells_what_became_of_each_record() {
    let files = Arc::new(MemoryFiles::default());
    let mut intake = open(&files);
    intake.commit(vec![batch(&[2])]);
    let mut mixed = batch(&[1, 2, 9]);
    let id = RecordId { stream: STREAM, seq: 3 };
    mixed.records.push(Err(Rejection {
        reason: DiscardReason::InvalidField,
        message: "level: takes …".into(),
        id: Some(id),
    }));
    let outcome = intake.commit(vec![mixed]).remove(0).unwrap();
    let answer = outcome.into_answer(7);
    assert_eq!((answer.total, answer.recorded, answer.duplicate, answer.failed), (4, 2, 1, 1));
    assert_eq!((answer.status, answer.success, answer.server_time), (Status::Partial, false, 7));
    assert_eq!(answer.received.logs, 2);
    assert_eq!(answer.acknowledged, [SeqRange(1, 2), SeqRange(9, 9)]);
    assert_eq!(answer.stream, Some(STREAM.to_hex()));
    let verdicts: Vec<_> = answer.results.iter().map(|r| (r.index, r.verdict, r.reason)).collect();
    assert_eq!(
        verdicts,
        [(1, Verdict::Duplicate, None), (3, Verdict::Rejected, Some(DiscardReason::InvalidField))]
    );
    assert_eq!(answer.results[1].id, Some(id.to_string()));
}

#[test]
fn records_without_an_id_are_always_new() {
    let files = Arc::new(MemoryFiles::default());
    let mut intake = open(&files);
    let record = PreparedRecord {
        id: None,
        record_type: RecordType::Event,
        age: 0,
        fields: r#""type":"event""#.into(),
        beside: None,
    };
    let seed = || Prepared { records: vec![Ok(record.clone()), Ok(record.clone())], ..Prepared::default() };
    assert_eq!(counts(intake.commit(vec![seed(), seed()])), [(2, 0), (2, 0)]);
}

#[test]
fn no_answer_leaves_before_the_sync_that_covers_it() {
    let files = Arc::new(MemoryFiles::default());
    let intake = open(&files);
    let (committer, thread) = Committer::start(intake, Arc::new(Tail::default())).unwrap();
    let context = &mut Context::from_waker(Waker::noop());
    files.hold_syncs(true);
    let mut first = pin!(committer.commit(batch(&[1, 2])));
    assert!(first.as_mut().poll(context).is_pending());
    files.wait_for_held_sync();
    // Written, and not synced: were it answered already, it would show here.
    let segment = "journal/00000000000000000001.jsonl";
    assert_eq!(files.text(segment).lines().count(), 2);
    assert!(first.as_mut().poll(context).is_pending());
    // A copy of what is under way, and others that wait with it: all are the next group.
    let mut copy = pin!(committer.commit(batch(&[1, 2])));
    let mut second = pin!(committer.commit(batch(&[3])));
    let mut third = pin!(committer.commit(batch(&[4, 3])));
    assert!(copy.as_mut().poll(context).is_pending());
    assert!(second.as_mut().poll(context).is_pending() && third.as_mut().poll(context).is_pending());
    assert_eq!(files.text(segment).lines().count(), 2);

    let syncs_before = files.syncs();
    files.hold_syncs(false);
    committer.stop();
    thread.join().unwrap();
    let mut answered =
        |future: Pin<&mut dyn Future<Output = Result<BatchOutcome, Refusal>>>| match future.poll(context) {
            Poll::Ready(outcome) => counts(vec![Ok(outcome.unwrap())]).remove(0),
            Poll::Pending => panic!("not answered"),
        };
    assert_eq!((answered(first), answered(copy)), ((2, 0), (0, 2)));
    assert_eq!((answered(second), answered(third)), ((1, 0), (1, 1)));
    assert_eq!(files.syncs() - syncs_before, 2, "one for each group");
}

#[test]
fn a_copy_of_what_was_erased_is_still_a_duplicate() {
    let files = Arc::new(MemoryFiles::default());
    let mut intake = open(&files);
    let mut long = batch(&[1, 2]);
    long.records.iter_mut().flatten().for_each(|record| record.fields.push_str(r#","message":"secret""#));
    intake.commit(vec![long]);
    intake.roll().unwrap();
    let tail = Arc::new(Tail::default());
    tail.publish(intake.journal());
    let archive = Archive::new(files.clone(), tail);
    assert_eq!(archive.rewrite(archive.segments().unwrap()[0].name, |_| true).unwrap(), 2);
    assert_eq!(counts(open(&files).commit(vec![batch(&[1, 2, 3])])), [(1, 2)]);
}

#[test]
fn whoever_asks_for_a_new_segment_gets_one_behind_all_that_waits() {
    let files = Arc::new(MemoryFiles::default());
    let tail = Arc::new(Tail::default());
    let (committer, thread) = Committer::start(open(&files), Arc::clone(&tail)).unwrap();
    let context = &mut Context::from_waker(Waker::noop());
    let mut stored = pin!(committer.commit(batch(&[1, 2])));
    let mut rolled = pin!(committer.roll());
    assert!(stored.as_mut().poll(context).is_pending());
    let _ = rolled.as_mut().poll(context);
    committer.stop();
    thread.join().unwrap();
    assert!(matches!(stored.poll(context), Poll::Ready(Ok(_))));
    assert!(matches!(rolled.poll(context), Poll::Ready(Ok(()))));
    let lengths: Vec<_> =
        tail.segments().iter().map(|segment| (segment.name.first, segment.length > 0)).collect();
    assert_eq!(lengths, [(1, true), (3, false)]);
}
