//! Answers as HTTP.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use beaconry_protocol::decode::BodyError;
use beaconry_protocol::{Answer, ErrorCode};
use serde::Serialize;

use crate::clock::now_millis;
use crate::extract::body::ReadError;
use crate::intake::Refusal;
use crate::journal::StorageError;
use crate::keys::Denied;
use crate::query::{BadParameter, QueryError};
use crate::signals::{QuestionFailed, RequestRefused, Signal};

/// A request to an ingest route that failed as a whole.
#[derive(Debug)]
pub(super) struct Failure {
    code: ErrorCode,
    message: String,
    retry_after: Option<Duration>,
}

impl Failure {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after: None }
    }

    pub(super) fn overloaded(message: impl Into<String>) -> Self {
        Self { retry_after: Some(OVERLOAD_PAUSE), ..Self::new(ErrorCode::Overloaded, message) }
    }

    pub(super) fn too_fast(what: impl std::fmt::Display, wait: Duration) -> Self {
        let message = format!("{what}: try again later");
        Self { retry_after: Some(wait), ..Self::new(ErrorCode::TooManyRequests, message) }
    }

    pub(super) fn into_answer(self) -> Answer {
        // Rounded up: whoever comes a moment too early is refused again.
        let millis = |pause: Duration| u64::try_from(pause.as_nanos().div_ceil(1_000_000)).ok();
        let retry_after_ms = self.retry_after.and_then(millis);
        Answer { retry_after_ms, ..Answer::error(self.code, self.message) }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error.code() {
            ErrorCode::Overloaded => Self::overloaded(error.to_string()),
            code => Self::new(code, error.to_string()),
        }
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        let retry_after = match &denied {
            Denied::TooFast { wait, .. } => Some(*wait),
            _ => None,
        };
        Self { retry_after, ..Self::new(denied.code(), denied.to_string()) }
    }
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        Self::new(error.code, error.message)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let message = format!("{refusal}: try again later");
        match refusal {
            Refusal::Storage(StorageError::Full(_) | StorageError::ReadOnly(_)) => {
                Self { retry_after: Some(FULL_DISK_PAUSE), ..Self::new(ErrorCode::StorageFull, message) }
            }
            _ => Self::overloaded(message),
        }
    }
}

/// The answer to a batch, or to whatever was no batch.
pub(super) fn answer(answer: Answer) -> Response<Body> {
    let answer = Answer { server_time: now_millis(), ..answer };
    if let Some(code) = answer.error {
        let message = answer.message.as_deref().unwrap_or_default();
        RequestRefused { reason: code.as_str(), message }.emit();
    }
    let status = answer.error.map_or(200, ErrorCode::http_status);
    let mut response = json(StatusCode::from_u16(status).unwrap_or_default(), &answer);
    if let Some(millis) = answer.retry_after_ms {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(millis.div_ceil(1000)));
    }
    response
}

/// The answer to a method that a route does not know.
pub(super) fn method_not_allowed(allowed: &'static str) -> Response<Body> {
    let message = format!("this address takes {allowed}");
    let mut response = answer(Answer::error(ErrorCode::MethodNotAllowed, message));
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

/// The answer to a question with a wrong parameter.
pub(super) fn bad_parameter(bad: &BadParameter) -> Response<Body> {
    #[derive(Serialize)]
    struct Wrong<'a> {
        error: &'static str,
        message: String,
        #[serde(flatten)]
        bad: &'a BadParameter,
    }
    json(StatusCode::BAD_REQUEST, &Wrong { error: "invalid_parameter", message: bad.message(), bad })
}

/// The answer to a question that could not be answered.
pub(super) fn query_failed(error: &QueryError) -> Response<Body> {
    QuestionFailed { error }.emit();
    answer(Answer::error(ErrorCode::Internal, error.to_string()))
}

/// Any value as JSON.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    // Our types are plain data; nothing in them makes serde_json fail.
    raw_json(status, serde_json::to_string(value).unwrap_or_default())
}

/// Text that is JSON already.
pub(super) fn raw_json(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

const OVERLOAD_PAUSE: Duration = Duration::from_secs(2);
const FULL_DISK_PAUSE: Duration = Duration::from_secs(30);
