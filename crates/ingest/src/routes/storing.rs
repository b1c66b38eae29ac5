//! Reading what was posted, and storing it: the same for all that becomes records.

use std::sync::Arc;

use axum::http::HeaderMap;
use beaconry_protocol::ErrorCode;
use beaconry_protocol::decode::BodyError;

use super::reply::Failure;
use super::{App, posted};
use crate::extract::body::{self, Sent};
use crate::intake::BatchOutcome;
use crate::keys::Key;
use crate::pipeline::{Prepared, Privacy, Sender};

/// Stores what `prepare` makes of a body, and says what became of it when it is on disk.
pub(super) async fn store<Prepare>(
    app: &Arc<App>,
    key: Arc<Key>,
    headers: HeaderMap,
    sent: Sent,
    prepare: Prepare,
) -> Result<BatchOutcome, Failure>
where
    Prepare: FnOnce(&[u8], &Sender<'_>, &Privacy) -> Result<Prepared, BodyError> + Send + 'static,
{
    let prepared = {
        // Taken once the body is here: whoever sends slowly holds up nobody.
        let _place = app.bodies.acquire().await;
        let size = body::working_size(&headers, &sent.bytes);
        let app = Arc::clone(app);
        apart_if_large(size, move || {
            let inflated = sent.inflate(&headers)?;
            let sender = posted::sender(&key, &headers);
            prepare(&inflated, &sender, &app.privacy).map_err(Failure::from)
        })
        .await??
    };
    Ok(app.committer.commit(prepared).await?)
}

/// Works on so many bytes: a few at once, many on a thread of their own, so that they hold up none
/// of the connections that share this one.
async fn apart_if_large<T: Send + 'static>(
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
