//! Whatever comes in, the answer says what was wrong and what is allowed, and nothing else suffers.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::support::{Batch, Folder, KEY, Reply, Request, Server, error_of};

fn start(test: &str) -> (Folder, Server) {
    let folder = Folder::new(test);
    let server = Server::start(&folder);
    (folder, server)
}

fn message(reply: &Reply) -> String {
    reply.json()["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_missing_or_wrong_key_is_401() {
    let (folder, server) = start("wrong-key");
    let batch = Batch::new().logs([1]).to_json();
    let post = |target: &str| Request::new("POST", target).body(batch.clone());
    for request in [
        post("/api/telemetry/batch"),
        post("/api/telemetry/batch?token=wrong"),
        post("/api/telemetry/batch?token="),
        post("/api/telemetry/batch").header("X-Telemetry-Token", "a-test-kez"),
        post("/api/telemetry/batch").header("X-Telemetry-Token", "a-test-key-and-more"),
        post(&format!("/api/telemetry/batch?token={KEY}")).header("X-Telemetry-Token", "wrong"),
    ] {
        let reply = server.send(&request);
        assert_eq!(reply.status, 401);
        assert_eq!(error_of(&reply.json()), "unauthorized");
    }
    assert!(folder.segments().is_empty());
    assert_eq!(server.send(&post(&format!("/api/telemetry/batch?token={KEY}"))).status, 200);
}

#[test]
fn another_method_is_405_and_told_which_are_taken() {
    let (_folder, server) = start("method");
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        for target in ["/api/telemetry/batch", "/telemetry/ingest.php"] {
            let reply = server.send(&Request::new(method, target));
            assert_eq!((reply.status, reply.header("allow")), (405, Some("POST, OPTIONS")), "{method}");
            assert_eq!(error_of(&reply.json()), "method_not_allowed");
        }
    }
    let reply = server.send(&Request::new("POST", "/api/events"));
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")));
}

#[test]
fn what_is_not_json_is_400_with_the_position() {
    let (_folder, server) = start("not-json");
    for (body, position) in [
        ("", "line 1 column 0"),
        ("{\"v\":1,\n \"app\": oops}", "line 2 column 9"),
        ("{\"events\":[{}", "line 1 column 13"),
        ("<html>", "line 1 column 1"),
    ] {
        let reply = server.send(&Request::batch(body));
        assert_eq!((reply.status, error_of(&reply.json())), (400, "invalid_json"));
        assert!(message(&reply).contains(position), "{}", message(&reply));
    }
    let reply = server.send(&Request::batch(b"{\"events\":\"\xff\"}".to_vec()));
    assert_eq!(reply.status, 400);
    assert!(message(&reply).contains("not UTF-8 at byte 11"), "{}", message(&reply));
}

#[test]
fn json_of_no_known_shape_is_400_and_told_the_shapes() {
    let (_folder, server) = start("shape");
    for body in ["{}", "{\"records\":[]}", "{\"v\":1,\"app\":\"x\",\"stream\":\"short\",\"events\":[]}"] {
        let reply = server.send(&Request::batch(body));
        assert_eq!((reply.status, error_of(&reply.json())), (400, "invalid_body"), "{body}");
        assert!(message(&reply).contains("takes"), "{}", message(&reply));
    }
}

#[test]
fn deep_json_is_400_before_anything_descends() {
    let (_folder, server) = start("deep");
    let deep = format!("{{\"events\":{}", "[".repeat(500_000));
    let reply = server.send(&Request::batch(deep));
    assert_eq!((reply.status, error_of(&reply.json())), (400, "invalid_body"));
    assert!(message(&reply).contains("levels deep"), "{}", message(&reply));
    assert_eq!(server.store(&Batch::new().logs([1]))["recorded"], 1);
}

#[test]
fn a_body_over_the_limit_is_413_announced_or_not() {
    let (_folder, server) = start("too-large");
    let large = vec![b' '; 1024 * 1024 + 1];
    let mut chunked = format!("{:x}\r\n", large.len()).into_bytes();
    chunked.extend_from_slice(&large);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    for request in [Request::batch(large), Request::batch(chunked).header("Transfer-Encoding", "chunked")] {
        let reply = server.send(&request);
        assert_eq!((reply.status, error_of(&reply.json())), (413, "too_large"));
    }
    assert_eq!(server.store(&Batch::new().logs([1]))["recorded"], 1);
}

#[test]
fn a_gzip_bomb_is_413_and_takes_no_memory() {
    let (_folder, server) = start("bomb");
    server.store(&Batch::new().logs([1]));
    let mut member = GzEncoder::new(Vec::new(), Compression::best());
    member.write_all(&vec![b' '; 8 * 1024 * 1024]).unwrap();
    let bomb = member.finish().unwrap().repeat(100);
    assert!(bomb.len() < 1024 * 1024);
    let before = server.peak_memory();
    for _ in 0..3 {
        let reply = server.send(&Request::batch(bomb.clone()).header("Content-Encoding", "gzip"));
        assert_eq!((reply.status, error_of(&reply.json())), (413, "too_large"));
    }
    let growth = server.peak_memory() - before;
    assert!(growth < 64 * 1024, "{growth} KiB for a body that inflates to 800 MiB");
}

#[test]
fn a_compression_that_is_not_known_or_broken_is_told() {
    let (_folder, server) = start("encoding");
    let reply = server.send(&Request::batch("{}").header("Content-Encoding", "lzma"));
    assert_eq!((reply.status, error_of(&reply.json())), (415, "unsupported_encoding"));
    assert!(message(&reply).contains("takes gzip"), "{}", message(&reply));
    let reply = server.send(&Request::batch("{}").header("Content-Encoding", "gzip"));
    assert_eq!((reply.status, error_of(&reply.json())), (400, "invalid_body"));
}

#[test]
fn a_bad_record_is_refused_with_index_and_reason_and_the_others_are_stored() {
    let (folder, server) = start("bad-record");
    let answer = server.store(
        &Batch::new()
            .logs([1])
            .event(json!({"seq": 2, "type": "logg", "message": "x"}))
            .event(json!({"seq": 3, "type": "log", "level": "loud", "message": "x"}))
            .event(json!({"seq": 4, "type": "metric", "name": "lcp"}))
            .event(json!({"seq": 5, "type": "event", "name": "Not A Name"}))
            .event(json!("no record at all"))
            .logs([6]),
    );
    assert_eq!((&answer["status"], &answer["success"]), (&json!("partial"), &json!(false)));
    let counts = ["total", "recorded", "duplicate", "failed"].map(|field| answer[field].as_u64().unwrap());
    assert_eq!(counts, [7, 2, 0, 5]);
    assert_eq!(answer["acknowledged"], json!([[1, 1], [6, 6]]));
    let results = answer["results"].as_array().unwrap();
    let verdicts: Vec<_> =
        results.iter().map(|r| (r["index"].as_u64().unwrap(), r["reason"].as_str().unwrap())).collect();
    assert_eq!(
        verdicts,
        [
            (1, "unknown_type"),
            (2, "invalid_field"),
            (3, "missing_field"),
            (4, "invalid_field"),
            (5, "invalid_field"),
        ]
    );
    assert!(results.iter().all(|result| result["verdict"] == "rejected" && result["message"].is_string()));
    let stored: Vec<_> = folder.journal().iter().map(|line| line["seq"].as_u64().unwrap()).collect();
    assert_eq!(stored, [1, 6]);
}

#[test]
fn a_batch_of_nothing_but_bad_records_is_rejected_with_200() {
    let (_folder, server) = start("all-bad");
    let answer = server.store(&Batch::new().event(json!({"seq": 1, "type": "logg"})));
    assert_eq!((&answer["status"], &answer["failed"]), (&json!("rejected"), &json!(1)));
}

#[test]
fn a_newer_version_is_answered_with_upgrade() {
    let (_folder, server) = start("version");
    let newer = Batch::new().logs([1]).to_json().replace("\"v\":1", "\"v\":2");
    let reply = server.send(&Request::batch(newer));
    assert_eq!((reply.status, error_of(&reply.json())), (400, "upgrade"));
}

#[test]
fn a_page_that_is_not_allowed_is_403_and_cannot_read_it() {
    let folder = Folder::new("origin");
    let server = Server::start_with(&folder, &["--token", KEY, "--allow-origin", "https://app.example"]);
    let batch = || Request::batch(Batch::new().logs([1]).to_json());
    let preflight = || Request::new("OPTIONS", "/api/telemetry/batch");
    for request in [batch(), preflight()] {
        let reply = server.send(&request.header("Origin", "https://evil.example"));
        assert_eq!((reply.status, error_of(&reply.json())), (403, "origin_not_allowed"));
        assert_eq!(reply.header("access-control-allow-origin"), None);
    }
    assert!(folder.segments().is_empty());
    let reply = server.send(&batch().header("Origin", "https://app.example"));
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://app.example"));
    assert_eq!(server.send(&batch()).status, 200);
}

#[test]
fn a_preflight_lets_allowed_pages_send_what_the_client_sends() {
    let (_folder, server) = start("preflight");
    let reply = server.send(
        &Request::new("OPTIONS", "/api/telemetry/batch")
            .header("Origin", "http://localhost:5173")
            .header("Access-Control-Request-Method", "POST"),
    );
    assert_eq!((reply.status, reply.body.as_str()), (204, ""));
    for (name, value) in [
        ("access-control-allow-origin", "http://localhost:5173"),
        ("access-control-allow-methods", "POST, OPTIONS"),
        ("access-control-max-age", "7200"),
        ("vary", "Origin"),
    ] {
        assert_eq!(reply.header(name), Some(value));
    }
    let allowed = reply.header("access-control-allow-headers").unwrap();
    for name in ["Content-Type", "Content-Encoding", "X-Telemetry-Token", "Idempotency-Key", "traceparent"] {
        assert!(allowed.contains(name), "{name} in {allowed}");
    }
}

#[test]
fn an_allowed_page_can_read_every_refusal() {
    let (_folder, server) = start("cors-errors");
    let batch = "/api/telemetry/batch";
    for (request, status) in [
        (Request::new("POST", batch).body("{}"), 401),
        (Request::new("GET", batch), 405),
        (Request::batch("{"), 400),
        (Request::batch(vec![b' '; 1024 * 1024 + 1]), 413),
        (Request::new("POST", "/api/nothing-here"), 404),
    ] {
        let reply = server.send(&request.header("Origin", "http://localhost:5173"));
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("access-control-allow-origin"), Some("http://localhost:5173"), "{status}");
        assert!(reply.header("access-control-expose-headers").unwrap().contains("Retry-After"));
        assert_eq!(reply.header("cache-control"), None);
        error_of(&reply.json());
    }
}

#[test]
fn a_wrong_parameter_is_400_by_name() {
    let (_folder, server) = start("parameter");
    for (target, field) in [
        ("/api/telemetry?days=0", "days"),
        ("/api/telemetry?days=ten", "days"),
        ("/api/telemetry?bucket=second", "bucket"),
        ("/api/telemetry?days=30&bucket=minute", "bucket"),
        ("/api/events?limit=1001", "limit"),
        ("/api/events?before=x", "before"),
        ("/api/events?stream=x", "stream"),
        ("/api/events?tpye=error", "tpye"),
        ("/api/telemetry?limit=5", "limit"),
        ("/api/live?type=error", "type"),
        ("/api/health?verbose=1", "verbose"),
    ] {
        let reply = server.send(&Request::get(target));
        let wrong = reply.json();
        assert_eq!((reply.status, &wrong["field"]), (400, &json!(field)), "{target}");
        assert!(wrong["got"].is_string() && wrong["takes"].is_string(), "{wrong}");
    }
    let unknown = server.send(&Request::get("/api/events?tpye=error"));
    assert!(message(&unknown).contains("type, name, stream"), "{}", message(&unknown));
}

#[test]
fn a_body_that_is_chunked_wrongly_is_told_so() {
    let (_folder, server) = start("chunks");
    let request = Request::batch("this is no chunk\r\n").header("Transfer-Encoding", "chunked");
    let reply = server.send(&request);
    assert_eq!((reply.status, error_of(&reply.json())), (400, "invalid_body"));
    assert!(!message(&reply).contains("30 s") && message(&reply).contains("broken"), "{}", message(&reply));
}
