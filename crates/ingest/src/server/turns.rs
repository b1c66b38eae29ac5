//! Whose word it is on a connection, told by its requests as they go: the sender's until a request is
//! whole, the server's until the answer is there, then the sender's again.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Request, Response};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use super::roster::Wait;
use crate::clock::steady;
use crate::routes::edge::Peer;

/// Answers one request of the connection that `wait` is about.
pub(super) async fn answer(
    router: Router,
    request: Request<Incoming>,
    peer: Peer,
    wait: Arc<Wait>,
) -> Result<Response<Body>, std::convert::Infallible> {
    let sender = Arc::clone(&wait);
    let mut request = request.map(|body| Body::new(Watched::new(body, move || sender.end())));
    request.extensions_mut().insert(peer);
    let response = TowerToHyperService::new(router).call(request).await?;
    if response.body().size_hint().exact().is_some() {
        wait.begin(steady());
        return Ok(response);
    }
    // It is being made while it is sent.
    Ok(response.map(|body| Body::new(Watched::new(body, move || wait.begin(steady())))))
}

/// A body that says when it is over, however that comes about.
struct Watched<B, F: FnOnce()> {
    body: B,
    over: Option<F>,
}

impl<B, F: FnOnce()> Watched<B, F> {
    fn new(body: B, over: F) -> Self {
        Self { body, over: Some(over) }
    }
}

impl<B, F> HttpBody for Watched<B, F>
where
    B: HttpBody<Data = Bytes> + Unpin,
    F: FnOnce() + Unpin,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B, F: FnOnce()> Drop for Watched<B, F> {
    fn drop(&mut self) {
        if let Some(over) = self.over.take() {
            over();
        }
    }
}
