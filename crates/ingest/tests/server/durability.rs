//! An acknowledged record is stored, once, whatever happens to the server.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::support::{Batch, Folder, KEY, Request, Server, conservation_with_journal, error_of, eventually};

const CLIENTS: u64 = 4;
const BATCHES: u64 = 60;
const RECORDS: u64 = 10;
const KILLS: u64 = 5;

/// Sends its batches one after the other, each until it is acknowledged, to wherever the server is.
fn insist(client: u64, address: &Mutex<SocketAddr>, acknowledged: &AtomicU64) {
    let stream = format!("{client:032x}");
    for batch in 0..BATCHES {
        let first = batch * RECORDS + 1;
        let request = Request::batch(Batch::of(&stream).logs(first..first + RECORDS).to_json());
        let answer = eventually("a batch is acknowledged", || {
            let address = *address.lock().unwrap();
            let reply = request.send(address).ok()?;
            (reply.status == 200).then(|| reply.json())
        });
        assert_eq!(answer["acknowledged"], json!([[first, first + RECORDS - 1]]));
        acknowledged.fetch_add(RECORDS, Ordering::Relaxed);
    }
}

fn copies(records: &[Value]) -> HashMap<String, usize> {
    let mut copies = HashMap::new();
    for record in records {
        *copies.entry(record["id"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    copies
}

#[test]
fn kills_in_the_middle_of_load_lose_nothing_and_repeat_nothing() {
    let folder = Folder::new("kills");
    let server = Server::start(&folder);
    let address = Mutex::new(server.address);
    let acknowledged = AtomicU64::new(0);
    let total = CLIENTS * BATCHES * RECORDS;
    let server = thread::scope(|scope| {
        for client in 1..=CLIENTS {
            let (address, acknowledged) = (&address, &acknowledged);
            scope.spawn(move || insist(client, address, acknowledged));
        }
        (1..=KILLS).fold(server, |server, kill| {
            let due = total * kill / (KILLS + 1);
            eventually("load goes on", || (acknowledged.load(Ordering::Relaxed) >= due).then_some(()));
            server.kill();
            let server = Server::start(&folder);
            *address.lock().unwrap() = server.address;
            server
        })
    });
    assert_eq!(acknowledged.load(Ordering::Relaxed), total);
    for (records, place) in [(server.all_events(), "found"), (folder.journal(), "in the journal")] {
        let copies = copies(&records);
        let missing = (1..=CLIENTS)
            .flat_map(|client| (1..=BATCHES * RECORDS).map(move |seq| format!("{client:032x}-{seq}")))
            .filter(|id| !copies.contains_key(id))
            .count();
        let repeated = copies.values().filter(|count| **count > 1).count();
        assert_eq!((missing, repeated, copies.len() as u64), (0, 0, total), "{place}");
    }
    assert_eq!(server.get("/api/telemetry?days=1")["total"], total);
    conservation_with_journal(&server, total);
}

#[test]
fn everything_that_was_asked_before_the_end_is_answered_and_found() {
    // Large batches, so that the index is behind when the end comes.
    const BATCH: usize = 1_000;
    let folder = Folder::new("end");
    let server = Server::start(&folder);
    let address = server.address;
    let answered = AtomicU64::new(0);
    let ends = thread::scope(|scope| {
        let answered = &answered;
        for client in 1..=CLIENTS {
            scope.spawn(move || {
                for first in (1..).step_by(BATCH) {
                    let batch = Batch::of(&format!("{client:032x}")).logs(first..first + BATCH as u64);
                    let request = Request::batch(batch.to_json());
                    // Once nothing is taken any more, connecting fails.
                    let Ok(reply) = request.send(address) else { return };
                    answered.fetch_add(reply.json()["recorded"].as_u64().unwrap(), Ordering::Relaxed);
                }
            });
        }
        eventually("load begins", || (answered.load(Ordering::Relaxed) > 10_000).then_some(()));
        server.stop()
    });
    assert!(ends.success());
    let records = folder.journal();
    assert!(copies(&records).values().all(|count| *count == 1));
    assert!(records.len() as u64 >= answered.load(Ordering::Relaxed));
    // What the index had no time for, the next start makes up.
    let server = Server::start(&folder);
    assert_eq!(server.indexed(), records.len() as u64);
    conservation_with_journal(&server, records.len() as u64);
}

#[test]
fn a_disk_that_refuses_is_told_and_nothing_is_lost_or_repeated() {
    let folder = Folder::new("full");
    // A limit on the size of files makes writes fail in the middle, as a full disk does.
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 512; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_beaconry")])
        .args(["serve", "--listen", "127.0.0.1:0", "--token", KEY, "--data"])
        .arg(folder.path());
    let server = Server::start_command(command);
    let mut refused = 0;
    for batch in 0..20 {
        let records = (0..5).map(|record| {
            json!({"seq": batch * 5 + record + 1, "type": "log", "level": "info", "message": "x".repeat(8_000)})
        });
        let request = Request::batch(records.fold(Batch::new(), Batch::event).to_json());
        eventually("the batch is stored", || {
            let reply = server.send(&request);
            if reply.status == 200 {
                return Some(());
            }
            refused += 1;
            assert_eq!((reply.status, error_of(&reply.json())), (503, "overloaded"), "{reply:?}");
            let pause: u64 = reply.header("retry-after").unwrap().parse().unwrap();
            assert_eq!(reply.json()["retryAfterMs"], pause * 1000);
            assert_eq!(server.get("/api/health")["status"], "degraded");
            None
        });
    }
    assert!(refused > 0, "the limit was never reached");
    assert!(folder.segments().len() > 1);
    conservation_with_journal(&server, 100);
    server.kill();
    let server = Server::start(&folder);
    let mut seqs: Vec<_> = server.all_events().iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=100).collect::<Vec<_>>());
    assert_eq!(server.get("/api/health")["damagedLines"], 0);
    conservation_with_journal(&server, 100);
}

#[test]
fn nothing_counts_as_stored_in_a_file_that_was_deleted() {
    let folder = Folder::new("deleted");
    let server = Server::start(&folder);
    server.store(&Batch::new().logs([1]));
    server.indexed();
    std::fs::remove_file(folder.segments().pop().unwrap()).unwrap();
    let batch = Request::batch(Batch::new().logs([2, 3]).to_json());
    let mut refused = 0;
    eventually("the batch is stored", || {
        let reply = server.send(&batch);
        refused += u64::from(reply.status == 503);
        (reply.status == 200).then_some(())
    });
    assert_eq!(refused, 1, "the first answer covers a write into nothing");
    let seqs =
        |records: &[Value]| records.iter().map(|line| line["seq"].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(seqs(&folder.journal()), [2, 3]);
    assert_eq!(seqs(&server.all_events()), [2, 3]);
    server.kill();
    let server = Server::start(&folder);
    assert_eq!(server.store(&Batch::new().logs([2, 3]))["duplicate"], 2);
    assert_eq!(seqs(&server.all_events()), [2, 3]);
}
