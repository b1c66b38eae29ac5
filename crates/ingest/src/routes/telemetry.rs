//! Counts.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{Response, StatusCode};
use beaconry_protocol::{Answer, ErrorCode};

use super::{App, reply};
use crate::clock::now_millis;
use crate::query::{Params, QueryError, TelemetryQuery};

pub(super) async fn telemetry(
    State(app): State<Arc<App>>,
    Query(params): Query<HashMap<String, String>>,
) -> Response<Body> {
    let params = Params::new(params).only(&TelemetryQuery::PARAMETERS);
    match params.and_then(|params| TelemetryQuery::read(&params)) {
        Err(bad) => reply::bad_parameter(&bad),
        Ok(query) => match ask(move || app.queries.telemetry(&query, now_millis())).await {
            Ok(report) => reply::json(StatusCode::OK, &report),
            Err(response) => response,
        },
    }
}

/// Asks a question where waiting for the disk holds up nobody.
pub(super) async fn ask<T: Send + 'static>(
    question: impl FnOnce() -> Result<T, QueryError> + Send + 'static,
) -> Result<T, Response<Body>> {
    match tokio::task::spawn_blocking(question).await {
        Ok(answer) => answer.map_err(|error| reply::query_failed(&error)),
        Err(_) => Err(reply::answer(Answer::error(ErrorCode::Internal, "the question was not answered"))),
    }
}
