//! Taking a batch in.
//!
//! A body that could be read is always answered with 200 and a verdict for each record that is not
//! simply stored. Every other answer is typed too and tells a client what to do; none of them
//! carries `Cache-Control: no-store`, which would make browsers hold back a keepalive request.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Response, header};
use beaconry_protocol::{Answer, ErrorCode};

use super::reply::{self, Failure};
use super::{App, cors::Origin};
use crate::clock::now_millis;
use crate::extract::body;
use crate::pipeline::{Prepared, Sender, Source, prepare};

pub(super) async fn ingest(State(app): State<Arc<App>>, request: Request) -> Response<Body> {
    let origin = Origin::of(&request, &app.origins);
    if let Origin::Refused = origin {
        body::discard(request.into_body()).await;
        return origin.answer(reply::answer(Origin::refusal()));
    }
    let response = match *request.method() {
        Method::POST => reply::answer(take_batch(&app, request).await.unwrap_or_else(Failure::into_answer)),
        Method::OPTIONS => origin.preflight(METHODS),
        _ => reply::method_not_allowed(METHODS),
    };
    origin.answer(response)
}

async fn take_batch(app: &App, request: Request) -> Result<Answer, Failure> {
    let (parts, body) = request.into_parts();
    if !app.key.is_in(&parts.headers, &parts.uri) {
        body::discard(body).await;
        return Err(Failure::new(
            ErrorCode::Unauthorized,
            "the key is missing or wrong: send it as X-Telemetry-Token, or as ?token= in the address",
        ));
    }
    let prepared = {
        let _place =
            app.bodies.try_acquire().map_err(|_| Failure::overloaded("too many requests at once"))?;
        let sent = body::read(&parts.headers, body).await?;
        read_records(app, &parts.headers, sent)?
    };
    let outcome = app.committer.commit(prepared).await?;
    Ok(outcome.into_answer(now_millis()))
}

/// Inflating and preparing do not wait for anything, so at most one body a worker thread is inflated
/// at any time.
fn read_records(app: &App, headers: &HeaderMap, sent: Vec<u8>) -> Result<Prepared, Failure> {
    let inflated = body::inflate(headers, sent)?;
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let sender =
        Sender { key_name: app.key.name(), source: Source::Client, received_at: now_millis(), user_agent };
    Ok(prepare(&inflated, &sender)?)
}

const METHODS: &str = "POST, OPTIONS";
