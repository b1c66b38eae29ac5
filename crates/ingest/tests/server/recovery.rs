//! What a restart finds, however the last run ended.

use std::fs::{self, OpenOptions};
use std::io::Write;

use serde_json::{Value, json};

use crate::support::{Batch, Folder, Request, Server, conservation, conservation_with_journal};

fn seqs(events: &[Value]) -> Vec<u64> {
    events.iter().map(|event| event["seq"].as_u64().unwrap()).collect()
}

#[test]
fn a_duplicate_is_known_after_a_restart_a_kill_and_a_lost_index() {
    let folder = Folder::new("known");
    let server = Server::start(&folder);
    server.store(&Batch::new().logs([1, 2]));
    assert!(server.stop().success());

    let server = Server::start(&folder);
    assert_eq!(server.store(&Batch::new().logs([1, 2, 3]))["recorded"], 1);
    server.kill();

    let server = Server::start(&folder);
    assert_eq!(server.store(&Batch::new().logs([1, 2, 3, 4]))["recorded"], 1);
    server.kill();

    folder.delete_index();
    let server = Server::start(&folder);
    let answer = server.store(&Batch::new().logs([1, 2, 3, 4]));
    assert_eq!((&answer["recorded"], &answer["duplicate"]), (&json!(0), &json!(4)));
    assert_eq!(seqs(&server.all_events()), [1, 2, 3, 4]);
}

#[test]
fn a_kill_between_the_journal_and_the_table_of_streams_changes_nothing() {
    let folder = Folder::new("table");
    let server = Server::start(&folder);
    server.store(&Batch::new().logs([1, 2]));
    assert!(server.stop().success());
    // The table is behind: it never hears of what is stored before the kill.
    let behind = folder.copy("streams");
    let server = Server::start(&folder);
    server.store(&Batch::new().logs([3, 5]));
    server.store(&Batch::of(&"7".repeat(32)).logs([1]));
    server.kill();
    behind.put_back();
    let server = Server::start(&folder);
    assert_eq!(server.store(&Batch::new().logs([1, 2, 3, 4, 5]))["recorded"], 1);
    assert_eq!(server.store(&Batch::of(&"7".repeat(32)).logs([1, 2]))["recorded"], 1);
    assert!(server.stop().success());

    // The table is gone, or of another journal: all of it stands in the journal.
    let ahead = folder.copy("streams");
    fs::remove_dir_all(folder.path().join("streams")).unwrap();
    let server = Server::start(&folder);
    assert_eq!(server.store(&Batch::new().logs([1, 2, 3, 4, 5]))["duplicate"], 5);
    conservation_with_journal(&server, 7);
    server.kill();
    let other = Folder::new("table-other");
    Server::start(&other).store(&Batch::new().logs([2]));
    ahead.put_into(&other);
    let server = Server::start(&other);
    assert_eq!(server.store(&Batch::new().logs([1, 2]))["recorded"], 1);
    conservation_with_journal(&server, 2);
}

#[test]
fn what_is_stored_is_known_after_its_segment_is_deleted() {
    let folder = Folder::new("deleted-segment");
    let server = Server::start(&folder);
    server.store(&Batch::new().logs([1, 2]));
    assert!(server.stop().success());
    fs::remove_file(folder.segments().pop().unwrap()).unwrap();
    for _ in 0..2 {
        let server = Server::start(&folder);
        assert_eq!(server.store(&Batch::new().logs([1, 2]))["duplicate"], 2);
        server.kill();
    }
    let server = Server::start(&folder);
    assert_eq!(server.store(&Batch::new().logs([1, 2, 3]))["recorded"], 1);
    assert_eq!(folder.journal()[0]["n"], 3);
    assert_eq!(seqs(&server.all_events()), [3]);
    conservation(&server);
}

#[test]
fn a_torn_tail_is_cut_away() {
    let folder = Folder::new("torn");
    let server = Server::start(&folder);
    server.store(&Batch::new().logs([1, 2]));
    server.kill();
    let segment = folder.segments().pop().unwrap();
    let whole = fs::read(&segment).unwrap();
    let torn = [&whole[..], b"{\"n\":3,\"received_at\":\"2026", &[0; 100]].concat();
    fs::write(&segment, torn).unwrap();

    let server = Server::start(&folder);
    assert_eq!(fs::read(&segment).unwrap(), whole);
    assert_eq!(server.get("/api/health")["damagedLines"], 0);
    assert_eq!(server.store(&Batch::new().logs([2, 3]))["recorded"], 1);
    assert_eq!(seqs(&server.all_events()), [1, 2, 3]);
}

#[test]
fn a_damaged_line_is_set_aside_counted_and_passed_over() {
    let folder = Folder::new("damaged");
    let server = Server::start(&folder);
    server.store(&Batch::new().logs([1, 2, 3]));
    server.kill();
    folder.delete_index();
    let segment = folder.segments().pop().unwrap();
    let text = fs::read_to_string(&segment).unwrap().replace("log 2", "lug 2");
    fs::write(&segment, text).unwrap();

    for _ in 0..2 {
        let server = Server::start(&folder);
        assert_eq!(server.get("/api/health")["damagedLines"], 1);
        assert_eq!(seqs(&server.all_events()), [1, 3]);
        server.kill();
        folder.delete_index();
    }
    let set_aside = fs::read_to_string(folder.path().join("damaged.jsonl")).unwrap();
    assert_eq!(set_aside.lines().count(), 1);
    assert!(set_aside.contains("lug 2"));
    let server = Server::start(&folder);
    assert_eq!(server.store(&Batch::new().logs([1, 2, 3]))["recorded"], 1);
}

#[test]
fn an_index_made_anew_gives_the_same_answers() {
    let folder = Folder::new("anew");
    let server = Server::start(&folder);
    for seq in 1..=20 {
        let event = json!({"seq": seq * 2, "type": "event", "name": if seq % 3 == 0 { "quiz" } else { "page_view" },
            "userId": format!("u{}", seq % 4)});
        server.store(&Batch::new().logs([seq * 2 - 1]).event(event));
    }
    let questions = [
        "/api/events?limit=1000",
        "/api/events?limit=7&before=20",
        "/api/events?type=quiz",
        "/api/events?session=session-1&limit=5",
        "/api/telemetry?days=1",
        "/api/telemetry?days=7&type=quiz",
    ];
    let answers = |server: &Server| {
        server.indexed();
        questions.map(|question| {
            let mut answer = server.get(question);
            // The period ends when the question is asked.
            if let Some(answer) = answer.as_object_mut() {
                answer.remove("period");
            }
            answer
        })
    };
    let before = answers(&server);
    assert_eq!(before[4]["uniqueUsers"], 4);
    assert!(server.stop().success());
    folder.delete_index();
    assert_eq!(answers(&Server::start(&folder)), before);
}

#[test]
fn an_index_of_another_journal_is_made_anew() {
    let (folder, other) = (Folder::new("foreign"), Folder::new("foreign-2"));
    let server = Server::start(&folder);
    server.store(&Batch::new().logs([1, 2, 3]));
    server.indexed();
    server.stop();
    let server = Server::start(&other);
    server.store(&Batch::new().logs([7]));
    server.stop();
    fs::copy(folder.path().join("index.db"), other.path().join("index.db")).unwrap();
    for beside in ["index.db-wal", "index.db-shm"] {
        let _ = fs::copy(folder.path().join(beside), other.path().join(beside));
    }

    let server = Server::start(&other);
    assert_eq!(server.store(&Batch::new().logs([1, 7]))["recorded"], 1);
    assert_eq!(seqs(&server.all_events()), [7, 1]);
}

#[test]
fn nothing_that_is_sent_makes_a_second_line() {
    let folder = Folder::new("lines");
    let server = Server::start(&folder);
    let nasty = "a\nb\r\nc\u{0}\u{1b}\u{7f}\u{85}\u{2028}\u{2029}\"}\n{\"n\":99,\"type\":\"log\"}\n";
    let body = Batch::new()
        .event(json!({"seq": 1, "type": "error", "errorType": nasty, "message": nasty, "stack": nasty, "page": nasty,
            "userId": nasty, "sessionId": nasty, "context": {nasty: nasty, "deep": [{"x": nasty}]}}))
        .logs([2])
        .to_json();
    // The same with raw line feeds between the tokens, which JSON allows.
    let body = body.replace(",\"", "\n,\r\n\"");
    assert_eq!(server.send(&Request::batch(body)).json()["recorded"], 2);
    let text = folder.journal_text();
    assert_eq!(text.matches('\n').count(), 2);
    assert!(
        !text.chars().any(|c| (c < ' ' && c != '\n') || matches!(c, '\u{2028}' | '\u{2029}')),
        "{text:?}"
    );
    let stored = server.all_events();
    assert_eq!(seqs(&stored), [1, 2]);
    assert_eq!(stored[0]["message"], nasty);
    server.kill();
    assert_eq!(seqs(&Server::start(&folder).all_events()), [1, 2]);
}

#[test]
fn lines_of_a_stranger_in_the_journal_are_passed_over() {
    let folder = Folder::new("stranger");
    let server = Server::start(&folder);
    server.store(&Batch::new().logs([1]));
    server.kill();
    let segment = folder.segments().pop().unwrap();
    let mut file = OpenOptions::new().append(true).open(&segment).unwrap();
    let fields = "{\"n\":2,\"hello\":\"world\"";
    let checksum = crc32fast::hash(fields.as_bytes());
    writeln!(file, "{fields},\"crc\":\"{checksum:08x}\"}}").unwrap();
    let server = Server::start(&folder);
    server.store(&Batch::new().logs([2]));
    assert_eq!(seqs(&server.all_events()), [1, 2]);
}
