//! A request's body: read within a size, a time and the memory that there is.
//!
//! No request holds more memory than the limits say, however its body was made.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use beaconry_protocol::{ErrorCode, limits};
use futures_util::StreamExt;

use super::encodings::MOST_LAYERS;
pub use super::encodings::{inflate, working_size};
use super::room::{Held, NoRoom, Room};

/// Why there is no body to read records from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// More bytes than are taken.
    #[error("a body takes at most {} bytes as sent: send fewer records at once", limits::BODY_BYTES)]
    TooLarge,
    /// More bytes than are taken, once inflated.
    #[error(
        "a body takes at most {} bytes after decompression: send fewer records at once",
        limits::INFLATED_BYTES
    )]
    InflatesTooLarge,
    /// A compression that is not known.
    #[error("content-encoding: takes gzip, deflate, br, zstd or identity, got {0:?}")]
    UnknownEncoding(String),
    /// More compressions on top of one another than are taken.
    #[error("content-encoding: takes at most {MOST_LAYERS} compressions on top of one another")]
    TooManyLayers,
    /// Bytes that are not what the encoding says.
    #[error("the {0} stream is broken")]
    Broken(&'static str),
    /// The sender was too slow.
    #[error("the body did not arrive within {} s", READ_TIME.as_secs())]
    TooSlow,
    /// The sender went away, or its chunks are none.
    #[error("the body is broken: it takes Content-Length bytes, or well-formed chunks")]
    NotWhole(#[source] axum::Error),
    /// Too many large bodies come in at once.
    #[error("there is no room for another large body: try again later, or send fewer records at once")]
    NoRoom,
}

impl ReadError {
    /// The code of the answer.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::TooLarge | Self::InflatesTooLarge => ErrorCode::TooLarge,
            Self::UnknownEncoding(_) | Self::TooManyLayers => ErrorCode::UnsupportedEncoding,
            Self::NoRoom => ErrorCode::Overloaded,
            Self::Broken(_) | Self::TooSlow | Self::NotWhole(_) => ErrorCode::InvalidBody,
        }
    }
}

/// A body as it was sent, with the room that it takes.
#[derive(Debug)]
pub struct Sent {
    /// Its bytes.
    pub bytes: Vec<u8>,
    held: Held,
}

impl Sent {
    /// Inflates it, and gives its room back.
    ///
    /// # Errors
    /// When it is too large inflated, or not what it says.
    pub fn inflate(self, headers: &HeaderMap) -> Result<Vec<u8>, ReadError> {
        let Self { bytes, held } = self;
        let inflated = inflate(headers, bytes);
        drop(held);
        inflated
    }
}

impl From<NoRoom> for ReadError {
    fn from(_: NoRoom) -> Self {
        Self::NoRoom
    }
}

/// Reads a body as it was sent.
///
/// # Errors
/// When it is too large or too slow, or there is no room for it.
pub async fn read(headers: &HeaderMap, body: Body, room: &Room) -> Result<Sent, ReadError> {
    let announced = announced_length(headers);
    if announced.is_some_and(|length| length > limits::BODY_BYTES as u64) {
        discard(body).await;
        return Err(ReadError::TooLarge);
    }
    // Grows with what arrives: what was only announced takes no memory.
    let mut bytes = Vec::new();
    let mut held = room.begin();
    let mut chunks = body.into_data_stream();
    let reading = async {
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(ReadError::NotWhole)?;
            if bytes.len() + chunk.len() > limits::BODY_BYTES {
                return Err(ReadError::TooLarge);
            }
            held.grow_to(bytes.len() + chunk.len())?;
            bytes.extend_from_slice(&chunk);
        }
        Ok(())
    };
    let result = tokio::time::timeout(READ_TIME, reading).await.unwrap_or(Err(ReadError::TooSlow));
    let Err(error) = result else { return Ok(Sent { bytes, held }) };
    drop((bytes, held));
    if matches!(error, ReadError::TooLarge | ReadError::NoRoom) {
        discard(Body::from_stream(chunks)).await;
    }
    Err(error)
}

/// Reads what a refused sender still sends, within limits, so that it gets to read the answer: a
/// connection that is closed with bytes unread is reset, and the answer is lost with it.
pub async fn discard(body: Body) {
    let mut chunks = body.into_data_stream();
    let reading = async {
        let mut bytes = 0;
        while let Some(Ok(chunk)) = chunks.next().await {
            bytes += chunk.len();
            if bytes > DISCARDED_BYTES {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(DISCARD_TIME, reading).await;
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

const READ_TIME: Duration = Duration::from_secs(30);
const DISCARD_TIME: Duration = Duration::from_secs(2);
const DISCARDED_BYTES: usize = 16 * limits::BODY_BYTES;
