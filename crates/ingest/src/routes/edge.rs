//! Holding up whoever comes too often, before anything of a request is read.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Extensions, Response};
use axum::middleware::Next;

use super::reply::{self, Failure};
use super::{App, cors::Origin};
use crate::clock::steady;
use crate::extract::body;

/// The address at the other end of the connection; every request has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// The address of the client, which a trusted proxy may have told.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClientAddress(IpAddr);

impl ClientAddress {
    pub(super) fn of(extensions: &Extensions) -> IpAddr {
        extensions.get::<Self>().map_or(NOBODY, |address| address.0)
    }
}

pub(super) async fn by_address(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let peer = request.extensions().get::<Peer>().map_or(NOBODY, |peer| peer.0);
    let address = app.edge.proxies.client(peer, request.headers());
    match app.edge.limits.take(address, steady()) {
        Ok(()) => {
            request.extensions_mut().insert(ClientAddress(address));
            next.run(request).await
        }
        Err((rate, wait)) => {
            let origin = Origin::of(&request, &app.edge.keys.current());
            body::discard(request.into_body()).await;
            let failure = Failure::too_fast(format!("more than {rate} from this address"), wait);
            origin.answer(reply::answer(failure.into_answer()))
        }
    }
}

/// What stands for an address that nobody told; such requests share one limit.
const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
