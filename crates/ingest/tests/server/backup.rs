//! `beaconry backup` and `beaconry restore`.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Output;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::json;

use crate::support::{Batch, Folder, KEY, Request, Server, eventually, run_to_end};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn back_up(data: &Folder, to: &Path) -> Output {
    run_to_end(&["backup", text(to), "--data", text(data.path())], &[])
}

fn restore(from: &Path, data: &Folder, more: &[&str]) -> Output {
    run_to_end(&[&["restore", text(from), "--data", text(data.path())], more].concat(), &[])
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn what_was_acknowledged_before_a_backup_under_load_is_in_it_once() {
    let (data, place, other) = (Folder::new("backup"), Folder::new("backup-to"), Folder::new("backup-other"));
    fs::create_dir(place.path()).unwrap();
    let to = place.path().join("nightly");
    // Segments are sealed all the time meanwhile.
    let server = Server::start_with(&data, &["--token", KEY, "--segment-bytes", "16384"]);
    let acknowledged = Mutex::new(Vec::new());
    let is_over = AtomicBool::new(false);
    let before = thread::scope(|scope| {
        for client in 1..=3 {
            let (server, acknowledged, is_over) = (&server, &acknowledged, &is_over);
            scope.spawn(move || {
                let stream = format!("{client:032x}");
                let mut firsts = (1..).step_by(20);
                while !is_over.load(Ordering::Relaxed) {
                    let first = firsts.next().unwrap();
                    server.store(&Batch::of(&stream).logs(first..first + 20));
                    let ids = (first..first + 20).map(|seq| format!("{stream}-{seq}"));
                    acknowledged.lock().unwrap().extend(ids);
                }
            });
        }
        eventually("load goes on", || (acknowledged.lock().unwrap().len() > 3000).then_some(()));
        let before = acknowledged.lock().unwrap().clone();
        let output = back_up(&data, &to);
        is_over.store(true, Ordering::Relaxed);
        assert!(output.status.success(), "{output:?}");
        before
    });
    let all = acknowledged.into_inner().unwrap();
    assert!(all.len() > before.len(), "records came in meanwhile");
    server.stop();

    let output = restore(&to, &other, &[]);
    assert!(output.status.success(), "{output:?}");
    let server = Server::start(&other);
    let mut copies: HashMap<String, u32> = HashMap::new();
    for record in server.all_events() {
        *copies.entry(record["id"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let missing = before.iter().filter(|id| !copies.contains_key(*id)).count();
    let repeated = copies.values().filter(|count| **count > 1).count();
    assert_eq!((missing, repeated), (0, 0));
    assert_eq!(server.get("/api/health")["damagedLines"], 0);
    // Who sends again what the backup has is told so.
    let duplicates = server.store(&Batch::of(&format!("{:032x}", 1)).logs(1..=20));
    assert_eq!(duplicates["duplicate"], 20);
}

#[test]
fn users_keep_their_names_and_reports_their_screenshots() {
    let (data, place, other) =
        (Folder::new("backup-all"), Folder::new("backup-all-to"), Folder::new("backup-all-other"));
    let to = place.path().join("nightly");
    let server = Server::start(&data);
    let event = json!({"seq": 1, "type": "event", "name": "page_view", "userId": "u1"});
    server.store(&Batch::new().event(event.clone()));
    let upload = Request::new("POST", "/api/uploads").header("X-Telemetry-Token", KEY);
    let image = &include_bytes!("../images/pixel.png")[..];
    assert_eq!(server.send(&upload.body(image)).status, 200);
    server.stop();
    let first = back_up(&data, &to);
    assert!(first.status.success(), "{first:?}");
    // In the place of the first one.
    assert!(back_up(&data, &to).status.success());
    let beside: Vec<_> =
        fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside, ["nightly"]);
    assert_eq!(fs::metadata(to.join("install-secret")).unwrap().mode() & 0o777, 0o600);

    assert!(restore(&to, &other, &[]).status.success());
    let server = Server::start(&other);
    server.store(&Batch::of(&"1".repeat(32)).event(event));
    let events = server.all_events();
    assert_eq!(events[0]["userId"], events[1]["userId"]);
    assert_eq!(fs::read_dir(other.path().join("uploads")).unwrap().count(), 1);
}

#[test]
fn sealed_segments_are_shared_with_the_older_backup_and_changed_ones_are_not() {
    let (data, place) = (Folder::new("backup-shared"), Folder::new("backup-shared-to"));
    let to = place.path().join("nightly");
    let server = Server::start_with(&data, &["--token", KEY, "--segment-bytes", "4096"]);
    for first in (1..=200).step_by(20) {
        server.store(&Batch::new().logs(first..first + 20));
    }
    let sealed = || data.segments().into_iter().filter(|path| path.extension().unwrap() == "zst").count();
    eventually("segments are sealed", || (sealed() >= 5).then_some(()));
    assert!(back_up(&data, &to).status.success());
    let inodes = || -> HashMap<_, _> {
        let entries = fs::read_dir(to.join("journal")).unwrap().map(Result::unwrap);
        entries.map(|entry| (entry.file_name(), entry.metadata().unwrap().ino())).collect()
    };
    let before = inodes();
    // A copy that was damaged on its disk meanwhile is made anew.
    let damaged = to.join("journal").join(data.segments()[0].file_name().unwrap());
    fs::write(&damaged, "damaged").unwrap();
    server.store(&Batch::new().logs(201..=202));
    let output = back_up(&data, &to);
    assert!(output.status.success() && said(&output).contains("202 records up to line 202"), "{output:?}");
    let after = inodes();
    let shared = before.iter().filter(|(name, inode)| after.get(*name) == Some(inode)).count();
    assert!(shared >= 4 && shared < before.len(), "{shared} of {}", before.len());
}

#[test]
fn nothing_that_is_there_is_overwritten_and_nothing_damaged_restored() {
    let (data, place) = (Folder::new("backup-care"), Folder::new("backup-care-to"));
    fs::create_dir(place.path()).unwrap();
    let to = place.path().join("nightly");
    let server = Server::start(&data);
    server.store(&Batch::new().logs(1..=10));
    assert!(back_up(&data, &to).status.success());
    for (target, why) in [
        (place.path(), "something else"),
        (&data.path().join("backup"), "not in the data folder"),
        (data.path(), "something else"),
    ] {
        let refused = back_up(&data, target);
        assert!(refused.status.code() == Some(1) && said(&refused).contains(why), "{refused:?}");
    }
    let refused = restore(&to, &data, &[]);
    assert!(said(&refused).contains("--replace"), "{refused:?}");
    let refused = restore(&to, &data, &["--replace"]);
    assert!(said(&refused).contains("in use"), "{refused:?}");
    server.store(&Batch::new().logs(11..=12));
    server.stop();
    let restored = restore(&to, &data, &["--replace"]);
    assert!(restored.status.success() && said(&restored).contains(".replaced-"), "{restored:?}");
    assert_eq!(data.journal().len(), 10);
    assert_eq!(Server::start(&data).all_events().len(), 10);

    let segment = fs::read_dir(to.join("journal")).unwrap().next().unwrap().unwrap().path();
    let damaged = fs::read_to_string(&segment).unwrap().replacen("log 3", "lug 3", 1);
    fs::write(&segment, damaged).unwrap();
    let refused = restore(&to, &Folder::new("backup-care-other"), &[]);
    assert!(said(&refused).contains("is damaged"), "{refused:?}");
}

#[test]
fn a_restore_that_was_killed_is_finished_before_a_server_starts() {
    let (data, place, other) =
        (Folder::new("restore"), Folder::new("restore-from"), Folder::new("restore-to"));
    let to = place.path().join("nightly");
    let server = Server::start(&data);
    server.store(&Batch::new().logs(1..=10));
    assert!(back_up(&data, &to).status.success());
    // As a kill leaves it while files are copied, and while they are moved.
    for is_moving in [false, true] {
        let other = Folder::new(&format!("restore-to-{is_moving}"));
        let staged = other.path().join(".restoring");
        fs::create_dir_all(staged.join("journal")).unwrap();
        if is_moving {
            for entry in fs::read_dir(to.join("journal")).unwrap() {
                let entry = entry.unwrap();
                fs::copy(entry.path(), staged.join("journal").join(entry.file_name())).unwrap();
            }
            fs::copy(to.join("backup.json"), staged.join("backup.json")).unwrap();
            fs::copy(to.join("install-secret"), other.path().join("install-secret")).unwrap();
            fs::write(staged.join("moving"), "").unwrap();
        }
        let refused = run_to_end(&["serve", "--listen", "127.0.0.1:0", "--data", text(other.path())], &[]);
        assert!(said(&refused).contains("restore again"), "{refused:?}");
        assert!(restore(&to, &other, &[]).status.success());
        assert_eq!(Server::start(&other).all_events().len(), 10);
    }
    drop(other);
}

#[test]
fn what_is_not_of_a_backup_is_left_alone() {
    let (data, places) = (Folder::new("backup-others"), Folder::new("backup-others-to"));
    drop(Server::start(&data));
    let to = places.path().join("b");
    for beside in ["b.previous", "b.unfinished"] {
        let folder = places.path().join(beside);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("mine"), "x").unwrap();
        let output = back_up(&data, &to);
        assert!(!output.status.success() && said(&output).contains(beside), "{}", said(&output));
        assert!(folder.join("mine").exists() && !to.exists());
        fs::remove_dir_all(folder).unwrap();
    }
    fs::write(&to, "a file").unwrap();
    assert!(!back_up(&data, &to).status.success() && to.is_file());
    fs::remove_file(&to).unwrap();
    let disk = places.path().join("disk");
    fs::create_dir(&disk).unwrap();
    std::os::unix::fs::symlink(&disk, &to).unwrap();
    assert!(back_up(&data, &to).status.success());
    assert!(to.is_symlink() && disk.join("journal").is_dir(), "a backup goes where the link leads");
}

#[test]
fn records_are_counted_and_what_is_left_of_erased_ones_is_not() {
    let (data, place) = (Folder::new("backup-count"), Folder::new("backup-count-to"));
    let server = Server::start(&data);
    server.store(&Batch::new().logs(1..=5));
    let gone = Batch::of(&"d".repeat(32))
        .event(json!({"seq": 1, "type": "event", "name": "x", "sessionId": "gone"}));
    server.store(&gone);
    let forget = run_to_end(&["forget", "--session", "gone", "--data", text(data.path())], &[]);
    assert!(said(&forget).contains("erased: 1 records"), "{forget:?}");
    let output = back_up(&data, place.path());
    assert!(said(&output).starts_with("5 records up to line 6"), "{output:?}");
}
