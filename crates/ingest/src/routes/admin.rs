//! The dashboard, out of the binary.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use beaconry_protocol::{Answer, ErrorCode};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::reply;

#[derive(RustEmbed)]
#[folder = "../../www/dist"]
struct Dashboard;

pub(super) async fn page(headers: HeaderMap) -> Response<Body> {
    respond("index.html", &headers)
}

/// A file of the dashboard. A path without an extension is one of its pages, all of which begin with
/// the same document.
pub(super) async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response<Body> {
    let is_page = !path.rsplit('/').next().unwrap_or_default().contains('.');
    respond(if is_page { "index.html" } else { &path }, &headers)
}

fn respond(path: &str, request: &HeaderMap) -> Response<Body> {
    let Some(file) = Dashboard::get(path) else {
        let message = format!("the dashboard has no file {path}");
        return reply::answer(Answer::error(ErrorCode::NotFound, message));
    };
    let etag = etag(&file);
    let is_known = request.get(header::IF_NONE_MATCH).is_some_and(|known| *known == *etag);
    let mut response = Response::new(if is_known { Body::empty() } else { Body::from(file.data) });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let caching = if path.starts_with(HASHED_NAMES) { FOR_EVER } else { "no-cache" };
    let mimetype = file.metadata.mimetype();
    for (name, value) in [
        (header::CONTENT_TYPE, mimetype),
        (header::ETAG, &etag),
        (header::CACHE_CONTROL, caching),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: with that, browsers send forms with `Origin: null`.
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        response.headers_mut().extend(HeaderValue::from_str(value).map(|value| (name, value)));
    }
    response
}

fn etag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    format!("\"{:032x}\"", u128::from_be_bytes(std::array::from_fn(|at| hash[at])))
}

/// Everything comes from this server and nothing is inline; `wasm-unsafe-eval` lets the page run our
/// own client.
pub(super) const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The bundler names these files after their content.
const HASHED_NAMES: &str = "assets/";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
