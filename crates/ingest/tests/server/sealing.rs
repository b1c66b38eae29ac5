//! Segments that are full are compressed while the server goes on, and nobody who reads notices.

use std::fs;

use serde_json::Value;

use crate::support::{Batch, Folder, KEY, Server, eventually};

const SMALL: [&str; 4] = ["--token", KEY, "--segment-bytes", "100000"];

fn seqs(events: &[Value]) -> Vec<u64> {
    events.iter().map(|event| event["seq"].as_u64().unwrap()).collect()
}

#[test]
fn sealed_records_are_found_known_and_indexed_again() {
    let folder = Folder::new("sealed");
    let server = Server::start_with(&folder, &SMALL);
    for first in (1..=3_000).step_by(100) {
        server.store(&Batch::new().logs(first..first + 100));
    }
    let all: Vec<_> = (1..=3_000).collect();
    let is_sealed = || (folder.segments().len() == folder.sealed().len() + 1).then_some(());
    eventually("all segments but the last are sealed", is_sealed);
    assert!(folder.sealed().len() >= 4, "{:?}", folder.segments());
    assert_eq!(seqs(&server.all_events()), all);
    assert_eq!(server.get("/api/events?before=500&limit=2")["events"][1]["seq"], 498);
    assert_eq!(seqs(&folder.journal()), all);
    server.kill();

    folder.delete_index();
    let server = Server::start_with(&folder, &SMALL);
    for first in (1..=3_000).step_by(1_000) {
        assert_eq!(server.store(&Batch::new().logs(first..first + 1_000))["duplicate"], 1_000);
    }
    assert_eq!(seqs(&server.all_events()), all);
}

#[test]
fn full_segments_of_an_earlier_run_are_sealed_and_drafts_are_cleared_away() {
    let folder = Folder::new("sealed-later");
    let server = Server::start_with(&folder, &SMALL);
    server.store(&Batch::new().logs(1..=1_000));
    server.store(&Batch::new().logs(1_001..=1_010));
    eventually("the first segment is sealed", || folder.sealed().pop());
    server.kill();
    // As if it had been killed a moment earlier, twice.
    let sealed = folder.sealed().remove(0);
    let plain = sealed.with_extension("");
    let text: String = folder.journal_text().lines().take(1_000).map(|line| format!("{line}\n")).collect();
    fs::write(&plain, text).unwrap();
    fs::write(plain.with_extension("jsonl.new"), "half").unwrap();

    let server = Server::start_with(&folder, &SMALL);
    eventually("the first segment is sealed again", || (!plain.exists()).then_some(()));
    assert_eq!((folder.segments().len(), folder.sealed()), (2, vec![sealed]));
    assert_eq!(seqs(&server.all_events()), (1..=1_010).collect::<Vec<_>>());
    assert!(server.stop().success());
}
