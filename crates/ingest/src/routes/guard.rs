//! Keeping other sites away from what only this machine may see. There is no login yet, so the
//! server listens on this machine only; a page of any site could still try to reach it from the
//! browser of whoever works here. Two doors are shut: a foreign name that was made to point here
//! (DNS rebinding) by the `Host` header, and requests from other sites by `Sec-Fetch-Site`. No
//! answer lets another origin read it.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Response, header};
use axum::middleware::Next;
use beaconry_protocol::{Answer, ErrorCode};

use super::reply;
use crate::extract::{host_of_authority, is_loopback_host};

pub(super) async fn own_pages_only(request: Request, next: Next) -> Response<Body> {
    let refusal = if !names_this_machine(request.headers()) {
        "open this address under a name of this machine, such as http://localhost"
    } else if is_from_other_site(request.headers()) {
        "other sites may not ask here"
    } else {
        return next.run(request).await;
    };
    reply::answer(Answer::error(ErrorCode::OriginNotAllowed, refusal))
}

fn names_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.and_then(host_of_authority).is_some_and(is_loopback_host)
}

/// Following a link from another site is fine: that site sees nothing of the page it leads to.
fn is_from_other_site(headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|header| header == value);
    let is_link = says("sec-fetch-mode", "navigate") && says("sec-fetch-dest", "document");
    says("sec-fetch-site", "cross-site") && !is_link
}
