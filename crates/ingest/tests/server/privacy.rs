//! What a client sends that kept no rule of privacy is stored without its secrets.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use memchr::memmem;
use serde_json::{Value, json};

use crate::support::{Batch, Folder, Server};

/// Each is a text with a secret in it, and the secret.
fn corpus() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/tests/corpus/secrets.txt");
    let text = fs::read_to_string(path).unwrap();
    let columns = text.lines().map(|line| line.splitn(3, '\t').map(str::to_owned).collect::<Vec<_>>());
    columns.map(|columns| (columns[1].clone(), columns[2].clone())).collect()
}

/// A record of one of the types after the other, with the text wherever one may stand.
fn record(seq: usize, text: &str) -> Value {
    // What may be an id stays one: it joins records.
    let is_id = text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    let parent = if is_id { "c3d4" } else { text };
    let mut record = match seq % 7 {
        0 => json!({"type": "log", "level": "info", "message": text}),
        1 => {
            json!({"type": "error", "errorType": text, "message": text, "stack": text, "componentStack": text})
        }
        2 => json!({"type": "metric", "name": "m", "value": 1, "unit": text}),
        3 => json!({"type": "trace", "name": "t", "duration": 1, "traceId": "k3j4", "spanId": "a1",
            "parentSpanId": parent, "kind": text, "status": text}),
        4 => json!({"type": "vital", "name": "LCP", "value": 1, "navigationType": text,
            "attribution": {"target": text}}),
        5 => json!({"type": "event", "name": "sent", "action": text}),
        _ => json!({"type": "feedback", "message": text, "screenshot": text}),
    };
    if matches!(seq % 7, 2 | 3) && text.chars().count() <= 100 {
        record["name"] = json!(text);
    }
    record["seq"] = json!(seq + 1);
    let deep = (0..5).fold(
        json!({text: text, "n": [text]}),
        |deep, _| json!({text: text, "in": deep, "list": [text, [text]]}),
    );
    record["context"] = deep;
    record["page"] = json!(format!("https://h.example/a/{text}/b?q={text}#{text}"));
    for field in [
        "sessionId",
        "userId",
        "anonymousId",
        "userAgent",
        "platform",
        "deviceType",
        "region",
        "buildId",
        "environment",
    ] {
        record[field] = json!(text);
    }
    record
}

#[test]
fn no_planted_secret_gets_into_a_file() {
    let folder = Folder::new("privacy");
    let server = Server::start(&folder);
    let corpus = corpus();
    let records: Vec<_> = corpus.iter().enumerate().map(|(seq, (text, _))| record(seq, text)).collect();
    for some in records.chunks(100) {
        let batch = some.iter().cloned().fold(Batch::new(), Batch::event);
        let answer = server.store(&batch);
        assert_eq!(answer["recorded"], some.len(), "{answer}");
    }
    // Each bug report has an error beside it.
    let reports = records.iter().filter(|record| record["type"] == "feedback").count();
    assert_eq!(server.indexed(), (corpus.len() + reports) as u64);
    assert!(server.stop().success());
    let files = files_in(folder.path());
    assert!(files.iter().any(|file| file.ends_with("index.db")) && files.len() > 3, "{files:?}");
    for file in files {
        let bytes = fs::read(&file).unwrap();
        for (text, secret) in &corpus {
            let found = memmem::find(&bytes, secret.as_bytes());
            assert_eq!(found, None, "{} has {secret} of {text}", file.display());
        }
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}

#[test]
fn a_user_has_one_pseudonym_across_restarts_and_another_with_another_secret() {
    let folder = Folder::new("pseudonyms");
    let event =
        |seq: u64| json!({"seq": seq, "type": "event", "name": "seen", "userId": "ann", "anonymousId": "a1"});
    for seq in 1..=2 {
        let server = Server::start(&folder);
        server.store(&Batch::new().event(event(seq)));
        assert!(server.stop().success());
    }
    let secret = folder.path().join("install-secret");
    assert_eq!(fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    fs::remove_file(&secret).unwrap();
    let server = Server::start(&folder);
    server.store(&Batch::new().event(event(3)));
    let users: Vec<_> =
        folder.journal().iter().map(|line| line["userId"].as_str().unwrap().to_owned()).collect();
    assert!(users[0].len() == 32 && users[0] == users[1] && users[1] != users[2], "{users:?}");
    let text = folder.journal_text();
    assert!(!text.contains("\"ann\"") && !text.contains("\"a1\""), "{text}");
}

#[test]
fn a_damaged_secret_is_told_and_not_replaced() {
    let folder = Folder::new("bad-secret");
    drop(Server::start(&folder));
    fs::write(folder.path().join("install-secret"), "abc\n").unwrap();
    let path = folder.path().to_str().unwrap();
    let output = crate::support::run_to_end(&["serve", "--listen", "127.0.0.1:0", "--data", path], &[]);
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(line.contains("install-secret") && line.contains("64 hex digits"), "{line}");
}
