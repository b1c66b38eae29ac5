//! Taking a batch in.
//!
//! A body that could be read is always answered with 200 and a verdict for each record that is not
//! simply stored. Every other answer is typed too and tells a client what to do; none of them
//! carries `Cache-Control: no-store`, which would make browsers hold back a keepalive request.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response};
use beaconry_protocol::{Answer, RemoteConfig};

use super::reply::{self, Failure};
use super::storing::store;
use super::{App, posted};
use crate::clock::now_millis;
use crate::extract::body;
use crate::keys::Key;
use crate::pipeline::prepare_once;

pub(super) async fn ingest(State(app): State<Arc<App>>, request: Request) -> Response<Body> {
    posted::answered(app, request, take_batch).await
}

async fn take_batch(
    app: Arc<App>,
    key: Arc<Key>,
    parts: Parts,
    body: Body,
) -> Result<Response<Body>, Failure> {
    let sent = body::read(&parts.headers, body, &app.edge.room).await?;
    let once = parts.headers.get("idempotency-key").cloned();
    let outcome = store(&app, key, parts.headers, sent, move |body, from, privacy| {
        prepare_once(body, once.as_ref().map(HeaderValue::as_bytes), from, privacy)
    })
    .await?;
    // Said where it matters, so that the usual answer stays short.
    let remote = (app.remote != RemoteConfig::default()).then_some(app.remote);
    Ok(reply::answer(Answer { remote, ..outcome.into_answer(now_millis()) }))
}
