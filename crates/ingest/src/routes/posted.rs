//! What all routes have in common that take something from pages: only allowed pages, with the key,
//! by POST. Whoever is refused is read to the end, so that the refusal arrives, and may read why.

use std::future::Future;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Response, header};
use beaconry_protocol::{ErrorCode, RecordType};

use super::edge::ClientAddress;
use super::reply::{self, Failure};
use super::{App, cors::Origin};
use crate::clock::{now_millis, steady};
use crate::extract::{body, ingest_token};
use crate::keys::{Denied, Key, KeyRing};
use crate::pipeline::{Sender, Source};

/// Answers a request: by `take`, if it may come in.
pub(super) async fn answered<Taking>(
    app: Arc<App>,
    request: Request,
    take: impl FnOnce(Arc<App>, Arc<Key>, Parts, Body) -> Taking,
) -> Response<Body>
where
    Taking: Future<Output = Result<Response<Body>, Failure>>,
{
    let keys = app.edge.keys.current();
    let origin = Origin::of(&request, &keys);
    if let Origin::Refused = origin {
        body::discard(request.into_body()).await;
        return origin.answer(reply::answer(Origin::refusal()));
    }
    let response = match *request.method() {
        Method::POST => {
            let taken = with_key(app, &keys, request, take).await;
            taken.unwrap_or_else(|failure| reply::answer(failure.into_answer()))
        }
        Method::OPTIONS => origin.preflight(METHODS),
        _ => reply::method_not_allowed(METHODS),
    };
    origin.answer(response)
}

async fn with_key<Taking>(
    app: Arc<App>,
    keys: &KeyRing,
    request: Request,
    take: impl FnOnce(Arc<App>, Arc<Key>, Parts, Body) -> Taking,
) -> Result<Response<Body>, Failure>
where
    Taking: Future<Output = Result<Response<Body>, Failure>>,
{
    let (parts, body) = request.into_parts();
    match admit(&app, keys, &parts) {
        Ok(key) => take(app, key, parts, body).await,
        Err(failure) => {
            body::discard(body).await;
            Err(failure)
        }
    }
}

fn admit(app: &App, keys: &KeyRing, parts: &Parts) -> Result<Arc<Key>, Failure> {
    let token = ingest_token(&parts.headers, &parts.uri);
    let key = token.and_then(|token| keys.find(&token, now_millis()));
    let origin = parts.headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    keys.admit(key, origin, steady()).map_err(|denied| match denied {
        Denied::WrongKey => {
            match app.edge.limits.take_guess(ClientAddress::of(&parts.extensions), steady()) {
                Ok(()) => denied.into(),
                Err((rate, wait)) => Failure::too_fast(format!("more than {rate} with a wrong key"), wait),
            }
        }
        _ => denied.into(),
    })
}

/// Who sent a request, as far as the pipeline is to know.
pub(super) fn sender<'a>(key: &'a Key, headers: &'a HeaderMap) -> Sender<'a> {
    Sender {
        key_name: &key.name,
        // An admin key was not let in.
        source: key.kind.source().unwrap_or(Source::Client),
        types: key.types,
        received_at: now_millis(),
        user_agent: headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()),
    }
}

/// Refuses a key that takes no bug reports: those come by addresses of their own.
pub(super) fn takes_feedback(key: &Key) -> Result<(), Failure> {
    if key.types.contains(RecordType::Feedback) {
        return Ok(());
    }
    let takes = key.types.names().collect::<Vec<_>>().join(", ");
    let message = format!("the key {:?} takes {takes}, and no bug reports", key.name);
    Err(Failure::new(ErrorCode::Unauthorized, message))
}

const METHODS: &str = "POST, OPTIONS";
