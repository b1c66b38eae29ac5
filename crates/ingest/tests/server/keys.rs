//! Keys, made and changed by the command while the server runs.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::support::{Batch, Folder, KEY, Reply, Request, Server, error_of, eventually, run_to_end};

fn keys(folder: &Folder, arguments: &[&str]) -> String {
    let data = folder.path().to_str().unwrap();
    let output = run_to_end(&[&["keys", "--data", data], arguments].concat(), &[]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

fn post(server: &Server, token: &str, change: impl FnOnce(Request) -> Request) -> Reply {
    let log = json!({"type": "page_view", "source": "server"});
    let request = Request::new("POST", "/api/telemetry/batch").header("X-Telemetry-Token", token);
    server.send(&change(request.body(json!({"events": [log]}).to_string())))
}

/// Waits until the server knows of a change.
fn becomes(server: &Server, token: &str, status: u16) {
    eventually("the server reads its keys again", || {
        (post(server, token, |r| r).status == status).then_some(())
    });
}

#[test]
fn a_key_is_made_rotated_and_revoked_while_the_server_runs() {
    let folder = Folder::new("keys-live");
    let server = Server::start(&folder);
    let first = keys(&folder, &["create", "shop"]);
    assert!(first.starts_with("bw_") && first.len() == 35, "{first}");
    becomes(&server, &first, 200);
    assert_eq!(folder.journal().last().unwrap()["key"], "shop");

    let second = keys(&folder, &["rotate", "shop"]);
    becomes(&server, &second, 200);
    assert_eq!(post(&server, &first, |r| r).status, 200);
    let third = keys(&folder, &["rotate", "shop", "--grace", "0"]);
    becomes(&server, &second, 401);
    assert_eq!((post(&server, &first, |r| r).status, post(&server, &third, |r| r).status), (401, 200));

    keys(&folder, &["revoke", "shop"]);
    becomes(&server, &third, 401);
    assert_eq!(post(&server, KEY, |r| r).status, 200);
    let list = keys(&folder, &["list"]);
    assert!(list.contains("shop") && list.contains("revoked"), "{list}");
    let mode = std::fs::metadata(folder.path().join("state.db")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
}

#[test]
fn what_comes_with_a_server_key_is_of_a_server_and_nothing_else_is() {
    let folder = Folder::new("keys-source");
    std::fs::create_dir(folder.path()).unwrap();
    let [secret, public] = ["server", "write"].map(|kind| keys(&folder, &["create", kind, "--kind", kind]));
    let server = Server::start(&folder);
    for token in [&secret, &public] {
        assert_eq!(post(&server, token, |r| r).status, 200);
    }
    let stored: Vec<_> =
        folder.journal().iter().map(|line| [line["key"].clone(), line["source"].clone()]).collect();
    assert_eq!(stored, [[json!("server"), json!("server")], [json!("write"), json!("client")]]);
    let in_page = post(&server, &secret, |request| request.header("Origin", "http://localhost:5173"));
    assert_eq!((in_page.status, error_of(&in_page.json())), (403, "origin_not_allowed"));
    // Of a secret one there is nothing to be read, neither in the list nor on disk.
    let state = std::fs::read(folder.path().join("state.db")).unwrap();
    let wal = std::fs::read(folder.path().join("state.db-wal")).unwrap_or_default();
    let holds =
        |text: &str| [&state, &wal].iter().any(|f| f.windows(text.len()).any(|w| w == text.as_bytes()));
    assert!(holds(&public) && !holds(&secret) && !keys(&folder, &["list"]).contains(&secret));
}

#[test]
fn a_key_brings_in_its_types_from_its_pages_until_it_ends() {
    let folder = Folder::new("keys-allow");
    std::fs::create_dir(folder.path()).unwrap();
    let shop = keys(&folder, &["create", "shop", "--origin", "https://shop.example", "--type", "error"]);
    let ended = keys(&folder, &["create", "old", "--expires", "1s"]);
    let server = Server::start(&folder);
    let from = |origin: &'static str| post(&server, &shop, move |request| request.header("Origin", origin));
    let reply = from("https://shop.example");
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://shop.example"));
    let answer = reply.json();
    assert_eq!(
        (&answer["status"], &answer["results"][0]["reason"]),
        (&json!("rejected"), &json!("disabled"))
    );
    assert!(answer["results"][0]["message"].as_str().unwrap().contains("takes error"), "{answer}");
    // Pages of the server may not use a key of others, and pages of others not that of the server.
    assert_eq!(from("http://localhost:5173").status, 403);
    let foreign = post(&server, KEY, |request| request.header("Origin", "https://shop.example"));
    assert_eq!(
        (foreign.status, foreign.header("access-control-allow-origin")),
        (403, Some("https://shop.example"))
    );
    assert_eq!(from("https://evil.example").header("access-control-allow-origin"), None);
    let preflight = Request::new("OPTIONS", "/api/telemetry/batch").header("Origin", "https://shop.example");
    assert_eq!(server.send(&preflight).status, 204);
    let feedback = Request::new("POST", "/api/feedback").header("X-Telemetry-Token", &shop);
    assert_eq!(server.send(&feedback.body("{\"message\":\"x\"}")).status, 401);
    becomes(&server, &ended, 401);
    assert!(folder.journal().iter().all(|record| record["key"] == "old"));
}

#[test]
fn a_wrong_name_changes_nothing() {
    let folder = Folder::new("keys-wrong");
    std::fs::create_dir(folder.path()).unwrap();
    keys(&folder, &["create", "shop"]);
    let data = folder.path().to_str().unwrap();
    for (arguments, part) in [
        (&["create", "shop"][..], "\"shop\" already"),
        (&["revoke", "shpo"], "no key \"shpo\""),
        (&["rotate", "shpo"], "no key \"shpo\""),
    ] {
        let output = run_to_end(&[&["keys", "--data", data], arguments].concat(), &[]);
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(part) && text.lines().count() == 1, "{text}");
    }
    let server = Server::start(&folder);
    assert_eq!(server.store(&Batch::new().logs([1]))["recorded"], 1);
}
