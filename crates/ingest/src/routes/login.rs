//! Logging in and out.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use super::edge::ClientAddress;
use super::{App, admin, guard};
use crate::clock::{now_millis, steady};
use crate::extract::body;
use crate::login::{SESSION_AGE, SESSION_COOKIE, Visitor};

/// The page that asks for the key. Whoever is in already is led on.
pub(super) async fn page(State(app): State<Arc<App>>, headers: HeaderMap) -> Response<Body> {
    match guard::visitor(&app, &headers) {
        Visitor::Owner => see_other("/admin"),
        _ => show(StatusCode::OK, ""),
    }
}

/// Looks at the key that was typed.
pub(super) async fn enter(State(app): State<Arc<App>>, request: Request) -> Response<Body> {
    let address = ClientAddress::of(request.extensions());
    let (parts, body) = request.into_parts();
    let Ok(form) = body::read(&parts.headers, body, &app.edge.room).await else {
        return show(StatusCode::BAD_REQUEST, "The form did not arrive. Try again.");
    };
    let mut fields = form_urlencoded::parse(&form.bytes);
    let token = fields.find(|(name, _)| name == "token").map(|(_, token)| token.trim().to_owned());
    let now = now_millis();
    let cookie = token.and_then(|token| app.edge.login.begin(&token, &app.edge.keys.current(), now));
    match cookie {
        Some(cookie) => with_cookie(&app, &parts.headers, &cookie, SESSION_AGE.as_secs(), "/admin"),
        None if app.edge.limits.take_guess(address, steady()).is_err() => {
            show(StatusCode::TOO_MANY_REQUESTS, "Too many wrong keys from here. Wait a moment.")
        }
        None => show(StatusCode::UNAUTHORIZED, "This is no admin key that is in use."),
    }
}

/// Ends the session in this browser. To end it everywhere, rotate or revoke the key.
pub(super) async fn leave(State(app): State<Arc<App>>, headers: HeaderMap) -> Response<Body> {
    with_cookie(&app, &headers, "", 0, LOGIN)
}

/// The look of the page.
pub(super) async fn style() -> Response<Body> {
    respond(StatusCode::OK, "text/css; charset=utf-8", STYLE.to_owned())
}

/// Leads a browser to the page.
pub(super) fn to_the_login_page() -> Response<Body> {
    see_other(LOGIN)
}

fn show(status: StatusCode, complaint: &'static str) -> Response<Body> {
    respond(status, "text/html; charset=utf-8", PAGE.replace("{complaint}", complaint))
}

/// `Secure` where the browser came by https, by itself or by the word of a proxy that the owner named.
fn with_cookie(app: &App, headers: &HeaderMap, value: &str, age: u64, to: &'static str) -> Response<Body> {
    let by_proxy = !app.edge.proxies.is_empty()
        && headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    let secure = if app.edge.is_tls || by_proxy { "; Secure" } else { "" };
    let cookie =
        format!("{SESSION_COOKIE}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
    let mut response = see_other(to);
    response.headers_mut().extend(HeaderValue::from_str(&cookie).map(|cookie| (header::SET_COOKIE, cookie)));
    response
}

fn see_other(to: &'static str) -> Response<Body> {
    let mut response = respond(StatusCode::SEE_OTHER, "text/plain", String::new());
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(to));
    response
}

fn respond(status: StatusCode, content_type: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, admin::POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // See `admin`.
        (header::REFERRER_POLICY, "same-origin"),
    ];
    response.headers_mut().extend(headers.map(|(name, value)| (name, HeaderValue::from_static(value))));
    response
}

const LOGIN: &str = "/admin/login";
const PAGE: &str = include_str!("login.html");
const STYLE: &str = include_str!("login.css");
