//! The newest records.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{Response, StatusCode};

use super::{App, reply, telemetry::ask};
use crate::query::{EventsQuery, Params};

pub(super) async fn events(
    State(app): State<Arc<App>>,
    Query(params): Query<HashMap<String, String>>,
) -> Response<Body> {
    let params = Params::new(params).only(&EventsQuery::PARAMETERS);
    match params.and_then(|params| EventsQuery::read(&params)) {
        Err(bad) => reply::bad_parameter(&bad),
        Ok(query) => match ask(move || app.queries.events(&query)).await {
            Ok(json) => reply::raw_json(StatusCode::OK, json),
            Err(response) => response,
        },
    }
}
