//! Where a request carries its key.

use std::borrow::Cow;
use std::collections::HashMap;

use axum::extract::Query;
use axum::http::{HeaderMap, Uri, header};

/// The token of an ingest key: in `X-Telemetry-Token`, or in `?token=` where a request cannot carry a
/// header.
pub fn ingest_token<'r>(headers: &'r HeaderMap, uri: &Uri) -> Option<Cow<'r, [u8]>> {
    match headers.get("x-telemetry-token") {
        Some(value) => Some(Cow::Borrowed(value.as_bytes())),
        None => query_token(uri).map(|token| Cow::Owned(token.into_bytes())),
    }
}

/// The token of an admin key: `Authorization: Bearer …`.
pub fn bearer_token(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}

fn query_token(uri: &Uri) -> Option<String> {
    let Query(mut params) = Query::<HashMap<String, String>>::try_from_uri(uri).ok()?;
    params.remove("token")
}
