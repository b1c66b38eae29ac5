//! `beaconry verify` finds what is wrong and nothing else; `beaconry reindex` makes the same index.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use beaconry_ingest::index::Index;
use serde_json::json;

use crate::support::{Batch, Folder, KEY, Server, eventually, run_to_end};

const SMALL: [&str; 4] = ["--token", KEY, "--segment-bytes", "50000"];

/// A folder that a server was killed in, with sealed segments and one that is not.
fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    let server = Server::start_with(&folder, &SMALL);
    for first in (1..=1_000).step_by(50) {
        let event =
            json!({"seq": first + 50, "type": "event", "name": "seen", "userId": format!("u{first}")});
        server.store(&Batch::new().logs(first..first + 50).event(event));
    }
    server.indexed();
    eventually("all segments but the last are sealed", || {
        (folder.segments().len() == folder.sealed().len() + 1).then_some(())
    });
    server.kill();
    folder
}

fn run(command: &str, folder: &Folder) -> Output {
    run_to_end(&[command, "--data", folder.path().to_str().unwrap()], &[])
}

/// What is said to be wrong, and what is noted; the exit code has to fit.
fn verify(folder: &Folder) -> (Vec<String>, Vec<String>) {
    let output = run("verify", folder);
    let text = String::from_utf8(output.stdout).unwrap();
    let of = |kind: &str| text.lines().filter(|line| line.starts_with(kind)).map(str::to_owned).collect();
    let (wrong, notes): (Vec<_>, _) = (of("WRONG"), of("note"));
    assert_eq!(output.status.code(), Some(i32::from(!wrong.is_empty())), "{text}");
    assert_eq!(text.contains("everything is as it was written"), wrong.is_empty(), "{text}");
    (wrong, notes)
}

fn hash(folder: &Folder) -> String {
    Index::open(folder.path().join("index.db")).unwrap().dump_hash().unwrap()
}

fn last(mut paths: Vec<PathBuf>) -> PathBuf {
    paths.pop().unwrap()
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_a_kill_leaves_is_right() {
    let folder = folder("verify");
    assert!(folder.sealed().len() > 3);
    assert_eq!(verify(&folder), (vec![], vec![]));
    // The end of a write, and of a sealing, that were cut off.
    change(&last(folder.segments()), |bytes| bytes.extend_from_slice(b"{\"n\":1051,\"rec"));
    let draft = folder.sealed()[0].with_extension("new");
    fs::write(&draft, "half").unwrap();
    folder.delete_index();
    let (wrong, notes) = verify(&folder);
    assert_eq!((wrong.len(), notes.len()), (0, 3), "{notes:?}");
    assert!(draft.exists(), "nothing is changed");
    Server::start_with(&folder, &SMALL).indexed();
    assert_eq!(verify(&folder), (vec![], vec![]));
}

#[test]
fn damage_is_told_by_its_place() {
    let folder = folder("verify-damage");
    let sealed = folder.sealed();
    change(&sealed[0], |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
    change(&sealed[1], |bytes| *bytes.last_mut().unwrap() ^= 1);
    fs::remove_file(&sealed[2]).unwrap();
    change(&last(folder.segments()), |bytes| bytes[30] ^= 1);
    let (wrong, notes) = verify(&folder);
    let found = |what: &str| wrong.iter().filter(|line| line.contains(what)).count();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(found(&format!("{}, byte 0", name(&sealed[0]))), 1, "{wrong:?}");
    assert_eq!(found(&format!("{}: the table", name(&sealed[1]))), 1, "{wrong:?}");
    assert_eq!(found("are missing"), 1, "{wrong:?}");
    assert_eq!(found(&format!("{}, byte 0", name(&last(folder.segments())))), 1, "{wrong:?}");
    // The index has all of them still.
    assert_eq!((found("index.db has line"), wrong.len(), notes.len()), (3, 7, 0), "{wrong:?}");
}

#[test]
fn an_index_that_says_something_else_is_told_and_made_anew() {
    let folder = folder("verify-index");
    let before = hash(&folder);
    let index = rusqlite::Connection::open(folder.path().join("index.db")).unwrap();
    let changes = "DELETE FROM records WHERE n = 7;
        UPDATE records SET offset = offset + 1 WHERE n = 8;
        UPDATE records SET n = 5000 WHERE n = 9;";
    index.execute_batch(changes).unwrap();
    drop(index);
    let (wrong, _) = verify(&folder);
    let expected = [
        "index.db lacks line 7",
        "index.db says another place or type of line 8 ",
        "index.db lacks line 9",
        "index.db has line 5000,",
    ];
    assert_eq!(wrong.len(), expected.len(), "{wrong:?}");
    assert!(wrong.iter().zip(expected).all(|(line, expected)| line.contains(expected)), "{wrong:?}");
    assert_ne!(hash(&folder), before);

    let output = run("reindex", &folder);
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8(output.stdout).unwrap().contains(&before));
    assert_eq!((hash(&folder), verify(&folder)), (before, (vec![], vec![])));
}

#[test]
fn an_index_made_anew_says_the_same_to_the_hash() {
    let folder = folder("reindex");
    let before = hash(&folder);
    for _ in 0..2 {
        assert!(run("reindex", &folder).status.success());
        assert_eq!(hash(&folder), before);
    }
    let server = Server::start_with(&folder, &SMALL);
    server.store(&Batch::new().logs([9_999]));
    server.indexed();
    server.kill();
    let other = hash(&folder);
    assert_ne!(other, before);
    assert!(run("reindex", &folder).status.success());
    assert_eq!(hash(&folder), other);
}

#[test]
fn a_folder_in_use_is_left_alone_and_one_that_is_none_is_told() {
    let folder = Folder::new("verify-in-use");
    let server = Server::start(&folder);
    for command in ["verify", "reindex"] {
        let output = run(command, &folder);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("in use by another beaconry") && said.contains("verify-in-use"), "{said}");
        let output = run_to_end(&[command, "--data", "/nowhere"], &[]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.code() == Some(2) && said.contains("--data") && said.lines().count() == 1,
            "{said}"
        );
    }
    assert!(server.stop().success());
}
