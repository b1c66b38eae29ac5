//! Letting pages of allowed origins talk to the ingest routes and read the answers, also those that
//! say what went wrong. Other pages are refused, not only kept from reading.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Response, StatusCode, header};
use beaconry_protocol::{Answer, ErrorCode};

use crate::keys::KeyRing;

/// Where a request comes from.
#[derive(Debug)]
pub(super) enum Origin {
    /// From no web page, or from one that need not say.
    None,
    /// From a page that is let in, if its key is too.
    Allowed(HeaderValue),
    /// From any other page.
    Refused,
}

impl Origin {
    pub(super) fn of(request: &Request, keys: &KeyRing) -> Self {
        match request.headers().get(header::ORIGIN) {
            None => Self::None,
            Some(origin) if origin.to_str().is_ok_and(|origin| keys.allows_any(origin)) => {
                Self::Allowed(origin.clone())
            }
            Some(_) => Self::Refused,
        }
    }

    /// The answer to a page that is not let in.
    pub(super) fn refusal() -> Answer {
        Answer::error(
            ErrorCode::OriginNotAllowed,
            "pages of this origin may not send records here: start the server with --allow-origin for it, or \
             make a key for it with beaconry keys create",
        )
    }

    /// The answer to a preflight.
    pub(super) fn preflight(&self, methods: &'static str) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        if let Self::Allowed(_) = self {
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(REQUEST_HEADERS));
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE_SECONDS));
        }
        response
    }

    /// Lets the page read `response`.
    pub(super) fn answer(&self, mut response: Response<Body>) -> Response<Body> {
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
        if let Self::Allowed(origin) = self {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers
                .insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After, ETag"));
        }
        response
    }
}

const REQUEST_HEADERS: &str =
    "Content-Type, Content-Encoding, X-Telemetry-Token, Idempotency-Key, traceparent, If-None-Match";
const MAX_AGE_SECONDS: &str = "7200";
