//! Floods: with a key that leaked, with keys that are none, and from one address.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Target, one_log, post};
use crate::support::{Folder, KEY, Request, Server, run_to_end};

/// What came of a flood: how many requests were taken, and how many there were.
struct Flood {
    good: [usize; 2],
    bad: [usize; 2],
    lasted: Duration,
}

/// Floods with one request while another is sent again and again: as long as is said, and until there were so many.
fn flood(target: &Target, bad: &Request, lasting: Duration, wanted: usize) -> Flood {
    let (over, sent, taken) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let mut good = [0, 0];
    let began = Instant::now();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    sent.fetch_add(1, Ordering::Relaxed);
                    let reply = bad.send(target.server.address);
                    taken.fetch_add(
                        usize::from(reply.is_ok_and(|reply| reply.status == 200)),
                        Ordering::Relaxed,
                    );
                }
            });
        }
        let is_enough = |good: usize| good > 10 && sent.load(Ordering::Relaxed) > wanted;
        let in_time = || began.elapsed() < lasting + A_BUSY_MACHINE;
        while began.elapsed() < lasting || (!is_enough(good[1]) && in_time()) {
            let reply = post(1_000_000 + good[1]).send(target.server.address);
            good[0] += usize::from(reply.is_ok_and(|reply| reply.status == 200));
            good[1] += 1;
            thread::sleep(Duration::from_millis(20));
        }
        over.store(true, Ordering::Relaxed);
    });
    Flood { good, bad: [taken.into_inner(), sent.into_inner()], lasted: began.elapsed() }
}

fn leaked_key(test: &str) -> (Target, Request) {
    let folder = Folder::new(test);
    std::fs::create_dir(folder.path()).unwrap();
    let data = folder.path().to_str().unwrap();
    let made = run_to_end(&["keys", "create", "leaked", "--rate", "10", "--data", data], &[]);
    let token = String::from_utf8(made.stdout).unwrap();
    let server = Server::start(&folder);
    let request = Request::new("POST", "/api/telemetry/batch").header("X-Telemetry-Token", token.trim());
    (Target { folder, server }, request.body(r#"{"events":[{"type":"page_view"}]}"#))
}

fn check_leaked_key(test: &str, lasting: Duration) {
    let (target, request) = leaked_key(test);
    let Flood { good: [taken, sent], bad: [flooded, tried], lasted } = flood(&target, &request, lasting, 200);
    assert!(taken * 100 >= sent * 99 && sent > 10, "{taken} of {sent}");
    let most = 50 + 10 * (lasted.as_secs() + 2);
    assert!((5..=most).contains(&(flooded as u64)) && tried > flooded, "{flooded} of {tried}");
    target.assert_unharmed(taken + flooded);
}

#[test]
fn a_leaked_key_is_held_up_and_another_is_not() {
    check_leaked_key("attack-leaked", Duration::from_secs(2));
}

#[test]
#[ignore = "takes half a minute: cargo xtask attack"]
fn a_leaked_key_is_held_up_and_another_is_not_for_long() {
    check_leaked_key("attack-leaked-long", Duration::from_secs(30));
}

#[test]
fn whoever_guesses_keys_keeps_nobody_out() {
    let target = Target::new("attack-guesses");
    let guess = Request::new("POST", "/api/telemetry/batch?token=guess").body(one_log(1));
    let Flood { good: [taken, sent], bad: [flooded, tried], .. } =
        flood(&target, &guess, Duration::from_secs(2), 100);
    assert!(taken * 100 >= sent * 99 && sent > 10, "{taken} of {sent}");
    assert!(flooded == 0 && tried > 100, "{flooded} of {tried}");
    target.assert_unharmed(taken);
}

#[test]
fn one_address_that_floods_keeps_no_other_out() {
    let options =
        ["--token", KEY, "--trusted-proxy", "127.0.0.1", "--address-rate", "100", "--admin-token", ADMIN];
    let folder = Folder::new("attack-address");
    let server = Server::start_with(&folder, &options);
    let target = Target { folder, server };
    let bad = Request::batch("{").header("X-Forwarded-For", "203.0.113.66");
    // Its own come from the address of the proxy itself.
    let Flood { good: [taken, sent], bad: [_, tried], .. } =
        flood(&target, &bad, Duration::from_secs(2), 500);
    assert!(taken * 100 >= sent * 99 && sent > 10 && tried > 500, "{taken} of {sent}, {tried}");
    // A busy machine may give it the time for one more.
    let mut statuses = (0..1_000).map(|_| bad.send(target.server.address).unwrap().status);
    assert!(statuses.any(|status| status == 429), "it is never held up");
    assert_eq!(target.folder.journal().len(), taken);
}

/// How much longer it may take there until there were enough.
const A_BUSY_MACHINE: Duration = Duration::from_secs(30);

const ADMIN: &str = "an-admin-key-of-the-tests";
