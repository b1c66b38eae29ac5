//! Whether the server works, and how far it is; the latter is told to the owner only.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use beaconry_protocol::format_millis;
use serde::Serialize;

use super::metrics::measure;
use super::{App, guard, reply};
use crate::login::Visitor;

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
    /// Whether whoever asks has logged in, and may log out.
    login: bool,
}

/// What everybody may know.
#[derive(Serialize)]
struct Liveness {
    status: &'static str,
}

pub(super) async fn health(State(app): State<Arc<App>>, headers: HeaderMap) -> Response<Body> {
    let gauges = measure(&app);
    let (stored, indexed) = (gauges.journal_records, gauges.indexed_records);
    let status = if gauges.is_failing { "degraded" } else { "healthy" };
    if guard::visitor(&app, &headers) != Visitor::Owner {
        return reply::json(StatusCode::OK, &Liveness { status });
    }
    reply::json(
        StatusCode::OK,
        &Health {
            status,
            version: env!("CARGO_PKG_VERSION"),
            uptime_seconds: app.started.elapsed().as_secs(),
            stored,
            indexed,
            index_lag: stored.saturating_sub(indexed),
            last_event_at: app.progress.last_received_at().map(format_millis),
            damaged_lines: app.damaged_lines,
            login: app.edge.login.is_required,
        },
    )
}
