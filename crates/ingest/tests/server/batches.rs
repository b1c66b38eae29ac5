//! What is sent is what is stored, in every shape and at every address.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::{Batch, Folder, KEY, Request, STREAM, Server, conservation};

fn without(mut record: Value, fields: &[&str]) -> Value {
    fields.iter().for_each(|field| drop(record.as_object_mut().unwrap().remove(*field)));
    record
}

#[test]
fn a_native_batch_is_stored_as_sent_and_found_again() {
    let folder = Folder::new("native");
    let server = Server::start(&folder);
    let metric = json!({"seq": 3, "type": "metric", "name": "lcp", "value": 125_125});
    let batch = Batch::new().logs([1, 2]).event(metric).to_json().replace("125125", "1250.50");
    let answer = server.send(&Request::batch(batch)).json();
    assert_eq!((&answer["beaconry"], &answer["status"]), (&json!(1), &json!("ok")));
    assert_eq!(answer["received"], json!({"logs": 2, "traces": 0, "metrics": 1}));
    assert_eq!((&answer["stream"], &answer["acknowledged"]), (&json!(STREAM), &json!([[1, 3]])));
    assert_eq!(answer["results"], json!([]));

    let lines = folder.journal();
    assert_eq!(
        without(lines[0].clone(), &["received_at", "crc"]),
        json!({"n": 1, "key": "default", "id": format!("{STREAM}-1"), "stream": STREAM, "seq": 1, "app": "test",
            "type": "log", "timestamp": "2025-12-22T00:00:00.001Z", "sentAt": "2025-12-22T00:00:00.000Z",
            "sessionId": "session-1", "release": "1.0", "source": "client", "level": "info", "message": "log 1"})
    );
    assert!(folder.journal_text().contains("\"value\":1250.50"), "numbers are kept digit by digit");
    let found = server.all_events();
    let stored: Vec<_> = lines.into_iter().map(|line| without(line, &["crc"])).collect();
    assert_eq!(found, stored);
}

#[test]
fn all_three_shapes_are_taken_at_all_three_addresses() {
    let folder = Folder::new("shapes");
    let server = Server::start(&folder);
    let lists = json!({
        "logs": [{"timestamp": "2025-12-22T10:00:00.000Z", "level": "info", "message": "Quiz started",
            "context": {"topic": "Math"}, "sessionId": "1-abc", "url": "http://x/y?z", "userAgent": "UA"}],
        "traces": [{"traceId": "k3j4h5", "spanId": "a1b2", "name": "api.generate", "duration": 2450,
            "attributes": {"model": "m"}}],
        "metrics": [{"name": "web_vital_lcp", "value": 1250, "labels": {"rating": "good"}}],
    });
    let events = json!({"events": [{"type": "page_view", "page": "/flow", "sessionId": "abc", "userId": "u",
        "deviceType": "desktop", "metadata": {"referrer": "/home"}}]});
    let native = |seq| Batch::new().logs([seq]).to_json();
    let addresses = ["/api/telemetry/batch", "/telemetry/ingest", "/telemetry/ingest.php"];
    for (at, address) in addresses.into_iter().enumerate() {
        let send = |body: String, content_type: &str| {
            let request = Request::new("POST", address).header("X-Telemetry-Token", KEY);
            let reply = server.send(&request.header("Content-Type", content_type).body(body));
            assert_eq!(reply.status, 200, "{reply:?}");
            reply.json()
        };
        let answer = send(lists.to_string(), "application/json");
        assert_eq!((&answer["status"], &answer["recorded"]), (&json!("ok"), &json!(3)));
        assert_eq!(answer["received"], json!({"logs": 1, "traces": 1, "metrics": 1}));
        let answer = send(events.to_string(), "text/plain;charset=UTF-8");
        assert_eq!(
            (&answer["success"], &answer["recorded"], &answer["failed"], &answer["total"]),
            (&json!(true), &json!(1), &json!(0), &json!(1))
        );
        let answer = send(native(at as u64 + 1), "text/plain");
        assert_eq!(answer["recorded"], 1);
    }
    let stored = server.all_events();
    assert_eq!(stored.len(), 15);
    let log = &stored[0];
    assert_eq!(
        (&log["page"], &log["context"], &log["userAgent"]),
        (&json!("http://x/y"), &json!({"topic": "Math"}), &json!("UA"))
    );
    let view = &stored[3];
    assert_eq!(
        (&view["type"], &view["name"], &view["deviceType"]),
        (&json!("event"), &json!("page_view"), &json!("desktop"))
    );
}

#[test]
fn a_compressed_body_is_recognised_with_and_without_its_header() {
    let folder = Folder::new("gzip");
    let server = Server::start(&folder);
    let gzip = |batch: Batch| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(batch.to_json().as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let with = Request::batch(gzip(Batch::new().logs([1]))).header("Content-Encoding", "gzip");
    let without = Request::batch(gzip(Batch::new().logs([2]))).header("Content-Type", "text/plain");
    for request in [with, without] {
        let reply = server.send(&request);
        assert_eq!((reply.status, &reply.json()["recorded"]), (200, &json!(1)));
    }
}

#[test]
fn a_second_copy_is_acknowledged_and_not_stored() {
    let folder = Folder::new("copy");
    let server = Server::start(&folder);
    server.store(&Batch::new().logs([1, 2]));
    let answer = server.store(&Batch::new().logs([2, 3, 3]));
    assert_eq!((&answer["status"], &answer["success"]), (&json!("ok"), &json!(true)));
    assert_eq!((&answer["recorded"], &answer["duplicate"]), (&json!(1), &json!(2)));
    assert_eq!(answer["acknowledged"], json!([[2, 3]]));
    let verdicts: Vec<_> =
        answer["results"].as_array().unwrap().iter().map(|r| (&r["index"], &r["verdict"])).collect();
    assert_eq!(verdicts, [(&json!(0), &json!("duplicate")), (&json!(2), &json!("duplicate"))]);
    assert_eq!(server.all_events().len(), 3);
}

#[test]
fn a_request_without_ids_is_stored_once_under_its_idempotency_key() {
    let folder = Folder::new("idempotent");
    let server = Server::start(&folder);
    let body = json!({"events": [{"type": "page_view", "page": "/"}, {"type": "Not A Name"},
        {"type": "page_view", "page": "/", "timestamp": "2001-01-01T00:00:00Z"}]})
    .to_string();
    let send = |server: &Server, key: &str, body: &str| {
        let answer = server.send(&Request::batch(body).header("Idempotency-Key", key)).json();
        without(answer, &["serverTime"])
    };
    let first = send(&server, "a", &body);
    assert_eq!(
        (&first["recorded"], &first["duplicate"], &first["failed"]),
        (&json!(2), &json!(0), &json!(1))
    );
    assert_eq!(send(&server, "a", &body), first);
    server.kill();
    let server = Server::start(&folder);
    assert_eq!(send(&server, "a", &body), first);
    assert_eq!(folder.journal().len(), 2);
    // Another key, another body, or none: another request.
    let other = body.replace("page_view", "page_left");
    assert_eq!(send(&server, "b", &body)["recorded"], 2);
    assert_eq!(send(&server, "a", &other)["recorded"], 2);
    (0..2).for_each(|_| assert_eq!(server.send(&Request::batch(body.as_str())).json()["recorded"], 2));
    assert_eq!(folder.journal().len(), 10);
    let streams = &server.get("/api/health/extended")["conservation"]["streams"];
    assert_eq!(
        (&streams["open"], &streams["stored"], &streams["missing"]),
        (&json!(0), &json!(6), &json!(0))
    );
    conservation(&server);
}

#[test]
fn features_are_told_once_and_then_unchanged() {
    let folder = Folder::new("features");
    let server = Server::start_with(&folder, &["--rollout", "25"]);
    let ask = || Request::get("/api/features").header("Origin", "http://localhost:5173");
    let reply = server.send(&ask());
    assert_eq!(
        reply.json(),
        json!({"features": {"TELEMETRY": {"phase": "ENABLED", "rollout": 25}},
            "sampling": {}})
    );
    assert_eq!(reply.header("access-control-allow-origin"), Some("http://localhost:5173"));
    let reply = server.send(&ask().header("If-None-Match", reply.header("etag").unwrap()));
    assert_eq!((reply.status, reply.body.as_str()), (304, ""));
    assert_eq!(server.send(&ask().header("If-None-Match", "\"old\"")).status, 200);
    let reply = server.send(&Request::get("/api/features").header("Origin", "https://evil.example"));
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (403, None));
}

#[test]
fn an_answer_says_what_clients_are_asked_where_that_is_not_the_default() {
    let folder = Folder::new("remote");
    let server =
        Server::start_with(&folder, &["--token", KEY, "--feature-phase", "disabled", "--sample-rate", "0.1"]);
    let answer = server.store(&Batch::new().logs([1]));
    assert_eq!(
        answer["remote"],
        json!({"features": {"TELEMETRY": {"phase": "DISABLED", "rollout": 100}}, "sampling": {"sampleRate": 0.1}})
    );
    let folder = Folder::new("not-remote");
    let answer = Server::start(&folder).store(&Batch::new().logs([1]));
    assert_eq!(answer.get("remote"), None);
}

#[test]
fn counts_are_of_the_last_days_by_type_and_over_time() {
    let folder = Folder::new("counts");
    let server = Server::start(&folder);
    server
        .store(&Batch::new().logs([1, 2]).event(json!({"seq": 3, "type": "event", "name": "quiz_started"})));
    assert_eq!(server.indexed(), 3);
    let counts = server.get("/api/telemetry?days=1");
    assert_eq!((&counts["total"], &counts["byType"]), (&json!(3), &json!({"log": 2, "event": 1})));
    assert_eq!((&counts["uniqueSessions"], &counts["uniqueUsers"]), (&json!(1), &json!(0)));
    assert_eq!(counts["top"], json!([{"type": "event", "name": "quiz_started", "count": 1}]));
    let points = counts["points"].as_array().unwrap();
    let total: u64 = points.iter().map(|point| point["eventCount"].as_u64().unwrap()).sum();
    assert_eq!(total, 3);
    assert!(points[0]["timestamp"].as_str().unwrap().ends_with(":00.000Z"));
    assert_eq!(server.get("/api/telemetry?type=quiz_started")["total"], 1);
    assert_eq!(server.get("/api/telemetry?type=log&bucket=day&days=90")["total"], 2);
    assert_eq!(server.get("/api/events?type=quiz_started")["events"][0]["seq"], 3);
}
