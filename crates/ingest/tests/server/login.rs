//! Who may look at what is stored, where others can reach the server.

use std::path::Path;
use std::process::Command;

use crate::support::{Batch, Folder, KEY, Reply, Request, Server, error_of, run_to_end};

const ADMIN: &str = "an-admin-key-of-the-tests";
const GUARDED: [&str; 4] = ["/api/events", "/api/telemetry", "/api/live", "/admin/assets/x.js"];

fn start(test: &str) -> (Folder, Server) {
    let folder = Folder::new(test);
    let server = Server::start_with(&folder, &["--token", KEY, "--admin-token", ADMIN]);
    (folder, server)
}

fn log_in(server: &Server, token: &str) -> Reply {
    let form =
        Request::new("POST", "/admin/login").header("Content-Type", "application/x-www-form-urlencoded");
    server.send(&form.header("Sec-Fetch-Site", "same-origin").body(format!("token={token}")))
}

fn cookie(reply: &Reply) -> String {
    reply.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

#[test]
fn a_stranger_sees_nothing_and_can_send_records() {
    let (_folder, server) = start("stranger");
    for target in GUARDED {
        let reply = server.send(&Request::get(target));
        assert_eq!((reply.status, error_of(&reply.json())), (401, "unauthorized"), "{target}");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    }
    let page = server.send(&Request::get("/admin").header("Accept", "text/html,*/*"));
    assert_eq!((page.status, page.header("location")), (303, Some("/admin/login")));
    assert_eq!(server.store(&Batch::new().logs([1]))["recorded"], 1);
    let health = server.send(&Request::get("/api/health").header("Host", "telemetry.example"));
    assert_eq!((health.status, health.body.as_str()), (200, r#"{"status":"healthy"}"#));
    assert_eq!(server.send(&Request::get("/api/features")).status, 200);
}

#[test]
fn a_script_is_let_in_by_its_key() {
    let (_folder, server) = start("bearer");
    let ask = |key: &str| Request::get("/api/events").header("Authorization", &format!("Bearer {key}"));
    assert_eq!(server.send(&ask(ADMIN).header("Host", "telemetry.example")).status, 200);
    // An ingest key is no admin key, and the other way round.
    for wrong in [KEY, "an-admin-key-of-the-test", ""] {
        assert_eq!(server.send(&ask(wrong)).status, 401, "{wrong}");
    }
    let records = Request::new("POST", "/api/telemetry/batch").header("X-Telemetry-Token", ADMIN);
    assert_eq!(server.send(&records.body(Batch::new().logs([1]).to_json())).status, 401);
    let guesses = (0..120).map(|n| server.send(&ask(&format!("guess-{n}"))).status);
    let slowed = guesses.filter(|status| *status == 429).count();
    assert!(slowed > 10, "{slowed}");
    assert_eq!(server.send(&ask(ADMIN)).status, 200);
}

#[test]
fn a_person_logs_in_and_out() {
    let (_folder, server) = start("person");
    let form = server.send(&Request::get("/admin/login"));
    assert_eq!((form.status, form.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(form.body.contains("<form method=\"post\"") && !form.body.contains("<script"));
    assert!(form.header("content-security-policy").unwrap().contains("form-action 'self'"));
    assert_eq!(server.send(&Request::get("/admin/login.css")).status, 200);

    let wrong = log_in(&server, "an-admin-key-of-nobody");
    assert_eq!((wrong.status, wrong.header("set-cookie")), (401, None));
    assert!(wrong.body.contains("no admin key"));

    let right = log_in(&server, ADMIN);
    assert_eq!((right.status, right.header("location")), (303, Some("/admin")));
    let set = right.header("set-cookie").unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Secure") && !set.contains(ADMIN), "{set}");
    let ask = |target: &str, cookie: &str| server.send(&Request::get(target).header("Cookie", cookie));
    assert_eq!(ask("/admin", &cookie(&right)).status, 200);
    assert_eq!(ask("/api/events", &cookie(&right)).status, 200);
    assert!(ask("/api/health", &cookie(&right)).json()["stored"].is_number());
    assert_eq!(ask("/admin/login", &cookie(&right)).header("location"), Some("/admin"));
    assert_eq!(ask("/api/events", &format!("{}0", cookie(&right))).status, 401);

    let out = server.send(&Request::new("POST", "/admin/logout").header("Cookie", &cookie(&right)));
    assert_eq!((out.status, cookie(&out).as_str()), (303, "beaconry_session="));
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
}

#[test]
fn a_session_outlives_a_restart_and_ends_with_its_key() {
    let (folder, server) = start("restart");
    let session = cookie(&log_in(&server, ADMIN));
    server.kill();
    let ask = || Request::get("/api/events").header("Cookie", &session);
    let again = Server::start_with(&folder, &["--token", KEY, "--admin-token", ADMIN]);
    assert_eq!(again.send(&ask()).status, 200);
    again.kill();
    let other = Server::start_with(&folder, &["--token", KEY, "--admin-token", "another-admin-key"]);
    assert_eq!(other.send(&ask()).status, 401);
}

#[test]
fn other_sites_can_do_nothing_even_with_the_cookie() {
    let (_folder, server) = start("csrf");
    let session = cookie(&log_in(&server, ADMIN));
    let with = |method, target: &str, name: &str, value: &str| {
        server.send(&Request::new(method, target).header("Cookie", &session).header(name, value)).status
    };
    for target in ["/admin/login", "/admin/logout"] {
        assert_eq!(with("POST", target, "Sec-Fetch-Site", "cross-site"), 403, "{target}");
        assert_eq!(with("POST", target, "Sec-Fetch-Site", "same-site"), 403, "{target}");
        assert_eq!(with("POST", target, "Origin", "https://evil.example"), 403, "{target}");
        assert_eq!(with("POST", target, "Origin", "null"), 403, "{target}");
    }
    assert_eq!(with("GET", "/api/events", "Sec-Fetch-Site", "cross-site"), 403);
    let own = format!("http://{}", server.address);
    assert_eq!(with("POST", "/admin/logout", "Origin", &own), 303);
    let reply = server
        .send(&Request::get("/api/events").header("Cookie", &session).header("Origin", "http://localhost"));
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, None));
}

#[test]
fn a_server_that_others_can_reach_makes_an_admin_key_and_shows_it_once() {
    let folder = Folder::new("admin-made");
    let options = ["--token", KEY, "--login"];
    let mut server = Server::start_with(&folder, &options);
    let line = (0..3).map(|_| server.next_line()).last().unwrap();
    let token = line.split_whitespace().find(|word| word.starts_with("ba_")).unwrap().to_owned();
    let ask = |token: &str| Request::get("/api/events").header("Authorization", &format!("Bearer {token}"));
    assert_eq!(server.send(&ask(&token)).status, 200);
    for entry in std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()) {
        assert!(!holds(&entry, &token), "{}", entry.display());
    }
    server.kill();
    let again = Server::start_with(&folder, &options);
    assert_eq!(again.send(&ask(&token)).status, 200);
    again.kill();

    let data = folder.path().to_str().unwrap();
    assert!(run_to_end(&["keys", "revoke", "admin", "--data", data], &[]).status.success());
    let serve = ["serve", "--listen", "127.0.0.1:0", "--login", "--data", data];
    let refused = run_to_end(&serve, &[]);
    assert_eq!(refused.status.code(), Some(1));
    let text = String::from_utf8(refused.stderr).unwrap();
    assert!(text.contains("--kind admin"), "{text}");
}

fn holds(file: &Path, text: &str) -> bool {
    let bytes = std::fs::read(file).unwrap_or_default();
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn every_network_can_be_listened_on() {
    let folder = Folder::new("every-network");
    let mut command = Command::new(env!("CARGO_BIN_EXE_beaconry"));
    command.args(["serve", "--listen", "0.0.0.0:0", "--token", KEY, "--data"]).arg(folder.path());
    let server = Server::start_command(command);
    let at_loopback = (std::net::Ipv4Addr::LOCALHOST, server.address.port()).into();
    assert_eq!(Request::get("/api/events").send(at_loopback).unwrap().status, 401);
}

#[test]
fn a_proxy_that_nobody_named_does_not_open_what_is_for_this_machine() {
    let folder = Folder::new("open-proxy");
    let server = Server::start(&folder);
    for name in ["X-Forwarded-For", "Forwarded", "Via"] {
        let reply = server.send(&Request::get("/api/events").header(name, "203.0.113.1"));
        assert_eq!((reply.status, error_of(&reply.json())), (403, "origin_not_allowed"), "{name}");
    }
    let batch = Request::batch(Batch::new().logs([1]).to_json()).header("X-Forwarded-For", "203.0.113.1");
    assert_eq!(server.send(&batch).status, 200);
}
