//! Who a file is.

use std::io;

use beaconry_protocol::{RecordId, StreamId};
use sha2::{Digest, Sha256};

use super::source::Source;

/// The stream that the lines of a file are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Identity(StreamId);

impl Identity {
    /// That of a file; `None` if it has no line. `salt` makes another one of it.
    pub(super) fn of(source: &Source, salt: Option<&str>) -> io::Result<Option<Self>> {
        let mut lines = source.lines()?;
        let Some(first) = lines.next()? else { return Ok(None) };
        let kind = source.record_type.map_or("", |record_type| record_type.as_str());
        let mut hash = Sha256::new();
        for part in ["beaconry import", kind, salt.unwrap_or_default()] {
            hash.update(part);
            hash.update("\n");
        }
        hash.update(first.bytes);
        let bytes: [u8; 32] = hash.finalize().into();
        let bits = bytes.iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte));
        Ok(Some(Self(StreamId::from_random(bits))))
    }

    /// The identity of one of its lines.
    pub(super) fn line(self, number: u64) -> RecordId {
        RecordId { stream: self.0, seq: number }
    }

    pub(super) fn to_hex(self) -> String {
        self.0.to_hex()
    }
}
