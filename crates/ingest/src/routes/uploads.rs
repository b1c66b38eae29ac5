//! Screenshots: taken from pages, shown to the dashboard. They are served as the images that they
//! were found to be and as nothing else, whatever stands in them: no sniffing, no script, no frame.

use std::io::ErrorKind;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use beaconry_protocol::{Answer, ErrorCode, VERSION, limits};
use serde::Serialize;

use super::reply::{self, Failure};
use super::{App, posted};
use crate::clock::now_millis;
use crate::extract::body::{self, ReadError};
use crate::intake::Refusal;
use crate::keys::Key;
use crate::uploads::{Image, UploadId};

/// The answer to an upload that is on disk.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Kept<'a> {
    beaconry: u32,
    status: &'static str,
    success: bool,
    id: &'a str,
    content_type: &'static str,
    bytes: usize,
    server_time: u64,
}

pub(super) async fn upload(State(app): State<Arc<App>>, request: Request) -> Response<Body> {
    posted::answered(app, request, take_image).await
}

async fn take_image(
    app: Arc<App>,
    key: Arc<Key>,
    parts: Parts,
    body: Body,
) -> Result<Response<Body>, Failure> {
    let sent = body::read(&parts.headers, body, &app.edge.room).await.map_err(refused)?;
    posted::takes_feedback(&key)?;
    let image = Image::of(&sent.bytes).ok_or_else(|| Failure::new(ErrorCode::UnsupportedType, NO_IMAGE))?;
    let bytes = sent.bytes.len();
    let id = {
        // One after the other: they would wait for the same disk, each on a thread of its own.
        let _turn = app.upload_turn.acquire().await;
        let app = Arc::clone(&app);
        let kept = tokio::task::spawn_blocking(move || app.uploads.keep(&sent.bytes)).await;
        kept.map_err(|_| Failure::new(ErrorCode::Internal, "the screenshot could not be kept"))?
            .map_err(Refusal::from)?
    };
    let content_type = image.content_type();
    let server_time = now_millis();
    let id = id.as_str();
    let kept = Kept { beaconry: VERSION, status: "ok", success: true, id, content_type, bytes, server_time };
    Ok(reply::json(StatusCode::OK, &kept))
}

fn refused(error: ReadError) -> Failure {
    match error {
        ReadError::TooLarge => {
            let message = format!("a screenshot takes at most {} bytes", limits::SCREENSHOT_BYTES);
            Failure::new(ErrorCode::TooLarge, message)
        }
        other => other.into(),
    }
}

pub(super) async fn image(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response<Body> {
    let Some(id) = UploadId::parse(&id) else {
        return missing("takes the id of an upload: 64 lower-case hex digits");
    };
    let name = id.clone();
    match tokio::task::spawn_blocking(move || app.uploads.read(&id)).await {
        Ok(Ok(bytes)) => shown(&name, bytes),
        Ok(Err(error)) if error.kind() == ErrorKind::NotFound => missing("there is no upload of this id"),
        _ => reply::answer(Answer::error(ErrorCode::Internal, "the upload could not be read")),
    }
}

fn missing(why: &str) -> Response<Body> {
    reply::answer(Answer::error(ErrorCode::NotFound, why))
}

/// The format is looked at again: what lies in the folder may have been put there by somebody else.
fn shown(id: &UploadId, bytes: Vec<u8>) -> Response<Body> {
    let Some(image) = Image::of(&bytes) else {
        return reply::answer(Answer::error(ErrorCode::Internal, "the upload is damaged: it is no image"));
    };
    let short = id.as_str().get(..12).unwrap_or_default();
    let disposition = format!("attachment; filename=\"screenshot-{short}.{}\"", image.extension());
    let mut response = Response::new(Body::from(bytes));
    let headers: [(HeaderName, &str); 6] = [
        (header::CONTENT_TYPE, image.content_type()),
        (header::CONTENT_DISPOSITION, &disposition),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        // It shows what somebody had on the screen.
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    for (name, value) in headers {
        response.headers_mut().extend(HeaderValue::from_str(value).map(|value| (name, value)));
    }
    response
}

const NO_IMAGE: &str =
    "takes a whole WebP, PNG or JPEG image and nothing beside it; the bytes decide, not their name";
