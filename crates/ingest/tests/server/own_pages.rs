//! The dashboard, and keeping other sites away from it.

use crate::support::{Folder, Request, Server, error_of};

#[test]
fn the_dashboard_is_in_the_binary_under_a_strict_policy() {
    let folder = Folder::new("dashboard");
    let server = Server::start(&folder);
    let reply = server.send(&Request::get("/"));
    assert_eq!((reply.status, reply.header("location")), (307, Some("/admin")));
    for target in ["/admin", "/admin/", "/admin/index.html", "/admin/errors"] {
        let reply = server.send(&Request::get(target));
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/html")), "{target}");
        assert!(reply.body.contains("<title>Beaconry</title>"));
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'self';") && !policy.contains("unsafe-inline"), "{policy}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("referrer-policy"), Some("same-origin"));
    }
    let etag = server.send(&Request::get("/admin")).header("etag").unwrap().to_owned();
    assert_eq!(server.send(&Request::get("/admin").header("If-None-Match", &etag)).status, 304);
    for missing in ["/admin/no.js", "/admin/../Cargo.toml", "/admin/%2e%2e/Cargo.toml"] {
        assert_eq!(server.send(&Request::get(missing)).status, 404, "{missing}");
    }
}

const OWN: [&str; 5] = ["/admin", "/api/events", "/api/telemetry", "/api/live", "/api/health"];

#[test]
fn a_foreign_name_that_points_here_is_refused() {
    let folder = Folder::new("rebinding");
    let server = Server::start(&folder);
    for target in OWN {
        for host in ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1"] {
            let reply = server.send(&Request::get(target).header("Host", host));
            assert_eq!(
                (reply.status, error_of(&reply.json())),
                (403, "origin_not_allowed"),
                "{target} {host}"
            );
        }
    }
    for host in ["localhost", "localhost:7460", "127.0.0.1", "[::1]:7460"] {
        assert_eq!(server.send(&Request::get("/api/health").header("Host", host)).status, 200, "{host}");
    }
}

#[test]
fn other_sites_can_neither_ask_nor_read() {
    let folder = Folder::new("cross-site");
    let server = Server::start(&folder);
    for target in OWN {
        let request =
            Request::get(target).header("Sec-Fetch-Site", "cross-site").header("Sec-Fetch-Mode", "cors");
        assert_eq!(server.send(&request).status, 403, "{target}");
    }
    let reply = server.send(&Request::get("/api/events").header("Origin", "http://localhost:5173"));
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, None));
    let link = Request::get("/admin")
        .header("Sec-Fetch-Site", "cross-site")
        .header("Sec-Fetch-Mode", "navigate")
        .header("Sec-Fetch-Dest", "document");
    assert_eq!(server.send(&link).status, 200);
}

#[test]
fn what_came_through_a_proxy_is_refused_where_nobody_logs_in() {
    let folder = Folder::new("own-proxy");
    let server = Server::start(&folder);
    for name in ["X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "CF-Connecting-IP", "Via"] {
        let reply = server.send(&Request::get("/api/events").header(name, "x"));
        assert_eq!(reply.status, 403, "{name}");
    }
}
