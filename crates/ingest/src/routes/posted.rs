//! What all routes have in common that take something from pages: only allowed pages, with the key,
//! by POST. Whoever is refused is read to the end, so that the refusal arrives, and may read why.

use std::future::Future;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{Method, Response};
use beaconry_protocol::ErrorCode;

use super::reply::{self, Failure};
use super::{App, cors::Origin};
use crate::extract::body;

/// Answers a request: by `take`, if it may come in.
pub(super) async fn answered<Taking>(
    app: Arc<App>,
    request: Request,
    take: impl FnOnce(Arc<App>, Parts, Body) -> Taking,
) -> Response<Body>
where
    Taking: Future<Output = Result<Response<Body>, Failure>>,
{
    let origin = Origin::of(&request, &app.origins);
    if let Origin::Refused = origin {
        body::discard(request.into_body()).await;
        return origin.answer(reply::answer(Origin::refusal()));
    }
    let response = match *request.method() {
        Method::POST => {
            let taken = with_key(app, request, take).await;
            taken.unwrap_or_else(|failure| reply::answer(failure.into_answer()))
        }
        Method::OPTIONS => origin.preflight(METHODS),
        _ => reply::method_not_allowed(METHODS),
    };
    origin.answer(response)
}

async fn with_key<Taking>(
    app: Arc<App>,
    request: Request,
    take: impl FnOnce(Arc<App>, Parts, Body) -> Taking,
) -> Result<Response<Body>, Failure>
where
    Taking: Future<Output = Result<Response<Body>, Failure>>,
{
    let (parts, body) = request.into_parts();
    if !app.key.is_in(&parts.headers, &parts.uri) {
        body::discard(body).await;
        return Err(Failure::new(
            ErrorCode::Unauthorized,
            "the key is missing or wrong: send it as X-Telemetry-Token, or as ?token= in the address",
        ));
    }
    take(app, parts, body).await
}

const METHODS: &str = "POST, OPTIONS";
