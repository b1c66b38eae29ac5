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

use super::reply::{self, Failure};
use super::storing::store;
use super::{App, posted};
use crate::clock::now_millis;
use crate::extract::body;
use crate::intake::{BatchOutcome, Fate};
use crate::keys::Key;
use crate::pipeline::{RequestStream, prepare_feedback};

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
    let outcome = store(&app, key, parts.headers, sent, move |body, from, privacy| {
        prepare_feedback(body, stream, from, privacy)
    })
    .await?;
    Ok(reply::json(StatusCode::OK, &Taken::new(stream, &outcome)))
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
