//! The stream of one request: for records that come without ids, so that the request can be sent again.

use beaconry_protocol::StreamId;
use sha2::{Digest, Sha256};

/// A stream that one request is the whole of.
///
/// Its id begins with a mark of its own, by which it is told from those of clients (which are random):
/// nothing of it can be missing, and no client will say that it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestStream(StreamId);

impl RequestStream {
    /// The stream of a request that may be sent again: the same parts in the same order are the same
    /// request.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // So that no part runs into the next.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut bits = [0; 16];
        bits.iter_mut().zip(hash.finalize()).for_each(|(bit, byte)| *bit = byte);
        Self::from_random(u128::from_be_bytes(bits))
    }

    /// The stream of a request that is like no other.
    pub fn from_random(bits: u128) -> Self {
        Self(StreamId::from_random(MARK << MARKED_FROM | bits & !(u128::MAX << MARKED_FROM)))
    }

    /// Its id.
    pub fn id(self) -> StreamId {
        self.0
    }
}

/// Whether a stream is that of one request.
pub(crate) fn is_of_request(stream: StreamId) -> bool {
    stream.as_bits() >> MARKED_FROM == MARK
}

const MARK: u128 = 0xbeac_07ce;
const MARKED_FROM: u32 = 96;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_request_is_the_same_stream_and_marked_as_one() {
        let stream = RequestStream::of(&[b"key", b"body"]);
        assert_eq!(stream, RequestStream::of(&[b"key", b"body"]));
        assert_ne!(stream, RequestStream::of(&[b"keyb", b"ody"]));
        assert!(stream.id().to_hex().starts_with("beac07ce") && is_of_request(stream.id()));
        assert!(is_of_request(RequestStream::from_random(u128::MAX).id()));
        assert!(!is_of_request(StreamId::from_random(0xbeac)));
    }
}
