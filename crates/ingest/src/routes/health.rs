//! Whether the server works, and how far it is.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use beaconry_protocol::format_millis;
use serde::Serialize;

use super::metrics::measure;
use super::{App, reply};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Health {
    /// `degraded` while records are not taken, or cannot be found.
    status: &'static str,
    version: &'static str,
    uptime_seconds: u64,
    /// Records in the journal.
    stored: u64,
    /// Records that can be found.
    indexed: u64,
    index_lag: u64,
    last_event_at: Option<String>,
    damaged_lines: u64,
}

pub(super) async fn health(State(app): State<Arc<App>>) -> Response<Body> {
    let gauges = measure(&app);
    let (stored, indexed) = (gauges.journal_records, gauges.indexed_records);
    reply::json(
        StatusCode::OK,
        &Health {
            status: if gauges.is_failing { "degraded" } else { "healthy" },
            version: env!("CARGO_PKG_VERSION"),
            uptime_seconds: app.started.elapsed().as_secs(),
            stored,
            indexed,
            index_lag: stored.saturating_sub(indexed),
            last_event_at: app.progress.last_received_at().map(format_millis),
            damaged_lines: app.damaged_lines,
        },
    )
}
