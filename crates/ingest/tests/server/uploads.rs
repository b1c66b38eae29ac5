//! Screenshots: images and nothing else, whole and once, whatever happens to the server.

use std::fs;
use std::io::Read as _;
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Folder, KEY, Reply, Request, Server, error_of, eventually};

const PNG: &[u8] = include_bytes!("../images/pixel.png");
const WEBP: &[u8] = include_bytes!("../images/pixel.webp");
const JPEG: &[u8] = include_bytes!("../images/pixel.jpeg");

fn upload(bytes: impl Into<Vec<u8>>) -> Request {
    Request::new("POST", "/api/uploads").header("X-Telemetry-Token", KEY).body(bytes)
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A PNG with so many bytes in a chunk for text, which makes it another image each time.
fn png_with(text: &[u8]) -> Vec<u8> {
    let chunk = [b"tEXt", text].concat();
    let length = u32::try_from(text.len()).unwrap().to_be_bytes();
    let (head, rest) = PNG.split_at(33);
    [head, &length, &chunk, &crc32fast::hash(&chunk).to_be_bytes(), rest].concat()
}

fn files(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path().join("uploads")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// An answer to a question for an image, with its bytes as they are.
fn fetched(server: &Server, target: &str) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    Request::get(target).open(server.address).unwrap().read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    (String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase(), bytes[end + 4..].to_vec())
}

fn refusal(reply: &Reply) -> (u16, String) {
    (reply.status, error_of(&reply.json()).to_owned())
}

#[test]
fn an_image_is_kept_under_its_hash_and_shown_as_nothing_but_an_image() {
    let folder = Folder::new("uploads");
    let server = Server::start(&folder);
    for (bytes, content_type, end) in
        [(WEBP, "image/webp", "webp"), (PNG, "image/png", "png"), (JPEG, "image/jpeg", "jpg")]
    {
        // What the sender calls it is not believed.
        let request =
            upload(bytes).header("Content-Type", "text/html").header("Origin", "http://localhost:5173");
        let reply = server.send(&request);
        assert_eq!(
            (reply.status, reply.header("access-control-allow-origin")),
            (200, Some("http://localhost:5173"))
        );
        let answer = reply.json();
        assert_eq!(answer["id"], hash(bytes));
        assert_eq!((&answer["contentType"], &answer["bytes"]), (&json!(content_type), &json!(bytes.len())));
        assert_eq!((&answer["beaconry"], &answer["success"]), (&json!(1), &json!(true)));
        let (head, shown) = fetched(&server, &format!("/api/uploads/{}", hash(bytes)));
        assert!(shown == bytes && head.starts_with("http/1.1 200"), "{head}");
        for line in [
            format!("content-type: {content_type}"),
            format!("content-disposition: attachment; filename=\"screenshot-{}.{end}\"", &hash(bytes)[..12]),
            "x-content-type-options: nosniff".into(),
            "content-security-policy: default-src 'none'; sandbox; frame-ancestors 'none'".into(),
            "cross-origin-resource-policy: same-origin".into(),
            "cache-control: private, no-store".into(),
        ] {
            assert!(head.lines().any(|header| header == line), "{line} in {head}");
        }
    }
    let mode = |name: &str| {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(folder.path().join("uploads").join(name)).unwrap().permissions().mode() & 0o777
    };
    assert_eq!((mode(""), mode(&hash(PNG))), (0o700, 0o600));
}

#[test]
fn the_same_bytes_are_one_file() {
    let folder = Folder::new("uploads-same");
    let server = Server::start(&folder);
    let ids: Vec<Value> = (0..3).map(|_| server.send(&upload(PNG)).json()["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == hash(PNG)));
    assert_eq!(files(&folder), [hash(PNG)]);
}

#[test]
fn what_is_no_image_is_refused_whatever_it_is_called() {
    let folder = Folder::new("uploads-bad");
    let server = Server::start(&folder);
    let html = b"<!doctype html><script>alert(1)</script>";
    let bodies: Vec<Vec<u8>> = vec![
        Vec::new(),
        html.to_vec(),
        br#"<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>"#.to_vec(),
        b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(),
        b"%PDF-1.7".to_vec(),
        // Polyglots: an image before, behind or around something else.
        [PNG, html].concat(),
        [html, PNG].concat(),
        [WEBP, html].concat(),
        [JPEG, html].concat(),
        [JPEG, &b"PK\x03\x04"[..]].concat(),
        [&PNG[..8], &html[..]].concat(),
        // Cut off on the way.
        PNG[..PNG.len() - 1].to_vec(),
        WEBP[..WEBP.len() - 1].to_vec(),
        JPEG[..JPEG.len() - 1].to_vec(),
    ];
    for body in bodies {
        let reply = server.send(&upload(body.clone()).header("Content-Type", "image/webp"));
        assert_eq!(refusal(&reply), (415, "unsupported_type".into()), "{}", String::from_utf8_lossy(&body));
    }
    // A text in the place that the format has for texts makes no page of an image.
    let with_text = png_with(b"Comment\0<script>alert(1)</script>");
    assert_eq!(server.send(&upload(with_text.clone())).status, 200);
    let (head, _) = fetched(&server, &format!("/api/uploads/{}", hash(&with_text)));
    assert!(
        head.contains("content-type: image/png") && head.contains("nosniff") && head.contains("sandbox"),
        "{head}"
    );
    assert_eq!(files(&folder), [hash(&with_text)]);
}

#[test]
fn an_upload_takes_a_key_an_allowed_page_post_and_at_most_1_mib() {
    let folder = Folder::new("uploads-who");
    let server = Server::start(&folder);
    let largest = png_with(&vec![b'x'; 1024 * 1024 - PNG.len() - 12]);
    assert_eq!(largest.len(), 1024 * 1024);
    let larger = png_with(&vec![b'x'; 1024 * 1024 - PNG.len() - 11]);
    for (request, refused) in [
        (Request::new("POST", "/api/uploads").body(PNG), (401, "unauthorized")),
        (upload(PNG).header("Origin", "https://evil.example"), (403, "origin_not_allowed")),
        (Request::get("/api/uploads"), (405, "method_not_allowed")),
        (upload(larger), (413, "too_large")),
        (upload("not a chunk\r\n").header("Transfer-Encoding", "chunked"), (400, "invalid_body")),
    ] {
        let reply = server.send(&request);
        assert_eq!(refusal(&reply), (refused.0, refused.1.into()), "{reply:?}");
    }
    assert!(files(&folder).is_empty());
    assert_eq!(server.send(&upload(largest)).status, 200);
    let preflight = Request::new("OPTIONS", "/api/uploads").header("Origin", "http://localhost:5173");
    let reply = server.send(&preflight);
    assert_eq!((reply.status, reply.header("access-control-allow-methods")), (204, Some("POST, OPTIONS")));
}

#[test]
fn an_image_is_shown_to_this_machine_only_and_no_name_leads_out_of_the_folder() {
    let folder = Folder::new("uploads-read");
    let server = Server::start(&folder);
    server.send(&upload(PNG));
    let target = format!("/api/uploads/{}", hash(PNG));
    for request in [
        Request::get(&target).header("Host", "evil.example"),
        Request::get(&target).header("Sec-Fetch-Site", "cross-site").header("Sec-Fetch-Mode", "no-cors"),
    ] {
        assert_eq!(refusal(&server.send(&request)), (403, "origin_not_allowed".into()));
    }
    for name in [
        "..%2flock",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e%2finstall-secret",
        "../install-secret",
        "%2fetc%2fpasswd",
        &hash(PNG).to_uppercase(),
        &format!("{}.unfinished", hash(PNG)),
        &format!("{}%00", hash(PNG)),
        &hash(b"never sent"),
        "x",
    ] {
        let reply = server.send(&Request::get(format!("/api/uploads/{name}")));
        assert_eq!(refusal(&reply), (404, "not_found".into()), "{name}");
    }
    let reply = server.send(&Request::get(format!("{target}?download=1")));
    assert_eq!((reply.status, &reply.json()["field"]), (400, &json!("download")));
    assert_eq!(server.send(&Request::new("DELETE", &target)).status, 405);
    fs::write(folder.path().join("uploads").join(hash(PNG)), "<script>alert(1)</script>").unwrap();
    assert_eq!(refusal(&server.send(&Request::get(&target))), (500, "internal".into()));
}

#[test]
fn a_kill_between_the_upload_and_its_answer_leaves_a_whole_file_or_none() {
    let folder = Folder::new("uploads-kill");
    let mut acknowledged = Vec::new();
    for life in 0..12_u8 {
        let server = Server::start(&folder);
        assert!(
            files(&folder).iter().all(|name| !name.contains('.')),
            "a start removes what was not finished"
        );
        for id in &acknowledged {
            assert_eq!(hash(&fetched(&server, &format!("/api/uploads/{id}")).1), *id);
        }
        let image = png_with(&vec![life; 900_000]);
        let known = files(&folder).len();
        let mut answer = upload(image.clone()).open(server.address).unwrap();
        // Any name of it: the unfinished one at some lives, the whole one at others.
        eventually("it is being written", || (files(&folder).len() > known).then_some(()));
        server.kill();
        let mut text = String::new();
        let _ = answer.read_to_string(&mut text);
        if text.contains("200 OK") {
            acknowledged.push(hash(&image));
        }
    }
    let server = Server::start(&folder);
    for name in files(&folder) {
        let bytes = fs::read(folder.path().join("uploads").join(&name)).unwrap();
        assert_eq!(hash(&bytes), name, "a file is what its name says");
    }
    let kept = files(&folder);
    assert!(acknowledged.iter().all(|id| kept.contains(id)));
    // Sent again, each is there once.
    for life in 0..12_u8 {
        assert_eq!(server.send(&upload(png_with(&vec![life; 900_000]))).status, 200);
    }
    assert_eq!(files(&folder).len(), 12);
}

#[test]
fn a_disk_that_refuses_is_told_and_leaves_nothing_behind() {
    let folder = Folder::new("uploads-full");
    // A limit on the size of files makes writes fail in the middle, as a full disk does.
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 512; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_beaconry")])
        .args(["serve", "--listen", "127.0.0.1:0", "--token", KEY, "--data"])
        .arg(folder.path());
    let server = Server::start_command(command);
    let reply = server.send(&upload(png_with(&vec![b'x'; 600_000])));
    assert_eq!(refusal(&reply), (503, "overloaded".into()));
    let pause: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert_eq!(reply.json()["retryAfterMs"], pause * 1000);
    assert!(files(&folder).is_empty());
    assert_eq!(server.send(&upload(PNG)).status, 200, "smaller ones are still taken");
}

#[test]
fn a_folder_that_cannot_be_written_is_told_and_used_again_when_it_can() {
    let folder = Folder::new("uploads-read-only");
    let server = Server::start(&folder);
    let uploads = folder.path().join("uploads");
    // As root, a test could write to a folder without the right to.
    fs::remove_dir(&uploads).unwrap();
    fs::write(&uploads, "").unwrap();
    assert_eq!(refusal(&server.send(&upload(PNG))), (503, "overloaded".into()));
    assert_eq!(server.send(&Request::batch(crate::support::Batch::new().logs([1]).to_json())).status, 200);
    fs::remove_file(&uploads).unwrap();
    fs::create_dir(&uploads).unwrap();
    assert_eq!(server.send(&upload(PNG)).status, 200);
}
