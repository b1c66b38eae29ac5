//! A bug report that comes by itself, from a form or a script. It is stored as one of the client's is:
//! a feedback record, and an error record beside it, in one write. The answer names both.
//!
//! Who sends an `Idempotency-Key` can send the report again until it is answered: the same key and body
//! are the same report, and stored once. A key alone may be somebody else's too.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode};
use beaconry_protocol::{ErrorCode, StreamId, VERSION};
use serde::Serialize;

use super::App;
use super::ingest::apart_if_large;
use super::posted;
use super::reply::{self, Failure};
use crate::clock::now_millis;
use crate::extract::body::{self, Sent};
use crate::intake::{BatchOutcome, Fate};
use crate::keys::Key;
use crate::pipeline::{Prepared, RequestStream, prepare_feedback};

/// The answer to a report that is on disk.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Taken {
    beaconry: u32,
    status: &'static str,
    success: bool,
    feedback_id: String,
    error_id: String,
    /// Whether it was on disk already.
    duplicate: bool,
    server_time: u64,
}

pub(super) async fn feedback(State(app): State<Arc<App>>, request: Request) -> Response<Body> {
    posted::answered(app, request, take_report).await
}

async fn take_report(
    app: Arc<App>,
    key: Arc<Key>,
    parts: Parts,
    body: Body,
) -> Result<Response<Body>, Failure> {
    let sent = body::read(&parts.headers, body, &app.edge.room).await?;
    posted::takes_feedback(&key)?;
    let stream = stream_of(&key.name, &parts.headers, &sent.bytes)?;
    let prepared = {
        // Taken once the body is here: whoever sends slowly holds up nobody.
        let _place = app.bodies.acquire().await;
        read_report(&app, key, &parts.headers, sent, stream).await?
    };
    let outcome = app.committer.commit(prepared).await?;
    Ok(reply::json(StatusCode::OK, &Taken::new(stream, &outcome)))
}

async fn read_report(
    app: &Arc<App>,
    key: Arc<Key>,
    headers: &HeaderMap,
    sent: Sent,
    stream: StreamId,
) -> Result<Prepared, Failure> {
    let size = body::working_size(headers, &sent.bytes);
    let (app, headers) = (Arc::clone(app), headers.clone());
    apart_if_large(size, move || {
        let inflated = sent.inflate(&headers)?;
        let sender = posted::sender(&key, &headers);
        Ok(prepare_feedback(&inflated, stream, &sender, &app.privacy)?)
    })
    .await?
}

/// The stream of a report is its own: made of its key and body, or of random bits.
fn stream_of(ingest_key: &str, headers: &HeaderMap, body: &[u8]) -> Result<StreamId, Failure> {
    if let Some(key) = headers.get("idempotency-key") {
        return Ok(RequestStream::of(&[b"feedback", ingest_key.as_bytes(), key.as_bytes(), body]).id());
    }
    let mut bits = [0; 16];
    getrandom::fill(&mut bits)
        .map_err(|_| Failure::new(ErrorCode::Internal, "the system has no random numbers"))?;
    Ok(RequestStream::from_random(u128::from_be_bytes(bits)).id())
}

impl Taken {
    fn new(stream: StreamId, outcome: &BatchOutcome) -> Self {
        Self {
            beaconry: VERSION,
            status: "ok",
            success: true,
            feedback_id: format!("{stream}-1"),
            error_id: format!("{stream}-2"),
            duplicate: outcome.records.iter().any(|record| matches!(record.fate, Fate::Duplicate(_))),
            server_time: now_millis(),
        }
    }
}
