//! `beaconry pull` and the route that it asks.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::thread;

use serde_json::json;

use crate::support::{Batch, Folder, Request, Server, run_to_end};

fn pull(from: SocketAddr, to: &Folder, more: &[&str]) -> Output {
    let from = format!("http://{from}");
    run_to_end(&[&["pull", "--from", &from, "--to", to.path().to_str().unwrap()], more].concat(), &[])
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let shown = entries.filter(|path| path.extension().is_some_and(|end| end != "json"));
    shown.map(|path| (path.file_name().unwrap().into(), fs::read(&path).unwrap())).collect()
}

#[test]
fn what_is_pulled_is_what_an_export_there_would_write() {
    let (data, to, exported) = (Folder::new("pull"), Folder::new("pull-to"), Folder::new("pull-exported"));
    let server = Server::start(&data);
    for first in [1, 501] {
        server.store(&Batch::new().logs(first..first + 500));
        let output = pull(server.address, &to, &["--since", "7d", "--gzip"]);
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && told.starts_with("500 new records"), "{told}");
    }
    let path = exported.path().to_str().unwrap();
    let export = ["export", "--data", data.path().to_str().unwrap(), "--to", path, "--since", "7d", "--gzip"];
    assert!(run_to_end(&export, &[]).status.success());
    assert_eq!(files(to.path()).len(), 1);
    assert!(files(to.path()) == files(exported.path()));
}

#[test]
fn the_route_streams_what_is_asked_for() {
    let data = Folder::new("export-route");
    let server = Server::start(&data);
    let event = json!({"seq": 1001, "type": "event", "name": "quiz"});
    server.store(&Batch::new().logs(1..=999).event(event));
    let get = |target: &str| server.send(&Request::get(target));
    let all = get("/api/export");
    assert_eq!((all.status, all.header("x-beaconry-last-line")), (200, Some("1000")));
    assert_eq!(all.body.matches("\"n\":").count(), 1000);
    assert_eq!(get("/api/export?type=quiz").body.matches("\"n\":").count(), 1);
    assert_eq!(get("/api/export?after=990&app=test&since=1h").body.matches("\"n\":").count(), 10);
    assert!(!get("/api/export?until=2020-01-01").body.contains("\"n\":"));
    for bad in ["since=soon", "after=x", "limit=1"] {
        assert_eq!(get(&format!("/api/export?{bad}")).status, 400, "{bad}");
    }
    let other_site = Request::get("/api/export").header("Sec-Fetch-Site", "cross-site");
    assert_eq!(server.send(&other_site).status, 403);
}

/// Passes connections on to a server, and cuts those after the first one off in the middle.
fn cutting_proxy(to: SocketAddr, most: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut server = TcpStream::connect(to).unwrap();
            let mut request = [0; 4096];
            while let Ok(read) = client.read(&mut request) {
                if read == 0 || server.write_all(&request[..read]).is_err() {
                    break;
                }
                if !request.starts_with(b"GET") {
                    let read = server.read(&mut request).unwrap();
                    client.write_all(&request[..read]).unwrap();
                    continue;
                }
                let mut cut = Vec::new();
                (&mut server).take(most as u64).read_to_end(&mut cut).unwrap();
                let _ = client.write_all(&cut);
                break;
            }
        }
    });
    address
}

#[test]
fn an_answer_that_breaks_off_is_told_and_gone_on_with() {
    let (data, to, whole) = (Folder::new("pull-cut"), Folder::new("pull-cut-to"), Folder::new("pull-whole"));
    let server = Server::start(&data);
    server.store(&Batch::new().logs(1..=1000));
    let proxy = cutting_proxy(server.address, 100_000);
    let words = ["--layout", "days"];
    let broken = pull(proxy, &to, &words);
    let text = String::from_utf8(broken.stderr).unwrap();
    assert!(broken.status.code() == Some(1) && text.contains("broke off after line"), "{text}");

    // The same address leads to the whole answer now.
    let state = to.path().join(".beaconry-export.json");
    let renamed =
        fs::read_to_string(&state).unwrap().replace(&proxy.to_string(), &server.address.to_string());
    fs::write(&state, renamed).unwrap();
    assert!(pull(server.address, &to, &words).status.success());
    assert!(pull(server.address, &whole, &words).status.success());
    assert!(files(to.path()) == files(whole.path()));
}

#[test]
fn what_cannot_be_pulled_is_told() {
    let to = Folder::new("pull-bad");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let output = pull(nobody, &to, &[]);
    assert!(output.status.code() == Some(1), "{output:?}");
    for (from, more, part) in [
        ("telemetry.example", &[][..], "https://telemetry.example"),
        ("http://telemetry.example", &["--token", "secret"], "https"),
    ] {
        let output = run_to_end(&[&["pull", "--from", from], more].concat(), &[]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && text.contains(part) && !text.contains("secret"), "{text}");
    }
}
