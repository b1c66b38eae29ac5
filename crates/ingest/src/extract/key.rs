//! The key that lets records in. It is public by nature (every page carries it), so it says whose
//! records these are rather than keeping anybody out.

use std::collections::HashMap;

use axum::extract::Query;
use axum::http::{HeaderMap, Uri};
use subtle::ConstantTimeEq;

/// The key of this server.
#[derive(Clone)]
pub struct IngestKey(String);

impl IngestKey {
    /// Takes the secret part of a key.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The name that records of this key are stored under.
    pub fn name(&self) -> &'static str {
        "default"
    }

    /// Whether a request carries the key: in `X-Telemetry-Token`, or in `?token=` where a request
    /// cannot carry a header.
    pub fn is_in(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        match headers.get("x-telemetry-token") {
            Some(value) => self.equals(value.as_bytes()),
            None => query_token(uri).is_some_and(|token| self.equals(token.as_bytes())),
        }
    }

    /// Takes as long for a nearly right token as for a wrong one.
    fn equals(&self, token: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(token).into()
    }
}

impl std::fmt::Debug for IngestKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IngestKey")
    }
}

fn query_token(uri: &Uri) -> Option<String> {
    let Query(mut params) = Query::<HashMap<String, String>>::try_from_uri(uri).ok()?;
    params.remove("token")
}
