//! Inflating: every compression that is taken, alone or several of them stacked.
//!
//! Each layer is inflated by itself and within the limit, so that no layer can blow up inside another,
//! whatever the last one comes to.

use std::io::{self, Read};

use axum::http::{HeaderMap, header};
use beaconry_protocol::limits;
use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::body::ReadError;

/// One layer of compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// Inflates a body if need be. gzip is recognised by its first bytes too: JSON never begins so, and
/// a page that must not trigger a preflight cannot say `Content-Encoding`.
///
/// # Errors
/// When it is too large inflated, or not what it says.
pub fn inflate(headers: &HeaderMap, bytes: Vec<u8>) -> Result<Vec<u8>, ReadError> {
    let mut codings = codings(headers)?;
    if codings.is_empty() && is_gzip(&bytes) {
        codings.push(Coding::Gzip);
    }
    // The one that was put on last is taken off first.
    codings.into_iter().rev().try_fold(bytes, |bytes, coding| coding.take_off(&bytes))
}

/// At most so many bytes have to be worked on. How far a compressed body inflates is not known
/// before, so it counts as one that goes to the limit.
pub fn working_size(headers: &HeaderMap, bytes: &[u8]) -> usize {
    let is_plain = codings(headers).is_ok_and(|codings| codings.is_empty()) && !is_gzip(bytes);
    if is_plain { bytes.len() } else { limits::INFLATED_BYTES }
}

/// The layers of a body, in the order in which they were put on.
fn codings(headers: &HeaderMap) -> Result<Vec<Coding>, ReadError> {
    let mut codings = Vec::new();
    for value in headers.get_all(header::CONTENT_ENCODING) {
        // What is no text is no known name either.
        for name in String::from_utf8_lossy(value.as_bytes()).split(',') {
            codings.extend(Coding::parse(name.trim())?);
            if codings.len() > MOST_LAYERS {
                return Err(ReadError::TooManyLayers);
            }
        }
    }
    Ok(codings)
}

impl Coding {
    fn parse(name: &str) -> Result<Option<Self>, ReadError> {
        match name.to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(None),
            "gzip" | "x-gzip" => Ok(Some(Self::Gzip)),
            "deflate" => Ok(Some(Self::Deflate)),
            "br" => Ok(Some(Self::Brotli)),
            "zstd" => Ok(Some(Self::Zstd)),
            _ => Err(ReadError::UnknownEncoding(beaconry_protocol::cut(name, NAME_BYTES).into_owned())),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    fn take_off(self, bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
        let broken = |_| ReadError::Broken(self.name());
        match self {
            Self::Gzip => self.read(MultiGzDecoder::new(bytes)),
            Self::Deflate if is_zlib(bytes) => self.read(ZlibDecoder::new(bytes)),
            Self::Deflate => self.read(DeflateDecoder::new(bytes)),
            Self::Brotli => self.read(Decompressor::new(bytes, BUFFER_BYTES)),
            Self::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(broken)?;
                // A frame says how much it wants remembered, and gets no more than may come out.
                decoder.window_log_max(INFLATED_LOG).map_err(broken)?;
                self.read(decoder)
            }
        }
    }

    fn read(self, reader: impl Read) -> Result<Vec<u8>, ReadError> {
        let mut inflated = Vec::new();
        let read: io::Result<usize> =
            reader.take(limits::INFLATED_BYTES as u64 + 1).read_to_end(&mut inflated);
        match read {
            Ok(length) if length > limits::INFLATED_BYTES => Err(ReadError::InflatesTooLarge),
            Ok(_) => Ok(inflated),
            Err(_) => Err(ReadError::Broken(self.name())),
        }
    }
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// `deflate` means the zlib format, but some senders leave its two-byte header out.
fn is_zlib(bytes: &[u8]) -> bool {
    let &[first, second, ..] = bytes else { return false };
    first & 0x0f == 8 && u16::from_be_bytes([first, second]).is_multiple_of(31)
}

/// One by the sender and one by a proxy; nobody needs more.
pub(super) const MOST_LAYERS: usize = 2;
const NAME_BYTES: usize = 40;
const BUFFER_BYTES: usize = 16 * 1024;
const INFLATED_LOG: u32 = limits::INFLATED_BYTES.ilog2();

#[cfg(test)]
mod tests {
    use std::io::Write;

    use axum::http::HeaderValue;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const JSON: &[u8] = b"{\"events\":[]}";
    /// `JSON` in br; the half of the library that writes is not ours to carry.
    const BROTLI: &[u8] = b"\x0b\x06\x80{\"events\":[]}\x03";

    fn headers(encoding: Option<&'static str>) -> HeaderMap {
        let value = encoding.map(|encoding| (header::CONTENT_ENCODING, HeaderValue::from_static(encoding)));
        value.into_iter().collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 3).unwrap()
    }

    fn check(encoding: Option<&'static str>, sent: Vec<u8>) {
        assert_eq!(inflate(&headers(encoding), sent).unwrap(), JSON, "{encoding:?}");
    }

    #[test]
    fn every_encoding_comes_out_as_it_was() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(JSON).unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(JSON).unwrap();
        check(None, JSON.to_vec());
        check(Some("identity"), JSON.to_vec());
        check(Some("gzip"), gzip(JSON));
        check(Some("GZIP"), gzip(JSON));
        check(None, gzip(JSON));
        check(Some("identity"), gzip(JSON));
        check(None, [gzip(b"{\"events\""), gzip(b":[]}")].concat());
        check(Some("deflate"), zlib.finish().unwrap());
        check(Some("deflate"), raw.finish().unwrap());
        check(Some("br"), BROTLI.to_vec());
        check(Some("zstd"), zstd(JSON));
    }

    #[test]
    fn stacked_encodings_are_taken_off_in_the_opposite_order() {
        check(Some("gzip, zstd"), zstd(&gzip(JSON)));
        check(Some("br,gzip"), gzip(BROTLI));
        check(Some("identity, gzip, identity"), gzip(JSON));
        let mut twice = HeaderMap::new();
        for name in ["gzip", "zstd"] {
            twice.append(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        assert_eq!(inflate(&twice, zstd(&gzip(JSON))).unwrap(), JSON);
        let refused = inflate(&headers(Some("gzip, gzip, gzip")), gzip(&gzip(&gzip(JSON)))).unwrap_err();
        assert!(matches!(refused, ReadError::TooManyLayers));
    }

    #[test]
    fn what_is_not_what_it_says_is_refused() {
        let refused = |encoding, sent: &[u8]| inflate(&headers(Some(encoding)), sent.to_vec()).unwrap_err();
        for (encoding, sent) in [
            ("gzip", b"{}".to_vec()),
            ("gzip", gzip(b"{}")[..12].to_vec()),
            ("br", JSON.to_vec()),
            ("br", BROTLI[..9].to_vec()),
            ("zstd", JSON.to_vec()),
            ("zstd", zstd(JSON)[..9].to_vec()),
            ("deflate", b"\xff\xff".to_vec()),
        ] {
            assert!(matches!(refused(encoding, &sent), ReadError::Broken(name) if name == encoding));
        }
        assert!(matches!(refused("lzma", b"{}"), ReadError::UnknownEncoding(name) if name == "lzma"));
    }

    #[test]
    fn a_small_body_that_may_inflate_counts_as_a_large_one() {
        let size = |encoding, sent: &[u8]| working_size(&headers(encoding), sent);
        assert_eq!((size(None, b"{}"), size(Some("identity"), b"{}")), (2, 2));
        assert_eq!(size(None, &gzip(b"{}")), limits::INFLATED_BYTES);
        assert_eq!(size(Some("deflate"), b"{}"), limits::INFLATED_BYTES);
    }

    #[test]
    fn a_bomb_is_cut_at_the_limit_in_every_layer() {
        let just_fits = vec![b' '; limits::INFLATED_BYTES];
        let bomb = vec![b' '; limits::INFLATED_BYTES + 1];
        for (encoding, pack) in [("gzip", gzip as fn(&[u8]) -> Vec<u8>), ("zstd", zstd)] {
            assert!(inflate(&headers(Some(encoding)), pack(&just_fits)).is_ok());
            let bomb = pack(&bomb);
            assert!(bomb.len() < 20_000);
            let inside = gzip(&bomb);
            let stacked = if encoding == "gzip" { "gzip, gzip" } else { "zstd, gzip" };
            for (encoding, sent) in [(encoding, bomb), (stacked, inside)] {
                let refused = inflate(&headers(Some(encoding)), sent);
                assert!(matches!(refused, Err(ReadError::InflatesTooLarge)), "{encoding}");
            }
        }
        // Ten million empty members come to nothing, and are cut all the same.
        let nothing = gzip(&gzip(b"").repeat(limits::INFLATED_BYTES / 20 + 1));
        assert!(matches!(inflate(&headers(Some("gzip, gzip")), nothing), Err(ReadError::InflatesTooLarge)));
    }

    #[test]
    fn a_frame_that_wants_much_remembered_is_refused() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.include_contentsize(false).unwrap();
        encoder.write_all(JSON).unwrap();
        let frame = encoder.finish().unwrap();
        assert!(matches!(inflate(&headers(Some("zstd")), frame), Err(ReadError::Broken("zstd"))));
    }
}
