//! All numbers, for Prometheus.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Response, header};

use super::App;
use crate::signals::{self, Gauges};

pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response<Body> {
    measure(&app).set();
    let mut response = Response::new(Body::from(signals::text()));
    let content_type = HeaderValue::from_static(signals::CONTENT_TYPE);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}

/// How far everything is.
pub(super) fn measure(app: &App) -> Gauges {
    // In this order, so that the lag is never below zero.
    let indexed_records = app.progress.indexed_n();
    let journal_records = app.tail.last_n();
    let segments = app.tail.segments();
    let known = app.committer.known();
    Gauges {
        journal_records,
        journal_bytes: segments.iter().map(|segment| segment.length).sum(),
        journal_segments: segments.len() as u64,
        damaged_lines: app.damaged_lines,
        indexed_records,
        queued_bytes: app.committer.queued_bytes() as u64,
        hot_streams: known.hot_streams as u64,
        streams_bytes: known.table.disk_bytes(),
        totals: known.totals,
        is_failing: app.committer.is_failing() || app.progress.is_failing() || known.is_failing,
    }
}
