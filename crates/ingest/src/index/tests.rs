//! The index says what the journal says, however it came to be.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::duplicates::Duplicates;
use crate::intake::Intake;
use crate::journal::{Journal, RealFiles, Tail};
use crate::live::{Live, News};
use crate::pipeline::{Privacy, Pseudonyms, RecordTypes, Sender, Source, prepare};
use crate::query::{EventsQuery, Params, Queries, TelemetryQuery};

/// 2026-01-02T10:30:00Z
const NOON: u64 = 1_767_349_800_000;

/// A data folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("beaconry-index-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Opens everything as the server does, stores `bodies` an hour apart, and indexes to the end.
fn run(folder: &Path, bodies: &[&str]) -> Queries {
    run_watched(folder, bodies, &Live::new())
}

fn run_watched(folder: &Path, bodies: &[&str], live: &Live) -> Queries {
    let files = Arc::new(RealFiles::open(folder).unwrap());
    let index = Index::open(folder.join("index.db")).unwrap();
    let mut intake = Intake::open(files.clone(), Duplicates::in_memory()).unwrap().with_segment_bytes(2_000);
    let old_n = intake.journal().last_n();
    let privacy = Privacy { pseudonyms: Pseudonyms::new([7; 32]), allow_query_keys: Vec::new() };
    for (hour, body) in bodies.iter().enumerate() {
        let received_at = NOON + hour as u64 * HOUR_MILLIS;
        let sender = Sender {
            key_name: "default",
            source: Source::Client,
            types: RecordTypes::ALL,
            received_at,
            user_agent: None,
        };
        let outcomes = intake.commit(vec![prepare(body.as_bytes(), &sender, &privacy).unwrap()]);
        assert!(outcomes.iter().all(Result::is_ok));
    }
    let tail = Arc::new(Tail::default());
    tail.publish(intake.journal());
    tail.close();
    follower(index, &files, &tail, live, old_n).start().unwrap().1.join().unwrap();
    Queries::new(folder.join("index.db"), files, tail)
}

fn follower(index: Index, files: &Arc<RealFiles>, tail: &Arc<Tail>, live: &Live, old_n: u64) -> Follower {
    let (files, tail) = (files.clone(), Arc::clone(tail));
    Follower { index, files, tail, live: live.clone(), old_n, last_work: Duration::MAX }
}

/// A journal of `count` logs of so many bytes each, and how far it is.
fn long_journal(folder: &Path, count: usize, bytes: usize) -> (Arc<RealFiles>, Arc<Tail>) {
    let files = Arc::new(RealFiles::open(folder).unwrap());
    let mut journal = Journal::open(files.clone(), Position::default(), |_| {}).unwrap().0;
    let time = "2026-01-02T10:30:00.000Z";
    for _ in 0..count {
        let message = "x".repeat(bytes);
        journal.stage(&format!(
            r#""received_at":"{time}","type":"log","timestamp":"{time}","level":"info","message":"{message}""#
        ));
    }
    journal.commit().unwrap();
    let tail = Arc::new(Tail::default());
    tail.publish(&journal);
    (files, tail)
}

fn ask(queries: &Queries, pairs: &[(&str, &str)]) -> (Vec<u64>, Option<u64>) {
    let params: HashMap<_, _> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let query = EventsQuery::read(&Params::new(params)).unwrap();
    let answer: serde_json::Value = serde_json::from_str(&queries.events(&query).unwrap()).unwrap();
    let numbers = answer["events"].as_array().unwrap().iter().map(|event| event["n"].as_u64().unwrap());
    (numbers.collect(), answer["next"].as_u64())
}

fn report(queries: &Queries, kind: Option<&str>) -> serde_json::Value {
    let query = TelemetryQuery { days: 1, kind: kind.map(str::to_owned), bucket: crate::query::Bucket::Hour };
    serde_json::to_value(queries.telemetry(&query, NOON + 2 * HOUR_MILLIS).unwrap()).unwrap()
}

const NATIVE: &str = r#"{"v":1,"app":"quiz","stream":"0000000000000000000000000000beac",
    "scope":{"sessionId":"s1","user":{"id":"u1"}},"events":[
    {"seq":1,"type":"log","level":"info","message":"one"},
    {"seq":2,"type":"event","name":"log"},
    {"seq":3,"type":"error","errorType":"TypeError","message":"x"},
    {"seq":4,"type":"metric","name":"lcp","value":1.5}]}"#;
const SEED: &str = r#"{"events":[{"type":"page_view","sessionId":"s2","anonymousId":"a1"},
    {"type":"page_view","sessionId":"s1","userId":"u1"}]}"#;

#[test]
fn records_are_found_newest_first_by_what_they_are() {
    let folder = Folder::new("find");
    let queries = run(&folder.0, &[NATIVE, SEED]);
    assert_eq!(ask(&queries, &[]), (vec![6, 5, 4, 3, 2, 1], None));
    assert_eq!(ask(&queries, &[("limit", "2")]), (vec![6, 5], Some(5)));
    assert_eq!(ask(&queries, &[("limit", "2"), ("before", "5")]), (vec![4, 3], Some(3)));
    assert_eq!(ask(&queries, &[("limit", "2"), ("before", "3")]), (vec![2, 1], None));
    assert_eq!(ask(&queries, &[("type", "log")]).0, [2, 1]);
    assert_eq!(ask(&queries, &[("type", "event")]).0, [6, 5, 2]);
    assert_eq!(ask(&queries, &[("type", "page_view")]).0, [6, 5]);
    assert_eq!(ask(&queries, &[("name", "TypeError")]).0, [3]);
    assert_eq!(ask(&queries, &[("session", "s1")]).0, [6, 4, 3, 2, 1]);
    assert_eq!(ask(&queries, &[("session", "s1"), ("type", "page_view")]).0, [6]);
    assert_eq!(ask(&queries, &[("stream", "0000000000000000000000000000beac"), ("type", "log")]).0, [2, 1]);
    assert_eq!(ask(&queries, &[("type", "nothing")]).0, [0; 0]);
}

#[test]
fn counts_add_up_by_type_name_hour_and_visitor() {
    let folder = Folder::new("counts");
    let queries = run(&folder.0, &[NATIVE, SEED]);
    let all = report(&queries, None);
    assert_eq!(all["total"], 6);
    assert_eq!(all["byType"], serde_json::json!({"log": 1, "event": 3, "error": 1, "metric": 1}));
    assert_eq!((&all["uniqueSessions"], &all["uniqueUsers"]), (&2.into(), &2.into()));
    assert_eq!(all["top"][0], serde_json::json!({"type": "event", "name": "page_view", "count": 2}));
    assert_eq!(
        all["points"],
        serde_json::json!([
            {"timestamp": "2026-01-02T10:00:00.000Z", "eventCount": 4,
                "byType": {"log": 1, "event": 1, "error": 1, "metric": 1}},
            {"timestamp": "2026-01-02T11:00:00.000Z", "eventCount": 2, "byType": {"event": 2}},
        ])
    );
    let views = report(&queries, Some("page_view"));
    assert_eq!(
        (&views["total"], &views["uniqueSessions"], &views["uniqueUsers"]),
        (&2.into(), &2.into(), &2.into())
    );
    let logs = report(&queries, Some("log"));
    assert_eq!((&logs["total"], &logs["uniqueSessions"]), (&2.into(), &1.into()));
}

#[test]
fn an_index_made_anew_gives_the_same_answers() {
    let folder = Folder::new("anew");
    let answers =
        |queries: &Queries| (ask(queries, &[]), report(queries, None), report(queries, Some("event")));
    let before = answers(&run(&folder.0, &[NATIVE, SEED, SEED]));
    for file in ["index.db", "index.db-wal", "index.db-shm"] {
        let _ = fs::remove_file(folder.0.join(file));
    }
    assert_eq!(answers(&run(&folder.0, &[])), before);
    fs::write(folder.0.join("index.db"), "this is no database").unwrap();
    assert_eq!(answers(&run(&folder.0, &[])), before);
}

#[test]
fn an_index_goes_on_where_it_stopped() {
    let folder = Folder::new("goes-on");
    run(&folder.0, &[NATIVE]);
    assert_eq!(Index::open(folder.0.join("index.db")).unwrap().position().unwrap().n, 4);
    let queries = run(&folder.0, &[NATIVE, SEED]);
    assert_eq!(ask(&queries, &[]).0, [6, 5, 4, 3, 2, 1]);
    assert_eq!(report(&queries, None)["total"], 6);
}

#[test]
fn a_second_copy_in_the_journal_is_counted_once() {
    let folder = Folder::new("copy");
    run(&folder.0, &[NATIVE]);
    let first = fs::read_dir(folder.0.join("journal")).unwrap().next().unwrap().unwrap().path();
    let lines = fs::read_to_string(first).unwrap();
    let other = Folder::new("copy-2");
    let mut journal =
        Journal::open(Arc::new(RealFiles::open(&other.0).unwrap()), Position::default(), |_| {}).unwrap().0;
    for line in lines.lines().chain(lines.lines()) {
        journal.stage(&line[line.find(',').unwrap() + 1..line.rfind(",\"crc\"").unwrap()]);
    }
    journal.commit().unwrap();
    let queries = run(&other.0, &[]);
    assert_eq!(ask(&queries, &[]).0, [4, 3, 2, 1]);
    assert_eq!(report(&queries, None)["total"], 4);
}

#[tokio::test]
async fn watchers_are_told_what_is_new_and_not_what_is_only_indexed_again() {
    let folder = Folder::new("news");
    run(&folder.0, &[NATIVE]);
    fs::remove_file(folder.0.join("index.db")).unwrap();
    let live = Live::new();
    let mut watcher = live.watch();
    run_watched(&folder.0, &[SEED], &live);
    drop(live);
    let mut told = Vec::new();
    while let Some(News::Record(record)) = watcher.next().await {
        told.push(record.n);
    }
    assert_eq!(told, [5, 6]);
}

#[test]
fn an_index_that_is_only_locked_is_not_replaced() {
    let folder = Folder::new("locked");
    run(&folder.0, &[NATIVE]);
    let path = folder.0.join("index.db");
    let other = Connection::open(&path).unwrap();
    other.pragma_update(None, "locking_mode", "exclusive").unwrap();
    other.execute_batch("BEGIN IMMEDIATE; UPDATE position SET n = n; COMMIT;").unwrap();
    assert!(Index::open(&path).is_err());
    drop(other);
    assert_eq!(Index::open(&path).unwrap().position().unwrap().n, 4);
}

#[test]
fn an_index_of_another_version_or_with_other_tables_is_replaced() {
    let folder = Folder::new("version");
    let path = folder.0.join("index.db");
    run(&folder.0, &[NATIVE]);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(Index::open(&path).unwrap().position().unwrap().n, 0);
    Connection::open(&path).unwrap().execute_batch("DROP TABLE position").unwrap();
    assert!(Index::open(&path).unwrap().position().unwrap_err().is_of_the_file());
}

#[test]
fn a_group_is_bounded_in_bytes() {
    let folder = Folder::new("group");
    let (files, tail) = long_journal(&folder.0, 40, 256 * 1024);
    let index = Index::open(folder.0.join("index.db")).unwrap();
    let mut follower = follower(index, &files, &tail, &Live::new(), 0);
    assert_eq!(follower.index_group(&tail.segments(), tail.last_n()).unwrap().position.n, 32);
}

#[test]
fn the_end_does_not_wait_for_an_index_that_is_far_behind() {
    let folder = Folder::new("behind");
    let (files, tail) = long_journal(&folder.0, 5_000, 10);
    tail.close();
    let path = folder.0.join("index.db");
    let follower = follower(Index::open(&path).unwrap(), &files, &tail, &Live::new(), 0);
    let (progress, thread) = Follower { last_work: Duration::ZERO, ..follower }.start().unwrap();
    thread.join().unwrap();
    assert_eq!(progress.indexed_n(), 0);
    assert_eq!(ask(&run(&folder.0, &[]), &[("limit", "1")]), (vec![5_000], Some(5_000)));
}

#[test]
fn an_index_that_cannot_be_written_or_has_nobody_to_write_it_is_failing() {
    let folder = Folder::new("failing");
    let (files, tail) = long_journal(&folder.0, 1, 10);
    let index = Index::open(folder.0.join("index.db")).unwrap();
    index.connection.execute_batch("DROP TABLE rollups").unwrap();
    let (progress, thread) = follower(index, &files, &tail, &Live::new(), 0).start().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !progress.is_failing() && Instant::now() < deadline {
        std::thread::yield_now();
    }
    assert!(progress.is_failing(), "a group that cannot be written");
    tail.close();
    thread.join().unwrap();
    assert!(progress.is_failing(), "nobody to write it");
}

#[test]
fn an_answer_is_bounded_in_bytes_and_goes_on_with_the_next() {
    let folder = Folder::new("answer");
    let (files, tail) = long_journal(&folder.0, 100, 256 * 1024);
    tail.close();
    let index = Index::open(folder.0.join("index.db")).unwrap();
    follower(index, &files, &tail, &Live::new(), 0).start().unwrap().1.join().unwrap();
    let queries = Queries::new(folder.0.join("index.db"), files, tail);
    let (mut told, mut before) = (Vec::new(), "101".to_owned());
    loop {
        let (page, next) = ask(&queries, &[("limit", "1000"), ("before", &before)]);
        assert!((1..=33).contains(&page.len()), "{} records of 256 KiB", page.len());
        told.extend(page);
        let Some(next) = next else { break };
        before = next.to_string();
    }
    assert_eq!(told, (1..=100).rev().collect::<Vec<_>>());
}

#[test]
fn what_was_deleted_before_it_was_indexed_is_not_waited_for() {
    let folder = Folder::new("deleted");
    let (files, _) = long_journal(&folder.0, 3, 10);
    let open = || Journal::open(files.clone(), Position::default(), |_| {}).unwrap().0;
    open().roll().unwrap();
    fs::remove_file(folder.0.join("journal/00000000000000000001.jsonl")).unwrap();
    let tail = Arc::new(Tail::default());
    tail.publish(&open());
    assert_eq!(tail.last_n(), 3);
    tail.close();
    let index = Index::open(folder.0.join("index.db")).unwrap();
    let (progress, thread) = follower(index, &files, &tail, &Live::new(), 0).start().unwrap();
    thread.join().unwrap();
    assert_eq!(progress.indexed_n(), 3);
}
