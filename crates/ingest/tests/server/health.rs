//! What the server says of itself, and that its numbers add up.

use serde_json::{Value, json};

use crate::support::{Batch, Folder, KEY, Request, STREAM, Server, conservation, numbers, run_to_end};

#[test]
fn every_record_has_its_place_in_the_account_of_its_key() {
    let folder = Folder::new("account");
    let server = Server::start(&folder);
    server.store(&Batch::new().logs([1, 2, 4]));
    server.store(&Batch::new().logs([2, 5]).event(json!({"seq": 6, "type": "nonsense"})));
    let old = json!({"seq": 7, "type": "log", "level": "info", "message": "x", "timestamp": 1_766_361_600_000_u64 - 22 * 86_400_000});
    server.store(&Batch::new().event(old.clone()));
    // What is known is no loss, however old.
    let answer = server.store(
        &Batch::new()
            .event(json!({"seq": 1, "type": "log", "level": "info", "message": "x", "timestamp": 1})),
    );
    assert_eq!(answer["results"][0]["verdict"], "duplicate");
    let account = &server.get("/api/health/extended")["conservation"];
    assert_eq!(
        account["keys"]["default"],
        json!({"received": 8, "stored": 4, "duplicate": 2, "rejected": {"too_old": 1, "unknown_type": 1}, "putOff": {}, "underWay": 0})
    );
    assert_eq!(
        account["streams"],
        json!({"total": 1, "closed": 0, "open": 1, "implausible": 0, "highest": 5, "stored": 4, "reported": 0, "missing": 1})
    );
    // The client tells what it has lost, and that it ends.
    let report = json!({"seq": 8, "type": "report", "closing": true,
        "discards": [{"reason": "invalid_field", "type": "log", "count": 3, "seqs": [[3, 3], [6, 7]]}]});
    server.store(&Batch::new().event(report));
    let streams = server.get("/api/health/extended")["conservation"]["streams"].clone();
    assert_eq!(
        (&streams["closed"], &streams["highest"], &streams["stored"]),
        (&json!(1), &json!(8), &json!(5))
    );
    assert_eq!((&streams["reported"], &streams["missing"]), (&json!(3), &json!(0)));
    server.kill();
    let server = Server::start(&folder);
    assert_eq!(server.get("/api/health/extended")["conservation"]["streams"], streams);
    server.stop();
    let server = Server::start(&folder);
    assert_eq!(server.get("/api/health/extended")["conservation"]["streams"], streams);
    conservation(&server);
}

#[test]
fn a_report_of_another_page_counts_for_the_stream_of_that_page() {
    let folder = Folder::new("other-page");
    let server = Server::start(&folder);
    server.store(&Batch::new().logs([1, 4]));
    let report = json!({"seq": 1, "type": "report",
        "discards": [{"reason": "too_old", "count": 2, "stream": STREAM, "seqs": [[2, 3]]}]});
    server.store(&Batch::of(&"7".repeat(32)).event(report));
    let streams = server.get("/api/health/extended")["conservation"]["streams"].clone();
    assert_eq!(
        (&streams["total"], &streams["highest"], &streams["missing"]),
        (&json!(2), &json!(5), &json!(0))
    );
    conservation(&server);
}

#[test]
fn numbers_are_told_as_openmetrics_and_no_stranger_can_make_up_labels() {
    let folder = Folder::new("metrics");
    let server = Server::start(&folder);
    server.store(&Batch::new().logs([1, 2]));
    server.send(&Request::get("/no/such/page"));
    server.send(&Request::get("/no/other/page"));
    server.send(&Request::batch("{").header("Idempotency-Key", "x"));
    server.indexed();
    let reply = server.send(&Request::get("/metrics"));
    assert!(reply.header("content-type").unwrap().starts_with("application/openmetrics-text"), "{reply:?}");
    assert!(reply.body.ends_with("# EOF\n"));
    let numbers = numbers(&server);
    for (name, value) in [
        (r#"beaconry_records_stored_total{key="default"}"#, 2.0),
        (r#"beaconry_requests_total{route="none",status="404"}"#, 2.0),
        (r#"beaconry_refusals_total{reason="not_found"}"#, 2.0),
        (r#"beaconry_refusals_total{reason="invalid_json"}"#, 1.0),
        ("beaconry_journal_records", 2.0),
        ("beaconry_journal_segments", 1.0),
        ("beaconry_index_lag_records", 0.0),
        ("beaconry_healthy", 1.0),
        ("beaconry_group_records_sum", 2.0),
        (r#"beaconry_streams{state="open"}"#, 1.0),
        (r#"beaconry_stream_places{state="missing"}"#, 0.0),
    ] {
        assert_eq!(numbers.get(name), Some(&value), "{name} in {numbers:#?}");
    }
    for name in [
        "beaconry_journal_size_bytes",
        "process_resident_memory_bytes",
        "beaconry_journal_sync_duration_seconds_count",
        "beaconry_connections_total",
        "process_start_time_seconds",
    ] {
        assert!(numbers[name] > 0.0, "{name} in {numbers:#?}");
    }
    let undocumented: Vec<_> = families(&reply.body)
        .into_iter()
        .filter(|name| !DOCUMENTATION.contains(&format!("`{name}")))
        .collect();
    assert_eq!(undocumented, [""; 0], "docs/server.md describes each number");
}

/// The names of all numbers, as they stand in the documentation.
fn families(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect()
}

const DOCUMENTATION: &str = include_str!("../../../../docs/server.md");

#[test]
fn health_is_told_in_detail() {
    let folder = Folder::new("extended");
    let server = Server::start(&folder);
    let error = |seq: u64| json!({"seq": seq, "type": "error", "errorType": "E", "message": "x"});
    server.store(&Batch::new().logs(1..=9).event(error(10)));
    server.store(&Batch::of(&"1".repeat(32)).logs([1]));
    server.indexed();
    let health = server.get("/api/health/extended");
    assert_eq!(
        (&health["status"], &health["errorRate"]["status"]),
        (&json!("unhealthy"), &json!("unhealthy"))
    );
    assert_eq!(
        (&health["errorRate"]["errors"], &health["errorRate"]["totalEvents"]),
        (&json!(1), &json!(11))
    );
    assert_eq!(health["errorRate"]["rate"], 9.09);
    assert_eq!(health["sessions"], json!({"active": 1, "atLeast": false, "windowMinutes": 5}));
    assert_eq!(health["eventRate"], json!({"perMinute": 2.2, "windowMinutes": 5}));
    assert_eq!(health["storage"].get("error"), None);
    assert!(
        health["memory"]["rssMB"].as_f64().unwrap() > 1.0
            && health["storage"]["latencyMs"].as_f64().unwrap() > 0.0
    );
    for field in ["timestamp", "version", "commit", "lastEventAt"] {
        assert!(health[field].is_string(), "{field} in {health}");
    }
    assert!(!folder.path().join("probe").exists());
    assert_eq!(server.send(&Request::get("/api/health/extended").header("Host", "evil.example")).status, 403);
    assert_eq!(server.send(&Request::get("/metrics").header("Host", "evil.example")).status, 403);
    assert_eq!(server.send(&Request::get("/metrics?x=1")).status, 400);
}

#[test]
fn the_log_is_json_where_that_is_asked_for() {
    let folder = Folder::new("json-log");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_beaconry"));
    std::fs::create_dir_all(folder.path()).unwrap();
    let log = std::fs::File::create(folder.path().with_extension("log")).unwrap();
    let server = Server::start_with(&folder, &["--token", KEY]);
    server.store(&Batch::new().logs([1]));
    server.kill();
    // Something to tell: a torn write.
    let segment = folder.segments().pop().unwrap();
    let torn = [std::fs::read(&segment).unwrap(), b"{\"n\":2,".to_vec()].concat();
    std::fs::write(&segment, torn).unwrap();
    command.args(["serve", "--listen", "127.0.0.1:0", "--token", KEY, "--log-format", "json", "--data"]);
    let server = Server::start_logging(command.arg(folder.path()), log);
    let lines = std::fs::read_to_string(folder.path().with_extension("log")).unwrap();
    let line: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((&line["level"], &line["bytes"]), (&json!("WARN"), &json!(7)));
    assert_eq!(line["message"], "an unfinished write was cut off the journal's end");
    assert_eq!(numbers(&server)["beaconry_journal_mended_bytes_total"], 7.0);
    let _ = std::fs::remove_file(folder.path().with_extension("log"));
}

#[test]
fn single_streams_that_miss_records_are_shown_by_a_server_and_without_one() {
    let folder = Folder::new("missing");
    let data = folder.path().to_str().unwrap();
    let server = Server::start(&folder);
    let [much, little, none] = ["a", "b", "c"].map(|digit| digit.repeat(32));
    server.store(&Batch::of(&much).logs([1, 20]));
    server.store(&Batch::of(&little).logs([2, 4]));
    server.store(&Batch::of(&none).logs([1, 2, 3]));
    let check = |most: &str, streams: &[&str]| {
        let output = run_to_end(&["missing", "--data", data, "--most", most], &[]);
        let told = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(lines.len(), streams.len() + 2, "{told}");
        assert!(lines[1..].iter().zip(streams).all(|(line, stream)| line.starts_with(stream)), "{told}");
        assert!(lines[1].ends_with("open    2-19"), "{told}");
        assert_eq!(lines.last(), Some(&"2 of 3 streams miss 20 records"), "{told}");
    };
    check("1", &[&much]);
    check("20", &[&much, &little]);
    server.kill();
    check("20", &[&much, &little]);
    let wrong = run_to_end(&["missing", "--data", data, "--most", "all"], &[]);
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("--most: takes a whole number"));
}
