//! Taking a batch in.
//!
//! A body that could be read is always answered with 200 and a verdict for each record that is not
//! simply stored. Every other answer is typed too and tells a client what to do; none of them
//! carries `Cache-Control: no-store`, which would make browsers hold back a keepalive request.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response};
use beaconry_protocol::{Answer, ErrorCode, RemoteConfig};

use super::reply::{self, Failure};
use super::{App, posted};
use crate::clock::now_millis;
use crate::extract::body::{self, Sent};
use crate::keys::Key;
use crate::pipeline::{Prepared, prepare_once};

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
    let prepared = {
        // Taken once the body is here: whoever sends slowly holds up nobody.
        let _place = app.bodies.acquire().await;
        read_records(Arc::clone(&app), key, parts.headers, sent).await?
    };
    let outcome = app.committer.commit(prepared).await?;
    // Said where it matters, so that the usual answer stays short.
    let remote = (app.remote != RemoteConfig::default()).then_some(app.remote);
    Ok(reply::answer(Answer { remote, ..outcome.into_answer(now_millis()) }))
}

async fn read_records(
    app: Arc<App>,
    key: Arc<Key>,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Prepared, Failure> {
    let size = body::working_size(&headers, &sent.bytes);
    apart_if_large(size, move || {
        let inflated = sent.inflate(&headers)?;
        let sender = posted::sender(&key, &headers);
        let once = headers.get("idempotency-key").map(HeaderValue::as_bytes);
        Ok(prepare_once(&inflated, once, &sender, &app.privacy)?)
    })
    .await?
}

/// Works on so many bytes: a few at once, many on a thread of their own, so that they hold up none
/// of the connections that share this one.
pub(super) async fn apart_if_large<T: Send + 'static>(
    size: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    if size <= BYTES_AT_ONCE {
        return Ok(work());
    }
    let lost = |_| Failure::new(ErrorCode::Internal, "the batch could not be read");
    tokio::task::spawn_blocking(work).await.map_err(lost)
}

/// A worker thread reads that in about a millisecond.
const BYTES_AT_ONCE: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_large_body_is_read_on_another_thread_and_a_small_one_is_not() {
        let here = std::thread::current().id();
        let is_here = move || std::thread::current().id() == here;
        assert!(matches!(apart_if_large(BYTES_AT_ONCE, is_here).now_or_never(), Some(Ok(true))));
        assert!(matches!(apart_if_large(BYTES_AT_ONCE + 1, is_here).await, Ok(false)));
    }
}
