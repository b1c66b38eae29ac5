//! Nobody holds up others by being slow, silent, or many.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Batch, Folder, KEY, Request, Server};

/// More than a header may take, with time for a busy machine.
const PATIENCE: Duration = Duration::from_secs(16);

fn connect(address: SocketAddr, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(bytes.as_bytes()).unwrap();
    stream
}

/// Whether the server closes the connection in time, while `drip` goes on being sent.
fn is_closed(mut stream: TcpStream, drip: &[u8]) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if stream.write_all(drip).is_err() {
            return true;
        }
        match stream.read(&mut [0; 4096]) {
            Ok(0) => return true,
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return true,
            _ => {}
        }
    }
    false
}

#[test]
fn a_connection_without_a_whole_header_is_closed() {
    let folder = Folder::new("no-header");
    let server = Server::start(&folder);
    let whole = format!("GET /api/features HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
    let part = &whole[..whole.len() - 2];
    thread::scope(|scope| {
        let closed =
            [("silent", "", ""), ("partial", part, ""), ("dripping", part, "X"), ("idle", &whole, "")].map(
                |(what, first, drip)| {
                    let stream = connect(server.address, first);
                    (what, scope.spawn(move || is_closed(stream, drip.as_bytes())))
                },
            );
        for (what, closed) in closed {
            assert!(closed.join().unwrap(), "{what}");
        }
    });
}

#[test]
fn idle_connections_do_not_use_up_the_descriptors() {
    let folder = Folder::new("idle");
    let server = Server::start_with_few_descriptors(&folder);
    let idle: Vec<_> = (0..245).map(|_| connect(server.address, "")).collect();
    assert_eq!(server.store(&Batch::new().logs([1]))["recorded"], 1);
    assert_eq!(server.indexed(), 1);
    drop(idle);
}

#[test]
fn unfinished_bodies_do_not_hold_up_others() {
    let folder = Folder::new("slow");
    let server = Server::start(&folder);
    let slow: Vec<_> = (0..200)
        .map(|_| {
            let unfinished = Request::new("POST", "/api/telemetry/batch")
                .header("X-Telemetry-Token", KEY)
                .header("Transfer-Encoding", "chunked")
                .body("5\r\n{\"v\":");
            unfinished.open(server.address).unwrap()
        })
        .collect();
    // Time to take them all in; a busy machine that needs longer only proves less.
    (0..20).for_each(|_| drop(server.get("/api/health")));
    thread::sleep(Duration::from_millis(300));
    let began = Instant::now();
    assert_eq!(server.store(&Batch::new().logs([1]))["recorded"], 1);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    drop(slow);
}
