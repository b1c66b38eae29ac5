//! Keeping others away from what only the owner may see. See [`login`](crate::login) for who that is.
//!
//! On a loopback address, where nobody is asked, a page of any site could still try to reach it from the
//! browser of whoever works here. Three doors are shut: a foreign name that was made to point here (DNS
//! rebinding) by the `Host` header, a proxy that would open it to others by the headers that proxies add,
//! and requests from other sites by `Sec-Fetch-Site` and `Origin`. The last one holds behind the login
//! too, where the cookie is not sent to begin with. No answer lets another origin read it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, Version, header};
use axum::middleware::Next;
use beaconry_protocol::{Answer, ErrorCode};

use super::edge::ClientAddress;
use super::reply::{self, Failure};
use super::{App, login};
use crate::clock::{now_millis, steady};
use crate::extract::{FORWARDED, host_of_authority, is_loopback_host};
use crate::login::Visitor;

/// Lets the owner through.
pub(super) async fn owner_only(State(app): State<Arc<App>>, request: Request, next: Next) -> Response<Body> {
    if let Some(refusal) = refusal(&app, &request) {
        return reply::answer(Answer::error(ErrorCode::OriginNotAllowed, refusal));
    }
    match visitor(&app, request.headers()) {
        Visitor::Owner => next.run(request).await,
        Visitor::Stranger if wants_a_page(&request) => login::to_the_login_page(),
        Visitor::Stranger => {
            unauthorized("log in at /admin, or send an admin key as Authorization: Bearer …")
        }
        Visitor::Guesser => wrong_key(&app, &request),
    }
}

/// Lets everybody through where a login keeps the rest safe; the route says less to strangers.
pub(super) async fn public_behind_a_login(
    state: State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    if state.edge.login.is_required {
        next.run(request).await
    } else {
        owner_only(state, request, next).await
    }
}

/// Keeps pages of other sites from doing anything, whoever looks at them.
pub(super) async fn no_other_sites(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    match refusal(&app, &request) {
        Some(refusal) => reply::answer(Answer::error(ErrorCode::OriginNotAllowed, refusal)),
        None => next.run(request).await,
    }
}

/// Who asks.
pub(super) fn visitor(app: &App, headers: &HeaderMap) -> Visitor {
    app.edge.login.who(headers, &app.edge.keys.current(), now_millis())
}

fn refusal(app: &App, request: &Request) -> Option<&'static str> {
    let headers = request.headers();
    let is_open = !app.edge.login.is_required;
    if is_open && !names_this_machine(headers) {
        Some("open this address under a name of this machine, such as http://localhost")
    } else if is_open && came_through_a_proxy(request) {
        Some("this came through a proxy: start the server with --trusted-proxy for it, and log in")
    } else if is_from_other_site(request.method(), headers) {
        Some("other sites may not ask here")
    } else {
        None
    }
}

fn names_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.and_then(host_of_authority).is_some_and(is_loopback_host)
}

/// By what proxies add, or by the version that nginx speaks unless it is told otherwise; browsers and curl
/// speak a newer one. A proxy that adds nothing cannot be seen.
fn came_through_a_proxy(request: &Request) -> bool {
    request.version() < Version::HTTP_11
        || PROXY_HEADERS.iter().any(|name| request.headers().contains_key(*name))
}

const PROXY_HEADERS: [&str; 9] = [
    FORWARDED,
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "x-real-ip",
    "cf-connecting-ip",
    "true-client-ip",
    "forwarded",
    "via",
];

/// Following a link from another site is fine: that site sees nothing of the page it leads to. Changing
/// something is for our own pages, and for programs, which say nothing of pages.
fn is_from_other_site(method: &Method, headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|header| header == value);
    if method.is_safe() {
        let is_link = says("sec-fetch-mode", "navigate") && says("sec-fetch-dest", "document");
        return says("sec-fetch-site", "cross-site") && !is_link;
    }
    match headers.get("sec-fetch-site") {
        Some(site) => site != "same-origin" && site != "none",
        None => headers.get(header::ORIGIN).is_some_and(|origin| !is_of_host(origin, headers)),
    }
}

/// Whether an origin is that of the address that was asked.
fn is_of_host(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, rest)| rest);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    authority.is_some() && authority == host
}

/// Whether a browser opens a page, which can be led elsewhere.
fn wants_a_page(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    request.method() == Method::GET && accept.is_some_and(|accept| accept.contains("text/html"))
}

fn wrong_key(app: &App, request: &Request) -> Response<Body> {
    match app.edge.limits.take_guess(ClientAddress::of(request.extensions()), steady()) {
        Ok(()) => unauthorized("this is no admin key that is in use"),
        Err((rate, wait)) => {
            let failure = Failure::too_fast(format!("more than {rate} with a wrong key"), wait);
            reply::answer(failure.into_answer())
        }
    }
}

fn unauthorized(message: &str) -> Response<Body> {
    let mut response = reply::answer(Answer::error(ErrorCode::Unauthorized, message));
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
