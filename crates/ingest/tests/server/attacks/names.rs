//! Names that are meant to lead elsewhere, and origins that are meant to look like another.

use std::fs;

use serde_json::json;

use super::{Target, one_log};
use crate::support::{Batch, KEY, Request, STREAM, error_of};

const TRAVERSALS: [&str; 8] = [
    "../../../etc/passwd",
    "..\\\\..\\\\boot.ini",
    "/etc/passwd",
    "..%2f..%2fstate.db",
    "a/../b",
    "journal",
    "C:",
    "\\u0000",
];

#[test]
fn no_name_of_a_sender_becomes_a_path() {
    let target = Target::new("attack-paths");
    let listing = || {
        let mut names: Vec<_> = fs::read_dir(target.folder.path())
            .unwrap()
            .chain(fs::read_dir(target.folder.path().join("journal")).unwrap())
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    target.server.store(&Batch::new().logs([1]));
    target.server.indexed();
    let before = listing();
    let mut stored = 1;
    for (number, name) in TRAVERSALS.into_iter().enumerate() {
        let app = format!(r#"{{"v":1,"app":"{name}","stream":"{STREAM}","events":[]}}"#);
        let app_is_plain = ["journal"].contains(&name);
        assert_eq!(target.server.send(&Request::batch(app)).status == 200, app_is_plain, "{name}");
        let stream = format!(r#"{{"v":1,"app":"a","stream":"{name}","events":[]}}"#);
        assert_eq!(target.server.send(&Request::batch(stream)).status, 400, "{name}");
        for fields in [
            format!(r#""type":"{name}""#),
            format!(r#""type":"event","name":"{name}""#),
            format!(r#""type":"metric","name":"{name}","value":1"#),
            format!(r#""type":"feedback","message":"m","screenshot":"{name}""#),
        ] {
            let body = format!(
                r#"{{"v":1,"app":"a","stream":"{number:032x}","events":[{{"seq":{},{fields}}}]}}"#,
                stored + 1
            );
            let answer = target.server.send(&Request::batch(body)).json();
            let count = |value: &serde_json::Value| usize::try_from(value.as_u64().unwrap_or(0)).unwrap();
            stored += count(&answer["recorded"]) + count(&answer["received"]["feedback"]);
        }
        for route in ["/api/uploads/", "/admin/", "/admin/assets/"] {
            let path = format!("{route}{}", name.replace("\\\\", "%5c").replace("\\u0000", "%00"));
            let reply = target.server.send(&Request::get(path.clone()));
            // A path without an extension is a page of the dashboard.
            let is_page = route.starts_with("/admin") && reply.body.contains("<title>Beaconry</title>");
            assert!(is_page || [400, 404].contains(&reply.status), "{path}: {}", reply.status);
            assert!(!reply.body.contains("root:") && !reply.body.contains("SQLite"), "{path}");
        }
    }
    target.server.indexed();
    assert_eq!(listing(), before);
    target.assert_unharmed(stored);
}

#[test]
fn no_origin_looks_like_another() {
    let target = Target::with("attack-origins", &["--token", KEY, "--allow-origin", "https://app.example"]);
    for origin in [
        "http://app.example",
        "https://app.example:444",
        "https://app.example.evil.example",
        "https://evilapp.example",
        "https://app.example@evil.example",
        "https://app.example/",
        "https://APP.example",
        "https://app.example, https://evil.example",
        "https://app.example https://evil.example",
        "https://app.exampl\u{435}",
        "null",
        "*",
        "",
        "file://",
        "https://[::1]",
        "http://localhost",
    ] {
        for method in ["POST", "OPTIONS"] {
            let request = Request::new(method, "/api/telemetry/batch").header("X-Telemetry-Token", KEY);
            let reply = target.server.send(&request.body(one_log(1)).header("Origin", origin));
            assert_eq!((reply.status, error_of(&reply.json())), (403, "origin_not_allowed"), "{origin}");
            assert_eq!(reply.header("access-control-allow-origin"), None, "{origin}");
        }
    }
    target.assert_unharmed(0);
}

#[test]
fn what_a_body_says_of_itself_is_not_believed() {
    let target = Target::new("attack-claims");
    let claims = json!({"seq": 1, "type": "log", "level": "info", "message": "m", "source": "server",
        "received_at": "1999-01-01T00:00:00Z", "key": "admin", "n": 1, "crc": "00000000"});
    assert_eq!(target.server.store(&Batch::new().event(claims))["recorded"], 1);
    let line = &target.folder.journal()[0];
    assert_eq!((&line["source"], &line["key"]), (&json!("client"), &json!("default")));
    assert!(!line["received_at"].as_str().unwrap().starts_with("1999"));
    target.assert_unharmed(1);
}
