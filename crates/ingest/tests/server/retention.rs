//! `beaconry rotate`: what is too old goes, and what there is no room for.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use beaconry_ingest::operations::{Reason, discards};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::{Batch, Folder, KEY, Server, kill_after_each, run_to_end};

const SMALL: [&str; 4] = ["--token", KEY, "--segment-bytes", "4096"];

fn run(arguments: &[&str], data: &Folder) -> String {
    let output = run_to_end(&[arguments, &["--data", data.path().to_str().unwrap()]].concat(), &[]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Imports logs of a day.
fn import(data: &Folder, day: &str, count: usize) -> String {
    let files = Folder::new(&format!("{}-{day}", data.path().file_name().unwrap().to_str().unwrap()));
    fs::create_dir_all(files.path().join("logs")).unwrap();
    fs::create_dir_all(data.path()).unwrap();
    let line = |number: usize| {
        format!("{{\"timestamp\":\"{day}T10:00:00Z\",\"level\":\"info\",\"message\":\"{day} {number}\"}}\n")
    };
    fs::write(files.path().join("logs/a.jsonl"), (0..count).map(line).collect::<String>()).unwrap();
    run(&["import", files.path().to_str().unwrap()], data)
}

fn unpacked(segment: &Path) -> String {
    let bytes = fs::read(segment).unwrap();
    let is_sealed = segment.extension().is_some_and(|end| end == "zst");
    String::from_utf8(if is_sealed { zstd::decode_all(&*bytes).unwrap() } else { bytes }).unwrap()
}

fn messages(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["message"].as_str().unwrap()).collect()
}

fn discarded(data: &Folder, why: Reason) -> BTreeMap<String, u64> {
    discards(data.path()).unwrap().remove(&why).unwrap_or_default()
}

#[test]
fn what_is_too_old_goes_and_is_counted_while_the_server_runs() {
    let data = Folder::new("rotate");
    let server = Server::start_with(&data, &SMALL);
    import(&data, "2025-01-01", 100);
    server.store(&Batch::new().logs(1..=3));
    import(&data, "2025-01-02", 5);
    server.store(&Batch::new().logs(4..=40));
    server.indexed();
    let said = run(&["rotate"], &data);
    assert!(said.contains("105 records (105 log info)"), "{said}");
    let kept: Vec<_> = (1..=40).map(|seq| format!("log {seq}")).collect();
    assert_eq!(messages(&server.all_events()), kept);
    assert!(run(&["rotate"], &data).contains("too old: 0 records"));
    assert_eq!(discarded(&data, Reason::Retention), BTreeMap::from([("log info".to_owned(), 105)]));
    let text: String = data.segments().iter().map(|segment| unpacked(segment)).collect();
    assert!(text.contains("log 7") && !text.contains("2025-01-0"));

    server.kill();
    let server = Server::start_with(&data, &SMALL);
    assert_eq!(messages(&server.all_events()), kept);
    // What went is known still: a late copy does not come back.
    assert!(import(&data, "2025-01-01", 100).starts_with("0 records imported, 100 were there"));
    server.store(&Batch::new().logs(40..=41));
    assert_eq!(server.all_events().len(), 41);
}

#[test]
fn everything_may_be_too_old_and_a_folder_without_a_server_is_rotated_too() {
    let data = Folder::new("rotate-all");
    import(&data, "2025-01-01", 50);
    let said = run(&["rotate", "--retention-days", "0"], &data);
    assert!(said.contains("too old: 0 records"), "{said}");
    let said = run(&["rotate", "--retention-days", "7"], &data);
    assert!(said.contains("50 records"), "{said}");
    let server = Server::start_with(&data, &SMALL);
    assert_eq!(server.all_events().len(), 0);
    server.store(&Batch::new().logs(1..=2));
    assert_eq!(messages(&server.all_events()), ["log 1", "log 2"]);
    assert!(import(&data, "2025-01-01", 50).starts_with("0 records imported, 50 were there"));
}

#[test]
fn a_rotation_that_is_killed_and_run_again_removes_and_counts_the_same() {
    let data = Folder::new("rotate-killed");
    let server = Server::start_with(&data, &SMALL);
    for day in 1..=9 {
        import(&data, &format!("2025-01-0{day}"), 600);
        server.store(&Batch::new().logs(day * 10..day * 10 + 5));
    }
    server.indexed();
    server.stop();
    let arguments = ["rotate", "--retention-days", "30", "--data", data.path().to_str().unwrap()];
    kill_after_each(&[20, 40, 60, 80, 100, 120], &arguments);
    run(&["rotate", "--retention-days", "30"], &data);
    assert_eq!(discarded(&data, Reason::Retention), BTreeMap::from([("log info".to_owned(), 5_400)]));
    let server = Server::start_with(&data, &SMALL);
    assert_eq!(server.all_events().len(), 45);
    assert_eq!(server.get("/api/health")["damagedLines"], 0);
}

#[test]
fn over_the_quota_the_least_severe_go_first() {
    let data = Folder::new("quota");
    let server = Server::start_with(&data, &["--token", KEY, "--segment-bytes", "100000"]);
    let files = Folder::new("quota-files");
    fs::create_dir_all(files.path()).unwrap();
    let line = |number: u64| {
        // Nothing that compresses.
        let noise: String = (0..20_u64)
            .flat_map(|part| Sha256::digest((number * 100 + part).to_be_bytes()).to_vec())
            .map(|byte| char::from(b'a' + byte % 26))
            .collect();
        let level = ["debug", "info", "warn", "error"][usize::try_from(number % 4).unwrap()];
        format!("{{\"type\":\"log\",\"level\":\"{level}\",\"message\":\"{noise}\",\"n\":{number}}}\n")
    };
    fs::write(files.path().join("a.jsonl"), (0..4_000).map(line).collect::<String>()).unwrap();
    run(&["import", files.path().to_str().unwrap()], &data);
    server.indexed();
    let said = run(&["rotate", "--quota", "2MB"], &data);
    let shed = discarded(&data, Reason::Quota);
    assert!(said.contains("no room: ") && said.contains(" log debug"), "{said}");
    let left = server.all_events();
    assert_eq!(left.len() as u64, 4_000 - shed.values().sum::<u64>());
    // Only the last segment has debug logs still, and of the info logs the oldest are gone.
    let (debug, info) = (shed["log debug"], shed["log info"]);
    assert!(shed.len() == 2 && debug >= 800 && info < debug, "{shed:?}");
    let kept = left.iter().filter(|event| event["level"] == "info");
    assert_eq!(kept.map(|event| event["n"].as_u64().unwrap() / 4).min(), Some(info));
    assert!(run(&["rotate", "--quota", "2MB"], &data).contains("too old: 0 records"));
    assert_eq!(discarded(&data, Reason::Quota), shed);
}

#[test]
fn a_wrong_limit_is_one_line() {
    let data = Folder::new("rotate-wrong");
    fs::create_dir_all(data.path().join("journal")).unwrap();
    for (option, value) in [("--retention-days", "week"), ("--quota", "10")] {
        let output = run_to_end(&["rotate", "--data", data.path().to_str().unwrap(), option, value], &[]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), text.lines().count()), (Some(2), 1), "{text}");
        assert!([option, value, "takes"].iter().all(|part| text.contains(part)), "{text}");
    }
}

#[test]
fn without_a_server_nobody_guesses_how_long_records_stay() {
    let data = Folder::new("rotate-unsaid");
    import(&data, "2025-01-01", 5);
    let output = run_to_end(&["rotate", "--data", data.path().to_str().unwrap()], &[]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && text.contains("--retention-days"), "{text}");
    assert_eq!(Server::start_with(&data, &SMALL).all_events().len(), 5);
}

#[test]
fn what_is_no_record_takes_no_room_from_records() {
    let data = Folder::new("quota-others");
    let server = Server::start_with(&data, &SMALL);
    server.store(&Batch::new().logs(1..=20));
    server.indexed();
    fs::create_dir_all(data.path().join(".replaced-1")).unwrap();
    fs::write(data.path().join(".replaced-1/large"), vec![0; 3_000_000]).unwrap();
    run(&["rotate", "--quota", "1MB"], &data);
    assert_eq!(server.all_events().len(), 20);
}

#[test]
fn screenshots_go_with_their_reports() {
    let data = Folder::new("rotate-uploads");
    let server = Server::start_with(&data, &SMALL);
    let uploads = data.path().join("uploads");
    for (name, days) in [("old", 40), ("new", 1)] {
        fs::write(uploads.join(name), name).unwrap();
        let then = SystemTime::now() - Duration::from_secs(days * 86_400);
        fs::File::options().append(true).open(uploads.join(name)).unwrap().set_modified(then).unwrap();
    }
    assert!(run(&["rotate"], &data).contains("screenshots removed: 1"));
    assert!(!uploads.join("old").exists() && uploads.join("new").exists());
    drop(server);
}
