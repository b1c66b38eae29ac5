//! All records as JSON Lines. An answer that breaks off before its end is not ended as HTTP wants it,
//! so whoever reads it knows.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, Method, Response, header};
use futures_util::stream;
use tokio::sync::mpsc;

use super::{App, reply};
use crate::query::{ExportQuery, Extent, Params};
use crate::signals::{Signal, UpkeepFailed};

pub(super) async fn export(
    State(app): State<Arc<App>>,
    method: Method,
    Query(params): Query<HashMap<String, String>>,
) -> Response<Body> {
    let params = Params::new(params).only(&ExportQuery::PARAMETERS);
    let query = match params.and_then(|params| ExportQuery::read(&params)) {
        Err(bad) => return reply::bad_parameter(&bad),
        Ok(query) => query,
    };
    let extent = app.queries.extent();
    let is_asked_for = method == Method::GET;
    let body = if is_asked_for { records(app, query, extent.last) } else { Body::empty() };
    with_extent(Response::new(body), extent)
}

/// The records, read by a thread of their own as fast as they are taken.
fn records(app: Arc<App>, query: ExportQuery, last: u64) -> Body {
    let (parts, taken) = mpsc::channel::<io::Result<Vec<u8>>>(PARTS_READY);
    tokio::task::spawn_blocking(move || {
        let hand_over = |part| !*app.stopping.borrow() && parts.blocking_send(Ok(part)).is_ok();
        if let Err(error) = app.queries.export(&query, last, hand_over) {
            UpkeepFailed { task: "export", error: &error }.emit();
            let _ = parts.blocking_send(Err(io::Error::other("the journal could not be read")));
        } else if *app.stopping.borrow() {
            let _ = parts.blocking_send(Err(io::Error::other("the server is stopping")));
        }
    });
    Body::from_stream(stream::unfold(taken, |mut taken| async {
        taken.recv().await.map(|part| (part, taken))
    }))
}

fn with_extent(mut response: Response<Body>, extent: Extent) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(FIRST_LINE, HeaderValue::from(extent.first));
    headers.insert(LAST_LINE, HeaderValue::from(extent.last));
    response
}

/// The first line of the journal that was not deleted, and the one that the answer goes up to.
const FIRST_LINE: &str = "x-beaconry-first-line";
const LAST_LINE: &str = "x-beaconry-last-line";

const PARTS_READY: usize = 4;
