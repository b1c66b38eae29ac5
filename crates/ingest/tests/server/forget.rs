//! `beaconry forget`: nothing of one person is left, and all of everybody else.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use beaconry_protocol::pseudonym;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Batch, Folder, KEY, Request, Server, kill_after_each, run_to_end};

const SMALL: [&str; 4] = ["--token", KEY, "--segment-bytes", "4096"];
const ANN: &str = "ann-4711";

fn forget(data: &Folder, who: &[&str]) -> Output {
    run_to_end(&[&["forget", "--data", data.path().to_str().unwrap()], who].concat(), &[])
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A log with a number, of a session and perhaps of a user, under the name that the client gives her.
fn log(seq: u64, session: &str, user: Option<&str>) -> Value {
    let mut log = json!({"seq": seq, "type": "log", "level": "info", "message": format!("m{seq}"),
        "sessionId": session});
    if let Some(user) = user {
        log["userId"] = pseudonym("test", user).into();
    }
    log
}

fn seqs(server: &Server) -> Vec<u64> {
    server.all_events().iter().map(|event| event["seq"].as_u64().unwrap()).collect()
}

/// Every byte of the data folder, unpacked.
fn all_bytes(folder: &Path) -> Vec<u8> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| match path.extension().and_then(|end| end.to_str()) {
        _ if path.is_dir() => all_bytes(&path),
        Some("zst") => zstd::decode_all(&*fs::read(&path).unwrap()).unwrap(),
        Some("sock") => Vec::new(),
        _ => fs::read(&path).unwrap(),
    };
    entries.flat_map(read).collect()
}

fn has(folder: &Folder, text: &str) -> bool {
    memchr::memmem::find(&all_bytes(folder.path()), text.as_bytes()).is_some()
}

#[test]
fn nothing_of_a_user_is_left_and_all_of_the_others() {
    let data = Folder::new("forget");
    let server = Server::start_with(&data, &SMALL);
    let upload = Request::new("POST", "/api/uploads").header("X-Telemetry-Token", KEY);
    let uploaded = server.send(&upload.body(&include_bytes!("../images/pixel.png")[..])).json();
    let screenshot = uploaded["id"].as_str().unwrap();
    let (hers, shared) = ("session-of-ann-only", "session-at-the-kiosk");
    let mut batch = Batch::new();
    for seq in 1..=100 {
        batch = batch.event(match seq % 5 {
            0 => log(seq, hers, Some(ANN)),
            // Before she logged in.
            1 => log(seq, hers, None),
            2 => log(seq, "session-of-bob-only", Some("bob-4712")),
            3 => log(seq, shared, Some(if seq < 50 { ANN } else { "bob-4712" })),
            _ => log(seq, "session-of-nobody", None),
        });
    }
    let mut report = json!({"seq": 101, "type": "feedback", "message": "broken", "sessionId": hers});
    report["screenshot"] = screenshot.into();
    server.store(&batch.event(report));
    server.indexed();
    let name = server.all_events()[4]["userId"].as_str().unwrap().to_owned();
    assert!(has(&data, &name) && has(&data, hers));

    let output = said(&forget(&data, &["--user", ANN]));
    assert!(output.contains("nothing is left") && output.contains("1 sessions or browsers"), "{output}");
    assert!(!has(&data, &name) && !has(&data, hers) && !has(&data, ANN));
    let is_kept = |seq: &u64| matches!(seq % 5, 2 | 4) || (seq % 5 == 3 && *seq >= 50);
    let kept: Vec<_> = (1..=100).filter(is_kept).collect();
    assert_eq!(seqs(&server), kept);
    assert!(output.contains("deleted: 1 screenshots"), "{output}");
    assert_eq!(fs::read_dir(data.path().join("uploads")).unwrap().count(), 0);

    assert!(said(&forget(&data, &["--user", ANN])).contains("erased: 0 records"));
    server.kill();
    let server = Server::start_with(&data, &SMALL);
    assert_eq!(seqs(&server), kept);
    // A late copy does not bring anything back.
    let late = Batch::new().event(log(5, hers, Some(ANN))).event(log(6, hers, None));
    assert_eq!(server.store(&late)["duplicate"], 2);
    assert_eq!(server.get("/api/health")["damagedLines"], 0);
}

#[test]
fn a_forgetting_that_is_killed_is_finished_by_the_next_and_a_session_goes_too() {
    let data = Folder::new("forget-killed");
    let server = Server::start_with(&data, &SMALL);
    let hers = "session-of-ann-only";
    for first in (1..=2_000).step_by(50) {
        let logs = (first..first + 50).map(|seq| match seq % 4 {
            0 => log(seq, hers, Some(ANN)),
            1 => log(seq, hers, None),
            _ => log(seq, "session-of-bob-only", Some("bob-4712")),
        });
        server.store(&logs.fold(Batch::new(), Batch::event));
    }
    let name = server.all_events()[3]["userId"].as_str().unwrap().to_owned();
    server.stop();
    let arguments = ["forget", "--user", ANN, "--data", data.path().to_str().unwrap()];
    kill_after_each(&[30, 60, 90, 120, 150], &arguments);
    let output = said(&forget(&data, &["--user", ANN]));
    assert!(output.contains("nothing is left"), "{output}");
    assert!(!has(&data, &name) && !has(&data, hers) && !has(&data, "forgetting"));
    let counted: u64 = beaconry_ingest::operations::discards(data.path()).unwrap()
        [&beaconry_ingest::operations::Reason::Forget]
        .values()
        .sum();
    assert_eq!(counted, 1_000);

    let server = Server::start_with(&data, &SMALL);
    assert_eq!(seqs(&server).len(), 1_000);
    let output = said(&forget(&data, &["--session", "session-of-bob-only"]));
    assert!(output.contains("erased: 1000 records: 1000 log info"), "{output}");
    assert!(!has(&data, "session-of-bob-only"));
    assert_eq!(seqs(&server).len(), 0);
}

#[test]
fn what_was_known_before_the_first_record_was_erased_is_not_lost_by_a_kill() {
    let data = Folder::new("forget-note");
    let server = Server::start_with(&data, &SMALL);
    // All that is left after a kill: her own records are erased, and with them who she was.
    let left = (1..=50).map(|seq| log(seq, "session-of-ann-only", None));
    server.store(&left.fold(Batch::new(), Batch::event));
    let hash = Sha256::digest(format!("user\n{ANN}"));
    let name: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let note = json!({"users": [], "id": null, "sessions": ["session-of-ann-only"], "browsers": [],
        "is_session": false, "uploads": []});
    let path = data.path().join(format!("forgetting-{name}.json"));
    fs::write(&path, note.to_string()).unwrap();
    let output = said(&forget(&data, &["--user", ANN]));
    assert!(output.contains("erased: 50 records") && output.contains("nothing is left"), "{output}");
    assert!(!path.exists() && !has(&data, "session-of-ann-only"));
}

#[test]
fn who_is_recorded_meanwhile_can_be_forgotten_whole() {
    let data = Folder::new("forget-meanwhile");
    // Small segments would come faster than they can be rewritten.
    let server = Server::start(&data);
    let (hers, is_over) = ("session-of-ann-only", AtomicBool::new(false));
    let send = |stream: &str| {
        for seq in (1..).take_while(|_| !is_over.load(Relaxed)) {
            server.store(&Batch::of(stream).event(log(seq, hers, None)));
        }
    };
    let send = &send;
    let outputs = thread::scope(|scope| {
        for number in 0..8 {
            scope.spawn(move || send(&format!("{number:032x}")));
        }
        let outputs = [(); 6].map(|()| forget(&data, &["--session", hers]));
        is_over.store(true, Relaxed);
        outputs
    });
    outputs.iter().for_each(|output| drop(said(output)));
    // Rows without their lines would be found by nobody any more.
    assert!(said(&forget(&data, &["--session", hers])).contains("nothing is left"));
    assert!(!has(&data, hers));
    server.stop();
    let verified = run_to_end(&["verify", "--data", data.path().to_str().unwrap()], &[]);
    assert!(verified.status.success(), "{verified:?}");
}

/// The lines of a file of the folder.
fn lines(data: &Folder, name: &str) -> Vec<Value> {
    let text = fs::read_to_string(data.path().join(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_was_set_aside_is_forgotten_too() {
    let (data, from) = (Folder::new("forget-set-aside"), Folder::new("forget-set-aside-from"));
    let server = Server::start(&data);
    server.store(&Batch::of(&"7".repeat(32)).event(log(1, "session-of-ann-only", None)));
    server.store(&(1..=40).map(|seq| log(seq, "session-of-nobody", None)).fold(Batch::new(), Batch::event));
    server.stop();
    // Damage of hers, in a segment without any record of hers.
    let text = data.journal_text().replacen("\"message\":\"m1\"", "\"message\":\"mX\"", 1);
    fs::write(&data.segments()[0], text).unwrap();
    data.delete_index();

    fs::create_dir(from.path()).unwrap();
    let refused = "{\"userId\":\"ann@shop.example\",\"message\":\"hel\n{\"userId\":\"bob@shop.example\",\"mess\n\
        broken ann@shop.example\n{\"userId\":\"4711\",\"n\n";
    fs::write(from.path().join("some.jsonl"), refused).unwrap();
    run_to_end(&["import", from.path().to_str().unwrap(), "--data", data.path().to_str().unwrap()], &[]);
    let named = |name| lines(&data, name).len();
    assert_eq!((named("damaged.jsonl"), named("import-refused.jsonl")), (1, 4));

    // Of what a restore keeps it is only told.
    let kept = data.path().join(".replaced-1");
    fs::create_dir(&kept).unwrap();
    fs::copy(data.path().join("import-refused.jsonl"), kept.join("import-refused.jsonl")).unwrap();
    let told = String::from_utf8(forget(&data, &["--user", "ann@shop.example"]).stderr).unwrap();
    assert!(told.contains("something is left in .replaced-1/import-refused.jsonl"), "{told}");
    fs::remove_dir_all(kept).unwrap();

    for who in [["--user", "ann@shop.example"], ["--user", "4711"], ["--session", "session-of-ann-only"]] {
        assert!(said(&forget(&data, &who)).contains("nothing is left"), "{who:?}");
    }
    assert!(["ann@shop", "4711", "ann-only"].iter().all(|text| !has(&data, text)));
    assert_eq!((named("damaged.jsonl"), named("import-refused.jsonl")), (0, 1));
    assert!(lines(&data, "import-refused.jsonl")[0]["text"].as_str().unwrap().contains("bob@shop"));
    assert_eq!(data.journal_text().matches("session-of-nobody").count(), 40);
}

#[test]
fn whom_to_forget_has_to_be_said() {
    let data = Folder::new("forget-nobody");
    fs::create_dir_all(data.path().join("journal")).unwrap();
    for who in [&[][..], &["--user", ""], &["--user", "a", "--session", "b"]] {
        let output = forget(&data, who);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(String::from_utf8(output.stderr).unwrap().contains("--user"));
    }
}
