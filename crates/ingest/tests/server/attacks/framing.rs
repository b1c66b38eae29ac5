//! Requests whose beginning and end are told wrongly.

use std::io::Write;
use std::net::TcpStream;

use super::{Target, one_log};
use crate::support::{KEY, eventually};

fn batch(headers: &str, body: &str) -> String {
    format!(
        "POST /api/telemetry/batch HTTP/1.1\r\nHost: localhost\r\nX-Telemetry-Token: {KEY}\r\n{headers}\r\n\r\n{body}"
    )
}

fn statuses(reply: &str) -> Vec<&str> {
    reply.split("HTTP/1.1 ").skip(1).filter_map(|part| part.get(..3)).collect()
}

#[test]
fn a_request_with_two_ends_is_one_request_or_none() {
    let target = Target::new("attack-smuggling");
    let log = one_log(1);
    let length = log.len();
    let smuggled = batch(&format!("Content-Length: {}", one_log(2).len()), &one_log(2));
    for headers in [
        format!("Content-Length: {length}\r\nContent-Length: {}", length + 1),
        format!("Content-Length: {length}, {}", length + 1),
        format!("Content-Length: +{length}"),
        "Content-Length: -1".to_owned(),
        "Content-Length: 0x10".to_owned(),
        "Content-Length: 99999999999999999999999".to_owned(),
        "Transfer-Encoding: chunked, identity".to_owned(),
        "Transfer-Encoding: xchunked".to_owned(),
        format!("Content-Length : {length}"),
        " Content-Length: 3".to_owned(),
        "X-A: b\rX-C: d".to_owned(),
        "X-A: b\0c".to_owned(),
    ] {
        let reply = target.raw(batch(&headers, &format!("{log}{smuggled}")).as_bytes());
        assert_eq!(statuses(&reply), ["400"], "{headers:?}: {reply}");
    }
    // By its chunks it ends where the other begins, by its length behind it: nothing comes after it.
    let chunks = format!("{length:x}\r\n{log}\r\n0\r\n\r\n");
    let both = format!("Content-Length: {}\r\nTransfer-Encoding: chunked", chunks.len() + smuggled.len());
    let reply = target.raw(batch(&both, &format!("{chunks}{smuggled}")).as_bytes());
    assert_eq!(statuses(&reply), ["200"], "{reply}");
    let length_first = "Transfer-Encoding: chunked\r\nContent-Length: 4";
    let reply = target.raw(batch(length_first, &format!("{chunks}{smuggled}")).as_bytes());
    assert_eq!(statuses(&reply), ["200"], "{reply}");
    target.assert_unharmed(1);
}

#[test]
fn headers_have_an_end() {
    let target = Target::new("attack-headers");
    let get = |rest: &str| format!("GET /api/health{rest}");
    for request in [
        get(&format!(" HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X-A: b\r\n".repeat(200))),
        get(&format!(" HTTP/1.1\r\nHost: localhost\r\nX-A: {}\r\n\r\n", "b".repeat(1024 * 1024))),
        get(&format!("?{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(200_000))),
    ] {
        let reply = target.raw(request.as_bytes());
        assert!(matches!(statuses(&reply)[..], ["431" | "414" | "400"] | []), "{reply}");
    }
    for nonsense in
        [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"[..], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\r\n\r\n\0\0\0"]
    {
        let reply = target.raw(nonsense);
        assert!(matches!(statuses(&reply)[..], ["400"] | []), "{reply}");
    }
    target.assert_unharmed(0);
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let target = Target::new("attack-pipeline");
    let mut requests: String =
        (0..100).map(|n| batch(&format!("Content-Length: {}", one_log(n).len()), &one_log(n))).collect();
    requests += "GET /api/nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let reply = target.raw(requests.as_bytes());
    assert_eq!(statuses(&reply), [vec!["200"; 100], vec!["404"]].concat());
    target.assert_unharmed(100);
}

#[test]
#[ignore = "takes half a minute: cargo xtask attack"]
fn whoever_never_reads_is_let_go() {
    let target = Target::new("attack-never-reads");
    let mut stored = 0;
    for n in 0..40 {
        let records = (1..=50).map(|seq| {
            format!(r#"{{"seq":{seq},"type":"log","level":"info","message":"{}"}}"#, "m".repeat(8_000))
        });
        let events = records.collect::<Vec<_>>().join(",");
        let body = format!(r#"{{"v":1,"app":"a","stream":"{n:032x}","events":[{events}]}}"#);
        stored += 50;
        assert_eq!(target.server.send(&crate::support::Request::batch(body)).status, 200);
    }
    target.server.indexed();
    let (before, sockets) = (target.server.peak_memory(), sockets_of(&target));
    let ask = "GET /api/events?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(50);
    let streams: Vec<_> = (0..20)
        .map(|_| {
            let mut stream = TcpStream::connect(target.server.address).unwrap();
            stream.write_all(ask.as_bytes()).unwrap();
            stream
        })
        .collect();
    eventually("they are let in", || (sockets_of(&target) >= sockets + 20).then_some(()));
    eventually("they are let go", || (sockets_of(&target) <= sockets).then_some(()));
    drop(streams);
    let growth = target.server.peak_memory() - before;
    assert!(growth < 400 * 1024, "{growth} KiB");
    target.assert_unharmed(stored);
}

/// How many sockets the server has open.
fn sockets_of(target: &Target) -> usize {
    let files = std::fs::read_dir(format!("/proc/{}/fd", target.server.id())).unwrap();
    let targets = files.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
}
