//! `beaconry import`, into a server that runs and into the folder of one that does not.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use crate::support::{Batch, Folder, Server, eventually, run_to_end};

const LINES: usize = 20_000;

/// A folder as Saberloop's endpoint left it.
fn saberloop(test: &str) -> Folder {
    let folder = Folder::new(test);
    fs::create_dir_all(folder.path().join("logs")).unwrap();
    let line = |number: usize| {
        format!(
            r#"{{"timestamp":"2025-12-22T10:{:02}:{:02}.000Z","level":"info","message":"line {number}","sessionId":"s{}","received_at":"2025-12-22T11:00:00+00:00"}}"#,
            number / 60 % 60,
            number % 60,
            number % 7
        ) + "\n"
    };
    let text: String = (0..LINES).map(line).collect();
    fs::write(folder.path().join("logs/2025-12-22.jsonl"), text).unwrap();
    folder
}

fn import(data: &Folder, from: &Folder) -> String {
    let arguments = ["import", from.path().to_str().unwrap(), "--data", data.path().to_str().unwrap()];
    let output = run_to_end(&arguments, &[]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn assert_every_line_once(data: &Folder) {
    let records = data.journal();
    let messages: HashSet<_> = records.iter().map(|record| record["message"].to_string()).collect();
    assert_eq!((records.len(), messages.len()), (LINES, LINES));
}

#[test]
fn an_import_that_is_killed_and_run_again_stores_every_line_once() {
    for is_running in [true, false] {
        let name = format!("import-killed-{is_running}");
        let (data, from) = (Folder::new(&name), saberloop(&format!("{name}-from")));
        fs::create_dir(data.path()).unwrap();
        let server = is_running.then(|| Server::start(&data));
        let mut killed = Command::new(env!("CARGO_BIN_EXE_beaconry"))
            .args(["import", from.path().to_str().unwrap(), "--data", data.path().to_str().unwrap()])
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        eventually("records come in", || {
            let segments = fs::read_dir(data.path().join("journal")).ok()?;
            let bytes: u64 = segments.map(|segment| segment.unwrap().metadata().unwrap().len()).sum();
            (bytes > 500_000).then_some(())
        });
        killed.kill().unwrap();
        killed.wait().unwrap();
        let answer = import(&data, &from);
        assert!(!answer.starts_with("0 records") && !answer.contains(", 0 were there"), "{answer}");
        assert!(import(&data, &from).starts_with(&format!("0 records imported, {LINES} were there")));
        drop(server);
        assert_every_line_once(&data);
    }
}

#[test]
fn an_imported_record_is_found_and_a_move_to_another_server_is_whole() {
    let (from, files, to) = (Folder::new("move"), Folder::new("move-files"), Folder::new("move-to"));
    let server = Server::start(&from);
    server.store(&Batch::new().logs(1..=50));
    let export = ["export", "--data", from.path().to_str().unwrap(), "--to", files.path().to_str().unwrap()];
    assert!(run_to_end(&export, &[]).status.success());

    let other = Server::start(&to);
    assert!(import(&to, &files).starts_with("50 records imported"));
    assert_eq!(other.all_events(), server.all_events());
    assert_eq!(other.store(&Batch::new().logs([50, 51]))["duplicate"], 1);
}

#[test]
fn what_cannot_be_imported_is_told() {
    let (data, from) = (Folder::new("import-bad"), Folder::new("import-bad-from"));
    fs::create_dir(from.path()).unwrap();
    fs::create_dir(data.path()).unwrap();
    let path = data.path().to_str().unwrap();
    for (arguments, parts, code) in [
        (&["import", "--data", path][..], &["PATH", "beaconry import --help"][..], 2),
        (&["import", "/nowhere.jsonl", "--data", path], &["/nowhere.jsonl"], 1),
        (&["import", from.path().to_str().unwrap(), "--data", path], &["*.jsonl"], 1),
        (&["import", "/nowhere", "--app", "a b", "--data", path], &["--app", "a b"], 2),
    ] {
        let output = run_to_end(arguments, &[]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), text.lines().count()), (Some(code), 1), "{text}");
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
    }
}

#[test]
fn lines_that_are_no_records_are_told_at_the_end_and_by_the_exit_code() {
    let (data, from) = (Folder::new("import-refused"), Folder::new("import-refused-from"));
    [&data, &from].iter().for_each(|folder| fs::create_dir(folder.path()).unwrap());
    let line = r#"{"type":"log","level":"info","message":"good","timestamp":"2025-12-22T10:00:00.000Z"}"#;
    fs::write(from.path().join("some.jsonl"), format!("{line}\nno record\n")).unwrap();
    let arguments = ["import", from.path().to_str().unwrap(), "--data", data.path().to_str().unwrap()];
    let output = run_to_end(&arguments, &[]);
    let told = String::from_utf8(output.stderr).unwrap();
    let last = told.lines().last().unwrap();
    assert!(last.contains("1 lines are no records") && last.contains("import-refused.jsonl"), "{told}");
    assert_eq!((output.status.code(), data.journal().len()), (Some(1), 1));
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("1 records imported"));
}

#[test]
fn a_file_that_was_changed_keeps_back_no_other() {
    let (data, from) = (Folder::new("import-changed"), Folder::new("import-changed-from"));
    [&data, &from].iter().for_each(|folder| fs::create_dir(folder.path()).unwrap());
    let line = |file: &str, text: &str| {
        format!(
            "{{\"type\":\"log\",\"level\":\"info\",\"message\":\"{file} {text}\",\"timestamp\":\"2025-12-22T10:00:00Z\"}}\n"
        )
    };
    let write = |file: &str, texts: &[&str]| {
        let lines: String = texts.iter().map(|text| line(file, text)).collect();
        fs::write(from.path().join(file), lines).unwrap();
    };
    for file in ["a.jsonl", "b.jsonl"] {
        write(file, &["one", "two"]);
    }
    assert!(import(&data, &from).starts_with("4 records imported"));
    write("a.jsonl", &["one", "changed"]);
    write("b.jsonl", &["one", "two", "three"]);
    let arguments = ["import", from.path().to_str().unwrap(), "--data", data.path().to_str().unwrap()];
    let output = run_to_end(&arguments, &[]);
    let (told, count) =
        (String::from_utf8(output.stderr).unwrap(), String::from_utf8(output.stdout).unwrap());
    assert_eq!(
        (output.status.code(), count.as_str()),
        (Some(1), "1 records imported, 2 were there already\n")
    );
    assert!(
        told.contains("a.jsonl begins with the line") && told.contains("1 files were not imported"),
        "{told}"
    );
    assert_eq!(data.journal().len(), 5);
}

#[test]
fn what_is_stored_is_not_imported_from_where_it_is_stored() {
    let data = Folder::new("import-own");
    let server = Server::start(&data);
    server.store(&Batch::new().logs(1..=3));
    server.stop();
    let link = data.path().with_extension("link");
    let _ = fs::remove_file(&link);
    symlink(data.path().join("journal"), &link).unwrap();
    let above = data.path().join("uploads/..");
    for path in [data.path(), &data.path().join("journal"), &data.segments()[0], &link, &above] {
        let arguments = ["import", path.to_str().unwrap(), "--data", data.path().to_str().unwrap()];
        let output = run_to_end(&arguments, &[]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), text.lines().count()), (Some(2), 1), "{text}");
        assert!(text.contains("takes files outside of the data folder"), "{text}");
    }
    fs::remove_file(link).unwrap();
    assert_eq!(data.journal().len(), 3);
}
