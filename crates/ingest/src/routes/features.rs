//! What clients may do: feature flags and sampling. A client asks once a start and gets 304 as long
//! as nothing has changed.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, Response, StatusCode, header};

use super::{App, cors::Origin, reply};

pub(super) async fn features(State(app): State<Arc<App>>, request: Request) -> Response<Body> {
    let origin = Origin::of(&request, &app.edge.keys.current());
    let response = match (&origin, request.method()) {
        (Origin::Refused, _) => reply::answer(Origin::refusal()),
        (_, &Method::GET | &Method::HEAD) => current(&app, &request),
        (_, &Method::OPTIONS) => origin.preflight(METHODS),
        _ => reply::method_not_allowed(METHODS),
    };
    origin.answer(response)
}

fn current(app: &App, request: &Request) -> Response<Body> {
    // Our types are plain data; nothing in them makes serde_json fail.
    let json = serde_json::to_string(&app.remote).unwrap_or_default();
    let etag = format!("\"{:08x}\"", crc32fast::hash(json.as_bytes()));
    let is_known = request.headers().get(header::IF_NONE_MATCH).is_some_and(|known| *known == *etag);
    let mut response = if is_known {
        let mut unchanged = Response::new(Body::empty());
        *unchanged.status_mut() = StatusCode::NOT_MODIFIED;
        unchanged
    } else {
        reply::raw_json(StatusCode::OK, json)
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(etag) = HeaderValue::try_from(etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

const METHODS: &str = "GET, HEAD, OPTIONS";
