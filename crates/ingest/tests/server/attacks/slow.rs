//! Many who are slow.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Target, post};
use crate::support::{Folder, KEY, Server};

/// The three ways of being slow: saying nothing, dripping a header, and dripping a body.
fn beginnings() -> [String; 3] {
    let body = format!(
        "POST /api/telemetry/batch HTTP/1.1\r\nHost: localhost\r\nX-Telemetry-Token: {KEY}\r\nContent-Length: 9999\r\n\r\n{{"
    );
    [String::new(), "POST /api/telemetry/batch HTTP/1.1\r\nX-A: ".to_owned(), body]
}

/// Keeps so many slow connections open, opening those again that were closed, until it is over.
fn be_slow(address: SocketAddr, count: usize, over: &AtomicBool) {
    let beginnings = beginnings();
    let open = |n: usize| {
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_write_timeout(Some(Duration::from_millis(100))).ok()?;
        stream.write_all(beginnings[n % 3].as_bytes()).ok().map(|()| stream)
    };
    let mut streams: Vec<_> = (0..count).map(open).collect();
    while !over.load(Ordering::Relaxed) {
        for (n, slot) in streams.iter_mut().enumerate() {
            // Those that say nothing go on saying nothing.
            let is_open = slot.as_mut().is_some_and(|stream| n % 3 == 0 || stream.write_all(b"x").is_ok());
            if !is_open {
                *slot = open(n);
            }
            if over.load(Ordering::Relaxed) {
                return;
            }
        }
        thread::sleep(Duration::from_millis(500));
    }
}

/// Sends records one by one while others are slow; how many of how many were taken.
fn amid_slow_ones(target: &Target, count: usize, lasting: Duration) -> [usize; 2] {
    let over = AtomicBool::new(false);
    let mut good = [0, 0];
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| be_slow(target.server.address, count / 4, &over));
        }
        let began = Instant::now();
        while began.elapsed() < lasting {
            let reply = post(good[1] + 1).send(target.server.address);
            good[0] += usize::from(reply.is_ok_and(|reply| reply.status == 200));
            good[1] += 1;
            thread::sleep(Duration::from_millis(10));
        }
        over.store(true, Ordering::Relaxed);
    });
    good
}

#[test]
fn slow_connections_make_room_for_others() {
    let folder = Folder::new("attack-slow");
    let server = Server::start_with_few_descriptors(&folder);
    let target = Target { folder, server };
    // More than twice the places that there are.
    let [taken, sent] = amid_slow_ones(&target, 400, Duration::from_secs(3));
    // On a machine that is busy with other tests; the long attack is stricter.
    assert!(taken * 100 >= sent * 95 && sent > 20, "{taken} of {sent}");
    target.assert_unharmed_within(taken..=sent);
}

#[test]
#[ignore = "takes half a minute and two thousand connections: cargo xtask attack"]
fn two_thousand_slow_connections_keep_nobody_out() {
    let target = Target::new("attack-slow-long");
    let [taken, sent] = amid_slow_ones(&target, 2_000, Duration::from_secs(30));
    let memory = target.server.peak_memory();
    println!("amid 2,000 slow connections: {taken} of {sent} taken, {memory} KiB at most");
    assert!(taken * 100 >= sent * 99 && sent > 200, "{taken} of {sent}");
    assert!(memory < 100 * 1024, "{memory} KiB");
    target.assert_unharmed_within(taken..=sent);
}

#[test]
#[ignore = "takes half a minute: cargo xtask attack"]
fn a_body_that_drips_is_cut_off_after_its_time() {
    let target = Target::new("attack-drip");
    let mut stream = TcpStream::connect(target.server.address).unwrap();
    stream.write_all(beginnings()[2].as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let began = Instant::now();
    let mut reply = Vec::new();
    while stream.read_to_end(&mut reply).is_err() && began.elapsed() < Duration::from_secs(60) {
        let _ = stream.write_all(b"x");
    }
    let reply = String::from_utf8_lossy(&reply);
    assert!(reply.starts_with("HTTP/1.1 400") && reply.contains("within 30 s"), "{reply}");
    assert!(began.elapsed() < Duration::from_secs(45), "{:?}", began.elapsed());
    target.assert_unharmed(0);
}

#[test]
fn an_address_gets_so_many_connections_and_its_own_make_room() {
    let target = Target::with("attack-per-address", &["--token", KEY, "--address-connections", "10"]);
    let [taken, sent] = amid_slow_ones(&target, 40, Duration::from_secs(1));
    // Here the slow ones are of the same address, and in a moment there may be ten new ones.
    assert!(taken * 100 >= sent * 90 && sent > 5, "{taken} of {sent}");
    target.assert_unharmed_within(taken..=sent);
}
