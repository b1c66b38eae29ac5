//! Too fast: by key, by address, and with wrong keys. One that is too fast holds up no other.

use crate::support::{Batch, Folder, KEY, Reply, Request, Server, error_of, eventually, run_to_end};

fn batch() -> Request {
    Request::batch(Batch::new().logs([1]).to_json())
}

fn assert_too_fast(reply: &Reply) {
    assert_eq!((reply.status, error_of(&reply.json())), (429, "too_many_requests"));
    let millis = reply.json()["retryAfterMs"].as_u64().unwrap();
    let seconds: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!(millis > 0 && seconds == millis.div_ceil(1000), "{millis} {seconds}");
    assert!(reply.json()["message"].as_str().unwrap().contains("requests a second"));
}

/// How many of so many are taken; the others are told so.
fn taken(server: &Server, request: &Request, count: usize) -> usize {
    let replies = (0..count).map(|_| server.send(request));
    let (taken, refused): (Vec<_>, Vec<_>) = replies.partition(|reply| reply.status != 429);
    refused.iter().for_each(assert_too_fast);
    taken.len()
}

#[test]
fn one_address_that_is_too_fast_holds_up_no_other() {
    let folder = Folder::new("address-rate");
    let options = ["--token", KEY, "--address-rate", "0.1", "--trusted-proxy", "127.0.0.0/8"];
    let server = Server::start_with(&folder, &options);
    let from = |addresses: &str| batch().header("X-Forwarded-For", addresses);
    assert_eq!(taken(&server, &from("203.0.113.1"), 9), 5);
    // What the client itself wrote there changes nothing.
    assert_eq!(taken(&server, &from("198.51.100.9, 203.0.113.1"), 2), 0);
    assert_eq!(taken(&server, &from("203.0.113.2"), 2), 2);
    let page = from("203.0.113.1").header("Origin", "http://localhost:5173");
    let reply = server.send(&page);
    assert_too_fast(&reply);
    assert_eq!(reply.header("access-control-allow-origin"), Some("http://localhost:5173"));
    assert!(reply.header("access-control-expose-headers").unwrap().contains("Retry-After"));
}

#[test]
fn without_a_trusted_proxy_nobody_believes_what_a_client_says_of_its_address() {
    let folder = Folder::new("spoofed");
    let server = Server::start_with(&folder, &["--token", KEY, "--address-rate", "0.1"]);
    let taken = (0..9).filter(|n| {
        let spoofed = batch().header("X-Forwarded-For", &format!("198.51.100.{n}"));
        server.send(&spoofed).status == 200
    });
    assert_eq!(taken.count(), 5);
}

#[test]
fn one_key_that_is_too_fast_holds_up_no_other() {
    let folder = Folder::new("key-rate");
    std::fs::create_dir(folder.path()).unwrap();
    let data = folder.path().to_str().unwrap();
    let made = run_to_end(&["keys", "create", "leaked", "--rate", "0.1", "--data", data], &[]);
    let leaked = String::from_utf8(made.stdout).unwrap();
    let server = Server::start(&folder);
    let flood = Request::new("POST", "/api/telemetry/batch").header("X-Telemetry-Token", leaked.trim());
    assert_eq!(taken(&server, &flood.body(Batch::new().logs([1]).to_json()), 20), 5);
    assert_eq!(taken(&server, &batch(), 20), 20);
}

#[test]
fn guessing_is_slowed_down_and_right_keys_are_not() {
    let folder = Folder::new("guessing");
    let server = Server::start(&folder);
    let guess = |n: usize| Request::new("POST", format!("/api/telemetry/batch?token=guess-{n}")).body("{}");
    let told = (0..120).filter(|n| server.send(&guess(*n)).status == 401).count();
    assert!((50..110).contains(&told), "{told}");
    assert_too_fast(&server.send(&guess(0)));
    assert_eq!(server.send(&batch()).status, 200);
}

#[test]
fn large_bodies_that_come_slowly_hold_up_other_large_ones_and_no_small_one() {
    let folder = Folder::new("room");
    let server = Server::start(&folder);
    let before = server.peak_memory();
    let unfinished = Request::batch(vec![b' '; 1000 * 1024]).header("Content-Length", "1048576");
    let mut slow: Vec<_> = (0..70).map(|_| unfinished.open(server.address).unwrap()).collect();
    let large = || Request::batch([vec![b' '; 1020 * 1024], b"{".to_vec()].concat());
    let page = || large().header("Origin", "http://localhost:5173");
    let refused = eventually("there is no more room", || {
        // One that was refused itself has left room behind.
        slow.push(unfinished.open(server.address).unwrap());
        Some(server.send(&page())).filter(|reply| reply.status == 503)
    });
    assert_eq!(error_of(&refused.json()), "overloaded");
    assert!(refused.json()["retryAfterMs"].as_u64().unwrap() > 0 && refused.header("retry-after").is_some());
    assert_eq!(refused.header("access-control-allow-origin"), Some("http://localhost:5173"));
    assert_eq!(taken(&server, &batch(), 20), 20);
    // Twice the store at most, since a body grows in steps.
    let growth = server.peak_memory() - before;
    assert!(growth < 200 * 1024, "{growth} KiB");
    drop(slow);
    eventually("there is room again", || Some(server.send(&large())).filter(|reply| reply.status == 400));
}
