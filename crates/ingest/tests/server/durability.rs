//! An acknowledged record is stored, once, whatever happens to the server.

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::support::{
    Batch, Folder, KEY, Request, Server, conservation_with_journal, copies, error_of, eventually, run_to_end,
};

const CLIENTS: u64 = 4;

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
    let verified = run_to_end(&["verify", "--data", folder.path().to_str().unwrap()], &[]);
    let said = String::from_utf8(verified.stdout).unwrap();
    assert!(!said.contains("WRONG") && !said.contains("note"), "a start would have to recover: {said}");
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

/// A small file system of its own, which goes with the server. `None` where the machine gives nobody one.
fn on_a_small_disk(folder: &Folder, mebibytes: u64) -> Option<Command> {
    let own = ["--mount", "--map-root-user"];
    let is_allowed =
        Command::new("unshare").args(own).arg("true").status().is_ok_and(|status| status.success());
    let script = format!("mount -t tmpfs -o size={mebibytes}m,mode=700 small \"$0\" && exec \"$@\"");
    let mut command = Command::new("unshare");
    command.args(own).args(["sh", "-c", &script]).arg(folder.path()).arg(env!("CARGO_BIN_EXE_beaconry"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--token", KEY, "--data"]).arg(folder.path());
    is_allowed.then_some(command)
}

#[test]
fn a_full_disk_is_told_before_anything_is_written_and_forgotten_when_there_is_room() {
    let folder = Folder::new("small-disk");
    std::fs::create_dir_all(folder.path()).unwrap();
    let Some(command) = on_a_small_disk(&folder, 48) else { return };
    let server = Server::start_command(command);
    let data = server.root().join(folder.path().strip_prefix("/").unwrap());
    let log = |seq: u64| json!({"seq": seq, "type": "log", "level": "info", "message": "x".repeat(8_000)});
    let store = |seq| server.send(&Request::batch(Batch::new().event(log(seq)).to_json()));
    assert_eq!(store(1).status, 200);
    // Less than the reserve is left then.
    let ballast = data.join("ballast");
    std::fs::write(&ballast, vec![1; 20 * 1024 * 1024]).unwrap();
    let segment = data.join("journal/00000000000000000001.jsonl");
    let before = std::fs::read(&segment).unwrap();
    for _ in 0..3 {
        let reply = store(2);
        assert_eq!((reply.status, error_of(&reply.json())), (507, "storage_full"), "{reply:?}");
        let pause: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        assert_eq!(reply.json()["retryAfterMs"], pause * 1000);
    }
    assert_eq!(server.get("/api/health")["status"], "degraded");
    assert_eq!(server.all_events().len(), 1, "what is stored can be read");
    assert!(
        std::fs::read(&segment).unwrap() == before && data.join("journal").read_dir().unwrap().count() == 1
    );

    std::fs::remove_file(&ballast).unwrap();
    assert_eq!(store(2).status, 200);
    assert_eq!(server.get("/api/health")["status"], "healthy");
    assert_eq!((server.all_events().len(), data.join("journal").read_dir().unwrap().count()), (2, 1));
    assert!(server.stop().success());
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
