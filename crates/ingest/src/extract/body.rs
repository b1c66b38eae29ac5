//! A request's body: read within a size and a time, inflated within a size.
//!
//! No request holds more memory than the two limits say, however its body was made.

use std::io::{self, Read};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use beaconry_protocol::{ErrorCode, limits};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use futures_util::StreamExt;

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
    #[error("content-encoding: takes gzip, deflate or identity, got {0:?}")]
    UnknownEncoding(String),
    /// Bytes that are not what the encoding says.
    #[error("the {0} stream is broken")]
    Broken(&'static str),
    /// The sender was too slow.
    #[error("the body did not arrive within {} s", READ_TIME.as_secs())]
    TooSlow,
    /// The sender went away, or its chunks are none.
    #[error("the body is broken: it takes Content-Length bytes, or well-formed chunks")]
    NotWhole(#[source] axum::Error),
}

impl ReadError {
    /// The code of the answer.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::TooLarge | Self::InflatesTooLarge => ErrorCode::TooLarge,
            Self::UnknownEncoding(_) => ErrorCode::UnsupportedEncoding,
            Self::Broken(_) | Self::TooSlow | Self::NotWhole(_) => ErrorCode::InvalidBody,
        }
    }
}

/// Reads a body as it was sent.
///
/// # Errors
/// When it is too large or too slow.
pub async fn read(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, ReadError> {
    let announced = announced_length(headers);
    if announced.is_some_and(|length| length > limits::BODY_BYTES as u64) {
        discard(body).await;
        return Err(ReadError::TooLarge);
    }
    // Grows with what arrives: what was only announced takes no memory.
    let mut bytes = Vec::new();
    let mut chunks = body.into_data_stream();
    let reading = async {
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(ReadError::NotWhole)?;
            if bytes.len() + chunk.len() > limits::BODY_BYTES {
                return Err(ReadError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(())
    };
    let result = tokio::time::timeout(READ_TIME, reading).await.unwrap_or(Err(ReadError::TooSlow));
    if matches!(result, Err(ReadError::TooLarge)) {
        discard(Body::from_stream(chunks)).await;
    }
    result.map(|()| bytes)
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

/// Inflates a body if need be. gzip is recognised by its first bytes too: JSON never begins so, and
/// a page that must not trigger a preflight cannot say `Content-Encoding`.
///
/// # Errors
/// When it is too large inflated, or not what it says.
pub fn inflate(headers: &HeaderMap, bytes: Vec<u8>) -> Result<Vec<u8>, ReadError> {
    let encoding = headers.get(header::CONTENT_ENCODING).map_or(&b""[..], |value| value.as_bytes());
    let is_gzip = bytes.starts_with(GZIP);
    match encoding.to_ascii_lowercase().as_slice() {
        b"" | b"identity" | b"gzip" | b"x-gzip" if is_gzip => {
            read_capped(MultiGzDecoder::new(&*bytes), "gzip")
        }
        b"" | b"identity" => Ok(bytes),
        b"gzip" | b"x-gzip" => Err(ReadError::Broken("gzip")),
        b"deflate" if is_zlib(&bytes) => read_capped(ZlibDecoder::new(&*bytes), "deflate"),
        b"deflate" => read_capped(DeflateDecoder::new(&*bytes), "deflate"),
        other => Err(ReadError::UnknownEncoding(String::from_utf8_lossy(other).into_owned())),
    }
}

/// At most so many bytes have to be worked on. How far a compressed body inflates is not known
/// before, so it counts as one that goes to the limit.
pub fn working_size(headers: &HeaderMap, bytes: &[u8]) -> usize {
    let is_plain = headers.get(header::CONTENT_ENCODING).is_none_or(|value| value == "identity");
    if is_plain && !bytes.starts_with(GZIP) { bytes.len() } else { limits::INFLATED_BYTES }
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn read_capped(reader: impl Read, encoding: &'static str) -> Result<Vec<u8>, ReadError> {
    let mut inflated = Vec::new();
    let read: io::Result<usize> = reader.take(limits::INFLATED_BYTES as u64 + 1).read_to_end(&mut inflated);
    match read {
        Ok(length) if length > limits::INFLATED_BYTES => Err(ReadError::InflatesTooLarge),
        Ok(_) => Ok(inflated),
        Err(_) => Err(ReadError::Broken(encoding)),
    }
}

/// `deflate` means the zlib format, but some senders leave its two-byte header out.
fn is_zlib(bytes: &[u8]) -> bool {
    let &[first, second, ..] = bytes else { return false };
    first & 0x0f == 8 && u16::from_be_bytes([first, second]).is_multiple_of(31)
}

const GZIP: &[u8] = &[0x1f, 0x8b];

const READ_TIME: Duration = Duration::from_secs(30);
const DISCARD_TIME: Duration = Duration::from_secs(2);
const DISCARDED_BYTES: usize = 16 * limits::BODY_BYTES;

#[cfg(test)]
mod tests {
    use std::io::Write;

    use axum::http::HeaderValue;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn headers(encoding: Option<&'static str>) -> HeaderMap {
        let value = encoding.map(|encoding| (header::CONTENT_ENCODING, HeaderValue::from_static(encoding)));
        value.into_iter().collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn check(encoding: Option<&'static str>, sent: Vec<u8>) {
        assert_eq!(inflate(&headers(encoding), sent).unwrap(), b"{\"events\":[]}", "{encoding:?}");
    }

    #[test]
    fn every_encoding_comes_out_as_it_was() {
        let json = b"{\"events\":[]}";
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(json).unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(json).unwrap();
        check(None, json.to_vec());
        check(Some("identity"), json.to_vec());
        check(Some("gzip"), gzip(json));
        check(Some("GZIP"), gzip(json));
        check(None, gzip(json));
        check(None, [gzip(b"{\"events\""), gzip(b":[]}")].concat());
        check(Some("deflate"), zlib.finish().unwrap());
        check(Some("deflate"), raw.finish().unwrap());
    }

    #[test]
    fn what_is_not_what_it_says_is_refused() {
        let refused = |encoding, sent: &[u8]| inflate(&headers(Some(encoding)), sent.to_vec()).unwrap_err();
        assert!(matches!(refused("gzip", b"{}"), ReadError::Broken("gzip")));
        assert!(matches!(refused("gzip", &gzip(b"{}")[..12]), ReadError::Broken("gzip")));
        assert!(matches!(refused("br", b"{}"), ReadError::UnknownEncoding(name) if name == "br"));
    }

    #[test]
    fn a_small_body_that_may_inflate_counts_as_a_large_one() {
        let size = |encoding, sent: &[u8]| working_size(&headers(encoding), sent);
        assert_eq!((size(None, b"{}"), size(Some("identity"), b"{}")), (2, 2));
        assert_eq!(size(None, &gzip(b"{}")), limits::INFLATED_BYTES);
        assert_eq!(size(Some("deflate"), b"{}"), limits::INFLATED_BYTES);
    }

    #[test]
    fn a_bomb_is_cut_at_the_limit() {
        let just_fits = gzip(&vec![b' '; limits::INFLATED_BYTES]);
        assert!(inflate(&headers(None), just_fits).is_ok());
        let bomb = gzip(&vec![b' '; limits::INFLATED_BYTES + 1]);
        assert!(bomb.len() < 20_000);
        assert!(matches!(inflate(&headers(None), bomb), Err(ReadError::InflatesTooLarge)));
    }
}
