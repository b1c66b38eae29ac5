//! Ending when told to, and at once when told twice.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{Folder, KEY, Request, Server, eventually};

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = Folder::new("twice");
    let server = Server::start(&folder);
    // Something that the first signal lets the server wait for.
    let _unfinished = Request::new("POST", "/api/telemetry/batch")
        .header("X-Telemetry-Token", KEY)
        .header("Transfer-Encoding", "chunked")
        .header("Expect", "100-continue")
        .body("5\r\n{\"v\":")
        .open(server.address)
        .unwrap();
    // It has been accepted when a later request was answered.
    server.get("/api/health");
    server.tell_to_stop();
    eventually("the first signal is seen", || TcpStream::connect(server.address).err());
    let told = Instant::now();
    assert_eq!(server.stop().code(), Some(130));
    // The first one lets it wait 10 s.
    assert!(told.elapsed() < Duration::from_secs(9), "{:?}", told.elapsed());
}
