//! Whoever watches is told at once.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Batch, Folder, Request, Server};

/// Opens the feed and waits for its head, so that nothing after it can be missed.
fn watch(server: &Server) -> BufReader<TcpStream> {
    let stream = Request::get("/api/live").open(server.address).unwrap();
    let mut feed = BufReader::new(stream);
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        assert!(feed.read_line(&mut line).unwrap() > 0, "the feed ended");
        assert!(!line.starts_with("HTTP/1.1") || line.starts_with("HTTP/1.1 200"), "{line}");
    }
    feed
}

/// Reads on until the next line with this field. Heartbeats keep the feed going, so it is this that
/// gives up.
fn next_field(feed: &mut BufReader<TcpStream>, field: &str) -> String {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let mut line = String::new();
        assert!(feed.read_line(&mut line).unwrap() > 0, "the feed ended");
        if let Some(value) = line.strip_prefix(field) {
            return value.trim().to_owned();
        }
        assert!(Instant::now() < deadline, "nothing was told");
    }
}

#[test]
fn a_stored_record_is_told_within_a_second() {
    let folder = Folder::new("live");
    let server = Server::start(&folder);
    server.store(&Batch::new().logs([1]));
    server.indexed();
    let mut feed = watch(&server);
    // A machine that is busy is slow now and then. A server that looks only sometimes has just looked when the second
    // one is sent, and each after it.
    let quickest = (2..=6).map(|seq| {
        let sent = Instant::now();
        server.store(&Batch::new().logs([seq]));
        assert_eq!(next_field(&mut feed, "event:"), "record");
        assert_eq!(next_field(&mut feed, "id:"), seq.to_string());
        let record: Value = serde_json::from_str(&next_field(&mut feed, "data:")).unwrap();
        let took = sent.elapsed();
        assert_eq!(Some(&record), server.all_events().last());
        took
    });
    let quickest = quickest.skip(1).min().unwrap();
    assert!(quickest < Duration::from_secs(1), "{quickest:?}");
}

#[test]
fn watchers_do_not_keep_the_server_from_ending() {
    let folder = Folder::new("live-end");
    let server = Server::start(&folder);
    let mut feed = watch(&server);
    let told = Instant::now();
    assert!(server.stop().success());
    // It waits 10 s for those that it does wait for.
    assert!(told.elapsed() < Duration::from_secs(9), "{:?}", told.elapsed());
    let mut rest = String::new();
    while feed.read_line(&mut rest).unwrap() > 0 {}
}
